#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --namespaces 8 --timeout 300
# What the live console costs with eight healthy heads: little beyond the reads of sysfs, and
# nothing while it is paused. It refreshes once a second; cat reads the same files as often for
# comparison.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/console.sh"

need_monitor
SECS=10
# Processor time of a process so far, in us.
cpu_us() { awk '{ printf "%.0f\n", $1 / 1000 }' "/proc/$1/schedstat"; }
# The same of a command that ends, by the shell's own account of its children.
cost_us() {
	local TIMEFORMAT='%U %S'
	{ time "$@" > /dev/null 2>&1; } 2>&1 | awk '{ printf "%.0f\n", ($1 + $2) * 1e6 }'
}
switches() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$1/status"; }

console_start 24x80
sees 'Heads 8: 8 healthy' 30
sleep 3

say "---- what it reads in a refresh"
mkdir "$TRACE"
echo "p:mpathtop/opened do_sys_openat2 name=+0(\$arg2):ustring" > /sys/kernel/tracing/kprobe_events
echo "common_pid == $CONSOLE_PID" > "$TRACE/events/mpathtop/opened/filter"
echo 1 > "$TRACE/events/mpathtop/opened/enable"
sleep 6
echo 0 > "$TRACE/events/mpathtop/opened/enable"
sed -n 's/.* name="\(.*\)"$/\1/p' "$TRACE/trace" | sort | uniq -c > "$VM_OUT/opened"
rmdir "$TRACE"
echo > /sys/kernel/tracing/kprobe_events
# below /sys/class/block, which it holds open
awk '$1 >= 5 && $2 ~ /^nvme/ { print "/sys/class/block/" $2 }' "$VM_OUT/opened" > "$TMP/files"
assert_between "files that it reads in every refresh" "$(wc -l < "$TMP/files")" 8 64
assert_eq "others" "$(awk '$1 >= 5 && $2 !~ /^nvme/ { print $2 }' "$VM_OUT/opened")" ""

say "---- what that costs"
before=$(cpu_us "$CONSOLE_PID")
sleep $SECS
all=$((($(cpu_us "$CONSOLE_PID") - before) / SECS))
for ((i = 0; i < 10 * SECS; i++)); do cat "$TMP/files"; done > "$TMP/files.all"
reads=$((($(cost_us xargs -a "$TMP/files.all" cat) - $(cost_us xargs -a /dev/null cat)) /
	(10 * SECS)))
say "a refresh: $all us of processor time," \
	"of which $reads us are what cat takes to read the same files"
# half a percent is 5 ms; an emulated processor takes as long as the host lets it
assert_le "us beyond that" $((all - reads)) $((20000 * VM_SLOW))

say "---- paused"
keys p
sees PAUSED
sleep 2
before=$(cpu_us "$CONSOLE_PID")
woke=$(switches "$CONSOLE_PID")
sleep 10
assert_eq "us of processor time in 10 s" $(($(cpu_us "$CONSOLE_PID") - before)) 0
assert_eq "context switches" $(($(switches "$CONSOLE_PID") - woke)) 0
console_end
