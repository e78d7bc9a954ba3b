#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 400
# Metrics of a collector beside one that records: a window is seen while it is open, and the
# numbers are those of the report. Between two writes the collector never runs. A restart of it
# loses and repeats nothing.
. "$VM_TREE/tests/vm/lib.sh"

PROM=$TMP/mpath.prom
STATE=$TMP/state

# metric NAME [LABELS]: of this head
metric() { prom_metric "$PROM" "$1" "device=\"$HEAD\"" "${2:-}"; }
metric_is() { [ "$(metric "$1" "${3:-}")" = "$2" ]; }

bios_wait() { ! metric_is queue_depth 0; }

textfile_start() {
	"$MONITOR" collect --textfile "$PROM" --state "$STATE" --interval 5s \
		> "$TMP/said" 2>> "$VM_OUT/textfile.log" &
	TEXTFILE_PID=$!
	wait_for 30 grep -q "metrics in $PROM" "$TMP/said" ||
		fail "it did not attach: $(cat "$VM_OUT/textfile.log")"
}

textfile_stop() {
	kill "$TEXTFILE_PID"
	wait "$TEXTFILE_PID" || fail "it ended with status $?: $(cat "$VM_OUT/textfile.log")"
}

observe 20
textfile_start
on_exit "kill \$TEXTFILE_PID 2>/dev/null; cp $PROM $VM_OUT/"
check "the head is in it" wait_for 10 metric_is head_state 1 'state="healthy"'
assert_eq "recovered windows, before there was one" \
	"$(metric windows_total 'outcome="recovered"')" 0
assert_eq "setting" "$(metric head_delayed_removal_seconds)" "$WINDOW"
assert_eq "deadline, without a window" "$(metric window_deadline_timestamp_seconds)" -
fio_start load "/dev/$HEAD"
sleep 2

say "---- a window"
pull_all
check "the window is seen" wait_for $((5 * VM_SLOW)) metric_is head_state 1 'state="grace"'
assert_eq "paths" "$(metric head_paths)" 0
check "I/O that waits is seen" wait_for $((5 * VM_SLOW)) bios_wait
deadline=$(metric window_deadline_timestamp_seconds)
check "the deadline is ahead" awk -v d="$deadline" \
	-v now="$(date +%s.%N)" 'BEGIN { exit !(d > now) }'
return_all
check "its end is seen" wait_for $((10 * VM_SLOW)) metric_is windows_total 1 'outcome="recovered"'

say "---- a restart, and another window"
textfile_stop
assert_eq "running, after its end" "$(sed -n 's/^nvme_mpath_collector_running //p' "$PROM")" 0
textfile_start
check "it goes on" wait_for 10 metric_is head_state 1 'state="healthy"'
assert_eq "recovered windows after the restart" "$(metric windows_total 'outcome="recovered"')" 1
pull_all
sleep 2
return_all
check "the second window is seen" wait_for $((10 * VM_SLOW)) metric_is windows_total 2 \
	'outcome="recovered"'
sleep 3
fio_end load

say "---- nothing happens"
ran() {
	cat "/proc/$TEXTFILE_PID"/task/*/status | awk '/ctxt_switches/ { n += $2 } END { print n }'
}
written() { stat -c %y "$PROM"; }
is_written() { [ "$(written)" != "$last" ]; }
for i in 1 2 3; do
	last=$(written)
	check "a file is written" wait_for $((10 * VM_SLOW)) is_written
	sleep 0.5
	before=$(ran)
	sleep 2
	assert_eq "times it ran between two writes" $(($(ran) - before)) 0
done
textfile_stop
monitor_stop
report
cat "$VM_OUT/textfile.log"

windows_are 2
# also what was parked while a path was there
assert_eq "bios parked" "$(metric bios_parked_total)" "$(report_sum parked)"
assert_eq "bios completed" "$(metric bios_completed_total)" "$(report_sum completed)"
assert_eq "bios failed" "$(metric bios_failed_total 'waited="yes"')" "$(report_sum failed)"
assert_eq "failovers" "$(metric failovers_total)" "$(report_sum failovers)"
assert_eq "failovers of the driver's" "$(metric failovers_total 'status_class="host_pathing"')" \
	"$(report_sum failovers)"
assert_eq "stalls" "$(metric stall_seconds_count)" \
	"$(($(report_sum completed) + $(report_sum failed)))"
assert_eq "windows with a duration" "$(metric window_duration_seconds_count)" 2
assert_eq "paths lost" "$(metric path_losses_total 'cause="removal"')" 4
assert_eq "incomplete windows" "$(metric windows_incomplete_total)" 0
assert_near "time in windows" \
	"$(awk -v s="$(metric window_duration_seconds_sum)" 'BEGIN { printf "%.0f\n", s * 1e6 }')" \
	"$(jq '[.windows[].duration_seconds] | add * 1e6 | floor' "$TMP/report.json")" 100000 us
assert_eq "events lost" "$(sed -n 's/^nvme_mpath_collector_events_lost_total //p' "$PROM")" 0
