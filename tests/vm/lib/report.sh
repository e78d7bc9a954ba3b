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
		| join("")) + " " + (getpath($p) | tostring)' \
		"$TMP/report.json" > "$TMP/report.flat"
	REPORT_STATUS=$status
}

# report_says PATTERN: succeeds when the text has a line that matches.
report_says() { grep -q -i -e "$1" "$TMP/report.txt"; }

# report_value PATH: print a value.
report_value() { awk -v path="$1" '$1 == path { sub(/^[^ ]* /, ""); print }' "$TMP/report.flat"; }

# report_windows: print how many windows it has.
report_windows() {
	sed -n 's/^\.windows\[\([0-9]*\)\]\.outcome .*/\1/p' "$TMP/report.flat" | wc -l
}

# report_sum FIELD: print the sum of .bios.FIELD over all windows and outages without one.
report_sum() {
	jq "[.windows[], .outages_without_window[] | .bios | select(. != null) | .$1] | add // 0" \
		"$TMP/report.json"
}

# outside PATH: print the sum of a value over the outages without a window.
outside() {
	sed -n "s/^\.outages_without_window\[[0-9]*\]$1 //p" "$TMP/report.flat" |
		awk '{ n += $1 } END { print n + 0 }'
}

# window W PATH: print a value of a window, for instance `window 0 .bios.parked`.
window() { report_value ".windows[$1]$2"; }

# window_is W PATH VALUE: it must be this.
window_is() { assert_eq "window $1, ${2#.}" "$(window "$1" "$2")" "$3"; }

# window_ms W PATH: print seconds as whole milliseconds.
window_ms() { window "$1" "$2" | awk '{ printf "%.0f\n", $1 * 1000 }'; }

# window_of HEAD: print the number of the last window of a head.
window_of() { sed -n "s/^\.windows\[\([0-9]*\)\]\.head $1\$/\1/p" "$TMP/report.flat" | tail -n1; }

# window_ended W OUTCOME: the window must have this outcome, all its data and nothing left in its
# queue; no I/O failed in one that recovered.
window_ended() {
	window_is "$1" .outcome "$2"
	window_is "$1" .complete true
	window_is "$1" .bios.queued 0
	[ "$2" != recovered ] || window_is "$1" .bios.failed 0
}

# window_lasted W LOST_FROM LOST_TO BACK_FROM BACK_TO: duration and margin of the window must fit
# what the script saw, in ns: the last path was lost and a path was back between these. The driver
# tells of the return after the disk is there.
window_lasted() {
	local shortest=$((($4 - $3) / 1000000)) longest=$((($5 - $2) / 1000000 + 500 * VM_SLOW))
	assert_between "duration of window $1" "$(window_ms "$1" .duration_seconds)" \
		$shortest $longest ms
	assert_between "margin of window $1" "$(window_ms "$1" .margin_seconds)" \
		$((WINDOW * 1000 - longest)) $((WINDOW * 1000 - shortest)) ms
}

# windows_are N: the report must have so many windows.
windows_are() { assert_eq "windows in the report" "$(report_windows)" "$1"; }

# outcomes_are OUTCOME...: the report must have these windows, in this order, all with all their
# data, and no event was lost.
outcomes_are() {
	windows_are $#
	assert_eq "outcomes" "$(jq -r '[.windows[].outcome] | join(" ")' "$TMP/report.json")" "$*"
	assert_eq "windows that are complete" \
		"$(jq '[.windows[] | select(.complete)] | length' "$TMP/report.json")" $#
	events_all_there
}

# report_finds_loss: the exit status of the report must be that for a head that was removed.
report_finds_loss() { assert_eq "exit status of report for a removed head" "$REPORT_STATUS" 3; }

# bios_as_traced WHAT HEAD W...: the bios of a head that were `parked`, `completed` or `failed` in
# these windows must be as many as tracefs counts. W may be `outside`: the outages without a window.
bios_as_traced() {
	local what=$1 head=$2 w n=0
	for w in "${@:3}"; do
		if [ "$w" = outside ]; then
			n=$((n + $(outside ".bios.$what")))
		else
			n=$((n + $(window "$w" ".bios.$what")))
		fi
	done
	assert_eq "$what bios of $head, tracefs counting them" $n "$(trace_stalls "$what" "$head")"
}

# events_all_there: no event was lost; else print where.
events_all_there() {
	local lost
	lost=$(report_value .summary.events_lost)
	[ "$lost" = 0 ] || jq -r '.remarks[] | "\(.from.boot_ns) to \(.until.boot_ns): \(.text)"' \
		"$TMP/report.json"
	assert_eq "events lost" "$lost" 0
}

# margins_are FILE: the margins of the recovered windows must be those in FILE, ms, a line each, to
# 10 ms; one of them may be up to 100 ms off, see assert_moment.
margins_are() {
	jq -r '.windows[] | select(.outcome == "recovered") | .margin_seconds * 1000 | round' \
		"$TMP/report.json" > "$TMP/margins"
	assert_eq "margins" "$(wc -l < "$TMP/margins")" "$(wc -l < "$1")"
	paste "$TMP/margins" "$1" | awk '{ d = $1 - $2; print (d < 0 ? -d : d) }' |
		sort -rn > "$TMP/differences"
	echo 0 >> "$TMP/differences"
	assert_le "largest difference" "$(sed -n 1p "$TMP/differences")" 100 ms
	[ "$(wc -l < "$1")" -le 1 ] ||
		assert_le "the next one" "$(sed -n 2p "$TMP/differences")" 10 ms
}
