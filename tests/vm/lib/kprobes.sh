# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2153	# TRACE is of trace.sh
#
# The truth by kprobes of tracefs, for modules without the tracepoints: in functions of the kernel
# that the driver calls. Of head 0; trace_stop ends it.

# kprobes_start: begin; head 0 must have its setting by then.
kprobes_start() {
	local p probes=(
		'armed mod_delayed_work_on dwork=%dx:x64 delay=%cx:u64'
		'cancelled cancel_delayed_work dwork=%di:x64'
	)
	[ -d "/sys/block/$(head_name)/diag" ] || probes+=('submitted nvme_ns_head_submit_bio')
	for p in "${probes[@]}"; do
		echo "p:mpathtop/$p" >> /sys/kernel/tracing/kprobe_events
	done
	trace_instance 16384
	[ ! -d "$TRACE/events/mpathtop/submitted" ] ||
		echo 1 > "$TRACE/events/block/block_bio_remap/enable"
	# of all that is delayed, what is delayed for a second and more
	echo 'delay > 90' > "$TRACE/events/mpathtop/armed/filter"
	trace_events "$TRACE"/events/mpathtop/*/
}

# kprobes_warned: print how often a bio was parked or failed for want of a path: the driver's own
# counters of head 0, or, where it has none, what came to it and did not go on.
kprobes_warned() {
	local diag trace=$TMP/trace
	diag=/sys/block/$(head_name)/diag
	if [ -d "$diag" ]; then
		cat "$diag"/io_{requeue_no_usable,fail_no_available}_path_count |
			awk '{ n += $1 } END { print n }'
		return
	fi
	[ ! -d "$TRACE" ] || trace=$TRACE/trace
	awk '/ submitted: /{ n++ } / block_bio_remap: / { n-- } END { print n + 0 }' "$trace"
}

# bios_as_warned: what the report has as parked for want of a path, each time, must be what the
# driver or the kprobes count. The monitor reads the counters once a second.
bios_as_warned() {
	wait_for 3 warned_is_reported || :
	assert_eq "bios parked for want of a path, each time, by the driver" \
		"$(passes_reported)" "$(kprobes_warned)"
}

passes_reported() {
	printf '%d\n' $(($(report_sum passes) - $(report_sum parked_by_reason.failover)))
}

warned_is_reported() {
	report > /dev/null
	[ "$(passes_reported)" = "$(kprobes_warned)" ]
}

# kprobes_windows: print a line "ARMED_NS DEADLINE_NS CANCELLED_NS" for each window that was
# cancelled.
kprobes_windows() {
	# a jiffy in ms: what the coarse clock moves by
	local tick
	tick=$(perl -e 'use Time::HiRes; printf "%.0f", Time::HiRes::clock_getres(6) * 1000')
	awk -v tick="$tick" '
		match($0, / [0-9]+\.[0-9]+: (armed|cancelled): /) {
			split(substr($0, RSTART + 1), f, /:? /)
			dwork = $0
			sub(/.* dwork=/, "", dwork)
			sub(/ .*/, "", dwork)
			if (f[2] == "armed") {
				delay = $0
				sub(/.* delay=/, "", delay)
				armed[dwork] = f[1] * 1e9
				deadline[dwork] = f[1] * 1e9 + delay * tick * 1e6
			} else if (dwork in deadline) {
				# else its time was up: that head is gone,
				# another one has its address
				if (deadline[dwork] > f[1] * 1e9)
					printf "%.0f %.0f %.0f\n", armed[dwork],
						deadline[dwork], f[1] * 1e9
				delete deadline[dwork]
			}
		}' "$TMP/trace"
}

# kprobes_margins: as trace_margins, with when the window was cancelled in place of when the path
# joined.
kprobes_margins() {
	local deadline cancelled
	while read -r _ deadline cancelled; do
		echo "$(((deadline - cancelled + 500000) / 1000000)) $cancelled"
	done < <(kprobes_windows)
}
