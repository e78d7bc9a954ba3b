#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Loss, return, loss inside one delay: the second loss has the full time again, and two windows
# are reported. The first deadline, which would be earlier, has no effect: the head goes at the
# second one.
. "$VM_TREE/tests/vm/lib.sh"

observe 600
fio_start load "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}"

pull_all
check "I/O waits" wait_for 10 io_waits "$HEAD"
nap 1		# the two deadlines are at least so far apart
path_return 0
path_pull 0
check "I/O waits again" wait_for 10 io_waits "$HEAD"
assert_eq "I/O errors so far" "$(fio_errors load)" 0
head_is_same
# The second deadline is two seconds away now, or more; the first one is earlier.
secs=$((($(now_ns) - PATH_CMD_NS) / 1000000000 + 3))
echo $secs > "/sys/block/$HEAD/delayed_removal_secs"
check "the head goes" wait_for 4 head_gone "$HEAD"
fio_stop load
fio_wait load 10
fio_lost_disk load

finish_with recovered removed
report_finds_loss
window_is 0 .window 1
window_is 1 .window 2
bios_as_traced parked "$HEAD" 0 1
bios_as_traced completed "$HEAD" 0 1
bios_as_traced failed "$HEAD" 0 1
window_lasted 0

read -r armed deadline _ ended < <(trace_window 1)
moved=$(trace_ns nvme_mpath_remove_work "window=2, action=moved")
assert_moment "deadline of the second window, the full time after its loss" \
	"$(trace_deadline "$HEAD" 2)" $((armed + WINDOW * 1000000000))
assert_moment "the same with the shorter time" "$deadline" $((armed + secs * 1000000000))
assert_moment "in the report" "$(window 1 .deadline.boot_ns)" "$deadline"
assert_due "the removal" "$(trace_ns nvme_mpath_head_remove "$HEAD:")" \
	$((deadline > moved ? deadline : moved))
assert_moment "end of the second window, by its duration" \
	$((armed + $(window_ns 1 .duration_seconds))) "$ended"
return_all
check "the disk is back" wait_for 5 head_dev
refs_are_back
