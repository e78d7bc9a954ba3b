#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 400
# vm-env: PIN_SEED=1 the moments
# vm-env: PIN_ROUNDS=1 rounds of six kills in three windows
# vm-time: PIN_ROUNDS 120
# A pinned collector is killed before, in, after and at both ends of windows: its report is that of
# an undisturbed one. It stays away for a while, or until the window has begun or ended. The other
# collector runs beside it.
. "$VM_TREE/tests/vm/lib.sh"

PINS=/sys/fs/bpf/nvme-mpathtop
PINNED=$TMP/pinned	# its record
PINNED_PID=
KILLS=0

# random_to VARIABLE MS: put up to so many ms there, in seconds. random_nap MS.
random_to() { printf -v "$1" 0.%03d $((1 + RANDOM % ($2 - 1))); }
random_nap() {
	local s
	random_to s "$1"
	nap "$s"
}

attached() {
	local text=''
	kill -0 "$PINNED_PID" 2> /dev/null ||
		fail "the pinned collector ended at once: $(cat "$VM_OUT/pinned.log")"
	read -r -d '' text < "$TMP/pinned.said" || :
	[[ $text == *'recording to'* ]]
}

pinned_start() {
	: > "$TMP/pinned.said"	# what the one before said
	"$MONITOR" collect --record "$PINNED" --pin > "$TMP/pinned.said" 2>> "$VM_OUT/pinned.log" &
	PINNED_PID=$!
	wait_for 30 attached || fail "the pinned collector did not attach"
}

# pinned_kill WHEN [CMD...]: kill it, with CMD at a random moment of its beginning.
pinned_kill() {
	local when=$1 killer s
	shift
	KILLS=$((KILLS + 1))
	say "kill $KILLS, $when"
	if [ $# -gt 0 ]; then
		random_to s 400
		{ sleep "$s"; kill -KILL "$PINNED_PID"; } &
		killer=$!
		"$@"
		wait "$killer"
	else
		kill -KILL "$PINNED_PID"
	fi
	wait "$PINNED_PID" 2> /dev/null || :
}

refused() {
	local what=$1 text=$2
	shift 2
	check_not "$what" "$MONITOR" collect "$@" 2> "$TMP/said"
	grep -q -e "$text" "$TMP/said" || fail "$what: it says '$(cat "$TMP/said")', not '$text'"
}

need_monitor
prepare 3600

say "---- what can't be"
if mountpoint -q /sys/fs/bpf; then
	umount /sys/fs/bpf
	on_exit 'mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf'
else
	on_exit 'umount /sys/fs/bpf'
fi
refused "pins without a bpf file system" "mount -t bpf" --record "$PINNED" --pin
mount -t bpf bpf /sys/fs/bpf
on_exit "kill \$PINNED_PID 2> /dev/null; wait \$PINNED_PID; $MONITOR collect --unpin"
check "unpin without pins" "$MONITOR" collect --unpin

say "---- the kills, seed ${PIN_SEED:-1}"
late_start
monitor_start "$TMP/plain"
pinned_start
refused "a second pinned collector" "process $PINNED_PID" --record "$TMP/second" --pin
refused "unpinning under a collector" "process $PINNED_PID" --unpin
# one I/O of each job waits
fio_start load "/dev/$HEAD" --numjobs=4 --thread --iodepth=1 --rate_iops=20 --verify=0
RANDOM=${PIN_SEED:-1}
for ((round = 0; round < ${PIN_ROUNDS:-1}; round++)); do
	pinned_kill "before a window, which begins without it"
	pull_all
	pinned_start
	random_nap 400
	pinned_kill "in a window, where it comes back"
	random_nap 400
	pinned_start
	pinned_kill "while a window ends" return_all
	pinned_start
	pinned_kill "after a window, while nothing happens"
	random_nap 400
	pinned_start
	pinned_kill "while a window begins, which ends without it" pull_all
	random_nap 400
	return_all
	pinned_start
	pull_all
	random_nap 400
	pinned_kill "in a window, which ends without it"
	return_all
	pinned_start
done
fio_end load
kill "$PINNED_PID"
status=0
wait "$PINNED_PID" || status=$?
assert_eq "exit status of the pinned collector after SIGTERM" $status 0
monitor_stop

say "---- the two reports"
# values_of PATTERN: the lines of the report whose place in a window matches.
values_of() { grep -E "^\.windows\[[0-9]+\]\.($1) " "$TMP/report.flat" || :; }
counts='head|window|outcome|ended|setting_seconds|deadline_moves|near_miss|lost_again|continues'
counts+='|complete|missing.*|events_lost|bios\.(parked|parked_by_reason\..*|parked_by_op\..*'
counts+='|passes|completed|failed|failed_unparked|queued|queued_max|not_seen_parked|failovers'
counts+='|final)'
times='phases\..*\.boot_ns|deadline\.boot_ns|margin_seconds|bios\.stall\.(p50|p99|max)_seconds'
for r in plain pinned; do
	RECORD=$TMP/$r
	report > "$VM_OUT/$r.txt"
	values_of "$counts" > "$TMP/$r.counts"
	values_of "$times" > "$TMP/$r.times"
	cp "$TMP/report.json" "$VM_OUT/$r.json"
done
cat "$VM_OUT/pinned.txt"	# the functions of the report are of this one
outcomes=()
for ((i = 0; i < KILLS / 2; i++)); do outcomes+=(recovered); done
outcomes_are "${outcomes[@]}"
check "there are counts" grep -q '\.bios\.parked ' "$TMP/pinned.counts"
check "outcomes and counts are equal" diff "$TMP/plain.counts" "$TMP/pinned.counts"
# Two programs take the times of an event one after the other: moments that are far apart are
# printed as "moment PLACE ONE OTHER", and so is a margin, as when the path was back; stalls, which
# are told to 1/16, as "stall PLACE DIFFERENCE LOST DRAINED", the latter being those of the window.
awk '
	function window(place) { sub(/\].*/, "", place); return place }
	NR == FNR { plain[$1] = $2; n++; next }
	!($1 in plain) { print "only " $1; next }
	{
		place = $1; one = plain[$1]; other = $2; seen++
		w = window(place)
		if (place ~ /\.margin_seconds$/) {
			one = plain[w "].deadline.boot_ns"] - one * 1e9
			other = deadline[w] - other * 1e9
		} else if (place ~ /_seconds$/) {
			one *= 1e9; other *= 1e9
		}
		if (place ~ /\.deadline\.boot_ns$/) deadline[w] = other
		d = one > other ? one - other : other - one
		if (place ~ /\.stall\./) d -= one / 16
		if (d > most) most = d
		if (d <= 1e7) near++
		if (d <= 1e8) next
		if (place ~ /\.stall\./)
			printf "stall %s %.0f %.0f %.0f\n", place, d,
				plain[w "].phases.last_usable_path_lost.boot_ns"],
				plain[w "].phases.queue_drained.boot_ns"]
		else
			printf "moment %s %.0f %.0f\n", place, one, other
	}
	END {
		printf "%d of %d times within 10 ms, largest difference %.1f ms\n",
			near, seen, most / 1e6 > "/dev/stderr"
		if (!n || seen != n || near * 2 < n) print "few", near, seen, n
	}' "$TMP/plain.times" "$TMP/pinned.times" > "$TMP/apart"
while read -r what place one other drained; do
	case $what in
	moment) assert_moment "$place" "$one" "$other" ;;
	stall)
		late_between "$other" "$drained"
		assert_le "$place, difference" $((one / 1000000)) $((100 * VM_SLOW + LATE_MS)) ms
		;;
	*) fail "the times of the two reports: $what $place $one $other" ;;
	esac
done < "$TMP/apart"
events_all_there
assert_eq "sessions" "$(grep -c '^\.sessions\[[0-9]*\]\.boot_id ' "$TMP/report.flat")" 1
assert_eq "collectors that went on" \
	"$(grep -c '^\.remarks\[[0-9]*\]\.kind resumed$' "$TMP/report.flat")" $KILLS

say "---- unpinned"
check "it is still attached" test "$(core_refs)" -gt "$REFS"
check "unpin" "$MONITOR" collect --unpin
check_not "nothing is left" test -e "$PINS"
check "unpin once more" "$MONITOR" collect --unpin
# the kernel frees programs and links when it has time
detached() { [ "$(core_refs)" = "$REFS" ]; }
wait_for 10 detached || :
refs_are_back
