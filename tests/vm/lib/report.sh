# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# The report of $RECORD, and what a scenario reads in it. PATH is the place of a value, for instance
# .summary.events_lost; W is the number of a window, from 0. Values that are null or false are left
# out.

declare -A REPORT=()	# PATH: value

# report: print `nvme-mpathtop report`, and keep `report -j` for the functions below: as
# $TMP/report.json, as lines "PATH VALUE" in $TMP/report.flat, and in REPORT. Sets REPORT_STATUS,
# its exit status (3 and more are findings), and REPORT_WINDOWS, how many windows it has.
report() {
	local status=0 place value
	report_both || fail "report and report -j end with different status"
	printf '%s\n' "$(< "$TMP/report.txt")"
	[ $status -eq 0 ] || [ $status -ge 3 ] || fail "report ended with status $status"
	flatten "$TMP/report.json" > "$TMP/report.flat"
	REPORT=()
	while read -r place value; do
		REPORT[$place]=$value
	done < "$TMP/report.flat"
	[ "${REPORT[.schema]:-}" ] || fail "the report in JSON cannot be read"
	for ((REPORT_WINDOWS = 0; ; REPORT_WINDOWS++)); do
		[ "${REPORT[.windows[$REPORT_WINDOWS].outcome]:-}" ] || break
	done
	REPORT_STATUS=$status
}

# report_both: the report as text and as JSON, and the caller's $status. Status 1 when they end with
# different ones, ten times: a record that is still written may grow between the two.
report_both() {
	local json tries
	for ((tries = 0; tries < 10; tries++)); do
		status=0 json=0
		"$MONITOR" report "$RECORD" > "$TMP/report.txt" || status=$?
		"$MONITOR" report -j "$RECORD" > "$TMP/report.json" || json=$?
		[ "$json" -ne "$status" ] || return 0
	done
	return 1
}

# flatten FILE: print JSON as `report -j` writes it, a value a line, as lines "PATH VALUE". jq takes
# seven times as long to start.
flatten() {
	awk '
	{
		line = $0
		sub(/^ */, "", line)
		sub(/,$/, "", line)
	}
	line == "}" || line == "]" { depth--; next }
	{
		if (kind[depth] == "[") {
			place = path[depth] "[" n[depth]++ "]"
		} else if (match(line, /^"[^"]*":/)) {
			place = path[depth] "." substr(line, 2, RLENGTH - 3)
			line = substr(line, RLENGTH + 1)
		} else place = ""
		if (line == "{" || line == "[") {
			depth++
			path[depth] = place
			kind[depth] = line
			n[depth] = 0
			next
		}
		if (line == "null" || line == "false") next
		if (line ~ /^"/) {
			line = substr(line, 2, length(line) - 2)
			gsub(/\\"/, "\"", line)
			gsub(/\\\\/, "\\", line)
		} else if (line ~ /\./) {
			sub(/0+$/, "", line)
			sub(/\.$/, "", line)
		}
		print place " " line
	}
	' "$1"
}

# report_says PATTERN: succeeds when the text has a line that matches.
report_says() { grep -q -i -e "$1" "$TMP/report.txt"; }

# report_value PATH: print a value. report_to VARIABLE PATH: put it there; starts no process.
report_value() { printf '%s\n' "${REPORT[$1]:-}"; }
report_to() { printf -v "$1" '%s' "${REPORT[$2]:-}"; }

# report_windows: print how many windows it has.
report_windows() { printf '%s\n' "$REPORT_WINDOWS"; }

# report_list PATH: print the value of each window, in their order, with blanks between; "-" where
# there is none.
report_list() {
	local w list=()
	for ((w = 0; w < REPORT_WINDOWS; w++)); do
		list+=("${REPORT[.windows[$w]$1]:--}")
	done
	printf '%s\n' "${list[*]}"
}

# report_sum FIELD: print the sum of .bios.FIELD over all windows and outages without one.
report_sum() {
	local w n=0
	for ((w = 0; w < REPORT_WINDOWS; w++)); do
		n=$((n + ${REPORT[.windows[$w].bios.$1]:-0}))
	done
	printf '%d\n' $((n + $(outside ".bios.$1")))
}

# outside PATH: print the sum of a value over the outages without a window.
outside() {
	local i n=0
	for ((i = 0; ; i++)); do
		[ "${REPORT[.outages_without_window[$i].head]:-}" ] || break
		n=$((n + ${REPORT[.outages_without_window[$i]$1]:-0}))
	done
	printf '%d\n' $n
}

# window W PATH: print a value of a window. window_is W PATH WANT: it must be this.
window() { printf '%s\n' "${REPORT[.windows[$1]$2]:-}"; }
window_is() { assert_eq "window $1 ${2#.}" "${REPORT[.windows[$1]$2]:-}" "$3"; }

# window_ns W PATH: print seconds as nanoseconds; window_ms: as whole milliseconds, rounded.
# seconds_to VARIABLE SECONDS: put nanoseconds there.
window_ns() {
	local ns
	seconds_to ns "${REPORT[.windows[$1]$2]:-}"
	printf '%s\n' "$ns"
}
window_ms() {
	local ns
	seconds_to ns "${REPORT[.windows[$1]$2]:-}"
	printf '%d\n' $(((ns + (ns < 0 ? -500000 : 500000)) / 1000000))
}
seconds_to() {
	local sign='' whole=${2%.*} part=000000000
	[[ $2 =~ ^-?[0-9]+(\.[0-9]{1,9})?$ ]] || fail "'$2' is no time in seconds"
	[[ $2 != *.* ]] || part=${2#*.}000000000
	[[ $whole != -* ]] || sign=-
	printf -v "$1" '%s' $sign$((${whole#-} * 1000000000 + 10#${part:0:9}))
}

# window_of HEAD: print the number of the last window of a head; nothing if it has none.
window_of() {
	local w
	for ((w = REPORT_WINDOWS - 1; w >= 0; w--)); do
		[ "${REPORT[.windows[$w].head]}" != "$1" ] || { echo $w; return; }
	done
}

# window_ended W OUTCOME: the window must have this outcome, all its data and nothing left in its
# queue; no I/O failed in one that recovered.
window_ended() {
	window_is "$1" .outcome "$2"
	window_is "$1" .complete true
	window_is "$1" .bios.queued 0
	[ "$2" != recovered ] || window_is "$1" .bios.failed 0
}

# window_lasted W [HEAD]: a window that a path ended must have been that of HEAD (default: $HEAD),
# and its duration and margin must fit the stamps of tracefs: armed, the path that joined,
# cancelled. Or those of the kprobes, with modules without the tracepoints.
window_lasted() {
	local head=${2:-$HEAD} armed deadline back ended duration margin
	window_is "$1" .outcome recovered
	window_is "$1" .head "$head"
	if is_patched; then
		read -r armed deadline back ended < <(trace_window "$1")
	else
		read -r armed deadline ended < <(kprobes_windows |
			sed -n "$(recovered_before "$1")p")
		back=$ended
	fi || fail "window $1 of the report is not in the trace"
	seconds_to duration "${REPORT[.windows[$1].duration_seconds]:-}"
	seconds_to margin "${REPORT[.windows[$1].margin_seconds]:-}"
	assert_moment "end of window $1, by its duration" $((armed + duration)) "$ended"
	assert_moment "return in window $1, by its margin" $((deadline - margin)) "$back"
}

# window_expired W HEAD SECS: a window that no path ended must have been one of HEAD with this
# setting, and must have ended when the time was up, by the stamps of tracefs.
window_expired() {
	local armed deadline ended duration
	window_is "$1" .outcome removed
	window_is "$1" .head "$2"
	window_is "$1" .setting_seconds "$3"
	read -r armed deadline _ < <(trace_window "$1") ||
		fail "window $1 of the report is not in the trace"
	ended=$(trace_ns nvme_mpath_head_remove \
		"$2: .*window=${REPORT[.windows[$1].window]}, reason=expired")
	assert_moment "deadline of window $1, by the setting" "$deadline" \
		$((armed + $3 * 1000000000))
	assert_due "end of window $1" "$ended" "$deadline"
	seconds_to duration "${REPORT[.windows[$1].duration_seconds]:-}"
	assert_moment "end of window $1, by its duration" $((armed + duration)) "$ended"
}

# trace_window W: print "ARMED_NS DEADLINE_NS BACK_NS ENDED_NS" of window W of the report, by
# tracefs. Of heads that had the same name one after the other, windows can have the same number: it
# is the N-th of these in the trace, too.
trace_window() {
	local w head=${REPORT[.windows[$1].head]} number=${REPORT[.windows[$1].window]:-} nth=1
	for ((w = 0; w < $1; w++)); do
		[ "${REPORT[.windows[$w].head]}" != "$head" ] ||
			[ "${REPORT[.windows[$w].window]:-}" != "$number" ] || nth=$((nth + 1))
	done
	trace_windows | awk -v h="$head" -v w="$number" -v nth=$nth \
		'$1 == h && $2 == w && ++n == nth { print $3, $4, $5, $6 }'
}

# recovered_before W: print how many windows up to this one recovered.
recovered_before() {
	local w n=0
	for ((w = 0; w <= $1; w++)); do
		[ "${REPORT[.windows[$w].outcome]}" != recovered ] || n=$((n + 1))
	done
	echo $n
}

# windows_are N: the report must have so many windows.
windows_are() { assert_eq "windows in the report" "$(report_windows)" "$1"; }

# outcomes_are OUTCOME...: the report must have these windows, in this order, all with all their
# data, and no event was lost.
outcomes_are() {
	local complete
	windows_are $#
	assert_eq "outcomes" "$(report_list .outcome)" "$*"
	complete=$(report_list .complete)
	complete=${complete//[!t]/}	# a letter for each "true"
	assert_eq "windows that are complete" ${#complete} $#
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
			n=$((n + ${REPORT[.windows[$w].bios.$what]:-0}))
		fi
	done
	assert_eq "$what bios of $head, tracefs counting them" $n "$(trace_stalls "$what" "$head")"
}

# events_all_there: no event was lost; else print where.
events_all_there() {
	local i
	[ "${REPORT[.summary.events_lost]}" = 0 ] ||
		for ((i = 0; ; i++)); do
			[ "${REPORT[.remarks[$i].text]:-}" ] || break
			echo "${REPORT[.remarks[$i].from.boot_ns]:-} to" \
				"${REPORT[.remarks[$i].until.boot_ns]:-}:" \
				"${REPORT[.remarks[$i].text]}"
		done
	assert_eq "events lost" "${REPORT[.summary.events_lost]}" 0
}

# margins_are FILE: the margins of the recovered windows must be those in FILE, which has a line
# "MARGIN_MS BACK_NS" for each, as trace_margins and kprobes_margins print. They differ no more than
# the two observers of the path's return, see assert_moment.
margins_are() {
	local w n=0 ns ms back lines=()
	mapfile -t lines < "$1"
	for ((w = 0; w < REPORT_WINDOWS; w++)); do
		[ "${REPORT[.windows[$w].outcome]}" = recovered ] || continue
		[ $n -lt ${#lines[@]} ] || fail "margins: there are more than ${#lines[@]}"
		seconds_to ns "${REPORT[.windows[$w].margin_seconds]:-}"
		read -r ms back <<< "${lines[n++]}"
		assert_moment "return in window $w, by its margin" \
			$((back + ms * 1000000 - ns)) "$back"
	done
	assert_eq "margins" $n ${#lines[@]}
	[ $n -gt 0 ] || fail "there are no margins"
}
