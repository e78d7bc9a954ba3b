#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --paths 1 --namespaces 64 --size 16M --timeout 240
# 64 heads lose their only path with the same pull, each with an I/O: 64 windows, each with its
# own bio. All recover; the next time, all end.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
REFS=$(core_refs)
mapfile -t heads < <(head_names)
assert_eq "heads" ${#heads[@]} 64
set_all() { for h in "${heads[@]}"; do echo "$1" > "/sys/block/$h/delayed_removal_secs"; done; }
there() { (cd /dev && find . -maxdepth 1 -name 'nvme*n*' | wc -l); }
set_all $((60 * VM_SLOW))
trace_start
monitor_start
# writers NAME: one write or read in flight to each, and what they said in $TMP/NAME
writers() {
	"$VM_TREE/tests/vm/writers" "$TMP/$1" "${heads[@]/#//dev/}" > "$TMP/$1.ready" &
	WRITERS=$!
	on_exit "kill $WRITERS 2> /dev/null; cp $TMP/$1 $VM_OUT"
	check "all $1 are at work" wait_for 30 grep -q ready "$TMP/$1.ready"
}

say "---- all come back"
writers first
pull_all
assert_eq "heads that wait" "$(there)" 64
return_all
sleep 1
kill $WRITERS
check "the writers end" wait_for 30 sh -c "! kill -0 $WRITERS 2> /dev/null"
assert_eq "writers without an error" "$(grep -c ' ok ' "$TMP/first")" 64
assert_eq "heads" "$(there)" 64

say "---- none comes back"
set_all 4
writers second
pull_all
none() { [ "$(there)" -eq 0 ]; }
check "all go" wait_for 12 none
check "the writers end" wait_for 30 sh -c "! kill -0 $WRITERS 2> /dev/null"
assert_eq "writers that failed with EIO" "$(grep -c ' EIO ' "$TMP/second")" 64
monitor_stop
trace_stop
report > "$TMP/text"
head -n 12 "$TMP/text"

windows_are 128
for outcome in recovered removed; do
	assert_eq "windows that were $outcome" \
		"$(grep -c "^\.windows\[[0-9]*\]\.outcome $outcome\$" "$TMP/report.flat")" 64
done
assert_eq "windows with all their data" \
	"$(grep -c '^\.windows\[[0-9]*\]\.complete true$' "$TMP/report.flat")" 128
assert_eq "heads in these windows" \
	"$(sed -n 's/^\.windows\[[0-9]*\]\.head //p' "$TMP/report.flat" | sort -u | wc -l)" 64
# the bios of each head: both windows of the report, and tracefs counting them
trace_table | sort > "$TMP/trace.bios"
awk '
	match($1, /^\.windows\[[0-9]+\]/) {
		w = substr($1, 1, RLENGTH)
		what = substr($1, RLENGTH + 1)
		if (what == ".head") head[w] = $2
		if (what ~ /^\.bios\.(parked|completed|failed|queued)$/) n[w, substr(what, 7)] = $2
	}
	END {
		for (w in head) {
			h = head[w]
			p[h] += n[w, "parked"]; c[h] += n[w, "completed"]
			f[h] += n[w, "failed"]; q[h] += n[w, "queued"]
		}
		for (h in p) if (p[h]) print h, p[h], c[h], f[h], q[h]
	}' "$TMP/report.flat" | sort > "$TMP/report.bios"
cp "$TMP/trace.bios" "$TMP/report.bios" "$VM_OUT"
diff "$TMP/trace.bios" "$TMP/report.bios" ||
	fail "the bios of some heads are not those that tracefs counted (<)"
say "ok: parked, completed, failed and queued bios of $(wc -l < "$TMP/trace.bios") heads" \
	"are those that tracefs counted:" \
	"$(awk '{ n += $2 } END { print n }' "$TMP/trace.bios") in all"
assert_eq "heads that had one in each window" \
	"$(awk '$2 == 2 && $3 == 1 && $4 == 1' "$TMP/trace.bios" | wc -l)" 64
refs_are_back
