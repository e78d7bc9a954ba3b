#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Both paths go and one returns inside the window: no error, the same name, and the report says
# what happened, to the bio. An open descriptor goes on. Counts and times are those of tracefs;
# fio's longest latency covers the longest stall.
. "$VM_TREE/tests/vm/lib.sh"

CGROUPS=/sys/fs/cgroup

observe 600
exec 5< "/dev/$HEAD"
if [ ! -e $CGROUPS/cgroup.procs ]; then
	mount -t cgroup2 none $CGROUPS
	on_exit "umount $CGROUPS"
fi
mkdir $CGROUPS/load.service
on_exit "rmdir $CGROUPS/load.service"
echo $BASHPID > $CGROUPS/load.service/cgroup.procs	# fio inherits it
# each waits for its own I/O: all eight have one under way
fio_start load "/dev/$HEAD" --numjobs=8 --thread --iodepth=1 \
	--rate_iops=25 --size=16M --offset_increment=16M
echo $BASHPID > $CGROUPS/cgroup.procs

pull_all
all_wait() { [ "$(trace_stalls queued "$HEAD")" -eq 8 ]; }
check "I/O waits" wait_for 10 all_wait
waits_since=$(now_ns)
check "the head is there without a path" test -b "/dev/$HEAD"
check_not "no path is left" path_disk 1
nap 1
path_return 0
waits_until=$PATH_CMD_NS
path_return 1
assert_eq "bytes the open descriptor reads" \
	"$(dd bs=4096 count=1 iflag=direct status=none <&5 | wc -c)" 4096
exec 5<&-
fio_end load
head_is_same

finish_with recovered
window_is 0 .window 1
bios_as_traced parked "$HEAD" 0
bios_as_traced completed "$HEAD" 0
parked=$(window 0 .bios.parked)
assert_eq "completed bios" "$(window 0 .bios.completed)" "$parked"

sum=$(window 0 .bios.who_other) load=0 process=''
for ((i = 0; ; i++)); do
	report_to n ".windows[0].bios.who[$i].parked"
	[ -n "$n" ] || break
	sum=$((sum + n))
	[ "$(window 0 ".bios.who[$i].unit")" = load.service ] || continue
	load=$n process=$(window 0 ".bios.who[$i].process")
done
assert_eq "bios by cgroup, and others" "$sum" "$parked"
assert_eq "process of the load's cgroup" "$process" fio
check "most are the load's" test "$load" -gt $((parked / 2))
check "the text says so" report_says '^waiting I/O by unit  load.service [0-9]* (fio '

window_lasted 0
longest=$(window_ns 0 .bios.stall.max_seconds)
# what was queued before the first stamp was so until after the second
check "longest stall, $longest ns: no less than the script saw" \
	test "$longest" -ge $((waits_until - waits_since))
# with the time in io_submit(2), where I/O is queued
lasted=$(awk -F', *' '$2 > most { most = $2 } END { printf "%.0f", most }' "$TMP"/load_lat.*.log)
check "and no more than fio's longest latency, $lasted ns" test "$longest" -le $((lasted + 1000000))
refs_are_back
