#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --stock --timeout 300
# The distribution's own driver is unloaded and loaded again under a collector, as an upgrade does:
# it is noticed, counted, in the metrics and the report, and the collector attaches again by itself.
# One with pins does not take over the dead probes of an earlier one.
. "$VM_TREE/tests/vm/lib.sh"

PROM=$TMP/m.prom
need_monitor
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf

# start [OPTION...]: a collector, which writes metrics each second.
start() { monitor_start "$TMP/record" --textfile "$PROM" -i 1s "$@"; }
resets() { "$MONITOR" watch --replay "$RECORD" 2> /dev/null | grep -c 'live -> resetting' || :; }
resets_are() { [ "$(resets)" = "$1" ]; }
reload() {
	rmmod nvme
	rmmod nvme_core
	check "that nothing is attached is in the metrics" \
		wait_for 30 metric_is 0 "$PROM" collector_programs_attached
	modprobe nvme
}
watched_again() { [ "$(grep -c 'is loaded again, and watched' "$TMP/monitor.log")" = "$1" ]; }

say "---- under a collector"
start
attached() {
	metric_read "$PROM" collector_programs_attached
	[ "$METRIC" != - ] && [ "$METRIC" -gt 0 ]
}
check "programs are attached" wait_for 30 attached
before=$METRIC
reset_all
check "two resets are seen" wait_for 30 resets_are 2
reload
check "it attaches again by itself" wait_for 60 watched_again 1
check "that is in the metrics" wait_for 30 \
	metric_is "$before" "$PROM" collector_programs_attached
check "one reload is in the metrics" metric_is 1 "$PROM" collector_reloads_total
wait_for 20 head_dev > /dev/null || fail "no head after the module was loaded again"
reset_all
check "two more resets are seen" wait_for 30 resets_are 4
monitor_stop
"$MONITOR" report "$RECORD" > "$TMP/report.txt" || :
cat "$TMP/report.txt"
check "the report says that nothing was watched" grep -q 'nvme_core was unloaded' "$TMP/report.txt"

say "---- under a collector with pins, and between two"
rm -rf "$RECORD" "$PROM"*
start --pin
reset_all
check "two resets are seen" wait_for 30 resets_are 2
reload
check "it attaches again by itself" wait_for 60 watched_again 1
wait_for 20 head_dev > /dev/null || fail "no head"
reset_all
check "two more resets are seen" wait_for 30 resets_are 4
monitor_stop
rmmod nvme
rmmod nvme_core
modprobe nvme
wait_for 20 head_dev > /dev/null || fail "no head"
start --pin
check "the dead probes are not gone on with" wait_for 60 watched_again 1
reset_all
check "the next one sees two resets" wait_for 30 resets_are 6
monitor_stop
"$MONITOR" collect --unpin
