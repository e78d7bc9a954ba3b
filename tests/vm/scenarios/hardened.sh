#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --stock --timeout 200
# Switches of a hardened host that keep probes in the distribution's driver from being hit, or from
# being placed: features and collect name the one that is in the way. One that is turned under a
# collector is a contradiction between sysfs and events, which is said, counted and in the report.
. "$VM_TREE/tests/vm/lib.sh"

PROM=$TMP/m.prom
need_monitor
mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug

# refused WORD: features and collect say it.
refused() {
	local status=0
	check "features names $1" sh -c "'$MONITOR' features | grep '^missing' | grep -q '$1'"
	check "features -j says that nothing can be watched" \
		sh -c "'$MONITOR' features -j | jq -e '.live == false'"
	"$MONITOR" collect --record "$TMP/refused" > "$TMP/said" 2>&1 || status=$?
	cat "$TMP/said"
	assert_eq "exit status of collect" $status 6
	check "collect names $1" grep -q "$1" "$TMP/said"
}
# turned FILE OFF WORD: while the switch is off.
turned() {
	local on
	[ -e "$1" ] || { echo "SKIP: $3: this kernel has no $1"; return; }
	on=$(cat "$1")
	echo "$2" > "$1"
	refused "$3"
	echo "$on" > "$1"
}
turned /proc/sys/kernel/ftrace_enabled 0 ftrace_enabled
turned /sys/kernel/debug/kprobes/enabled 0 kprobes
turned /proc/sys/kernel/kptr_restrict 2 kptr_restrict

say "---- turned under a collector"
RECORD=$TMP/record
: > "$TMP/monitor.log"
"$MONITOR" collect --record "$RECORD" --textfile "$PROM" -i 1s > "$TMP/monitor.log" 2>&1 &
MONITOR_PID=$!
on_exit "kill \$MONITOR_PID 2> /dev/null; echo 1 > /sys/kernel/debug/kprobes/enabled"
wait_for 60 monitor_attached || fail "it does not attach: $(cat "$TMP/monitor.log")"
value() { awk -v name="nvme_mpath_$1" '$1 == name { print $NF; found = 1 }
	END { if (!found) print "-" }' "$PROM"; }
contradicted() { [ "$(value collector_contradictions_total)" -gt 0 ]; }
value_is() { [ "$(value "$1")" = "$2" ]; }
check "no contradiction so far" wait_for 20 value_is collector_contradictions_total 0
echo 0 > /sys/kernel/debug/kprobes/enabled
pull_all
check "the head went, no event told: that is counted" wait_for 60 contradicted
echo 1 > /sys/kernel/debug/kprobes/enabled
kill "$MONITOR_PID"
wait "$MONITOR_PID" || fail "the collector failed: $(cat "$TMP/monitor.log")"
"$MONITOR" report "$RECORD" > "$TMP/report.txt" || :
cat "$TMP/report.txt"
check "the report says so" grep -q 'no event told of it' "$TMP/report.txt"
return_all
