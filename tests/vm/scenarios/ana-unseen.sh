#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --stock --timeout 200
# Both paths of the distribution's own driver become inaccessible while their controllers live.
# Where no event tells of ANA states, as the compiler took the function into its callers, sysfs is
# believed: the metrics say that no path can be used, and not that all is well.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

fab_ana_pair
HEAD=$(head_name)
METRICS=$TMP/m.prom
monitor_start "$TMP/record" --textfile "$METRICS" -i 1s
# gauge_is NAME VALUE [LABEL]
gauge_is() { metric_is "$2" "$METRICS" "$1" "${@:3}"; }

check "both paths can be used" wait_for 30 gauge_is head_paths_usable 2
ana_state 0 2 inaccessible
ana_state 1 2 inaccessible
fab_wait_ana 0 inaccessible
fab_wait_ana 1 inaccessible
check "nothing asks for a path, and sysfs is believed all the same" \
	wait_for 60 gauge_is head_paths_usable 0
check "the state says so" gauge_is head_state 1 'state="no_usable_path"'
check "and not that all is well" gauge_is head_state 0 'state="healthy"'
for path in /sys/block/"${HEAD%n*}"c*; do
	path=${path##*/}
	check "ANA inaccessible of $path" gauge_is path_ana_state 3 "path=\"$path\""
done
read_start waits "$HEAD"
check "the read that waits is in the metrics" wait_for 30 gauge_is queue_depth 1
ana_state 0 2 optimized
read_wait waits 20
check "one path can be used" wait_for 30 gauge_is head_paths_usable 1
check "nothing waits" wait_for 30 gauge_is queue_depth 0
check "no contradiction: no event was due" gauge_is collector_contradictions_total 0
monitor_stop
"$MONITOR" report "$RECORD"
