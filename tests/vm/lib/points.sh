# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# HOUR is for callers
#
# Points in which a kernel that has delayed removal of its own is wrong, and the series for it
# right. Sourced after lib.sh by scenarios with the headers `# vm-lines` and
# `# vm-compare: differs`, which run once with the patched modules and once with the distribution's
# own. Neither the monitor nor tracepoints are of use: the other kernel lacks the latter.
#
# A point is an end that comes with the series and never comes without it, as the window is an hour
# long. So the patched modules have as much time as they need: a busy machine makes nothing wrong.
# With the others, the end must not have come after some seconds of the guest's time.

POINTS_WRONG=0
HOUR=3600

# point WHAT CMD...: note whether CMD succeeds: right or wrong.
point() {
	if "${@:2}" > /dev/null; then
		note "$1: right"
	else
		note "$1: wrong"
		POINTS_WRONG=$((POINTS_WRONG + 1))
	fi
}

# points_end: the scenario succeeds if all points were right.
points_end() {
	local all
	all=$(wc -l < "$OBSERVED")
	[ $POINTS_WRONG -eq 0 ] || fail "$POINTS_WRONG of $all points are wrong"
	say "all $all points are right"
}

# patience SECONDS: print the seconds to wait for an end that is a point: SECONDS, or with the
# patched modules until nobody believes in it any more.
patience() { if is_patched; then echo 120; else echo "$1"; fi; }

# comes SECONDS CMD...: CMD succeeds before patience is over.
comes() { poll $(($(patience "$1") * VM_SLOW)) "${@:2}"; }

# io NAME HEAD: read one block in the background. Its end is a line in the pipe $TMP/NAME.end, so
# that nobody has to look for it.
io() {
	local end
	rm -f "$TMP/$1.ended" "$TMP/$1.end"
	mkfifo "$TMP/$1.end"
	exec {end}<> "$TMP/$1.end"
	IO_END[$1]=$end
	{
		dd "if=/dev/$2" of=/dev/null bs=4096 count=1 iflag=direct status=none \
			2> "$TMP/$1.said" || :
		touch "$TMP/$1.ended"
		echo > "$TMP/$1.end"
	} &
	on_exit "kill $! 2> /dev/null"
}
declare -A IO_END=()

# ended NAME: the read is over. ends_within SECONDS NAME: it is before the time is up.
ended() { [ -e "$TMP/$1.ended" ]; }
ends_within() { ended "$2" || read -r -t $(($1 * VM_SLOW)) -u "${IO_END[$2]}"; }

# fails NAME SECONDS: it ends with EIO; the point is wrong if it has not after SECONDS.
fails() { ends_within "$(patience "$2")" "$1" && grep -q "$EIO" "$TMP/$1.said"; }

# need_setting: skip if head 0 has no delayed_removal_secs.
need_setting() {
	head_secs > /dev/null || skip "this kernel has no delayed_removal_secs"
}

# waits NAME: the read must be queued now: it sleeps for its I/O, and goes on doing so.
io_begun() { ended "$1" || task_waits dd; }
waits() {
	wait_for 10 io_begun "$1" || fail "the read '$1' does not begin"
	nap 0.5
	if ended "$1"; then fail "the read '$1' did not wait: $(cat "$TMP/$1.said")"; fi
}
