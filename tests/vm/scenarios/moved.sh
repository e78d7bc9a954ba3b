#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 180
# The deadline is moved later, earlier, beyond all reason and to now while I/O is queued. It is
# the loss plus the value of the moment, and the monitor and tracefs say so.
. "$VM_TREE/tests/vm/lib.sh"

observe 600
attr=/sys/block/$HEAD/delayed_removal_secs
largest=4294967295	# what fits the type; its jiffies fit the timer of a 64-bit kernel

say "---- earlier, later, earlier, then a path returns"
fio_start load "/dev/$HEAD"
pull_all
lost=$PATH_DONE_NS
# The first deadline would be some two seconds away; a second write moves it at once.
soon=$((($(now_ns) - PATH_CMD_NS) / 1000000000 + 3))
{
	echo $soon
	echo 3600
} > "$attr"
past_deadline() { [ "$(now_ns)" -gt $((lost + soon * 1000000000 + 500000000)) ]; }
check "a deadline passes" wait_for 4 past_deadline
check "the head is there after the deadline that was moved" test -b "/dev/$HEAD"
last=900
head_set_secs $last
# one above the largest: refused, and the deadline stays
(echo $((largest + 1)) > "$attr") 2> "$TMP/said" && fail "$((largest + 1)) was accepted"
check "$((largest + 1)) is out of range" grep -q "Numerical result out of range" "$TMP/said"
return_all
fio_end load
head_is_same

say "---- the largest value, set before the loss, and 0"
head_set_secs $largest
# each waits for its own I/O: all eight have one under way
fio_start last "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}" --numjobs=8 --thread --iodepth=1 \
	--rate_iops=25 --size=16M --offset_increment=16M
pull_all
all_wait() { [ "$(trace_stalls queued "$HEAD")" -eq 8 ]; }
check "writes are queued" wait_for 10 all_wait
check "the head stays" stays 1 test -b "/dev/$HEAD"
assert_eq "I/O errors so far" "$(fio_errors last)" 0
report
window_is 1 .outcome pending
window_is 1 .setting_at_loss_seconds $largest
largest_deadline=$(window 1 .deadline.boot_ns)
echo 0 > "$attr"
check "the head goes" wait_for 2 head_gone "$HEAD"
fio_stop last
fio_wait last 10
fio_lost_disk last

finish_with recovered closed
# the value of the last accepted write counts
read -r armed deadline _ < <(trace_window 0)
assert_moment "deadline of the first window, after its loss" \
	"$deadline" $((armed + last * 1000000000))
assert_moment "in the report" "$(window 0 .deadline.boot_ns)" "$deadline"
window_lasted 0
assert_eq "times it was moved, by tracefs" \
	"$(trace_count nvme_mpath_remove_work "window=1, action=moved")" 3
window_is 0 .deadline_moves 3

read -r armed _ < <(trace_window 1)
assert_moment "deadline while the second window was open, after its loss" \
	"$largest_deadline" $((armed + largest * 1000000000))
armed=$(trace_lines nvme_mpath_remove_work "window=2, action=armed")
armed=${armed#*delay_ms=}
assert_eq "delay that the kernel armed" "${armed%%,*}" ${largest}000
closed=$(trace_ns nvme_mpath_remove_work "window=2, action=moved")
assert_due "from writing 0 to the removal" \
	"$(trace_ns nvme_mpath_head_remove "$HEAD:.*reason=closed")" "$closed"
assert_due "and to the last write that fails" \
	"$(trace_ns nvme_mpath_bio_fail "$HEAD:" -1)" "$closed"
bios_as_traced failed "$HEAD" 1
check "writes waited and failed" test "$(window 1 .bios.failed)" -ge 8
assert_le "failed writes, fio counting EIO" "$(window 1 .bios.failed)" "$(fio_errors last "$EIO")"
return_all
check "the disk is back" wait_for 5 head_dev
refs_are_back
