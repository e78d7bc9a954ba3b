# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2119,SC2120	# optional arguments are for callers
#
# The truth by tracefs, counted without the monitor: the tracepoints nvme_mpath_*, in an instance
# of their own. PATTERN is a regular expression for what follows the name of an event.

TRACE=/sys/kernel/tracing/instances/truth

# trace_start: record all nvme_mpath_* events; skips the scenario without the patched modules.
trace_start() {
	need_patched
	trace_instance 32768
	trace_events "$TRACE"/events/nvme/nvme_mpath_* "$TRACE"/events/nvme/nvme_ctrl_state
}

# An instance of tracefs with a buffer of so many kB for each CPU, and what it is to trace.
trace_instance() {
	# nobody needs names of tasks, for which the scheduler's tracepoints would be
	# patched in and out
	echo 0 > /sys/kernel/tracing/options/record-cmd
	mkdir "$TRACE"
	echo 0 > "$TRACE/tracing_on"
	echo boot > "$TRACE/trace_clock"
	echo "$1" > "$TRACE/buffer_size_kb"
}

# trace_events DIRECTORY...: enable these events, and begin. The trace is saved at the end.
trace_events() {
	local e
	for e in "$@"; do
		echo 1 > "$e/enable"
	done
	echo 1 > "$TRACE/tracing_on"
	on_exit 'trace_save'
}

# trace_save: end it, if it runs, and keep it as $TMP/trace and $VM_OUT/trace.
trace_save() {
	[ -d "$TRACE" ] || return 0
	echo 0 > "$TRACE/tracing_on"
	cp "$TRACE/trace" "$TMP/trace"
	cp "$TMP/trace" "$VM_OUT/trace"
	cat "$TRACE"/per_cpu/cpu*/stats > "$TMP/trace.stats"
	rmdir "$TRACE"
}

# trace_stop: trace_save; fails if events were lost.
trace_stop() {
	local lost
	trace_save
	lost=$(awk '/overrun:|dropped events:/ { n += $NF } END { print n + 0 }' "$TMP/trace.stats")
	assert_eq "events lost by tracefs" "$lost" 0
}

# trace_lines EVENT [PATTERN]: print the events of a kind whose line matches; trace_count: how many.
trace_lines() { grep -E " $1: .*${2:-}" "$TMP/trace" || :; }
trace_count() { trace_lines "$@" | wc -l; }

# trace_table: a line "HEAD PARKED COMPLETED FAILED QUEUED" for every head that had a stall: so many
# stalls were parked, completed, failed, are still queued. A bio that passes the queue several times
# is one stall. Of the stored trace, or of the running one.
trace_table() {
	local trace=$TMP/trace
	[ ! -d "$TRACE" ] || trace=$TRACE/trace
	awk '
		# a bio that the work resubmitted and that did not come back was taken by a path
		function settle(h) {
			if (last[h] != "") {
				delete held[h, last[h]]
				completed[h]++
				last[h] = ""
			}
		}
		match($0, / nvme_mpath_(bio_park|bio_unpark|bio_fail|requeue_work): /) {
			split(substr($0, RSTART + 1), f, " ")
			h = f[2]
			bio = $0
			sub(/.* bio=/, "", bio)
			sub(/,.*/, "", bio)
			if (f[1] == "nvme_mpath_requeue_work:") {
				settle(h)
			} else if (f[1] == "nvme_mpath_bio_unpark:") {
				settle(h)
				last[h] = bio
			} else if (f[1] == "nvme_mpath_bio_park:") {
				if (bio == last[h]) last[h] = ""
				if (!((h, bio) in held)) { held[h, bio] = 1; parked[h]++ }
			} else if ((h, bio) in held) {
				if (bio == last[h]) last[h] = ""
				delete held[h, bio]
				failed[h]++
			}
		}
		END {
			for (h in parked)
				print substr(h, 1, length(h) - 1), parked[h],
					completed[h] + 0, failed[h] + 0,
					parked[h] - completed[h] - failed[h]
		}' "$trace"
}

# trace_stalls WHAT HEAD: print one number of trace_table: parked, completed, failed or queued.
trace_stalls() {
	trace_table | awk -v want="$1" -v head="$2" '
		BEGIN {
			column["parked"] = 2; column["completed"] = 3
			column["failed"] = 4; column["queued"] = 5
		}
		$1 == head { n = $column[want] }
		END { print n + 0 }'
}

# io_waits HEAD: succeeds while I/O of a head is queued; needs trace_start.
io_waits() { [ "$(trace_stalls queued "$1")" -gt 0 ]; }

# trace_margins: ms left of each recovered window when a path was back, a line each; of one head.
# The deadline as the kernel told it last before the path joined. That the timer is cancelled
# comes a little later.
trace_margins() {
	awk '
		match($0, / [0-9]+\.[0-9]+: nvme_mpath_(remove_work|path_add): /) {
			t = substr($0, RSTART + 1) + 0
			left = $0
			sub(/.*ms_left=/, "", left)
			if ($0 ~ /action=(armed|moved)/) deadline = t * 1000 + left
			else if ($0 ~ /: nvme_mpath_path_add: /) added = t * 1000
			else if ($0 ~ /action=cancelled/) printf "%.0f\n", deadline - added
		}' "$TMP/trace"
}

# trace_ns EVENT [PATTERN] [NTH]: print the time of the NTH (default first; -1 last) such event.
trace_ns() {
	local nth=${3:-1}
	[ "$nth" != -1 ] || nth='$'
	trace_lines "$1" "${2:-}" | sed -n "${nth}p" |
		sed -n 's/.* \([0-9]\+\)\.\([0-9]\{6\}\): .*/\1\2000/p' | sed 's/^0*\([0-9]\)/\1/'
}

# trace_deadline: print the deadline of the first window that was armed, by what the kernel said
# was left then: the timer's ticks may have come late.
trace_deadline() {
	local left
	left=$(trace_lines nvme_mpath_remove_work action=armed |
		sed -n '1s/.*ms_left=\([0-9]*\).*/\1/p')
	echo $(($(trace_ns nvme_mpath_remove_work action=armed) + left * 1000000))
}
