#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --stock --timeout 120
# On the distribution's own modules features says what is missing and what is used instead:
# kprobes. A missing capability for them is named; the monitor waits for nvme_core. What is seen
# by kprobes shows the scenario stock-kernel.
. "$VM_TREE/tests/vm/lib.sh"

need_monitor
check_not "the modules are stock" is_patched
"$MONITOR" features | tee "$TMP/features"
check "features tells that there are no tracepoints" grep -q '^  nvme_mpath_bio_park *no$' \
	"$TMP/features"
check "and what is used instead" grep -q '^uses     kprobes' "$TMP/features"
check "and what is missing all the same" grep -q '^missing  ' "$TMP/features"
check "features -j is JSON" sh -c "'$MONITOR' features -j | jq -e .kprobes"

# lacks CAPS MISSING
lacks() {
	local status cmd wanted
	for cmd in "collect --record $TMP/record" watch; do
		status=0 wanted=1
		[ "$cmd" = watch ] || wanted=6	# no service manager is to start it again
		# shellcheck disable=SC2086	# a command with its option
		setpriv --inh-caps="$1" --bounding-set="$1" "$MONITOR" $cmd > "$TMP/said" 2>&1 ||
			status=$?
		cat "$TMP/said"
		assert_eq "exit status of $cmd" $status $wanted
		check "$cmd says that $2 is missing" grep -q "$2" "$TMP/said"
	done
}
lacks -all,+bpf,+perfmon CAP_SYSLOG
lacks -all,+bpf,+perfmon,+syslog CAP_SYS_ADMIN
rmmod nvme
rmmod nvme_core
monitor_begin
check "without nvme_core it says that it waits" wait_for 20 monitor_waits
modprobe nvme
check "it attaches when nvme_core is there" wait_for 20 monitor_attached
check "the disk is back" wait_for 10 head_dev
reset_all
monitor_stop
"$MONITOR" watch --replay "$RECORD" > "$TMP/said"
check "it sees what happens" grep -q 'resetting' "$TMP/said"
