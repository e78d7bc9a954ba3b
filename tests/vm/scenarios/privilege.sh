#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 200
# The collector as nobody, with CAP_BPF and CAP_PERFMON and nothing else, attaches, gives up both,
# and sees a whole window. It sees causes and cgroups, too. With one of the two it says which one
# it lacks.
. "$VM_TREE/tests/vm/lib.sh"

NOBODY=65534

# as_nobody CAPS CMD...: in place of this shell
as_nobody() {
	local caps=$1
	shift
	exec setpriv --reuid=$NOBODY --regid=$NOBODY --clear-groups \
		--no-new-privs --inh-caps="$caps" --ambient-caps="$caps" \
		--bounding-set="$caps" "$@"
}

# lacks CAPS MISSING
lacks() {
	local status=0
	(as_nobody "$1" "$MONITOR" watch > "$TMP/said" 2>&1) || status=$?
	assert_eq "exit status with $1" "$status" 1
	grep -q -e "takes $2, which" "$TMP/said" ||
		fail "with $1 it says '$(cat "$TMP/said")', not that it lacks $2"
}

need_patched
need_monitor
lacks -all,+bpf CAP_PERFMON
lacks -all,+perfmon CAP_BPF

prepare 3600
trace_start
MONITOR_AS=(as_nobody "-all,+bpf,+perfmon")
chmod 755 "$TMP"
mkdir "$TMP/record"
chown $NOBODY "$TMP/record"
monitor_begin
wait_for 10 monitor_attached || fail "the monitor does not attach: $(cat "$TMP/monitor.log")"
for set in CapInh CapPrm CapEff CapAmb; do
	assert_eq "$set once it is attached" \
		"$(sed -n "s/^$set:\t//p" "/proc/$MONITOR_PID/status")" 0000000000000000
done
assert_eq "user" "$(stat -c %u "/proc/$MONITOR_PID")" $NOBODY

# one I/O of each job waits
fio_start load "/dev/$HEAD" --numjobs=4 --thread --iodepth=1 --rate_iops=20 --verify=0
pull_all
return_all
fio_end load
finish_with recovered
bios_as_traced parked "$HEAD" 0 outside
assert_eq "causes" "$(sed -n 's/^\.windows\[0\]\.losses\[[0-9]*\]\.cause //p' \
	"$TMP/report.flat" | sort -u)" removal
check "whose they were" grep -q '^\.windows\[0\]\.bios\.who\[0\]\.parked ' "$TMP/report.flat"
refs_are_back
