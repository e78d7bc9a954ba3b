#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --paths 1 --namespaces 64 --size 16M
# 64 heads lose their only path with the same pull, each with an I/O: 64 windows, each with its
# own bio. All recover; the next time, all end.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/writers.sh"

need_patched
REFS=$(core_refs)
mapfile -t heads < <(head_names)
assert_eq "heads" ${#heads[@]} 64
set_all() { for h in "${heads[@]}"; do echo "$1" > "/sys/block/$h/delayed_removal_secs"; done; }
there() { (cd /dev && find . -maxdepth 1 -name 'nvme*n*' | wc -l); }
set_all 3600
trace_start
monitor_start
# each head has one that waits
all_wait() { [ "$(trace_table | awk '$5 == 1' | wc -l)" -eq 64 ]; }

say "---- all come back"
writers_start first "${heads[@]}"
pull_all
assert_eq "heads that wait" "$(there)" 64
check "each has an I/O that waits" wait_for 5 all_wait
return_all
none_waits() { [ "$(trace_table | awk '$5 > 0' | wc -l)" -eq 0 ]; }
check "none waits any more" wait_for 5 none_waits
writers_stop first
assert_eq "writers without an error" "$(grep -c ' ok ' "$TMP/first.said")" 64
assert_eq "heads" "$(there)" 64

say "---- none comes back"
writers_start second "${heads[@]}"
pull_all
check "each has an I/O that waits" wait_for 5 all_wait
# all within the same time, as long as the machine is not too slow to set them
armed=$(sed -n '/action=armed/s/.* \([0-9]*\)\.[0-9]*: nvme_mpath_.*/\1/p' "$TRACE/trace" |
	tail -n 1)
set_all $(($(now_ns) / 1000000000 - armed + 4))
none() { [ "$(there)" -eq 0 ]; }
check "all go" wait_for 12 none
check "the writers end" wait_for 10 writers_ended second
assert_eq "writers that failed with EIO" "$(grep -c ' EIO ' "$TMP/second.said")" 64
monitor_stop
trace_stop
report > "$TMP/text"
head -n 12 "$TMP/text"

windows_are 128
outcomes() { grep -c "^\.windows\[[0-9]*\]\.outcome $1\$" "$TMP/report.flat" || :; }
removals() { trace_count nvme_mpath_head_remove "reason=$1"; }
assert_eq "windows that were recovered" "$(outcomes recovered)" 64
assert_eq "windows that were removed" "$(outcomes removed)" "$(removals expired)"
assert_eq "windows that were closed, as they were set too late" "$(outcomes closed)" \
	"$(removals closed)"
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
