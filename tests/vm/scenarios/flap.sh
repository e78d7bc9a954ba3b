#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Loss, return, loss inside one delay: the second loss has the full time again, and two
# windows are reported.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
refs=$(core_refs)
head=$(head_name)
head_set_secs 8
trace_start
monitor_start
fio_start load "/dev/$head" --runtime=18 --rate_iops=300

pull_all
sleep 4
path_return 0
path_pull 0
second=$PATH_DONE_NS
sleep 6
# 10 s after the first loss and more than 6 s after the second: still there
check "the first deadline has no effect" test -b "/dev/$head"
path_return 0
back=$PATH_DONE_NS
path_return 1
fio_wait load
assert_eq "fio's exit status" "$FIO_STATUS" 0
assert_eq "verify errors" "$FIO_VERIFY_ERRORS" 0
assert_eq "name of the head" "$(head_name)" "$head"
monitor_stop
trace_stop
report

windows_are 2
for w in 0 1; do
	window_is $w .outcome recovered
	window_is $w .complete true
	window_is $w .bios.failed 0
	window_is $w .bios.queued 0
done
window_is 0 .window 1
window_is 1 .window 2
assert_eq "parked bios of both, tracefs counting them" \
	$(($(window 0 .bios.parked) + $(window 1 .bios.parked))) "$(trace_stalls parked "$head")"
assert_near "duration of the second window" "$(window_ms 1 .duration_seconds)" \
	$(((back - second) / 1000000)) 50 ms
assert_near "margin of the second window" "$(window_ms 1 .margin_seconds)" \
	$((8000 - (back - second) / 1000000)) 50 ms
assert_eq "references to nvme_core" "$(core_refs)" "$refs"
