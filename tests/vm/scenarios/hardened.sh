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
monitor_start "$TMP/record" --textfile "$PROM" -i 1s
on_exit "echo 1 > /sys/kernel/debug/kprobes/enabled"
contradicted() {
	metric_read "$PROM" collector_contradictions_total
	[ "$METRIC" -gt 0 ]
}
check "no contradiction so far" wait_for 20 metric_is 0 "$PROM" collector_contradictions_total
echo 0 > /sys/kernel/debug/kprobes/enabled
pull_all
check "the head went, no event told: that is counted" wait_for 60 contradicted
echo 1 > /sys/kernel/debug/kprobes/enabled
monitor_stop
"$MONITOR" report "$RECORD" > "$TMP/report.txt" || :
cat "$TMP/report.txt"
check "the report says so" grep -q 'no event told of it' "$TMP/report.txt"
return_all
