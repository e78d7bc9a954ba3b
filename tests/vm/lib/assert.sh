# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Talking and judging: progress, assertions, the end of a scenario. A failed assertion ends the
# scenario at once.

EXIT_HOOKS=()

# say TEXT...: a line of progress, with the guest's clock in front.
say() {
	local ms=$((${EPOCHREALTIME/./} / 1000 - CLOCK_OFFSET_NS / 1000000))
	printf '[%6d.%03d] %s\n' $((ms / 1000)) $((ms % 1000)) "$*"
}

# fail TEXT...: end the scenario as failed. skip REASON...: end it as skipped.
fail() { say "FAIL: $*"; exit 1; }
skip() { say "SKIP: $*"; exit 77; }

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

# assert_due WHAT MS WANT [EARLY]: something came when WANT ms were over. Not more than EARLY ms
# (default 300) before, as the script may have been late to see the moment that they are counted
# from; not more than 1500 ms after, as it may have to wait for a processor. Wrong would be more.
assert_due() { assert_between "$1" "$2" $(($3 - ${4:-300} * VM_SLOW)) $(($3 + 1500 * VM_SLOW)) ms; }

# assert_moment WHAT GOT WANT: nanoseconds, two stamps of one event by two programs. The host may
# take the processor away between them (17 ms were seen beside two more guests): up to 100 ms.
assert_moment() { assert_near "$1" $(($2 / 1000000)) $(($3 / 1000000)) 100 ms; }

# note TEXT...: a line of $VM_OUT/observed, which tests/vm/run compares with that of other modules
# (header vm-compare).
note() { echo "$*" | tee -a "$OBSERVED"; }

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
