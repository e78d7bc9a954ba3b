# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Talks to scripts/guest/path. The scenario's shell starts it once, and asks it over pipes; a
# subshell, which might ask at the same time, starts one of its own for each command.

# path_serve: start it; it ends with the scenario.
path_serve() {
	mkfifo "$TMP/path.ask" "$TMP/path.say"
	(cd / && exec "$PATHCTL" serve) < "$TMP/path.ask" > "$TMP/path.say" &
	PATH_PID=$!
	disown $!	# a plain `wait` of the scenario is not for this one
	on_exit "kill $PATH_PID 2> /dev/null"
	exec {PATH_ASK}> "$TMP/path.ask" {PATH_SAY}< "$TMP/path.say"
	rm "$TMP/path.ask" "$TMP/path.say"
}

# path_ask COMMAND [ARGUMENT...]: status of the command; sets PATH_SAID to its lines.
path_ask() {
	local line
	if [ "$BASHPID" != $$ ]; then
		PATH_SAID=$("$PATHCTL" "$@")
		return
	fi
	PATH_SAID=''
	printf '%s\n' "$*" >&"$PATH_ASK"
	while read -r -u "$PATH_SAY" line; do
		[[ $line != "end "* ]] || return "${line#end }"
		PATH_SAID+=$line$'\n'
	done
	fail "scripts/guest/path has ended"
}

path_serve
