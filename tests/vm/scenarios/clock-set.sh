#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# vm-alone: it sets the clock
# The wall clock is set ahead and back in windows: durations stay, wall times follow. It goes an
# hour ahead in the first window and two hours back in the second one, and both are found by their
# wall times.
. "$VM_TREE/tests/vm/lib.sh"

observe 30
fio_start load "/dev/$HEAD" --rate_iops=0 --rate=2m

# set_clock SECONDS: so much later than it is.
set_clock() { date -s "@$(($(date +%s) + $1))" > /dev/null || fail "the clock cannot be set"; }
# wall WINDOW PHASE: its wall time in seconds.
wall() { date -d "$(window "$1" ".phases.$2.time")" +%s; }
boot_s() { echo $(($(window "$1" ".phases.$2.boot_ns") / 1000000000)); }

pull_all
sleep 3
set_clock 3600
sleep 2
return_all
sleep 2
between=$(date -u +%Y-%m-%dT%H:%M:%SZ)
pull_all
sleep 3
set_clock -7200
sleep 2
return_all
fio_end load 90

finish_with recovered recovered
for w in 0 1; do
	slept=$(($(boot_s $w namespace_back) - $(boot_s $w armed)))
	assert_le "seconds of window $w, at least" 4 $slept
	assert_near "what the report says it took" "$(window_ms $w .duration_seconds)" \
		$((slept * 1000)) 1100 ms
	stepped=$(($(wall $w namespace_back) - $(wall $w armed) - slept))
	assert_near "by the wall clock that is longer by" $stepped $((w ? -7200 : 3600)) 2 s
done
status=0
"$MONITOR" report -j --until "$between" "$RECORD" > "$TMP/first.json" || status=$?
assert_eq "windows up to the moment between them" "$(jq '.windows | length' "$TMP/first.json")" 1
refs_are_back
