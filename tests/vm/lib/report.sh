# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# The report of $RECORD, and what a scenario reads in it. PATH is the place of a value, for instance
# .summary.events_lost; W is the number of a window, from 0.

# report: print `nvme-mpathtop report`, and keep `report -j` for the functions below. Sets
# REPORT_STATUS, its exit status (3 and more are findings).
# Programs start slowly under emulation: the report is flattened once into lines "path value".
report() {
	local status=0
	"$MONITOR" report "$RECORD" > "$TMP/report.txt" || status=$?
	cat "$TMP/report.txt"
	[ $status -eq 0 ] || [ $status -ge 3 ] || fail "report ended with status $status"
	"$MONITOR" report -j "$RECORD" > "$TMP/report.json" || [ $? -eq $status ] ||
		fail "report and report -j end with different status"
	jq -r 'paths(scalars) as $p | ($p | map(if type == "number" then "[\(.)]" else ".\(.)" end)
		| join("")) + " " + (getpath($p) | tostring)' "$TMP/report.json" > "$TMP/report.flat"
	REPORT_STATUS=$status
}

# report_says PATTERN: succeeds when the text has a line that matches.
report_says() { grep -q -i -e "$1" "$TMP/report.txt"; }

# report_value PATH: print a value.
report_value() { awk -v path="$1" '$1 == path { sub(/^[^ ]* /, ""); print }' "$TMP/report.flat"; }

# report_windows: print how many windows it has.
report_windows() { sed -n 's/^\.windows\[\([0-9]*\)\]\.outcome .*/\1/p' "$TMP/report.flat" | wc -l; }

# report_sum FIELD: print the sum of .bios.FIELD over all windows and outages without one.
report_sum() { jq "[.windows[], .outages_without_window[] | .bios | select(. != null) | .$1] | add // 0" "$TMP/report.json"; }

# outside PATH: print the sum of a value over the outages without a window.
outside() { sed -n "s/^\.outages_without_window\[[0-9]*\]$1 //p" "$TMP/report.flat" | awk '{ n += $1 } END { print n + 0 }'; }

# window W PATH: print a value of a window, for instance `window 0 .bios.parked`.
window() { report_value ".windows[$1]$2"; }

# window_is W PATH VALUE: it must be this.
window_is() { assert_eq "window $1, ${2#.}" "$(window "$1" "$2")" "$3"; }

# window_ms W PATH: print seconds as whole milliseconds.
window_ms() { window "$1" "$2" | awk '{ printf "%.0f\n", $1 * 1000 }'; }

# window_of HEAD: print the number of the last window of a head.
window_of() { sed -n "s/^\.windows\[\([0-9]*\)\]\.head $1\$/\1/p" "$TMP/report.flat" | tail -n1; }

# windows_are N: the report must have so many windows.
windows_are() { assert_eq "windows in the report" "$(report_windows)" "$1"; }

# events_all_there: no event was lost; else print where.
events_all_there() {
	local lost
	lost=$(report_value .summary.events_lost)
	[ "$lost" = 0 ] || jq -r '.remarks[] | "\(.from.boot_ns) to \(.until.boot_ns): \(.text)"' "$TMP/report.json"
	assert_eq "events lost" "$lost" 0
}

# margins_are FILE: the margins of the recovered windows must be those in FILE, ms, a line each, to
# 10 ms; one of them may be up to 100 ms off, see assert_moment.
margins_are() {
	jq -r '.windows[] | select(.outcome == "recovered") | .margin_seconds * 1000 | round' "$TMP/report.json" > "$TMP/margins"
	assert_eq "margins" "$(wc -l < "$TMP/margins")" "$(wc -l < "$1")"
	paste "$TMP/margins" "$1" | awk '{ d = $1 - $2; print (d < 0 ? -d : d) }' | sort -rn > "$TMP/differences"
	echo 0 >> "$TMP/differences"
	assert_le "largest difference" "$(sed -n 1p "$TMP/differences")" 100 ms
	[ "$(wc -l < "$1")" -le 1 ] || assert_le "the next one" "$(sed -n 2p "$TMP/differences")" 10 ms
}
