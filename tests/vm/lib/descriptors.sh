# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# Descriptors that stay open, each held by a process of tests/vm/descriptor, whose header lists the
# actions.

declare -A FD_ASK=() FD_SAY=()

# fd_open NAME DEVICE: open DEVICE, which must work.
fd_open() {
	local ask say
	mkfifo "$TMP/$1.ask" "$TMP/$1.say"
	"$VM_TREE/tests/vm/descriptor" "$2" < "$TMP/$1.ask" > "$TMP/$1.say" &
	on_exit "kill $! 2>/dev/null"
	exec {ask}> "$TMP/$1.ask" {say}< "$TMP/$1.say"
	FD_ASK[$1]=$ask FD_SAY[$1]=$say
	fd_answer "$1" || fail "opening $2 as $1 is not answered"
	assert_eq "opening $2 as $1" "$FD_SAID" ok
}

# fd_ask NAME ACTION...: begin an action.
fd_ask() { echo "${*:2}" >&"${FD_ASK[$1]}"; }

# fd_answer NAME [SECONDS]: wait for its end; sets FD_SAID, ok or an error, and FD_MS, how long it
# took. Status 1 when the time is up; by default that is a limit for what hangs (120 s by VM_SLOW).
fd_answer() { read -r -t "${2:-$((120 * VM_SLOW))}" FD_SAID FD_MS <&"${FD_SAY[$1]}"; }

# fd_do NAME ACTION...: both; it must be answered. In a window that is longer than the limit of
# fd_answer, and that the script ends later, the answer did not wait for its end.
fd_do() {
	fd_ask "$@"
	fd_answer "$1" || fail "$1, ${*:2}: no answer"
}

# fd_is NAME ACTION... WANT: and WANT must be the answer.
fd_is() {
	fd_do "${@:1:$#-1}"
	assert_eq "$1, ${*:2:$#-2}" "$FD_SAID" "${!#}"
}

# fd_close NAME: close it, which must work.
fd_close() {
	local ask=${FD_ASK[$1]} say=${FD_SAY[$1]}
	fd_is "$1" close ok
	exec {ask}>&- {say}<&-
	rm "$TMP/$1.ask" "$TMP/$1.say"
}
