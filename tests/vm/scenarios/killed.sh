#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# SIGKILL of the collector inside a window: the record is readable up to the last event, and a new
# collector continues it. The record says that it ends there; the kernel does not mind.
. "$VM_TREE/tests/vm/lib.sh"

observe 40
fio_start load "/dev/$HEAD" --rate_iops=300

pull_all
sleep 2
monitor_kill
report
windows_are 1
window_is 0 .outcome pending
window_is 0 .window 1
deadline=$(window 0 .deadline.boot_ns)
assert_eq "parked bios by then" "$(window 0 .bios.parked)" "$(trace_stalls queued "$HEAD")"

monitor_start "$RECORD"
path_return 0
path_return 1
sleep 2
fio_end load
head_is_same
monitor_stop
trace_stop
assert_moment "deadline, by the record of the first one" "$deadline" "$(trace_deadline)"
assert_near "that is, after the loss" \
	$(((deadline - $(trace_ns nvme_mpath_remove_work action=armed)) / 1000000)) \
	$((WINDOW * 1000)) 100 ms
report
check "the record tells that the collector was gone" report_says 'not running'
refs_are_back
