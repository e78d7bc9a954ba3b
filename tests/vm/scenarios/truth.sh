#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 500
# vm-env: TRUTH_ROUNDS=1 rounds of the outages that leave the head in place
# vm-time: TRUTH_ROUNDS 200
# Outages of all kinds, one after the other, under fio: outcomes, counts, margins and stalls
# against script, tracefs and fio's logs. The script knows what it did, tracefs has every bio and
# the moments, fio has the latency of every I/O. Outcomes and counts must be equal, margins to 10
# ms, the longest stall and its p99 to 1/16 or 5 ms. With the distribution's own modules
# (`tests/vm/run -s truth`) kprobes take the place of the tracepoints. If that driver delays the
# removal, a deadline does not move there and a window is not closed; if it does not, only resets
# leave the head in place.
. "$VM_TREE/tests/vm/lib.sh"

DELAYS=yes	# the removal
if is_patched; then
	observe 30
else
	HEAD=$(head_name)
	WINDOW=$((30 * VM_SLOW))
	if [ -e "/sys/block/$HEAD/delayed_removal_secs" ]; then
		head_set_secs "$WINDOW"
	else
		DELAYS=
	fi
	kprobes_start
	monitor_start
fi
DISK_SECS=/sys/block/$HEAD/delayed_removal_secs
want=()		# outcome of each window

load() {
	fio_start "$1" "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}" --rate_iops=100 --verify=0 \
		--log_unix_epoch=1
}
# outage OUTCOME LOSE RETURN: two seconds without a path
outage() {
	say "---- $2, $3: $1"
	"$2" 0,1
	sleep 2
	"$3" 0,1
	want+=("$1")
	sleep 1
}

# gone LOSE RETURN: the head goes with its last path, and the disk comes back
gone() {
	local fio=failed${#want[@]}
	say "---- $1, $2: removed at once"
	HEAD=$(head_name)
	load "$fio"
	"$1" 0,1
	want+=(not_armed)
	gone_and_back "$fio" "$2" 0,1
}
moved() {
	say "---- deadline moved later, and earlier"
	pull_all
	echo 60 > "$DISK_SECS"
	sleep 2
	echo 40 > "$DISK_SECS"
	return_all
	want+=(recovered)
	head_set_secs "$WINDOW"
}
lost_again() {
	say "---- lost again at once"
	pull_all
	sleep 1
	path_return 0
	path_pull 0
	sleep 1
	return_all
	want+=(recovered recovered)
	sleep 1
}
one_by_one() {
	say "---- one path only, then the other: no window"
	path_surprise 0
	sleep 1
	path_plug 0
	path_surprise 1
	sleep 1
	path_plug 1
}
reset_both() {
	say "---- both reset: no path can serve, but none is gone"
	reset_all
	sleep 3
}

load saved
for ((round = 0; round < ${TRUTH_ROUNDS:-1}; round++)); do
	if [ -n "$DELAYS" ]; then
		outage recovered path_pull path_return
		outage recovered path_surprise path_plug
		outage recovered path_release path_bind
		outage recovered path_remove_sysfs pci_rescan
		moved
		lost_again
	else
		for ((i = 0; i < 4; i++)); do reset_both; done
	fi
	one_by_one
	reset_both
done
fio_end saved
saved_ns=$FIO_END_NS
is_patched || bios_as_warned

if [ -n "$DELAYS" ]; then
	say "---- the time is up"
	head_set_secs $((3 * VM_SLOW))
	load removed
	pull_all
	want+=(removed)
	gone_and_back removed return_all
fi
if is_patched; then
	say "---- closed by a write of 0"
	HEAD=$(head_name)
	DISK_SECS=/sys/block/$HEAD/delayed_removal_secs
	head_set_secs 60
	load closed
	pull_all
	sleep 2
	echo 0 > "$DISK_SECS"
	want+=(closed)
	gone_and_back closed return_all
fi
say "---- without a grace time"
[ -z "$DELAYS" ] || head_set_secs 0
gone path_pull path_return
[ -n "$DELAYS" ] || {
	gone path_surprise path_plug
	gone path_release path_bind
	gone path_remove_sysfs pci_rescan
	gone path_pull path_return
	gone path_surprise path_plug
}
sleep 2
observe_end

say "---- outcomes"
outcomes_are "${want[@]}"

say "---- bios, tracefs counting them"
# What comes after the removal of a head without a window is its aftermath; parked bios
# are all counted.
trace_sum() { trace_table | awk -v c="$1" '{ n += $c } END { print n + 0 }'; }
if is_patched; then
	assert_eq "parked" "$(report_sum parked)" "$(trace_sum 2)"
	assert_eq "completed" "$(report_sum completed)" "$(trace_sum 3)"
	assert_eq "failed" "$(report_sum failed)" "$(trace_sum 4)"
	assert_eq "failed-over requests" "$(report_sum failovers)" \
		"$(trace_count nvme_mpath_failover)"
else
	assert_eq "completed and failed" \
		$(($(report_sum completed) + $(report_sum failed))) "$(report_sum parked)"
	assert_eq "not seen parked" "$(report_sum not_seen_parked)" 0
fi

say "---- margins, tracefs having the arming, the delay, and the path"
if is_patched; then trace_margins; else kprobes_margins; fi > "$TMP/margins.trace"
[ -z "$DELAYS" ] || margins_are "$TMP/margins.trace"

say "---- stalls, fio having the latencies"
# Of an I/O that waited fio's log has the end, by the wall clock in ms, and how long it took. What
# waited no longer than 50 ms is not told from others.
jq -r --arg delays "$DELAYS" --argjson until "$saved_ns" 'if $delays == "" then
		.outages_without_window[] |
		select(.bios.stall.max_seconds > 0.05 and .drained.boot_ns < $until) |
		[.bios.begun.boot_ns, .drained.boot_ns,
			.bios.stall.p99_seconds, .bios.stall.max_seconds]
	else
		.windows[] | select(.outcome == "recovered" and .bios.completed > 0) |
		[.phases.last_usable_path_lost.boot_ns, .phases.queue_drained.boot_ns,
			.bios.stall.p99_seconds, .bios.stall.max_seconds]
	end | @tsv' "$TMP/report.json" > "$TMP/stalls"
# fio's time ends when the I/O is complete, a stall when a path took it. Resets take a tenth of a
# second: there what an I/O itself takes, by those that did not wait, may lie between.
least=500 own=0
[ -n "$DELAYS" ] || least=0 own=$(
	awk -F', *' '$2 / 1e6 < 50 { print $2 / 1e6 }' "$TMP/saved_clat.1.log" | sort -n |
	awk '{ v[n++] = $1 } END { printf "%.1f\n", v[int((n - 1) * 0.99)] }')
say "99 % of the I/Os that did not wait took $own ms at most"
awk -F'[ ,\t]+' -v offset="$CLOCK_OFFSET_NS" -v slow="$VM_SLOW" -v least="$least" -v own="$own" '
	NR == FNR { end[n] = $1 - offset / 1e6; took[n++] = $2 / 1e6; next }
	{
		lost = $1 / 1e6; drained = $2 / 1e6; p99 = $3 * 1000; max = $4 * 1000
		k = 0
		for (i = 0; i < n; i++)
			if (took[i] > (least ? least : max / 4) && end[i] > lost &&
			    end[i] - took[i] < drained && end[i] < drained + 3000 * slow)
				v[k++] = took[i]
		for (i = 1; i < k; i++)		# insertion sort
			for (j = i; j && v[j - 1] > v[j]; j--) {
				x = v[j]; v[j] = v[j - 1]; v[j - 1] = x
			}
		if (!k) { print "none of fio in the outage at " lost; bad = 1; next }
		fmax = v[k - 1]; f99 = v[int((k - 1) * 0.99 + 0.5)]
		limit = fmax / 16 > 5 ? fmax / 16 : 5
		printf "lost at %.0f ms: max %.1f, fio %.1f; p99 %.1f, fio %.1f of %d\n",
			lost, max, fmax, p99, f99, k
		if (max - fmax > limit || fmax - max > limit + own ||
		    p99 - f99 > limit || f99 - p99 > limit + own) {
			print "too far apart"
			bad = 1
		}
	}
	END { exit bad }' "$TMP/saved_clat.1.log" "$TMP/stalls" ||
	fail "stalls differ from fio's latencies"
check "there were stalls to compare" test -s "$TMP/stalls"
say "ok: longest stall and p99 of $(wc -l < "$TMP/stalls") outages"
