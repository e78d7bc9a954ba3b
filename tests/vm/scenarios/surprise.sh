#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Both paths are cut off with commands in flight, which fail over, wait and are resubmitted, all
# counted exactly. The commands never complete; each counts as one stall that began when its
# request did.
. "$VM_TREE/tests/vm/lib.sh"

observe 600
fio_start load "/dev/$HEAD" --rate_iops=0 --iodepth=32
path_surprise 0,1
check "I/O waits" wait_for 10 io_waits "$HEAD"
nap 1
path_plug 0,1
wrote=$(writes_of "$HEAD")
check "I/O goes on" wait_for 10 fio_wrote load "$HEAD" "$wrote"
fio_end load
head_is_same

finish_with recovered
bios_as_traced parked "$HEAD" 0 outside
failovers=$(trace_count nvme_mpath_failover "$HEAD:")
assert_eq "failed-over requests, tracefs counting them" \
	$(($(window 0 .bios.failovers) + $(outside .bios.failovers))) "$failovers"
check "commands in flight failed over" test "$failovers" -gt 0
# A stall by tracefs: from the start of the request, or from being parked, until the work takes it
# from the queue for the last time.
read -r since ended < <(awk -v head="$HEAD:" '
	function settle() {
		if (last == "") return
		if (taken - since[last] > to - from) { from = since[last]; to = taken }
		delete since[last]
		last = ""
	}
	match($0, / [0-9]+\.[0-9]+: nvme_mpath_(bio_park|bio_unpark|requeue_work): /) &&
	index($0, " " head " ") {
		t = substr($0, RSTART + 1) * 1e9
		bio = $0
		sub(/.* bio=/, "", bio)
		sub(/,.*/, "", bio)
		if ($0 ~ /: nvme_mpath_bio_park: /) {
			age = $0
			sub(/.* age_ns=/, "", age)
			if (bio == last) last = ""
			if (!(bio in since)) since[bio] = t - age
		} else {
			settle()
			if ($0 ~ /: nvme_mpath_bio_unpark: /) { last = bio; taken = t }
		}
	}
	END { printf "%.0f %.0f\n", from, to }' "$TMP/trace")
stall=$(window_ns 0 .bios.stall.max_seconds)
assert_moment "end of the longest stall, tracefs having begin and end" \
	$((since + stall)) "$ended"
# with the time in io_submit(2), where a request begins
lasted=$(awk -F', *' '$2 > most { most = $2 } END { printf "%.0f", most }' "$TMP/load_lat.1.log")
check "and no more than fio's longest latency" test "$stall" -le $((lasted + 1000000))
refs_are_back
