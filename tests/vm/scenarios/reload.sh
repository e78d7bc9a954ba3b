#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --stock --timeout 300
# The distribution's own driver is unloaded and loaded again under a collector, as an upgrade does:
# it is noticed, counted, in the metrics and the report, and the collector attaches again by itself.
# One with pins does not take over the dead probes of an earlier one.
. "$VM_TREE/tests/vm/lib.sh"

PROM=$TMP/m.prom
RECORD=$TMP/record
need_monitor
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf

# start [ARG...]: a collector, which writes metrics each second.
start() {
	: > "$TMP/monitor.log"
	"$MONITOR" collect --record "$RECORD" --textfile "$PROM" -i 1s "$@" \
		> "$TMP/monitor.log" 2>&1 &
	MONITOR_PID=$!
	on_exit "kill $MONITOR_PID 2> /dev/null"
	wait_for 60 monitor_attached || fail "it does not attach: $(cat "$TMP/monitor.log")"
	wait_for 60 test -e "$PROM" || fail "no metrics: $(cat "$TMP/monitor.log")"
}
value() { awk -v name="nvme_mpath_$1" '$1 == name { print $NF; found = 1 }
	END { if (!found) print "-" }' "$PROM"; }
value_is() { [ "$(value "$1")" = "$2" ]; }
resets() { "$MONITOR" watch --replay "$RECORD" 2> /dev/null | grep -c 'live -> resetting' || :; }
resets_are() { [ "$(resets)" = "$1" ]; }
reload() {
	rmmod nvme
	rmmod nvme_core
	check "that nothing is attached is in the metrics" \
		wait_for 30 value_is collector_programs_attached 0
	modprobe nvme
}
watched_again() { [ "$(grep -c 'is loaded again, and watched' "$TMP/monitor.log")" = "$1" ]; }

say "---- under a collector"
start
before=$(value collector_programs_attached)
check_not "programs are attached" test "$before" = 0
reset_all
check "two resets are seen" wait_for 30 resets_are 2
reload
check "it attaches again by itself" wait_for 60 watched_again 1
check "that is in the metrics" wait_for 30 value_is collector_programs_attached "$before"
assert_eq "reloads in the metrics" "$(value collector_reloads_total)" 1
wait_for 20 head_dev > /dev/null || fail "no head after the module was loaded again"
reset_all
check "two more resets are seen" wait_for 30 resets_are 4
kill "$MONITOR_PID"
wait "$MONITOR_PID" || fail "the collector failed: $(cat "$TMP/monitor.log")"
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
kill "$MONITOR_PID"
wait "$MONITOR_PID" || fail "the collector failed: $(cat "$TMP/monitor.log")"
rmmod nvme
rmmod nvme_core
modprobe nvme
wait_for 20 head_dev > /dev/null || fail "no head"
start --pin
check "the dead probes are not gone on with" wait_for 60 watched_again 1
reset_all
check "the next one sees two resets" wait_for 30 resets_are 6
kill "$MONITOR_PID"
wait "$MONITOR_PID" || fail "the collector failed: $(cat "$TMP/monitor.log")"
"$MONITOR" collect --unpin
