# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# How late the timers of this guest are, by the probe tests/vm/late.c. The host may take a processor
# from the guest for seconds. An event that is due comes late then, as the timers of the probe do.

LATE=$VM_TREE/build/tests/vm/late
LATE_FILE=$TMP/late

# late_start: start the probe, unless it runs; returns when it watches. trace_start does it.
late_start() {
	[ -z "${LATE_PID:-}" ] || return 0
	[ -x "$LATE" ] || fail "there is no build/tests/vm/late: 'make check-vm' makes it"
	"$LATE" "$LATE_FILE" &
	LATE_PID=$!
	disown $!	# a plain `wait` of the scenario is not for this one
	on_exit "kill $LATE_PID 2> /dev/null; cp $LATE_FILE $VM_OUT/ 2> /dev/null"
	wait_for 2 late_ready || fail "the probe of the timers has ended"
}

late_ready() {
	kill -0 "$LATE_PID" 2> /dev/null || fail "the probe of the timers did not start"
	grep -qs ready "$LATE_FILE"
}

# late_ms FROM_NS TO_NS: print for how many milliseconds of this interval a timer was overdue, on
# the processor on which it was most. late_between FROM_NS TO_NS: set LATE_MS to that.
late_ms() {
	late_between "$@"
	printf '%d\n' "$LATE_MS"
}

late_between() {
	[ "${LATE_PID:-}" ] || fail "the probe of the timers does not run: late_start is missing"
	kill -0 "$LATE_PID" 2> /dev/null || fail "the probe of the timers has ended"
	nap 0.1		# a timer that is overdue now is told when it has come
	LATE_MS=$(awk -v from="$1" -v to="$2" '
		NF == 3 && $2 < to && $3 > from {
			late[$1] += ($3 < to ? $3 : to) - ($2 > from ? $2 : from)
			if (late[$1] > most) most = late[$1]
		}
		END { printf "%.0f", most / 1e6 }' "$LATE_FILE")
}
