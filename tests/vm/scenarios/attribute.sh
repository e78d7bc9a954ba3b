#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 200
# delayed_removal_secs: what it accepts, what it refuses, where it is, and what a write does
# during a window.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
refs=$(core_refs)
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
check_not "the path disks have no such attribute" ls /sys/class/nvme/nvme*/nvme*c*n*/delayed_removal_secs
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

# Shorter, in the window: the deadline moves and is kept to.
monitor_start
start=$(now_ns)
elapsed=$(((start - PATH_DONE_NS) / 1000000))
head_set_secs $((elapsed / 1000 + 4))
check "a shorter value moves the deadline" wait_for 6 head_gone "$head"
assert_near "time to the removal" $((($(now_ns) - PATH_DONE_NS) / 1000000)) \
	$(((elapsed / 1000 + 4) * 1000)) 300 ms
return_all
check "the disk comes back" wait_for 5 head_dev

# Longer, in the window.
head=$(head_name)
head_set_secs 4
pull_all
sleep 2
head_set_secs 30
sleep 4
check "a longer value keeps the head" test -b "/dev/$head"

# 0 in the window: what is queued fails now, and the head goes.
dd if="/dev/$head" of=/dev/null bs=4096 count=1 iflag=direct 2> "$TMP/dd" &
dd=$!
sleep 1
check "I/O waits" kill -0 $dd
start=$(now_ns)
echo 0 > "/sys/block/$head/delayed_removal_secs"
wait $dd && fail "queued I/O succeeded without a path"
assert_le "from writing 0 to the failure of queued I/O" $((($(now_ns) - start) / 1000000)) 1000 ms
check "the error is EIO" grep -q "Input/output error" "$TMP/dd"
check "the head goes" wait_for 2 head_gone "$head"
monitor_stop
report
assert_eq "exit status of report for a removed head" "$REPORT_STATUS" 3
assert_eq "last window" "$(window $(($(report_windows) - 1)) .outcome)" closed
assert_eq "references to nvme_core" "$(core_refs)" "$refs"
