#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Both paths go and none returns: the head stays until the deadline, then all queued I/O
# fails, the head goes, and no reference is left.
. "$VM_TREE/tests/vm/lib.sh"

observe 6
fio_start load "/dev/$HEAD" --runtime=60
sleep 2

path_pull 0
path_pull 1
deadline=$((PATH_DONE_NS + 6000000000))
sleep 5
check "the head is there shortly before the deadline" test -b "/dev/$HEAD"
check "no I/O has failed so far" fio_running load
fio_wait load 10
assert_near "end of the load after the deadline" $(((FIO_END_NS - deadline) / 1000000)) 500 500 ms
assert_le "errors that are not EIO" "$(grep 'io_u error' "$TMP/load.fio" | grep -vc 'Input/output error' || :)" 0
check "the head goes" wait_for 2 head_gone "$HEAD"
monitor_stop
trace_stop
report
assert_eq "exit status of report for a removed head" "$REPORT_STATUS" 3

windows_are 1
window_is 0 .outcome removed
window_is 0 .complete true
parked=$(trace_stalls parked "$HEAD")
assert_eq "parked bios, tracefs counting them" "$(window 0 .bios.parked)" "$parked"
assert_eq "failed bios, tracefs counting them" "$(window 0 .bios.failed)" \
	"$(trace_stalls failed "$HEAD")"
assert_eq "bios left in the queue" "$(window 0 .bios.queued)" 0
assert_eq "I/O errors that fio saw, all of them failed bios" "$FIO_ERRORS" \
	"$(($(window 0 .bios.failed) + $(window 0 .bios.failed_unparked)))"
assert_near "duration of the window" "$(window_ms 0 .duration_seconds)" 6000 50 ms
refs_are_back
