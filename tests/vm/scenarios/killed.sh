#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# SIGKILL of the collector inside a window: the record is readable up to the last event, and a new
# collector continues it. The record says that it ends there; the kernel does not mind.
. "$VM_TREE/tests/vm/lib.sh"

observe 600
fio_start load "/dev/$HEAD" --numjobs=4 --thread --iodepth=1 --rate_iops=20 --verify=0

pull_all
all_wait() { [ "$(trace_stalls queued "$HEAD")" -eq 4 ]; }
check "as much I/O waits as fio has under way" wait_for 10 all_wait
# the collector writes what it hears of at once; how soon it hears is up to the machine
all_recorded() {
	report > "$TMP/said"
	[ "$(window 0 .bios.parked)" = 4 ]
}
check "the record has it" wait_for 10 all_recorded
monitor_kill
report
windows_are 1
window_is 0 .outcome pending
window_is 0 .window 1
deadline=$(window 0 .deadline.boot_ns)
assert_eq "parked bios by then" "$(window 0 .bios.parked)" "$(trace_stalls queued "$HEAD")"

monitor_start "$RECORD"
return_all
fio_end load
head_is_same
monitor_stop
trace_stop
assert_moment "deadline, by the record of the first one" "$deadline" "$(trace_deadline)"
assert_moment "that is, after the loss" "$deadline" \
	$(($(trace_ns nvme_mpath_remove_work action=armed) + WINDOW * 1000000000))
report
windows_are 1
check "the record tells that the collector was gone" report_says 'not running'
refs_are_back
