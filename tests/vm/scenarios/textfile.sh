#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 400
# Metrics of a collector that records as well: a window is seen while it is open, and the numbers
# are those of the report. Between two writes the collector never runs. A restart of it loses and
# repeats nothing.
. "$VM_TREE/tests/vm/lib.sh"

PROM=$TMP/mpath.prom
STATE=$TMP/state

# metric NAME [LABELS]: print it, of this head; metric_equals WHAT NAME LABELS VALUE: it must be it.
metric() { prom_metric "$PROM" "$1" "device=\"$HEAD\"" "${2:-}"; }
metric_equals() {
	metric_read "$PROM" "$2" "device=\"$HEAD\"" "$3"
	assert_eq "$1" "$METRIC" "$4"
}
# comes NAME LABELS VALUE: for wait_for
comes() { metric_comes "$3" "$PROM" "$1" "device=\"$HEAD\"" "$2"; }
bios_wait() {
	[ "$PROM" -nt "$TMP/looked" ] || return 1
	: > "$TMP/looked"
	metric_read "$PROM" queue_depth "device=\"$HEAD\""
	[ "$METRIC" != 0 ]
}

ns() { local ns; printf -v ns %.9f "$1"; echo $((10#${ns/./})); }	# of seconds

collector_start() {
	RECORD=$TMP/record
	: > "$TMP/monitor.log"	# what the one before said
	"$MONITOR" collect --record "$RECORD" --textfile "$PROM" --state "$STATE" --interval 5s \
		> "$TMP/monitor.log" 2>&1 &
	MONITOR_PID=$!
	wait_for 20 monitor_attached || fail "it does not attach: $(cat "$TMP/monitor.log")"
}
end_collector() {
	kill "$MONITOR_PID"
	cp -r "$TMP/monitor.log" "$RECORD" "$PROM" "$VM_OUT/"
} 2> /dev/null

need_monitor
prepare 600
trace_start
on_exit end_collector
collector_start
check "the head is in it" wait_for 10 comes head_state 'state="healthy"' 1
metric_equals "recovered windows, before there was one" windows_total 'outcome="recovered"' 0
metric_equals "setting" head_delayed_removal_seconds '' "$WINDOW"
metric_equals "deadline, without a window" window_deadline_timestamp_seconds '' -
# one I/O of each job waits
fio_start load "/dev/$HEAD" --numjobs=4 --thread --iodepth=1 --rate_iops=20 --verify=0

say "---- a window"
pull_all
check "the window is seen" wait_for 5 comes head_state 'state="grace"' 1
metric_equals "paths" head_paths '' 0
deadline=$(metric window_deadline_timestamp_seconds)
metric_read "$PROM" queue_depth "device=\"$HEAD\""
[ "$METRIC" != 0 ] || wait_for 5 bios_wait || fail "I/O that waits is not seen"
check "I/O that waits is seen: $METRIC" true
return_all
check "its end is seen" wait_for 10 comes windows_total 'outcome="recovered"' 1

say "---- a restart, and another window"
monitor_stop
metric_read "$PROM" collector_running
assert_eq "running, after its end" "$METRIC" 0
collector_start
check "it goes on" wait_for 10 comes head_state 'state="healthy"' 1
metric_equals "recovered windows after the restart" windows_total 'outcome="recovered"' 1
pull_all
return_all
check "the second window is seen" wait_for 10 comes windows_total 'outcome="recovered"' 2
fio_end load

say "---- nothing happens"
export_timer "$MONITOR_PID"
# at_rest: it sleeps. LEFT is how many ms are left to its next write, RAN how often it ran.
at_rest() {
	local word value task sleeps=yes before
	RAN=0
	export_left
	before=$EXPORT_LEFT_NS
	for task in "/proc/$MONITOR_PID/task"/*; do
		while read -r word value _; do
			case $word in
			State:) [ "$value" = S ] || sleeps= ;;
			*ctxt_switches:) RAN=$((RAN + value)) ;;
			esac
		done < "$task/status"
	done
	export_left
	LEFT=$((EXPORT_LEFT_NS / 1000000))
	[ "$sleeps" ] && [ "$EXPORT_LEFT_NS" -le "$before" ]
}
just_wrote() { at_rest && [ "$LEFT" -ge 4000 ]; }
soon_writes() {
	local sleeps=yes
	at_rest || sleeps=
	[ "$LEFT" -gt "$left" ] || { [ "$sleeps" ] && [ "$LEFT" -le 1000 ]; }
}
# A look from one write to the next counts if no other came between: less time is left. It may have
# been about to fall asleep when one began, so two of up to four must find that it never ran.
looks=() never=0
while [ $never -lt 2 ]; do
	check "it has written" wait_for 10 just_wrote
	nap 0.2
	at_rest || continue
	ran=$RAN left=$LEFT
	wait_for 5 soon_writes || fail "its timer does not go on"
	[ "$LEFT" -lt "$left" ] || continue
	looks+=($((RAN - ran)))
	[ "${looks[-1]}" -ne 0 ] || never=$((never + 1))
	[ ${#looks[@]} -lt 4 ] || break
done
check "it never runs between two writes; times: ${looks[*]}" test $never -ge 2

observe_end

windows_are 2
bios_as_traced parked "$HEAD" 0 1 outside
assert_moment "deadline, while it was ahead" "$(real_to_boot "$(ns "$deadline")")" \
	"$(trace_deadline)"
# also what was parked while a path was there
metric_equals "bios parked" bios_parked_total '' "$(report_sum parked)"
metric_equals "bios completed" bios_completed_total '' "$(report_sum completed)"
metric_equals "bios failed" bios_failed_total 'waited="yes"' "$(report_sum failed)"
metric_equals "failovers" failovers_total '' "$(report_sum failovers)"
metric_equals "failovers of the driver's" failovers_total 'status_class="host_pathing"' \
	"$METRIC"
metric_equals "stalls" stall_seconds_count '' $(($(report_sum completed) + $(report_sum failed)))
metric_equals "windows with a duration" window_duration_seconds_count '' 2
metric_equals "paths lost" path_losses_total 'cause="removal"' 4
metric_equals "incomplete windows" windows_incomplete_total '' 0
for w in 0 1; do
	window_lasted $w
	read -r from _ _ to < <(trace_window $w)
	late_between "$from" "$to"
	most=$((${most:-200} + LATE_MS))
	lasted=$((${lasted:-0} + $(window_ns $w .duration_seconds)))
done
assert_near "time in windows" $(($(ns "$(metric window_duration_seconds_sum)") / 1000000)) \
	$((lasted / 1000000)) "$most" ms
metric_read "$PROM" collector_events_lost_total
assert_eq "events lost" "$METRIC" 0
