#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 450
# vm-env: PIN_SEED=1 the moments and the pauses
# A pinned collector is killed 20 times at random moments: its report is that of an undisturbed
# one. The moments are before, in and after windows, and it stays away for a while each time. The
# other collector runs beside it.
. "$VM_TREE/tests/vm/lib.sh"

KILLS=20
SEED=${PIN_SEED:-1}
PINS=/sys/fs/bpf/nvme-mpathtop
PINNED=$TMP/pinned	# its record
PHASE=$TMP/phase	# before, in or after a window

random_sleep() { sleep "$(awk -v ms=$(($1 + RANDOM % ($2 - $1))) 'BEGIN { print ms / 1000 }')"; }

attached() {
	kill -0 "$(cat "$TMP/pid")" ||
		fail "the pinned collector ended at once: $(cat "$VM_OUT/pinned.log")"
	grep -q 'recording to' "$TMP/pinned.said"
}

# The collector in the background, its process id in $TMP/pid.
pinned_start() {
	"$MONITOR" collect --record "$PINNED" --pin > "$TMP/pinned.said" 2>> "$VM_OUT/pinned.log" &
	echo $! > "$TMP/pid"
	wait_for 30 attached || fail "the pinned collector did not attach within 30 s"
}

pinned_kill() {
	kill -KILL "$(cat "$TMP/pid")"
	wait "$(cat "$TMP/pid")" 2> /dev/null || :
}

phase_is() { local now=''; read -r now < "$PHASE" && [ "$now" = "$1" ]; }

# The first three kills are one in each phase: who makes the phases waits in each until
# it had its turn.
FIRST=(before in after)
had_its_turn() { grep -q "^$1\$" "$TMP/phases"; }
phase() {
	echo "$1" > "$PHASE"
	had_its_turn "$1" || wait_for 60 had_its_turn "$1" || fail "no kill $1 a window within 60 s"
}

# Kill it and let another one go on, KILLS times, after the first three at any time.
killer() {
	local n
	RANDOM=$SEED
	for ((n = 0; n < KILLS; n++)); do
		if [ $n -lt ${#FIRST[@]} ]; then
			wait_for 60 phase_is "${FIRST[n]}" || fail "never ${FIRST[n]} a window"
			random_sleep 1 300
		else
			random_sleep 100 1500
		fi
		say "kill $((n + 1)), $(cat "$PHASE") a window"
		pinned_kill
		cat "$PHASE" >> "$TMP/phases"
		random_sleep 1 1500
		pinned_start
	done
}

refused() {
	local what=$1 text=$2
	shift 2
	check_not "$what" "$MONITOR" collect "$@" 2> "$TMP/said"
	grep -q -e "$text" "$TMP/said" || fail "$what: it says '$(cat "$TMP/said")', not '$text'"
}

need_monitor
prepare 15

say "---- what can't be"
mountpoint -q /sys/fs/bpf && umount /sys/fs/bpf
refused "pins without a bpf file system" "mount -t bpf" --record "$PINNED" --pin
mount -t bpf bpf /sys/fs/bpf
check "unpin without pins" "$MONITOR" collect --unpin

say "---- 20 kills, seed $SEED"
monitor_start "$TMP/plain"
echo nothing > "$PHASE"
: > "$TMP/phases"
pinned_start
refused "a second pinned collector" "process $(cat "$TMP/pid")" --record "$TMP/second" --pin
refused "unpinning under a collector" "process $(cat "$TMP/pid")" --unpin
fio_start load "/dev/$HEAD" --rate_iops=300
killer &
killer=$!
RANDOM=$((SEED + 1))
while kill -0 "$killer" 2> /dev/null; do
	phase before
	random_sleep 500 2000
	pull_all
	phase in
	random_sleep 500 4000
	return_all
	phase after
	random_sleep 200 2000
done
wait "$killer" || fail "the killer failed, see pinned.log"
fio_end load
sleep 2
kill "$(cat "$TMP/pid")"
ended() { ! kill -0 "$(cat "$TMP/pid")" 2> /dev/null; }
check "SIGTERM ends it" wait_for 10 ended
monitor_stop
for phase in before in after; do
	check "killed $phase a window" grep -q "^$phase\$" "$TMP/phases"
done

say "---- the two reports"
# What counts must be equal; times are taken by two programs in a row.
equal='[.windows[] | {head, window, outcome, ended, setting_seconds, deadline_moves, near_miss,
	lost_again, continues, complete, missing, events_lost,
	bios: (.bios | {parked, parked_by_reason, parked_by_op, passes, completed, failed,
		failed_unparked, queued, queued_max, not_seen_parked, failovers, final})}]'
times='[.windows[] | [.phases[] | .boot_ns? // 0], [(.margin_seconds // 0) * 1e9],
	[.deadline.boot_ns // 0]] | flatten | .[]'
stalls='.windows[] | .bios.stall | .p50_seconds, .p99_seconds, .max_seconds'
for r in plain pinned; do
	RECORD=$TMP/$r
	report > "$VM_OUT/$r.txt"
	cp "$TMP/report.json" "$VM_OUT/$r.json"
	jq -S "$equal" "$VM_OUT/$r.json" > "$TMP/$r.equal"
	jq -r "$times" "$VM_OUT/$r.json" > "$TMP/$r.times"
	jq -r "$stalls" "$VM_OUT/$r.json" > "$TMP/$r.stalls"
done
cat "$VM_OUT/pinned.txt"
windows=$(report_windows)
check "there were windows" test "$windows" -ge 3
assert_eq "windows of the undisturbed one" "$(jq '.windows | length' "$VM_OUT/plain.json")" \
	"$windows"
assert_eq "windows that are complete" \
	"$(jq '[.windows[] | select(.complete)] | length' "$VM_OUT/pinned.json")" "$windows"
check "outcomes and counts are equal" diff "$TMP/plain.equal" "$TMP/pinned.equal"
assert_le "largest difference of a margin or a phase" \
	"$(paste "$TMP/plain.times" "$TMP/pinned.times" |
		awk '{ d = $1 - $2; if (d < 0) d = -d; if (d > m) m = d }
			END { printf "%.0f\n", m / 1000000 }')" 100 ms
# shellcheck disable=SC2016	# the $ are those of awk
check "stalls are equal to 1/16" awk 'NR == FNR { a[FNR] = $1; next }
	{ d = a[FNR] - $1; if (d < 0) d = -d; if (d > $1 / 16 + 0.01) bad = 1 } END { exit bad }' \
	"$TMP/plain.stalls" "$TMP/pinned.stalls"
events_all_there
assert_eq "sessions" "$(jq '.sessions | length' "$VM_OUT/pinned.json")" 1
assert_eq "collectors that went on" \
	"$(jq '[.remarks[] | select(.kind == "resumed")] | length' "$VM_OUT/pinned.json")" "$KILLS"

say "---- unpinned"
check "it is still attached" test "$(core_refs)" -gt "$REFS"
check "unpin" "$MONITOR" collect --unpin
check_not "nothing is left" test -e "$PINS"
check "unpin once more" "$MONITOR" collect --unpin
# the kernel frees programs and links when it has time
detached() { [ "$(core_refs)" = "$REFS" ]; }
wait_for 10 detached || :
refs_are_back
