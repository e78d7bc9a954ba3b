#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 600
# vm-env: STORM_BIOS=100000 reads
# vm-time: STORM_BIOS 0.0014
# Far more bios wait in one outage than the collector can remember: all are counted, and it stays
# small. fio jobs with deep queues submit reads to a head that has no path; every bio is counted,
# as the kernel's own trigger on the tracepoints and fio count them, and nothing else is lost. The
# full size takes more memory: `tests/vm/run -o --mem=4096 -e STORM_BIOS=1000000 storm`.
. "$VM_TREE/tests/vm/lib.sh"

BIOS=${STORM_BIOS:-100000}
MOST=32768	# queue depth that io_uring has to offer
JOBS=$((BIOS > 8 * MOST ? (BIOS + MOST - 1) / MOST : 8))
while [ $((BIOS % JOBS)) -ne 0 ]; do JOBS=$((JOBS + 1)); done
DEPTH=$((BIOS / JOBS))
REMEMBERED=65536	# default of --max-bios
EVENTS=/sys/kernel/tracing/events/nvme

need_monitor
prepare 3600
assert_le "queue depth of a job" $DEPTH $MOST

# hits EVENT: print how often it fired, by the kernel's histogram trigger
hits() {
	local word value
	while read -r word value; do
		[ "$word" != Hits: ] || echo "$value"
	done < "$EVENTS/nvme_mpath_$1/hist"
}
for e in bio_park bio_fail; do
	echo 'hist:keys=head' > "$EVENTS/nvme_mpath_$e/trigger"
	on_exit "echo '!hist:keys=head' > $EVENTS/nvme_mpath_$e/trigger"
done

monitor_start
pull_all

say "---- $JOBS jobs with $DEPTH reads each"
fio --name=storm --filename="/dev/$HEAD" --ioengine=io_uring --direct=1 --rw=randread --bs=512 \
	--size=64M --norandommap --thread --numjobs=$JOBS --iodepth=$DEPTH \
	--iodepth_batch_submit=64 --number_ios=$DEPTH --group_reporting \
	--output-format=json --output="$TMP/storm.json" \
	> "$VM_OUT/fio" 2>&1 &
fio=$!
on_exit "kill $fio 2> /dev/null"
all_parked() {
	kill -0 $fio 2> /dev/null || fail "fio ended: $(cat "$VM_OUT/fio")"
	[ "$(hits bio_park)" -ge $((DEPTH * JOBS)) ]
}
check "all of them wait" wait_for 30 all_parked
# the collector counts them once a second
all_counted() {
	report
	[ "${REPORT[.windows[0].bios.queued]:-}" = $((DEPTH * JOBS)) ]
}
check "the collector has counted them" wait_for 2 all_counted
return_all
wait $fio || fail "fio: $(cat "$VM_OUT/fio" "$TMP/storm.json")"
nap 1	# its count of the end
memory=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$MONITOR_PID/status")
monitor_stop
report

N=$((DEPTH * JOBS))
read -r ios errors longest < <(awk '$1 == "\"error\"" { errors += $3 }
	$1 == "\"total_ios\"" { ios += $3 }
	$1 == "\"clat_ns\"" { of_clat = 1 }
	$1 == "\"max\"" { if (of_clat && $3 > max) max = $3; of_clat = 0 }
	END { printf "%d %d %.0f\n", ios, errors, max }' "$TMP/storm.json")
assert_eq "I/Os of fio" "$ios" $N
assert_eq "errors of fio" "$errors" 0
windows_are 1
window_is 0 .outcome recovered
window_is 0 .bios.parked $N
window_is 0 .bios.completed $N
window_is 0 .bios.failed 0
window_is 0 .bios.queued 0
window_is 0 .bios.queued_max $N
window_is 0 .bios.parked_by_op.read $N
assert_eq "times that a bio was queued, the kernel counting them" "$(window 0 .bios.passes)" \
	"$(hits bio_park)"
assert_eq "failed, the kernel counting them" "$(hits bio_fail)" 0
window_is 0 .bios.stall.not_measured $((N > REMEMBERED ? N - REMEMBERED : 0))
window_is 0 .bios.stall.count $((N > REMEMBERED ? REMEMBERED : N))
assert_eq "what is missing" \
	"${REPORT[.windows[0].missing[0]]:-}${REPORT[.windows[0].missing[1]]:-}" \
	"$([ $N -gt $REMEMBERED ] && echo stalls)"
who=${REPORT[.windows[0].bios.who_other]:-0}
for ((i = 0; ; i++)); do
	[ "${REPORT[.windows[0].bios.who[$i].parked]:-}" ] || break
	who=$((who + ${REPORT[.windows[0].bios.who[$i].parked]}))
done
assert_eq "bios by cgroup, and others" "$who" $N
events_all_there
assert_le "longest stall, of fio's longest latency and 1/16" \
	"$(window_ms 0 .bios.stall.max_seconds)" $((longest * 17 / 16 / 1000000 + 5))
assert_le "memory of the collector, kB" "$memory" 16384
refs_are_back
