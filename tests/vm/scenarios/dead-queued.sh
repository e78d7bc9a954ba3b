#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --core-params admin_timeout=3,io_timeout=10 --timeout 120
# I/O that is queued while a reset runs ends when that reset fails. Nothing is in flight that
# could fail over, and no path becomes usable. With the default it ends if there is no other path;
# with a grace time, when that is over. The time counts from the death: a controller that is
# resetting is waited for with and without it.
. "$VM_TREE/tests/vm/lib.sh"

head=$(head_name)
REFS=$(core_refs)
! is_patched || trace_start

# A read that waits for its moment, with the disk open: it begins when the controller connects.
# Leaves when it began, and the error. A reset that did not fail does not count: path_dying tries
# again.
read_queued() {
	local disk state begin
	rm -f "$TMP/read.begin" "$TMP/read.end"
	exec {disk}< "/dev/$head"
	(
		while :; do
			state=''
			until [ "$state" = connecting ]; do
				nap 0.01
				read -r state 2> /dev/null < "$1" || :
			done
			now_to begin
			echo "$begin" > "$TMP/read.part"
			mv "$TMP/read.part" "$TMP/read.begin"
			dd bs=4096 count=1 skip=4096 iflag=direct of=/dev/null status=none \
				<&"$disk" 2> "$TMP/read.said" || break
			rm "$TMP/read.begin"
		done
		mv "$TMP/read.said" "$TMP/read.end"
	) &
	READER=$!
	on_exit "kill $READER 2> /dev/null"
	exec {disk}<&-
}
read_ended() { [ -e "$TMP/read.end" ]; }

# was_queued CTRL: succeeds if the read was queued before this controller died; without the
# tracepoints, if it began a second before that. Sets DEAD_NS, when that was.
was_queued() {
	local begin
	read -r begin 2> /dev/null < "$TMP/read.begin" || return 1
	if ! is_patched; then
		DEAD_NS=$PATH_DONE_NS
		[ "$begin" -lt $((DEAD_NS - 1000000000)) ]
		return
	fi
	cat "$TRACE/trace" > "$TMP/trace"
	# Linux 6.1 removes the controller, and its path
	DEAD_NS=$(trace_ns "nvme_(ctrl_state|mpath_path_remove)" "($1: .* -> dead|ctrl=$1,)" -1)
	trace_lines nvme_mpath_bio_park "$head:" |
		awk -v from="$begin" -v to="$DEAD_NS" 'match($0, / [0-9]+\.[0-9]+: /) {
			ns = substr($0, RSTART + 1) * 1e9
			if (ns > from && ns < to) n++ }
			END { exit !n }'
}

# fails_after WHAT SECONDS: a reset fails late, the read that was queued meanwhile ends with EIO
# so many seconds after that.
fails_after() {
	local ctrl
	for _ in 1 2 3 4 5 6 7 8; do
		# the head of the last try may have gone
		[ "$2" -eq 0 ] || head_set_secs "$2"
		ctrl=$(path_ctrl 0)
		read_queued "/sys/class/nvme/$ctrl/state"
		path_dying 0
		! was_queued "$ctrl" || break
		say "the registers went before or after the controller connected," \
			"or the read came late: once more"
		kill "$READER" 2> /dev/null || :
		wait "$READER" || :
		path_forsake 0
		path_plug 0
		check "the disk is back" wait_for 5 head_dev
		head=$(head_name)
	done
	check "the read was queued while the reset ran" was_queued "$ctrl"
	check "$1" wait_for $(($2 + 3)) read_ended
	wait "$READER"
	check "the error is '$EIO'" grep -q "$EIO" "$TMP/read.end"
	if is_patched; then
		cat "$TRACE/trace" > "$TMP/trace"
		assert_due "when" "$(trace_ns nvme_mpath_bio_fail "$head:" -1)" \
			$((DEAD_NS + $2 * 1000000000))
	fi
}

path_pull 1
fails_after "setting 0: the queued read ends" 0
path_forsake 0
path_plug 0
check "the disk is back" wait_for 5 head_dev
if head_secs > /dev/null; then
	head=$(head_name)
	secs=$((3 * VM_SLOW))
	fails_after "setting $secs: the queued read ends" $secs
	path_forsake 0
	check "the head goes" wait_for 5 head_gone "$head"
	path_plug 0
	check "the disk is back" wait_for 5 head_dev
fi
path_return 1
refs_are_back
