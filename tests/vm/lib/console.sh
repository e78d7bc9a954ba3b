# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2119,SC2120	# variables, arguments: for callers
#
# The live console in a terminal of the guest, for the scenarios that look at it, with keys and
# screen of tests/console/tmux.sh. Sourced after lib.sh. The last screen is left in $VM_OUT/screen.

# shellcheck source=tests/console/tmux.sh
. "$VM_TREE/tests/console/tmux.sh"
socket=$TMP/tmux
export LC_ALL=C.UTF-8

# console_start ROWSxCOLS [OPTION...]: start it in the background; sets CONSOLE_PID.
console_start() {
	local size=$1
	shift
	rm -f "$TMP"/console.{pid,status,before,after}
	# the guest runs it from memory, not over the share
	cp -u "$VM_TREE/build/nvme-mpathtop" "$TMP/console"
	cat > "$TMP/console.command" <<-END
		stty -a > '$TMP/console.before'
		(
			echo \$BASHPID > '$TMP/console.pid'
			exec '$TMP/console' top ${@@Q} 2> '$VM_OUT/console.errors'
		)
		status=\$?
		stty -a > '$TMP/console.after'
		echo \$status > '$TMP/console.status'
		exec sleep 10000
	END
	mux kill-server 2> /dev/null || :
	socket=$TMP/tmux$((++CONSOLES))
	terminal "$size" "bash '$TMP/console.command'" || fail "tmux does not start"
	wait_for 60 test -s "$TMP/console.pid" || fail "the console does not start"
	CONSOLE_PID=$(cat "$TMP/console.pid")
}
CONSOLES=0
on_exit "screen > $VM_OUT/screen 2> /dev/null; mux kill-server 2> /dev/null"

# look PATTERN: sets LINE to the first line of the screen that matches; status 1, a moment later, if
# there is none. A look is one program, as few looks as can be.
look() {
	local line lines
	mapfile -t lines < <(screen)
	for line in "${lines[@]}"; do
		if [[ $line =~ $1 ]]; then
			LINE=$line
			return 0
		fi
	done
	nap 0.2
	return 1
}

# sees PATTERN [SECONDS]: wait until the screen shows it, as wait_for does (default 10 s), or fail.
sees() {
	wait_for "${2:-10}" look "$1" || { screen; fail "the screen does not show '$1'"; }
	say "ok: the screen shows ${LINE:0:110}"
}

# shows PATTERN: the screen must show it now.
shows() {
	look "$1" || { screen; fail "the screen does not show '$1'"; }
	say "ok: the screen shows ${LINE:0:110}"
}

# console_ended [STATUS]: it must have ended, with this status (default 0), and the terminal must be
# as it was.
console_ended() {
	check "the console ends" wait_for 60 test -s "$TMP/console.status"
	assert_eq "its status" "$(cat "$TMP/console.status")" "${1:-0}"
	check "the terminal's settings are as before" diff "$TMP/console.before" \
		"$TMP/console.after"
	check "the screen is the shell's again" wait_for 60 is_restored
}

# console_end [STATUS]: the key q, and console_ended.
console_end() { keys q; console_ended "$@"; }
