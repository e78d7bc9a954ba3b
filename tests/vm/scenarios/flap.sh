#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Loss, return, loss inside one delay: the second loss has the full time again, and two windows
# are reported.
. "$VM_TREE/tests/vm/lib.sh"

observe 16
fio_start load "/dev/$HEAD" --rate_iops=300

pull_all
sleep $((WINDOW * 3 / 8))
path_return 0
path_pull 0
sleep $((WINDOW * 11 / 16))
# more than the whole time after the first loss and less than that after the second
check "the first deadline has no effect" test -b "/dev/$HEAD"
path_return 0
path_return 1
sleep 2
fio_end load
head_is_same

finish_with recovered recovered
window_is 0 .window 1
window_is 1 .window 2
bios_as_traced parked "$HEAD" 0 1
# by tracefs: when a stamp of this script is taken depends on who else wants the processor
armed=$(trace_ns nvme_mpath_remove_work action=armed 2)
cancelled=$(trace_ns nvme_mpath_remove_work action=cancelled 2)
assert_moment "duration of the second window" "$(window_ms 1 .duration_seconds)000000" \
	$((cancelled - armed))
assert_near "time that the second loss has" \
	$((($(window 1 .deadline.boot_ns) - armed) / 1000000)) $((WINDOW * 1000)) 100 ms
trace_margins > "$TMP/margins.trace"
margins_are "$TMP/margins.trace"
refs_are_back
