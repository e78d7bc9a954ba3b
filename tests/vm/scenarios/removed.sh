#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Both paths go and none returns: the head stays until the deadline, then all queued I/O
# fails, the head goes, and no reference is left.
. "$VM_TREE/tests/vm/lib.sh"

observe 6
fio_start load "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}"
sleep 2

path_pull 0
path_pull 1
sleep $((3 * VM_SLOW))
check "the head is there before the deadline" test -b "/dev/$HEAD"
queued=$(trace_stalls queued "$HEAD")
all_failed() { [ "$(fio_errors load "$EIO")" -ge "$queued" ]; }
check "the $queued queued I/Os fail" wait_for 6 all_failed
check "the head goes" wait_for 2 head_gone "$HEAD"
fio_stop load
fio_wait load 10
assert_eq "errors that are neither EIO nor ENOSPC" \
	"$((FIO_ERRORS - $(fio_errors load "$EIO") - $(fio_errors load "$ENOSPC")))" 0
monitor_stop
trace_stop
report
assert_eq "exit status of report for a removed head" "$REPORT_STATUS" 3

armed=$(trace_ns nvme_mpath_remove_work action=armed)
assert_due "the first of them, after the whole time" \
	$((($(trace_ns nvme_mpath_bio_fail "$HEAD:") - armed) / 1000000)) $((WINDOW * 1000)) 100
assert_due "the last of them" \
	$((($(trace_ns nvme_mpath_bio_fail "$HEAD:" -1) - armed) / 1000000)) $((WINDOW * 1000)) 100
windows_are 1
window_is 0 .outcome removed
window_is 0 .complete true
parked=$(trace_stalls parked "$HEAD")
assert_eq "parked bios, tracefs counting them" "$(window 0 .bios.parked)" "$parked"
assert_eq "failed bios, tracefs counting them" "$(window 0 .bios.failed)" \
	"$(trace_stalls failed "$HEAD")"
assert_eq "bios left in the queue" "$(window 0 .bios.queued)" 0
# What comes when the disk is marked dead already is failed by the block layer.
assert_le "failed bios, fio counting EIO" "$(($(window 0 .bios.failed) + $(window 0 .bios.failed_unparked)))" \
	"$(fio_errors load "$EIO")"
assert_due "duration of the window" "$(window_ms 0 .duration_seconds)" $((WINDOW * 1000)) 100
refs_are_back
