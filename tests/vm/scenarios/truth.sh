#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 500
# vm-env: TRUTH_ROUNDS=1 rounds of the outages that leave the head in place
# vm-time: TRUTH_ROUNDS 200
# Outages of all kinds, one after the other, under fio: outcomes, counts, margins and stalls
# against script, tracefs and fio's logs. The script knows what it did, tracefs has every bio and
# the moments, fio has the latency of every I/O. Outcomes and counts must be equal, margins those of
# tracefs, the longest stall and its p99 those of tracefs to 1/16, and within fio's latencies. With
# the distribution's own modules (`tests/vm/run -s truth`) kprobes take the place of the
# tracepoints, and only fio has stalls. If that driver delays the removal, a deadline does not move
# there and a window is not closed; if it does not, only resets leave the head in place.
. "$VM_TREE/tests/vm/lib.sh"

DELAYS=yes	# the removal
if is_patched; then
	observe 3600
else
	HEAD=$(head_name)
	WINDOW=3600
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

# Of each job one I/O waits: before it sleeps for its rate, fio waits for all that it has sent.
load() {
	fio_start "$1" "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}" --numjobs=8 --thread --iodepth=1 \
		--rate_iops=8 --verify=0 --log_unix_epoch=1
}
# outage OUTCOME LOSE RETURN: a second and more without a path
outage() {
	say "---- $2, $3: $1"
	"$2" 0,1
	nap 1
	"$3" 0,1
	want+=("$1")
	writes_go_on
}

# writes_go_on: wait until 20 more are done.
writes_go_on() {
	local writes
	writes=$(writes_of "$HEAD")
	wait_for 5 written $((writes + 20)) || fail "fio does not go on"
}
written() { [ "$(writes_of "$HEAD")" -ge "$1" ]; }

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
	echo 7200 > "$DISK_SECS"
	nap 1
	echo 1800 > "$DISK_SECS"
	return_all
	want+=(recovered)
	head_set_secs "$WINDOW"
	writes_go_on
}
lost_again() {
	say "---- lost again at once"
	pull_all
	nap 1
	path_return 0
	path_pull 0
	nap 1
	return_all
	want+=(recovered recovered)
	writes_go_on
}
one_by_one() {
	say "---- one path only, then the other: no window"
	path_surprise 0
	writes_go_on
	path_plug 0
	path_surprise 1
	writes_go_on
	path_plug 1
}
reset_both() {
	say "---- both reset: no path can serve, but none is gone"
	reset_all
	writes_go_on
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
	head_set_secs 2
	load removed
	pull_all
	want+=(removed)
	gone_and_back removed return_all
fi
if is_patched; then
	say "---- closed by a write of 0"
	HEAD=$(head_name)
	DISK_SECS=/sys/block/$HEAD/delayed_removal_secs
	head_set_secs 3600
	load closed
	pull_all
	nap 1
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
observe_end

say "---- outcomes"
outcomes_are "${want[@]}"

say "---- bios, tracefs counting them"
# What comes after the removal of a head without a window is its aftermath; parked bios
# are all counted.
if is_patched; then
	read -r parked completed failed < <(trace_table |
		awk '{ p += $2; c += $3; f += $4 } END { print p + 0, c + 0, f + 0 }')
	assert_eq "parked" "$(report_sum parked)" "$parked"
	assert_eq "completed" "$(report_sum completed)" "$completed"
	assert_eq "failed" "$(report_sum failed)" "$failed"
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

# outages: print "BEGUN DONE PARKED P99 MAX KIND" of each outage in which bios waited: from the
# first that waited to the last in ns, stalls in seconds. KIND is the outcome of its window, or
# `none`.
outages() {
	local w
	for ((w = 0; w < REPORT_WINDOWS; w++)); do
		outage_at ".windows[$w]" "${REPORT[.windows[$w].outcome]}"
	done
	for ((w = 0; ; w++)); do
		[ "${REPORT[.outages_without_window[$w].head]:-}" ] || break
		outage_at ".outages_without_window[$w]" none
	done
}
outage_at() {
	[ "${REPORT[$1.bios.parked]:-0}" -eq 0 ] ||
		echo "${REPORT[$1.bios.begun.boot_ns]} ${REPORT[$1.bios.last_done.boot_ns]}" \
			"${REPORT[$1.bios.parked]} ${REPORT[$1.bios.stall.p99_seconds]}" \
			"${REPORT[$1.bios.stall.max_seconds]} $2"
}
outages | sort -n > "$TMP/outages"

# stalls_are WHOSE FILE: lines "BEGUN DONE P99 OTHER_P99 MAX OTHER_MAX OWN KIND": of an outage,
# p99 and longest of its stalls in ms, by the report and by tracefs or fio. A p99 is told to 1/16.
# Half of the longest stalls are those of tracefs to 10 ms; any is to 100 ms and how late the guest
# was. fio's latencies are no shorter than a stall to 1/16, and longer by OWN and no more than that.
stalls_are() {
	local begun ended over
	awk -v whose="$1" -v slack=$((100 * VM_SLOW)) '
		function differ(name, got, want, part,    low, high, over) {
			low = want - want * part - slack - own
			high = want + want * part + (whose == "fio" ? 5 : slack)
			printf "%s %.1f ms, %s %.1f; ", name, got, whose, want > "/dev/stderr"
			over = got < low ? low - got : got - high
			if (over > 0) printf "%s %s %.0f\n", $1, $2, over
		}
		{
			own = $7
			differ("p99", $3, $4, 1 / 16)
			differ("max", $5, $6, whose == "fio" ? 1 / 16 : 0)
			print $8 > "/dev/stderr"
			d = $5 > $6 ? $5 - $6 : $6 - $5
			if (d <= 10) near++
		}
		END { exit !NR || (whose != "fio" && near * 2 < NR) }' "$2" \
		> "$TMP/apart" || fail "the stalls are not those of $1"
	while read -r begun ended over; do
		late_between "$begun" "$ended"
		[ "$over" -le "$LATE_MS" ] ||
			fail "a stall is not that of $1: off by $over ms, late $LATE_MS ms"
	done < "$TMP/apart"
	say "ok: longest stall and p99 of $(wc -l < "$2") outages"
}

if is_patched; then
	say "---- stalls, tracefs having them"
	# Outages follow each other, so the first bios that were parked are those of the first one.
	# A stall begins when the bio is parked, or when what failed over was sent; it ends when it
	# is sent for the last time, or fails.
	awk '
		BEGIN { n = at = 0 }
		function took(t, i) { stall[i] = (t - first[i]) * 1000; delete held[h, bio] }
		function settle() {
			if (h in last) { bio = last[h]; took(sent[h], held[h, bio]) }
			delete last[h]
		}
		function sorted(from, to,    i, j, x) {	# insertion sort
			for (i = from + 1; i < to; i++)
				for (j = i; j > from && stall[j - 1] > stall[j]; j--) {
					x = stall[j]; stall[j] = stall[j - 1]; stall[j - 1] = x
				}
		}
		FILENAME == ARGV[1] {
			if (!match($0, / [0-9]+\.[0-9]+: nvme_mpath_(bio_|requeue_work)/)) next
			split(substr($0, RSTART + 1), f, " ")
			t = f[1] + 0; h = f[3]
			this = $0
			sub(/.* bio=/, "", this)
			sub(/,.*/, "", this)
			if (f[2] ~ /bio_park/) {
				if (h in last && last[h] == this) delete last[h]
				bio = this
				if ((h, bio) in held) next
				held[h, bio] = n
				sub(/.* age_ns=/, "")
				first[n++] = t - $0 / 1e9
			} else if (f[2] ~ /bio_fail/) {
				if (h in last && last[h] == this) delete last[h]
				bio = this
				if ((h, bio) in held) took(t, held[h, bio])
			} else {
				settle()
				if (f[2] !~ /unpark/ || !((h, this) in held)) next
				last[h] = this
				sent[h] = t
			}
			next
		}
		FNR == 1 { for (h in last) settle() }
		{
			sorted(at, at + $3)
			printf "%s %s %.3f %.3f %.3f %.3f 0 %s\n", $1, $2, $4 * 1000,
				stall[at + int(($3 - 1) * 0.99 + 0.5)], $5 * 1000,
				stall[at + $3 - 1], $6
			at += $3
		}' "$TMP/trace" "$TMP/outages" > "$TMP/stalls.tracefs"
	stalls_are tracefs "$TMP/stalls.tracefs"
fi

say "---- stalls, fio having the latencies"
# Of an I/O that waited fio's log has the end, by the wall clock in ms, and how long it took. What
# waited no longer than 50 ms is not told from others. fio's time ends when it hears that the I/O is
# complete, a stall when a path took it. Resets take a tenth of a second: there what an I/O itself
# takes, by those that did not wait, may lie between.
least=500 own=0
sort -n "$TMP"/saved_clat.*.log > "$TMP/saved.all"
[ -n "$DELAYS" ] || least=0 own=$(
	awk -F', *' '$2 / 1e6 < 50 { print $2 / 1e6 }' "$TMP/saved.all" | sort -n |
	awk '{ v[n++] = $1 } END { printf "%.1f\n", v[int((n - 1) * 0.99)] }')
say "99 % of the I/Os that did not wait took $own ms at most"
awk -F'[ ,\t]+' -v offset="$CLOCK_OFFSET_NS" -v least="$least" -v own="$own" \
	-v until="$saved_ns" -v delays="$DELAYS" '
	NR == FNR { end[n] = $1 - offset / 1e6; took[n++] = $2 / 1e6; next }
	{ line[m] = $0; begun[m++] = $1 / 1e6 }
	END {
		begun[m] = end[n - 1] + 1
		for (o = 0; o < m; o++) {
			$0 = line[o]
			if ($2 >= until || $5 <= 0.05 || $6 != (delays ? "recovered" : "none"))
				continue
			k = 0
			for (i = 0; i < n; i++)
				if (took[i] > (least ? least : $5 * 250) && end[i] > begun[o] &&
				    end[i] - took[i] < $2 / 1e6 && end[i] <= begun[o + 1])
					v[k++] = took[i]
			for (i = 1; i < k; i++)		# insertion sort
				for (j = i; j && v[j - 1] > v[j]; j--) {
					x = v[j]; v[j] = v[j - 1]; v[j - 1] = x
				}
			printf "%s %s %.3f %.3f %.3f %.3f %s %s\n", $1, $2,
				$4 * 1000, k ? v[int((k - 1) * 0.99 + 0.5)] : 0,
				$5 * 1000, k ? v[k - 1] : 0, own, $6
		}
	}' "$TMP/saved.all" "$TMP/outages" > "$TMP/stalls.fio"
stalls_are fio "$TMP/stalls.fio"
