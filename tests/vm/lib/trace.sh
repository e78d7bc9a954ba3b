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
	late_start	# who asks for moments needs it
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
	cat "$TRACE/trace" > "$TMP/trace"
	cat "$TRACE"/per_cpu/cpu*/stats > "$TMP/trace.stats"
	rmdir "$TRACE"
	rm -f "$TMP/trace.table"
	cp "$TMP/trace" "$VM_OUT/trace"
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
	if [ -d "$TRACE" ]; then
		count_stalls "$TRACE/trace"
		return
	fi
	[ -e "$TMP/trace.table" ] || count_stalls "$TMP/trace" > "$TMP/trace.table"
	printf '%s' "$(< "$TMP/trace.table")"$'\n'
}

count_stalls() {
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
		}' "$1"
}

# trace_stalls WHAT HEAD: print one number of trace_table: parked, completed, failed or queued.
# shellcheck disable=SC2034	# "${!1}" is one of them
trace_stalls() {
	local head parked completed failed queued
	while read -r head parked completed failed queued; do
		[ "$head" != "$2" ] || { printf '%d\n' "${!1}"; return; }
	done < <(trace_table)
	echo 0
}

# io_waits HEAD: succeeds while I/O of a head is queued; needs trace_start.
io_waits() { [ "$(trace_stalls queued "$1")" -gt 0 ]; }

# trace_windows [FILE]: print a line "HEAD WINDOW ARMED_NS DEADLINE_NS BACK_NS ENDED_NS ACTION" for
# each window that was armed, in this order: its number, its last deadline, when the first path
# joined in it, when and by which action it ended; "-" for what did not come. The deadline is what
# the kernel told of it when it armed or moved it: the timer's ticks may have come late.
trace_windows() {
	awk '
		match($0, / [0-9]+\.[0-9]+: nvme_mpath_(remove_work|path_add): /) {
			split(substr($0, RSTART + 1), f, " ")
			ns = f[1] * 1e9
			head = f[3]
			sub(/:$/, "", head)
			window = value("window")
			left = value("ms_left")
			action = f[2] == "nvme_mpath_path_add:" ? "add" : value("action")
			if (action == "armed") {
				i = now[head, window] = n++
				name[i] = head " " window
				armed[i] = ns
				deadline[i] = ns + left * 1e6
				next
			}
			if (!((head, window) in now)) next
			i = now[head, window]
			if (action == "moved") deadline[i] = ns + left * 1e6
			else if (action == "add") {
				if (!(i in back) && !(i in ended)) back[i] = ns
			} else if (!(i in ended)) {
				ended[i] = ns
				how[i] = action
			}
		}
		function value(key, v) {
			v = $0
			sub(".*[ ,]" key "=", "", v)
			sub(/,.*/, "", v)
			return v
		}
		function or_none(ns) { return ns == "" ? "-" : sprintf("%.0f", ns) }
		END {
			for (i = 0; i < n; i++)
				print name[i], or_none(armed[i]), or_none(deadline[i]),
					or_none(back[i]), or_none(ended[i]),
					how[i] == "" ? "-" : how[i]
		}' "${1:-$TMP/trace}"
}

# trace_margins: print a line "MARGIN_MS BACK_NS" for each window that a path ended: when it joined,
# and how much was left then.
trace_margins() {
	local deadline back action
	while read -r _ _ _ deadline back _ action; do
		[ "$action" != cancelled ] ||
			echo "$(((deadline - back + 500000) / 1000000)) $back"
	done < <(trace_windows)
}

# trace_ns EVENT [PATTERN] [NTH]: print the time of the NTH (default first; -1 last) such event;
# nothing if there is none.
trace_ns() {
	local lines nth=${3:-1}
	if [ "$nth" = -1 ]; then
		mapfile -t lines < <(trace_lines "$1" "${2:-}")
		nth=${#lines[@]}
	else
		mapfile -t lines < <(grep -m "$nth" -E " $1: .*${2:-}" "$TMP/trace")
	fi
	[ "$nth" -gt 0 ] && [ ${#lines[@]} -ge "$nth" ] || return 0
	[[ ${lines[nth - 1]} =~ ([0-9]+)\.([0-9]{6}):\  ]]
	printf '%d\n' $((BASH_REMATCH[1] * 1000000000 + 10#${BASH_REMATCH[2]} * 1000))
}

# trace_deadline [HEAD [NTH]]: print the deadline that the kernel told when it armed the NTH window
# (default first) of a head (default any); nothing if there is none.
trace_deadline() {
	local line
	line=$(grep -m "${2:-1}" -E " nvme_mpath_remove_work: ${1:-.*}: .*action=armed" \
		"$TMP/trace" | sed -n "${2:-1}p")
	[[ $line =~ ([0-9]+)\.([0-9]{6}):\ .*ms_left=([0-9]+) ]] || return 0
	printf '%d\n' $((BASH_REMATCH[1] * 1000000000 + 10#${BASH_REMATCH[2]} * 1000 +
		BASH_REMATCH[3] * 1000000))
}

# end_soon HEAD: move the deadline of the open window of a head to one to three seconds from now. On
# a machine that is too slow for that it is over then, and the kernel calls the window closed.
end_soon() {
	local armed now
	armed=$(grep -E " nvme_mpath_remove_work: $1: .*action=armed" "$TRACE/trace" |
		sed -n '$s/.* \([0-9]*\)\.[0-9]*: nvme_mpath_.*/\1/p')
	now=$(now_ns)
	echo $((now / 1000000000 - armed + 2)) > "/sys/block/$1/delayed_removal_secs"
}

# removed_as [HEAD [NTH]]: print the outcome of the NTH (default first) window of a head (default
# any) that ended with its removal, by tracefs: removed, closed, or not_armed.
removed_as() {
	case $(trace_lines nvme_mpath_head_remove "${1:+$1:}" | sed -n "${2:-1}p") in
	*reason=expired) echo removed ;;
	*reason=closed) echo closed ;;
	*reason=immediate) echo not_armed ;;
	esac
}
