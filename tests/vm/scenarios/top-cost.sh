#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --namespaces 8 --timeout 300
# What the live console costs with eight healthy heads: little beyond the reads of sysfs, and
# nothing while it is paused. It refreshes once a second; the shell reads the same files for
# comparison.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/console.sh"

need_monitor

# cpu_to VARIABLE PID: processor time of a process so far, in us.
cpu_to() {
	local ns
	read -r ns _ < "/proc/$2/schedstat"
	printf -v "$1" '%d' $((ns / 1000))
}
# How many times it has read so far.
reads_to() {
	local word n
	while read -r word n; do
		[ "$word" != syscr: ] || printf -v "$1" '%d' "$n"
	done < "/proc/$2/io"
}
switches() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$1/status"; }

console_start 24x80
sees 'Heads 8: 8 healthy' 30

say "---- what it reads in a refresh"
mkdir "$TRACE"
on_exit "rmdir $TRACE 2> /dev/null; echo > /sys/kernel/tracing/kprobe_events"
echo "p:mpathtop/opened do_sys_openat2 name=+0(\$arg2):ustring" > /sys/kernel/tracing/kprobe_events
echo "common_pid == $CONSOLE_PID" > "$TRACE/events/mpathtop/opened/filter"
# opened TIMES: note what it has opened, statistics of a disk so often. It reads the topology as
# well, once more after it began.
opened() {
	awk '{ sub(/^.* name="/, ""); sub(/"$/, ""); n[$0]++
			if (/^nvme.*stat$/ && n[$0] > most) most = n[$0] }
		END { for (f in n) print n[f], f; exit most < times }' times="$1" \
		<(grep 'name=' "$TRACE/trace") > "$VM_OUT/opened"
}
REFRESHES=5
echo 1 > "$TRACE/events/mpathtop/opened/enable"
# A changed topology is read again, twice, some seconds later: refreshes without it are wanted.
only_statistics() {
	echo > "$TRACE/trace"
	wait_for $REFRESHES opened $((REFRESHES + 1)) || fail "the console reads nothing"
	others=$(awk -v n=$REFRESHES '$1 >= n && $2 !~ /^nvme/ { print $2 }' "$VM_OUT/opened")
	[ -z "$others" ]
}
wait_for 60 only_statistics || fail "in every refresh it reads as well: $others"
echo 0 > "$TRACE/events/mpathtop/opened/enable"
# below /sys/class/block, which it holds open
awk -v n=$REFRESHES '$1 >= n && $2 ~ /^nvme/ { print "/sys/class/block/" $2 }' \
	"$VM_OUT/opened" > "$TMP/files"
assert_between "files that it reads in every refresh" "$(wc -l < "$TMP/files")" 8 64

say "---- what that costs"
mapfile -t files < "$TMP/files"
# The host lends a processor and takes it away: the time without it counts as the console's own. So
# the cheapest of many refreshes is what one costs. The same with this shell, which reads the same
# files for comparison.
read_all() {
	local f
	for f in "${files[@]}"; do
		read -r _ < "$f" || :
	done
	nap 0.001	# the kernel accounts for what has come to rest
}
before=0 after=0 reads=0 read_before=0
shell=1000000 least=1000000
read_all
for ((i = 0; i < 20; i++)); do
	cpu_to before $$
	read_all
	cpu_to after $$
	us=$((after - before))
	shell=$((us < shell ? us : shell))
done
# half a percent is 5 ms; an emulated processor takes as long as the host lets it
LIMIT=$((10000 * VM_SLOW))
for ((i = 0; i < 60; i++)); do
	cpu_to before "$CONSOLE_PID"
	reads_to read_before "$CONSOLE_PID"
	nap 2
	cpu_to after "$CONSOLE_PID"
	reads_to reads "$CONSOLE_PID"
	reads=$((reads - read_before))
	[ $reads -ge ${#files[@]} ] || continue
	us=$(((after - before) * ${#files[@]} / reads))
	least=$((us < least ? us : least))
	[ $i -lt 3 ] || [ $least -gt $((shell + LIMIT)) ] || break
done
say "a refresh: $least us of processor time," \
	"of which $shell us are what this shell takes to read the same files"
assert_le "us beyond that" $((least - shell)) $LIMIT

say "---- paused"
keys p
sees PAUSED
before=-1
still() {
	local now
	now=$(switches "$CONSOLE_PID")
	[ "$now" = "$before" ] && return
	before=$now
	nap 1
	return 1
}
check "it comes to rest" wait_for 10 still
cpu_to before "$CONSOLE_PID"
woke=$(switches "$CONSOLE_PID")
nap 5
cpu_to after "$CONSOLE_PID"
assert_eq "us of processor time in 5 s" $((after - before)) 0
assert_eq "context switches" $(($(switches "$CONSOLE_PID") - woke)) 0
console_end
