# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A terminal to look at, for tests: tmux with a socket of its own, which is $socket.
# shellcheck disable=SC2154

mux() { tmux -S "$socket" "$@"; }
keys() { mux send-keys -t t "$@"; }
screen() { mux capture-pane -p -t t; }
has() { screen | grep -qE -e "$1"; }
has_not() { ! has "$1"; }

# terminal ROWSxCOLS COMMAND: a shell command in a terminal of that size.
terminal() {
	mux -f /dev/null new-session -d -s t -y "${1%x*}" -x "${1#*x}" "$2" \; \
		set -g status off
}

# Is the screen that of the shell again, with its cursor and its keys?
is_restored() {
	[ "$(mux display-message -p -t t \
		'#{alternate_on} #{cursor_flag} #{keypad_cursor_flag} #{keypad_flag}')" = \
		"0 1 0 0" ]
}
