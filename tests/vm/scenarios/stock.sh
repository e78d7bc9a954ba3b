#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --stock --timeout 90
# On the distribution's own modules there are no multipath tracepoints: the monitor says so,
# and what to do, and does not pretend to watch.
. "$VM_TREE/tests/vm/lib.sh"

need_monitor
check_not "the modules are stock" is_patched
"$MONITOR" features | tee "$TMP/features"
check "features tells that the tracepoints are missing" grep -q -i 'missing' "$TMP/features"
check "features -j is JSON" sh -c "'$MONITOR' features -j | jq -e . "
for cmd in "collect --record $TMP/record" watch; do
	status=0
	# shellcheck disable=SC2086	# a command with its option
	"$MONITOR" $cmd > "$TMP/said" 2>&1 || status=$?
	cat "$TMP/said"
	assert_eq "exit status of $cmd" $status 1
	check "$cmd says what is missing" grep -q tracepoint "$TMP/said"
done
rmmod nvme
rmmod nvme_core
"$MONITOR" watch > "$TMP/said" 2>&1 || status=$?
cat "$TMP/said"
check "without nvme_core it says that instead" grep -q 'nvme_core' "$TMP/said"
