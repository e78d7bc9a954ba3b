# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Numbered steps for scripts that may have to download and build first; sourced after lib.sh.
#
# What a step prints goes to a log. While the step lasts, a line of progress on standard error has
# its time, how much has been written to the cache, and the last line of its output. On a terminal
# that line is rewritten every second, elsewhere there is one every ten seconds. A failed step
# shows the end of its output and names the log.

# steps NUMBER DIR: so many steps follow; the log is DIR/steps.log, DIR is made anew. A script with
# an EXIT trap of its own calls steps_end in it, last.
steps() {
	STEPS=$2 STEP=0 STEP_COUNT=$1 STEP_TITLE='' STEP_LOG=$2/steps.log
	STEP_BEGAN=$SECONDS TICKER=''
	rm -rf "$STEPS"
	mkdir -p "$STEPS"
	: > "$STEP_LOG"
	exec {NEVER}<> <(:)	# nothing comes from it: a clock that starts no process
	STEP_TERMINAL=
	[ ! -t 2 ] || [ "${TERM:-dumb}" = dumb ] || STEP_TERMINAL=yes
	export APT_QUIET=1 BUILD_SHOWS=yes STEP_PAUSE=$STEPS/pause	# for the scripts called
	trap steps_end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# lasted SECONDS: the time in words.
lasted() {
	if [ "$1" -lt 60 ]; then
		printf '%d s' "$1"
	else
		printf '%d min %02d s' $(($1 / 60)) $(($1 % 60))
	fi
}

# step_begins TITLE, step_ends: the lines around a step.
step_begins() {
	STEP=$((STEP + 1)) STEP_TITLE=$1 STEP_BEGAN=$SECONDS
	say "step $STEP of $STEP_COUNT: $1"
	printf '==== step %d of %d: %s\n' "$STEP" "$STEP_COUNT" "$1" >> "$STEP_LOG"
}

step_ends() {
	say "step $STEP of $STEP_COUNT took $(lasted $((SECONDS - STEP_BEGAN)))"
	STEP_TITLE=
}

# step TITLE CMD...: CMD is a step; the script ends with it if it fails.
step() {
	local status=0 from
	step_begins "$1"
	from=$(stat -c %s "$STEP_LOG")
	ticker_start "$STEP_LOG" false
	# in a process of its own, as `exit` in a function would end this one without a word
	("${@:2}") < /dev/null >> "$STEP_LOG" 2>&1 || status=$?
	ticker_stop
	[ $status -eq 0 ] || step_failed $status "$from"
	tail -c +$((from + 1)) "$STEP_LOG" | grep -a WARNING >&2 || :
	step_ends
}

# step_failed STATUS FROM: FROM is where its output begins in the log.
step_failed() {
	say "step $STEP of $STEP_COUNT, $STEP_TITLE, FAILED with status $1 after" \
		"$(lasted $((SECONDS - STEP_BEGAN))); the end of its output:"
	tail -c +$(($2 + 1)) "$STEP_LOG" | tail -n 25 | sed 's/^/  | /' >&2
	say "the whole output: $STEP_LOG"
	STEP_TITLE=
	exit "$1"
}

# A step that was interrupted leaves no ticker behind, and is named.
steps_end() {
	local status=$?
	ticker_stop
	[ -z "$STEP_TITLE" ] || [ $status -lt 128 ] ||
		say "interrupted in step $STEP of $STEP_COUNT, $STEP_TITLE; its output: $STEP_LOG"
	exit $status
}

# ticker_start FILE CMD...: show progress, with the last line of FILE, until CMD succeeds.
# ticker_wait: until that is so; ticker_stop: no longer.
ticker_start() {
	ticker "$@" &
	TICKER=$!
}

ticker_wait() {
	wait "$TICKER" || :
	TICKER=
	[ -z "$STEP_TERMINAL" ] || printf '\r\033[K' >&2
}

ticker_stop() {
	[ -n "$TICKER" ] || return 0
	kill "$TICKER" 2> /dev/null || :
	ticker_wait
}

ticker() {
	local file=$1 every=10 said=$SECONDS
	[ -z "$STEP_TERMINAL" ] || every=1
	shift
	trap - EXIT INT TERM
	until "$@"; do
		read -r -t 0.2 -u "$NEVER" _ || :
		kill -0 $$ 2> /dev/null || exit 0
		[ $((SECONDS - said)) -ge $every ] || continue
		said=$SECONDS
		[ -e "$STEP_PAUSE" ] || progress "$file"
	done
}

progress() {
	local text line cols=80 mb=
	read -r _ cols < <(stty size <&2 2> /dev/null) || cols=80
	text="$PROG: step $STEP of $STEP_COUNT, $(lasted $((SECONDS - STEP_BEGAN)))"
	# often enough for a directory of many files
	[ $((SECONDS % 5)) -ne 0 ] && [ -n "$STEP_TERMINAL" ] || MB_CACHED=$(cached_mb)
	[ "${MB_CACHED:-0}" -eq 0 ] || mb=", $MB_CACHED MB"
	line=$(tail -n 1 "$1" 2> /dev/null | tail -c 300 | tr -d '\0') || :
	line=${line%$'\r'}
	line=${line##*$'\r'}
	line=${line//[^[:print:]]/ }
	line=${line//"$TOP/"/}
	line=${line//"$CACHE/"/}
	text+=$mb
	[[ $line =~ ^(====.*|' '*)$ ]] || text+=": $line"
	if [ -n "$STEP_TERMINAL" ]; then
		[ "$cols" -gt 20 ] || cols=80
		printf '\r\033[K%s' "${text:0:$((cols - 1))}" >&2
	else
		printf '%s\n' "${text:0:160}" >&2
	fi
}

# Megabytes of what this step is making in the cache.
# shellcheck disable=SC2153	# CACHE is of lib.sh
cached_mb() {
	find "$CACHE"/kernel "$CACHE"/vm "$CACHE"/prometheus* -maxdepth 1 -name '*.part*' \
		-newermt "@$((EPOCHSECONDS - SECONDS + STEP_BEGAN - 1))" -print0 2> /dev/null |
		du -scm --files0-from=- 2> /dev/null | awk 'END { print $1 + 0 }'
}

# ---- what a guest needs

# prepare_guest [OPTION of scripts/vm...]: five steps. Sets KREL, the release of the kernel.
prepare_guest() {
	local of
	KREL='' LINE=''
	read_release "$@"
	of="${KREL:-the newest ${LINE:-$("$TOP/kernel/fetch" lines | head -n 1)}} kernel"
	step "packages of this machine" "$TOP/scripts/deps" build kernel vm
	step "the monitor" make_monitor
	step "headers, source and image of the ${of#the }" fetch_kernel
	KREL=$(cat "$STEPS/release")
	step "the patched nvme modules for $KREL" "$TOP/kernel/build" "$KREL"
	step "the images of the guest" \
		"$TOP/scripts/vm-image" all "$KREL" "$TOP/build/kernel/$KREL"
}

read_release() {
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in
		--kernel) KREL=${2:-} ;;
		--kernel=*) KREL=${1#*=} ;;
		--line) LINE=${2:-} ;;
		--line=*) LINE=${1#*=} ;;
		esac
		shift
	done
}

# Variables of a calling make are passed on, its jobs are not.
make_monitor() {
	local flags=${MAKEFLAGS:-} variables=
	case $flags in
	*" -- "*) variables=" -- ${flags#* -- }" flags=${flags%% -- *} ;;
	esac
	flags=$(sed -E 's/(^| )(-[jl][0-9.]*|--jobserver-[a-z]*=[^ ]*)//g' <<< "$flags")
	MAKEFLAGS=$flags$variables
	make -C "$TOP" --no-print-directory -j"$(nproc)" all
}

fetch_kernel() {
	local rel=$KREL what
	if [ -z "$rel" ]; then
		rel=$("$TOP/kernel/fetch" release ${LINE:+"$LINE"}) || return
	fi
	for what in headers source image; do
		"$TOP/kernel/fetch" "$what" "$rel" || return
	done
	printf '%s\n' "$rel" > "$STEPS/release"
}

# guest TITLE [ARG of scripts/vm...]: two steps: the boot, and the command, TITLE. The command must
# wait for /vm/go; nothing is printed by anyone else from then on. The status is that of scripts/vm;
# where QEMU failed the steps are repeated. The files are in DIR/run.
guest() {
	STEP_BEFORE=$STEP
	unless_qemu_failed guest_once "$@"
}

guest_once() {
	local run=$STEPS/run status=0
	if [ -e "$run" ]; then
		say "QEMU failed, which says nothing of the guest: once more"
	fi
	rm -rf "$run"
	mkdir "$run"
	STEP=$STEP_BEFORE
	step_begins "the guest boots"
	guest_boots "$1" "$run" &
	TICKER=$! STEP_TITLE=
	"$TOP/scripts/vm" --run "$run" --kernel "$KREL" "${@:2}" || status=$?
	ticker_stop
	[ ! -e "$run/began" ] || {
		STEP=$((STEP + 1))
		STEP_BEGAN=$(cat "$run/began")
	}
	[ $status -ne 0 ] || step_ends
	return $status
}

guest_boots() { # TITLE DIRECTORY
	ticker "$2/console.log" test -e "$2/vm/ready"
	[ -z "$STEP_TERMINAL" ] || printf '\r\033[K' >&2
	step_ends
	step_begins "$1"
	echo "$SECONDS" > "$2/began"
	: > "$2/vm/go"
}
