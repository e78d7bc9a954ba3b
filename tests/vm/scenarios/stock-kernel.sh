#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --stock --timeout 500
# vm-env: HEALTHY_IOS=20000 I/Os while all paths are there
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
WINDOW=3600
WINDOWS=
[ ! -e "/sys/block/$HEAD/delayed_removal_secs" ] || WINDOWS=yes
say "this driver $([ -n "$WINDOWS" ] && echo 'delays the removal of a head' ||
	echo 'removes a head with its last path')"

say "---- features"
status=0
"$MONITOR" features > "$TMP/features" || status=$?
cat "$TMP/features"
assert_eq "exit status of features" $status 0
"$MONITOR" features -j > "$TMP/features.json"
feature() { grep -c "^ *$1,\?\$" "$TMP/features.json" || :; }
assert_eq "it can watch" "$(feature '"live":true')" 1
assert_eq "facts without a place" "$(feature '"given":false')" 0
assert_eq "facts that are not sure" "$(feature '"given":null')" 0
assert_eq "windows are among the facts" "$(feature '"window_armed":{')" \
	"$([ -z "$WINDOWS" ]; echo $?)"
check "it says what is missing" \
	grep -q "$([ -n "$WINDOWS" ] && echo '^missing.*moves of the deadline' ||
	echo 'grace windows: this driver removes a head together with its last path')" \
	"$TMP/features"

on_exit 'sysctl -q -w kernel.bpf_stats_enabled=0'
sysctl -q -w kernel.bpf_stats_enabled=1
monitor_start

say "---- nothing runs while all paths are there"
before=$(run_counts)
check "programs are attached" test "$(wc -l <<< "$before")" -ge 12
ios=$(reads_of "$HEAD")
fio --name=healthy --filename="/dev/$HEAD" --ioengine=io_uring --direct=1 --rw=randread --bs=512 \
	--iodepth=64 --iodepth_batch_submit=16 --iodepth_batch_complete_min=8 --norandommap \
	--number_ios=$((${HEALTHY_IOS:-20000} / VM_SLOW)) --io_size=1G \
	> "$TMP/fio" 2>&1 || fail "fio: $(cat "$TMP/fio")"
ios=$(($(reads_of "$HEAD") - ios))
assert_le "at least as many I/Os" $((${HEALTHY_IOS:-20000} / VM_SLOW)) $ios
assert_eq "run counts after $ios I/Os" "$(run_counts)" "$before"
sysctl -q -w kernel.bpf_stats_enabled=0

[ -z "$WINDOWS" ] || head_set_secs $WINDOW
kprobes_start
want=()
# one I/O of each job waits
load() {
	fio_start "$1" "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}" --numjobs=8 --thread --iodepth=1 \
		--rate_iops=10 --verify=0
}

say "---- one path is cut off with commands in flight, then the other"
# large ones: few commands keep the disk busy all the time
fio_start cut "/dev/$HEAD" --rate_iops=0 --iodepth=32 --bs=128k --zero_buffers --verify=0
cut_both() {
	path_surprise 0
	path_plug 0
	path_surprise 1
	path_plug 1
	report > /dev/null
	[ "$(report_sum failovers)" -gt 0 ]
}
# once more if fio had no processor, and so nothing in flight
check "requests failed over" wait_for 5 cut_both
fio_end cut
say "---- no path can serve, but none is gone"
load saved
saved_ns=$(now_ns) saved_head=$HEAD
reset_all
if [ -n "$WINDOWS" ]; then
	say "---- lost and back"
	pull_all
	nap 1
	path_return 0
	path_return 1
	want+=(recovered)
	say "---- lost, lost again at once"
	pull_all
	nap 1
	path_return 0
	path_pull 0
	nap 1
	return_all
	want+=(recovered recovered)
fi
fio_end saved
bios_as_warned
saved_max_ms=$((FIO_MAX_NS / 1000000)) saved_end_ns=$FIO_END_NS

[ -z "$WINDOWS" ] || {
	say "---- the time is up"
	head_set_secs 2
	load removed
	pull_all
	want+=(removed)
	gone_and_back removed return_all
	HEAD=$(head_name)
	head_set_secs 0
}
say "---- removed with its last path"
load failed
pull_all
want+=(not_armed)
gone_and_back failed return_all
observe_end

say "---- outcomes"
outcomes_are "${want[@]}"
assert_eq "windows missed" "$(report_value .summary.windows_missed)" 0
assert_eq "why the paths went" \
	"$(sed -n 's/^\.windows\[[0-9]*\]\.losses\[[0-9]*\]\.cause //p' "$TMP/report.flat" |
		sort -u)" removal

say "---- bios"
check "bios were parked" test "$(report_sum parked)" -gt 0
assert_eq "bios that are neither completed nor failed" \
	$(($(report_sum parked) - $(report_sum completed) - $(report_sum failed))) 0
assert_eq "bios that nobody saw parked" "$(report_sum not_seen_parked)" 0
failed=0 removed='' stall=0
longest() {
	local ns
	seconds_to ns "${REPORT[$1.bios.stall.max_seconds]:-0}"
	[ "$ns" -le "$stall" ] || stall=$ns
}
for ((w = 0; ; w++)); do
	[ "${REPORT[.outages_without_window[$w].head]:-}" ] || break
	# those of the commands in flight are another fio's
	[ "${REPORT[.outages_without_window[$w].bios.begun.boot_ns]}" -ge "$saved_ns" ] || continue
	longest ".outages_without_window[$w]"
done
if [ -n "$WINDOWS" ]; then
	for ((w = 0; w < REPORT_WINDOWS; w++)); do
		at=.windows[$w]
		case ${REPORT[$at.outcome]} in
		recovered)
			failed=$((failed + ${REPORT[$at.bios.failed]} +
				${REPORT[$at.bios.failed_unparked]}))
			longest "$at"
			;;
		removed) removed=$w ;;
		esac
	done
	assert_eq "bios that failed in windows that were saved" $failed 0
	window_is "$removed" .setting_seconds 2
	check "bios failed when the time was up" test "$(window "$removed" .bios.failed)" -gt 0
	window_lasted 0 "$saved_head"
	kprobes_margins > "$TMP/margins.kprobes"
	margins_are "$TMP/margins.kprobes"
fi
# fio's time ends when it hears that the I/O is complete, a stall when a path took it
stall=$((stall / 1000000))
late_between "$saved_ns" "$saved_end_ns"
assert_between "longest latency by fio, of a stall of $stall ms" $saved_max_ms \
	$((stall * 15 / 16 - 5 - LATE_MS)) $((stall + 300 * VM_SLOW + LATE_MS)) ms
check "failed I/Os were seen" test $(($(report_sum failed) + $(report_sum failed_unparked))) -gt 0
check "the process whose I/O waited is known" grep -q '\.process fio$' "$TMP/report.flat"

# Until it was corrected the driver took a reference to itself with each window, and gave it back
# only with the work, which does not run if a path comes back.
lost=$(($(core_refs) - REFS))
if [ -n "$WINDOWS" ] && [ $lost -gt 0 ]; then
	recovered=$(printf '%s\n' "${want[@]}" | grep -c '^recovered$')
	assert_eq "references that the driver lost, one for each window that was saved" $lost \
		"$recovered"
else
	refs_are_back
fi

say "---- privileges"
# with CAPS: status of features, which does what collect does
with() {
	local status=0
	setpriv --inh-caps="-all$1" --bounding-set="-all$1" "$MONITOR" features > "$TMP/said" ||
		status=$?
	printf '%s\n' $status
}
capabilities=(bpf perfmon sys_admin syslog)
all=$(printf ',+%s' "${capabilities[@]}")
assert_eq "status of features with ${all#,}" "$(with "$all")" 0
needed=''
for cap in "${capabilities[@]}"; do
	[ "$(with "${all/,+$cap/}")" = 0 ] || needed+=", CAP_${cap^^}"
done
check "some of them are needed" test "$needed"

# for tests/vm/kernels, in the order of its columns
no=${WINDOWS:+yes}
printf '%s\t' "${no:--}" "${no:--}" yes yes yes yes yes > "$VM_OUT/seen"
printf '%s\n' "${needed#, }" >> "$VM_OUT/seen"
