#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Both paths go and one returns inside the window: no error, the same name, and the report says
# what happened, to the bio. An open descriptor goes on; counts are those of tracefs, times those
# of the script and of fio.
. "$VM_TREE/tests/vm/lib.sh"

observe 20
exec 5< "/dev/$HEAD"
mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
mkdir /sys/fs/cgroup/load.service
echo $BASHPID > /sys/fs/cgroup/load.service/cgroup.procs	# fio inherits it
fio_start load "/dev/$HEAD"
echo $BASHPID > /sys/fs/cgroup/cgroup.procs
sleep 2

path_pull 0
path_pull 1
sleep 4
check "the head is there without a path" test -b "/dev/$HEAD"
check_not "no path is left" path_disk 1
path_return 0
path_return 1
assert_eq "bytes the open descriptor reads" \
	"$(dd bs=4096 count=1 iflag=direct status=none <&5 | wc -c)" 4096
exec 5<&-
fio_end load
head_is_same

finish_with recovered
window_is 0 .window 1
parked=$(trace_stalls parked "$HEAD")
bios_as_traced parked "$HEAD" 0
assert_eq "completed bios" "$(window 0 .bios.completed)" "$parked"
check "there were parked bios" test "$parked" -gt 0
who() { jq -r ".windows[0].bios | $1" "$TMP/report.json"; }
assert_eq "bios by cgroup, and others" "$(who '([.who[].parked] | add) + .who_other')" "$parked"
assert_eq "process of the load's cgroup" \
	"$(who '.who[] | select(.unit == "load.service") | .process')" fio
check "most are the load's" test "$(who '.who[] | select(.unit == "load.service") | .parked')" \
	-gt $((parked / 2))
check "the text says so" report_says '^waiting I/O by unit  load.service [0-9]* (fio '
window_lasted 0
assert_near "longest stall, by fio's latency log" "$(window_ms 0 .bios.stall.max_seconds)" \
	$((FIO_MAX_NS / 1000000)) 300 ms
refs_are_back
