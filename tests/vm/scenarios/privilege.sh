#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 350
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

prepare 20
trace_start
MONITOR_AS=(as_nobody "-all,+bpf,+perfmon")
chmod 755 "$TMP"
mkdir "$TMP/record"
chown $NOBODY "$TMP/record"
monitor_begin
wait_for 30 monitor_attached ||
	fail "the monitor did not attach within 30 s: $(cat "$TMP/monitor.log")"
for set in CapInh CapPrm CapEff CapAmb; do
	assert_eq "$set once it is attached" \
		"$(sed -n "s/^$set:\t//p" "/proc/$MONITOR_PID/status")" 0000000000000000
done
assert_eq "user" "$(stat -c %u "/proc/$MONITOR_PID")" $NOBODY

fio_start load "/dev/$HEAD" --rate_iops=200
pull_all
sleep 2
return_all
fio_end load
finish_with recovered
bios_as_traced parked "$HEAD" 0 outside
assert_eq "causes" \
	"$(jq -r '[.windows[0].losses[].cause] | unique | join(" ")' "$TMP/report.json")" removal
check "whose they were" jq -e '.windows[0].bios.who | length > 0' "$TMP/report.json"
refs_are_back
