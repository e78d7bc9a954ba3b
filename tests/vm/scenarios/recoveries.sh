#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 400
# vm-env: RECOVERIES=10 recoveries
# vm-env: SEED=random ways, order and pauses
# vm-time: RECOVERIES 8
# vm-make: build/tests/vm/ledger
# Recoveries in a row, of paths that are lost and brought back at random: no I/O fails, and
# nothing is lost. Two programs write and verify; nothing old is written over newer data, and each
# recovery is one window.
. "$VM_TREE/tests/vm/lib.sh"

COUNT=${RECOVERIES:-10}
SEED=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
LEDGER=$VM_TREE/build/tests/vm/ledger

[ -x "$LEDGER" ] || fail "there is no build/tests/vm/ledger: 'make check-vm' makes it"
say "again with: tests/vm/run -e RECOVERIES=$COUNT -e SEED=$SEED recoveries"
# each path is back in time, however long that takes
observe 3600
fio_start load "/dev/$HEAD" --runtime=100000 --size=64M --rate_iops=100
"$LEDGER" nqn.2019-08.org.qemu:mpath0 32768 4096 8 10 60 "$SEED" \
	> "$TMP/ledger" 2> "$VM_OUT/ledger.err" &
ledger=$!
on_exit "kill $ledger 2>/dev/null"

"$VM_TREE/tests/vm/recover" "$COUNT" "$SEED" > "$VM_OUT/paths.log" ||
	fail "a path did not do as it should"
say "$COUNT times all paths went and came back"
check "fio is still there" fio_running load
fio_end load 60
kill $ledger
wait $ledger || fail "$(cat "$VM_OUT/ledger.err" "$TMP/ledger")"
say "$(cat "$TMP/ledger")"
check "its I/O did not fail once" grep -q 'write_errors=0 read_errors=0 heads_lost=0' "$TMP/ledger"
head_is_same
monitor_stop
trace_stop
report > "$VM_OUT/report"

assert_eq "windows, tracefs counting them" "$(trace_count nvme_mpath_remove_work action=armed)" \
	"$COUNT"
windows_are "$COUNT"
assert_eq "those that recovered" \
	"$(grep -c '^\.windows\[[0-9]*\]\.outcome recovered$' "$TMP/report.flat")" "$COUNT"
assert_eq "failed bios" "$(trace_count nvme_mpath_bio_fail)" 0
refs_are_back
