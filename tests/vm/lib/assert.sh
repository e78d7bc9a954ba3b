# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Talking and judging: progress, assertions, the end of a scenario. A failed assertion ends the
# scenario at once.

EXIT_HOOKS=()

# say TEXT...: a line of progress, with the guest's clock in front.
say() {
	local ms=$((${EPOCHREALTIME/./} / 1000 - ${CLOCK_OFFSET_NS:-0} / 1000000))
	printf '[%6d.%03d] %s\n' $((ms / 1000)) $((ms % 1000)) "$*"
}

# fail TEXT...: end the scenario as failed. skip REASON...: end it as skipped. Their lines go where
# the scenario's own output goes, also in a function whose output is dropped or kept.
exec {VOICE}>&1
fail() { say "FAIL: $*" >&"$VOICE"; exit 1; }
skip() { say "SKIP: $*" >&"$VOICE"; exit 77; }

# check WHAT CMD...: CMD must succeed; its standard output is dropped.
check() {
	local what=$1
	shift
	"$@" > /dev/null || fail "$what (failed: $*)"
	say "ok: $what"
}

# check_not WHAT CMD...: CMD must fail.
check_not() {
	local what=$1
	shift
	if "$@" > /dev/null; then fail "$what (succeeded: $*)"; fi
	say "ok: $what"
}

# assert_eq WHAT GOT WANT: equal as text.
assert_eq() {
	[ "$2" = "$3" ] || fail "$1: is '$2', should be '$3'"
	say "ok: $1: $2"
}

# assert_le WHAT GOT MAX [UNIT]: GOT <= MAX, integers. With a UNIT they are times, and MAX is
# multiplied by VM_SLOW.
assert_le() {
	local max=$3
	[ -z "${4:-}" ] || max=$((max * VM_SLOW))
	[ "$2" -le "$max" ] || fail "$1: is $2${4:+ $4}, may be at most $max"
	say "ok: $1: $2${4:+ $4} (at most $max)"
}

# assert_near WHAT GOT WANT TOLERANCE [UNIT]: integers; with a UNIT they are times, and TOLERANCE
# is multiplied by VM_SLOW.
assert_near() {
	local diff=$(($2 - $3)) max=$4
	[ -z "${5:-}" ] || max=$((max * VM_SLOW))
	[ "${diff#-}" -le "$max" ] || fail "$1: is $2${5:+ $5}, should be $3 give or take $max"
	say "ok: $1: $2${5:+ $5} ($3 give or take $max)"
}

# assert_between WHAT GOT MIN MAX [UNIT]: MIN <= GOT <= MAX, exactly, on every kernel.
assert_between() {
	if [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
		fail "$1: is $2${5:+ $5}, should be from $3 to $4"
	fi
	say "ok: $1: $2${5:+ $5} (from $3 to $4)"
}

# is_stamp WHAT NS: fails unless it is a time, as from trace_ns: that prints nothing for an event
# that did not come.
is_stamp() { [[ $2 =~ ^[0-9]+$ ]] || fail "$1: '$2' is no time"; }

# at_most NS MS FROM_NS TO_NS: NS is not more than MS, and as long as the guest's timers were
# overdue between the two stamps: see late_ms. Sets MOST to that, in ms.
at_most() {
	MOST=$2
	[ "$1" -gt $((MOST * 1000000)) ] || return 0
	late_between "$3" "$4"
	MOST=$((MOST + LATE_MS))
	[ "$1" -le $((MOST * 1000000)) ]
}

# assert_due WHAT AT_NS DUE_NS [EARLY_MS]: AT_NS is when the kernel did something by its own stamp,
# DUE_NS when it was due. Not more than EARLY_MS before (default 10, for the kernel's ticks), and
# at_most 1500 ms by VM_SLOW after.
assert_due() {
	local ns early=${4:-10}
	is_stamp "$1" "$2"
	is_stamp "$1, when due" "$3"
	ns=$(($2 - $3))
	[ $ns -ge $((-early * 1000000)) ] ||
		fail "$1: came $((-ns / 1000000)) ms before it was due (at most $early)"
	at_most $ns $((1500 * VM_SLOW)) "$3" "$2" ||
		fail "$1: came $((ns / 1000000)) ms after it was due, may be at most $MOST"
	say "ok: $1: $((ns / 1000000)) ms after it was due (at most $MOST)"
}

# assert_moment WHAT GOT_NS WANT_NS: two stamps of one event by two observers in the kernel. The
# host may take the processor away between them: at_most 100 ms by VM_SLOW.
assert_moment() {
	local from=$3 to=$2 ns
	is_stamp "$1" "$2"
	is_stamp "$1, the other stamp" "$3"
	[ "$2" -ge "$3" ] || { from=$2; to=$3; }
	ns=$((to - from))
	at_most $ns $((100 * VM_SLOW)) "$from" "$to" ||
		fail "$1: the stamps are $((ns / 1000000)) ms apart, may be $MOST"
	say "ok: $1: the stamps are $((ns / 1000)) us apart (at most $MOST ms)"
}

# assert_before WHAT A_NS B_NS: A came before B, or at the same time.
assert_before() {
	is_stamp "$1" "$2"
	is_stamp "$1, that before which it comes" "$3"
	[ "$2" -le "$3" ] || fail "$1: came $((($2 - $3) / 1000)) us too late"
	say "ok: $1: $((($3 - $2) / 1000000)) ms before"
}

# note TEXT...: a line of $VM_OUT/observed, which tests/vm/run compares with that of other modules
# (header vm-compare).
note() {
	printf '%s\n' "$*" >> "$OBSERVED"
	printf '%s\n' "$*"
}

# on_exit CMD...: run CMD at the end, also after a failure; what came last runs first.
on_exit() { EXIT_HOOKS+=("$*"); }

run_exit_hooks() {
	local status=$? i
	trap - EXIT
	for ((i = ${#EXIT_HOOKS[@]} - 1; i >= 0; i--)); do
		eval "${EXIT_HOOKS[i]}" || :
	done
	exit "$status"
}

trap run_exit_hooks EXIT
