#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --stock --timeout 500
# vm-env: HEALTHY_IOS=100000 I/Os while all paths are there
# vm-time: HEALTHY_IOS 0.0005
# The distribution's own modules, seen by kprobes: windows, outcomes, margins, bios and stalls
# against other sources. Windows with deadline, margin and outcome where the driver delays the
# removal of a head, removal at once where it does not; parked and failed bios, stalls, failovers,
# causes; no program runs for healthy I/O. The other sources: the script, fio's logs, the driver's
# own counters (`diag/`), or kprobes of tracefs in what the driver calls.
. "$VM_TREE/tests/vm/lib.sh"

need_monitor
check_not "the modules are stock" is_patched
HEAD=$(head_name)
REFS=$(core_refs)
WINDOW=$((30 * VM_SLOW))
WINDOWS=
[ ! -e "/sys/block/$HEAD/delayed_removal_secs" ] || WINDOWS=yes
say "this driver $([ -n "$WINDOWS" ] && echo 'delays the removal of a head' ||
	echo 'removes a head with its last path')"

say "---- features"
"$MONITOR" features | tee "$TMP/features"
"$MONITOR" features -j > "$TMP/features.json"
feature() { jq -r "$1" "$TMP/features.json"; }
assert_eq "it can watch" "$(feature .live)" true
assert_eq "places without a function" \
	"$(feature '[.kprobes[] | select(.function == null)] | length' |
	sed 's/^1$/0/')" 0	# ANA changes: an optional one
assert_eq "probes of windows" "$(feature '.kprobes | has("mpath_work_arm")')" \
	"$([ -n "$WINDOWS" ] && echo true || echo false)"
check "it says what is missing" \
	grep -q "$([ -n "$WINDOWS" ] && echo '^missing.*moves of the deadline' ||
	echo 'grace windows: this driver removes a head together with its last path')" \
	"$TMP/features"

kprobes_start
sysctl -q -w kernel.bpf_stats_enabled=1
monitor_start

say "---- nothing runs while all paths are there"
check "programs are attached" test "$(run_counts | wc -l)" -ge 12
before=$(run_counts)
ios=$(reads_of "$HEAD")
fio --name=healthy --filename="/dev/$HEAD" --ioengine=io_uring --direct=1 --rw=randread --bs=512 \
	--iodepth=64 --iodepth_batch_submit=16 --norandommap \
	--number_ios=$((${HEALTHY_IOS:-100000} / VM_SLOW)) --io_size=1G \
	> "$TMP/fio" 2>&1 || fail "fio: $(cat "$TMP/fio")"
assert_eq "run counts after $(($(reads_of "$HEAD") - ios)) I/Os" "$(run_counts)" "$before"
echo > "$TRACE/trace"	# that much may not fit

want=()
load() { fio_start "$1" "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}" --rate_iops=200 --verify=0; }

say "---- one path is cut off with commands in flight, then the other"
[ -z "$WINDOWS" ] || head_set_secs $WINDOW
fio_start cut "/dev/$HEAD" --rate_iops=0 --iodepth=32 --verify=0
sleep 1
path_surprise 0
path_plug 0
sleep 1
path_surprise 1
path_plug 1
fio_end cut
say "---- no path can serve, but none is gone"
load saved
sleep 1
reset_all
sleep 2
if [ -n "$WINDOWS" ]; then
	say "---- lost and back"
	pull_all
	sleep 2
	path_return 0
	path_return 1
	sleep 1
	want+=(recovered)
	say "---- lost, lost again at once"
	pull_all
	sleep 1
	path_return 0
	path_pull 0
	sleep 1
	return_all
	want+=(recovered recovered)
	sleep 1
fi
fio_end saved
bios_as_warned
saved_max_ms=$((FIO_MAX_NS / 1000000))

[ -z "$WINDOWS" ] || {
	say "---- the time is up"
	head_set_secs $((3 * VM_SLOW))
	load removed
	sleep 1
	pull_all
	want+=(removed)
	gone_and_back removed return_all
	HEAD=$(head_name)
	head_set_secs 0
}
say "---- removed with its last path"
load failed
sleep 1
pull_all
want+=(not_armed)
gone_and_back failed return_all
sleep 2
observe_end

say "---- outcomes"
outcomes_are "${want[@]}"
assert_eq "windows missed" "$(report_value .summary.windows_missed)" 0
assert_eq "why the paths went" \
	"$(jq -r '[.windows[].losses[].cause] | unique | join(" ")' "$TMP/report.json")" removal

say "---- bios"
check "bios were parked" test "$(report_sum parked)" -gt 0
check "requests failed over" test "$(report_sum failovers)" -gt 0
assert_eq "bios that are neither completed nor failed" \
	$(($(report_sum parked) - $(report_sum completed) - $(report_sum failed))) 0
assert_eq "bios that nobody saw parked" "$(report_sum not_seen_parked)" 0
if [ -n "$WINDOWS" ]; then
	assert_eq "bios that failed in windows that were saved" \
		"$(jq '[.windows[] | select(.outcome == "recovered") |
			.bios.failed + .bios.failed_unparked] | add' "$TMP/report.json")" 0
	removed=$(jq '.windows[] | select(.outcome == "removed") | .bios.failed' "$TMP/report.json")
	assert_eq "how long that was" \
		"$(jq '.windows[] | select(.outcome == "removed") | .setting_seconds' \
			"$TMP/report.json")" $((3 * VM_SLOW))
	check "bios failed when the time was up ($removed)" test "$removed" -gt 0
	window_lasted 0
	kprobes_margins > "$TMP/margins.kprobes"
	margins_are "$TMP/margins.kprobes"
	assert_near "longest stall, by fio's latency log" \
		"$(jq '[.windows[], .outages_without_window[] |
			select(.outcome != "removed" and .outcome != "not_armed") |
			.bios.stall.max_seconds // 0] | max * 1000 | round' "$TMP/report.json")" \
		"$saved_max_ms" 300 ms
fi
refs_are_back
