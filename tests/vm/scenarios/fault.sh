#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y --timeout 300
# vm-debug: only that kernel has failslab with its stack trace filter
# vm-env: ATTEMPTS=14 points
# vm-time: ATTEMPTS 20
# A returning path runs out of memory at one point after the other: the head stays with its
# window. The points are allocations of nvme_alloc_ns(). The next attempt succeeds each time,
# whether the path made it or not.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

FAILSLAB=/sys/kernel/debug/failslab
ATTEMPTS=${ATTEMPTS:-14}

[ -e $FAILSLAB/require-start ] ||
	skip "this kernel has no failslab with a stack trace filter: it needs the debug kernel"

# Addresses of a function of nvme_core: its own, and that of the symbol behind it. Only the symbols
# of that module are sorted: sort takes minutes for all of them on the debug kernel.
symbol_range() {
	grep -F '[nvme_core]' /proc/kallsyms | sort -k1,1 | awk -v name="$1" '
		start != "" && $1 != start { print start, $1; exit }
		$3 == name { start = $1 }'
}

# inject BYTES: the first allocation fails after so many bytes were allowed.
inject() {
	put $FAILSLAB/probability 0
	put $FAILSLAB/space "$1"
	put $FAILSLAB/times 1
	put $FAILSLAB/probability 100
}

injected() { [ "$(cat $FAILSLAB/times)" -eq 0 ]; }
idle() { injected || fab_disk 0 > /dev/null; }

target_start
target_ns 0 1 "$UUID_A"
target_port 0 tcp
fab_connect 0
fab_wait_disk 0
HEAD=$(head_name)
need_fabrics_setting
REFS=$(core_refs)
trace_start
head_set_secs 3600
read -r start end < <(symbol_range nvme_alloc_ns)
check "nvme_alloc_ns is a function of its own" test "$start" != "$end"
put $FAILSLAB/ignore-gfp-wait 0
put $FAILSLAB/stacktrace-depth 32
put $FAILSLAB/require-start "0x$start"
put $FAILSLAB/require-end "0x$end"
put $FAILSLAB/verbose 1
on_exit "echo 0 > $FAILSLAB/probability; echo 0 > $FAILSLAB/require-start;" \
	"echo 0 > $FAILSLAB/require-end"

failed=0 made=0 bytes=0
for ((i = 0; i < ATTEMPTS; i++)); do
	fab_disconnect 0
	read_start "read$i" "$HEAD"
	inject $bytes
	fab_connect 0
	wait_for 20 idle || fail "attempt $i: neither a failure nor a disk"
	check "attempt $i, $bytes bytes allowed: the head stays" stays 1 test -b "/dev/$HEAD"
	put $FAILSLAB/probability 0
	if fab_disk 0 > /dev/null; then
		made=$((made + 1))
	else
		failed=$((failed + 1))
		check_not "its I/O waits" read_ended "read$i"
		fab_scan 0
		fab_wait_disk 0
	fi
	read_wait "read$i" 20
	head_is_same
	# small steps first: what is allocated early is small
	bytes=$((bytes + 512 + bytes / 2))
done
say "$failed attempts failed, $made made it all the same"
check "some failed" test $failed -ge 3
trace_stop
assert_eq "windows armed" "$(trace_count nvme_mpath_remove_work "$HEAD:.*action=armed")" "$ATTEMPTS"
assert_eq "windows that ended by a removal" \
	"$(trace_count nvme_mpath_remove_work "$HEAD:.*action=ran")" 0
refs_are_back
head_set_secs 0
unload_all
