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

# refused VALUE ERROR: the error of a write, which must not change the value.
refused() {
	local said before after
	read -r before < "$attr"
	said=$( (echo "$1" > "$attr") 2>&1) && fail "'$1' was accepted"
	case $said in *"$2"*) ;; *) fail "'$1': said '$said', should be '$2'" ;; esac
	read -r after < "$attr"
	assert_eq "value after writing '$1' ($2)" "$after" "$before"
}

assert_eq "mode" "$(stat -c %a "$attr")" 644
read -r value < "$attr"
assert_eq "default" "$value" 0
check_not "the path disks have no such attribute" \
	compgen -G '/sys/class/nvme/nvme*/nvme*c*n*/delayed_removal_secs'
head_set_secs 20
refused -1 "Invalid argument"
refused abc "Invalid argument"
refused "" "Invalid argument"
refused "5 5" "Invalid argument"
refused 99999999999 "Numerical result out of range"
refused 4294967296 "Numerical result out of range"
echo 0x10 > "$attr"
read -r value < "$attr"
assert_eq "hexadecimal" "$value" 16

# A long time stays long: secs * HZ used to wrap, to less than two seconds.
head_set_secs 17179871
trace_start
pull_all
check "17179871 s is not a few seconds" stays 3 test -b "/dev/$head"

# Shorter, in the window: the deadline moves and is kept to. More of this is in moved.sh.
secs=$((($(now_ns) - PATH_CMD_NS) / 1000000000 + 2))
echo $secs > "$attr"
check "a shorter value moves the deadline" wait_for 3 head_gone "$head"
return_all
check "the disk comes back" wait_for 5 head_dev
assert_eq "the setting of its new head" "$(head_secs)" 0
trace_stop
deadline=$(($(trace_ns nvme_mpath_remove_work action=armed) + secs * 1000000000))
moved=$(trace_ns nvme_mpath_remove_work action=moved)
assert_due "the removal" "$(trace_ns nvme_mpath_head_remove)" \
	$((deadline > moved ? deadline : moved))
refs_are_back
