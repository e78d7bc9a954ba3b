# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A light load on several disks: one write or read in flight to each, with verify, by one program
# (tests/vm/writers). fio takes two seconds of a processor for each disk. Sourced after lib.sh.

declare -A WRITERS=()

# writers_start NAME DISK...: in the background, until writers_stop; each disk until an error.
# Returns when each has been written once.
writers_start() {
	local name=$1
	shift
	"$VM_TREE/tests/vm/writers" "$TMP/$name.said" "${@/#//dev/}" > "$TMP/$name.ready" &
	WRITERS[$name]=$!
	on_exit "kill $! 2> /dev/null; cp $TMP/$name.said $VM_OUT/"
	wait_for 20 writers_ready "$name" || fail "the writers do not start: $*"
	say "$# disks are written to"
}

writers_ready() {
	kill -0 "${WRITERS[$1]}" 2> /dev/null ||
		fail "the writers have ended: $(< "$TMP/$1.said") $(< "$TMP/$1.ready")"
	grep -qx ready "$TMP/$1.ready"
}

# writers_said NAME DISK [RESULT]: the writer of this disk has ended, with this result: ok, wrong,
# or an error (ENOSPC if it began to write when the disk was gone); a regular expression, default
# any.
writers_said() { grep -q -E "^/dev/$2 [0-9]+ (${3:-.*}) " "$TMP/$1.said"; }

# writers_ended NAME: all have.
writers_ended() { ! kill -0 "${WRITERS[$1]}" 2> /dev/null; }

# writers_stop NAME: ask them to end, and wait until they have.
writers_stop() {
	kill "${WRITERS[$1]}" 2> /dev/null || :
	wait_for 5 writers_ended "$1" || fail "the writers do not end"
}
