# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Points in which a kernel that has delayed removal of its own is wrong, and the series for it
# right. Sourced after lib.sh by scenarios with the headers `# vm-lines` and
# `# vm-compare: differs`, which run once with the patched modules and once with the distribution's
# own. Neither the monitor nor tracepoints are of use: the other kernel lacks the latter.

POINTS_WRONG=0

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

# io NAME HEAD: read one block in the background.
io() {
	rm -f "$TMP/$1.ended"
	{
		dd "if=/dev/$2" of=/dev/null bs=4096 count=1 iflag=direct status=none \
			2> "$TMP/$1.said" || :
		touch "$TMP/$1.ended"
	} &
}

# ended NAME: the read is over. ends_within SECONDS NAME: it is before the time, by VM_SLOW, is up;
# fails_within: with EIO. With the other kernel it may never end, so these have no patience.
ended() { [ -e "$TMP/$1.ended" ]; }
ends_within() { poll $(($1 * VM_SLOW)) ended "$2"; }
fails_within() { poll $(($1 * VM_SLOW)) ended "$2" && grep -q "$EIO" "$TMP/$2.said"; }

# need_setting: skip if head 0 has no delayed_removal_secs.
need_setting() {
	head_secs > /dev/null || skip "this kernel has no delayed_removal_secs"
}

# waits NAME: the read must be queued now.
waits() {
	sleep 0.7
	if ended "$1"; then fail "the read '$1' did not wait: $(cat "$TMP/$1.said")"; fi
}
