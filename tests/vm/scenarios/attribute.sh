#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 200
# What delayed_removal_secs accepts and refuses, where it is, and what a write does in a window. A
# time beyond what used to wrap, and a shorter one during the window.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
REFS=$(core_refs)
head=$(head_name)
attr=/sys/block/$head/delayed_removal_secs

# write_is VALUE ERROR: the error of a write, which must not change the value.
refused() {
	local said before
	before=$(cat "$attr")
	said=$( (echo "$1" > "$attr") 2>&1) && fail "'$1' was accepted"
	case $said in *"$2"*) ;; *) fail "'$1': said '$said', should be '$2'" ;; esac
	assert_eq "value after writing '$1' ($2)" "$(cat "$attr")" "$before"
}

assert_eq "mode" "$(stat -c %a "$attr")" 644
assert_eq "default" "$(cat "$attr")" 0
check_not "the path disks have no such attribute" \
	ls /sys/class/nvme/nvme*/nvme*c*n*/delayed_removal_secs
head_set_secs 20
refused -1 "Invalid argument"
refused abc "Invalid argument"
refused "" "Invalid argument"
refused "5 5" "Invalid argument"
refused 99999999999 "Numerical result out of range"
refused 4294967296 "Numerical result out of range"
echo 0x10 > "$attr"
assert_eq "hexadecimal" "$(cat "$attr")" 16

# A long time stays long: secs * HZ used to wrap.
head_set_secs 17179871
pull_all
sleep 9
check "17179871 s is not a few seconds" test -b "/dev/$head"

# Shorter, in the window: the deadline moves and is kept to. More of this is in moved.sh.
elapsed=$((($(now_ns) - PATH_DONE_NS) / 1000000))
head_set_secs $((elapsed / 1000 + 4))
check "a shorter value moves the deadline" wait_for 6 head_gone "$head"
assert_due_ms "time to the removal" \
	$((($(now_ns) - PATH_DONE_NS) / 1000000)) $(((elapsed / 1000 + 4) * 1000))
return_all
check "the disk comes back" wait_for 5 head_dev
assert_eq "the setting of its new head" "$(head_secs)" 0
refs_are_back
