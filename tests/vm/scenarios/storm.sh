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
prepare 400
assert_le "queue depth of a job" $DEPTH $MOST

# hits EVENT: how often it fired since hits_start, by the kernel's histogram trigger
hits_start() {
	for e in bio_park bio_unpark bio_fail; do
		echo "hist:keys=head" > "$EVENTS/nvme_mpath_$e/trigger"
	done
}
hits() { sed -n 's/^ *Hits: //p' "$EVENTS/nvme_mpath_$1/hist"; }

hits_start
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
check "all of them wait" wait_for 300 all_parked
sleep 2		# a snapshot of them
return_all
wait $fio || fail "fio: $(cat "$VM_OUT/fio" "$TMP/storm.json")"
sleep 2
memory=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$MONITOR_PID/status")
monitor_stop
report

N=$((DEPTH * JOBS))
fio_says() { jq -r ".jobs[0].read.$1" "$TMP/storm.json"; }
assert_eq "I/Os of fio" "$(fio_says total_ios)" $N
assert_eq "errors of fio" "$(jq -r '.jobs[0].error' "$TMP/storm.json")" 0
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
assert_eq "what is missing" "$(jq -r '.windows[0].missing | join(" ")' "$TMP/report.json")" \
	"$([ $N -gt $REMEMBERED ] && echo stalls)"
assert_eq "bios by cgroup, and others" \
	"$(jq -r '.windows[0].bios | ([.who[].parked] | add) + .who_other' "$TMP/report.json")" $N
events_all_there
assert_le "longest stall, of fio's longest latency" "$(window_ms 0 .bios.stall.max_seconds)" \
	$(($(fio_says clat_ns.max) / 1000000 + 1))
assert_le "memory of the collector, kB" "$memory" 16384
refs_are_back
