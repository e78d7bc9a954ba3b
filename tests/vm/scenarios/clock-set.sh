#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# vm-alone: it sets the clock
# The wall clock is set ahead and back in windows: durations stay, wall times follow. It goes an
# hour ahead in the first window and two hours back in the second one, and both are found by their
# wall times.
. "$VM_TREE/tests/vm/lib.sh"

observe 3600
fio_start load "/dev/$HEAD" --rate_iops=100

# set_clock SECONDS: so much later than it is. Returns when the monitor, which the kernel wakes for
# it, has noted the new time and sleeps again.
switches() { awk '$1 == "voluntary_ctxt_switches:" { print $2 }' "/proc/$MONITOR_PID/status"; }
noted() {
	local state
	read -r _ _ state _ < "/proc/$MONITOR_PID/stat"
	[ "$state" = S ] && [ "$(switches)" -gt "$1" ]
}
set_clock() {
	local before
	before=$(switches)
	date -s "@$(($(date +%s) + $1))" > /dev/null || fail "the clock cannot be set"
	wait_for 5 noted "$before" || fail "the monitor does not note that"
}
# wall WINDOW PHASE: its wall time in seconds.
wall() { date -d "$(window "$1" ".phases.$2.time")" +%s; }
boot_s() { echo $(($(window "$1" ".phases.$2.boot_ns") / 1000000000)); }

pull_all
nap 1
set_clock 3600
return_all
nap 1.5
between=$(date -u +%Y-%m-%dT%H:%M:%SZ)
nap 1
pull_all
nap 1
set_clock -7200
return_all
fio_end load 90

finish_with recovered recovered
for w in 0 1; do
	window_lasted $w
	took=$(($(boot_s $w namespace_back) - $(boot_s $w armed)))
	stepped=$(($(wall $w namespace_back) - $(wall $w armed) - took))
	assert_near "by the wall clock window $w is longer by" $stepped \
		$((w ? -7200 : 3600)) 2 s
done
status=0
"$MONITOR" report -j --until "$between" "$RECORD" > "$TMP/first.json" || status=$?
assert_eq "windows up to the moment between them" "$(jq '.windows | length' "$TMP/first.json")" 1
refs_are_back
