#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y
# fast_io_fail_tmo keeps its meaning, whatever the grace time. When the target is gone and the
# controllers try to reconnect for a long time, I/O fails that time after the loss; with a
# connection before that it goes on. The controllers stay, and so does the head, in either case.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"
. "$VM_TREE/tests/vm/lib/writers.sh"

FAIL_TMO=2
ROUNDS=0

lose_both() {
	target_unlink 0
	target_unlink 1
	fab_wait_state 0 connecting
	fab_wait_state 1 connecting
}

# fail_fast WHAT: the target drops both paths, a queued read fails in time, the next one at once.
fail_fast() {
	local lost
	ROUNDS=$((ROUNDS + 1))
	lost=$(now_ns)
	lose_both
	read_start "$1" "$HEAD"
	read_wait "$1" $((FAIL_TMO + 8)) "$EIO"
	check "that is not before the time is up" \
		test $((READ_END_NS - lost)) -ge $((FAIL_TMO * 1000000000))
	check "the head stays" test -b "/dev/$HEAD"
	read_start "$1-new" "$HEAD"
	read_wait "$1-new" 2 "$EIO"
	for path in 0 1; do
		check "path $path still tries to reconnect" fab_state_is $path connecting
	done
	! is_patched || assert_eq "reads that waited" \
		"$(trace_stalls parked "$HEAD")" $ROUNDS
	target_link 0
	target_link 1
	fab_wait_state 0 live
	fab_wait_state 1 live
	read_start "$1-after" "$HEAD"
	read_wait "$1-after" 5
}

# failed_in_time ROUND: tracefs has when the second controller began to reconnect, and when the
# first of two reads failed.
failed_in_time() {
	assert_due "the queued read fails, by tracefs" \
		"$(trace_ns nvme_mpath_bio_fail "$HEAD:" $((2 * $1 - 1)))" \
		$(($(trace_ns nvme_ctrl_state '-> connecting' $((2 * $1))) +
			FAIL_TMO * 1000000000))
}

target_start
target_ns 0 1 "$UUID_A"
target_port 0 tcp
target_port 1 tcp
for path in 0 1; do
	fab_connect $path fast_io_fail_tmo=$FAIL_TMO
	fab_wait_disk $path
done
HEAD=$(head_name)
REFS=$(core_refs)
! is_patched || trace_start

say "---- 1. without a grace time"
fail_fast zero
if fabrics_setting; then
	say "---- 2. with one that is longer"
	head_set_secs 600
	fail_fast long
	say "---- 3. connected again before that"
	for path in 0 1; do
		put "/sys/class/nvme/$(fab_ctrl $path)/fast_io_fail_tmo" 600
	done
	writers_start load "$HEAD"
	lose_both
	! is_patched || check "I/O waits" wait_for 5 io_waits "$HEAD"
	target_link 1
	fab_wait_state 1 live
	wrote=$(writes_of "$HEAD")
	advanced() { [ "$(writes_of "$HEAD")" -gt $((wrote + 1)) ]; }
	check "it goes on" wait_for 5 advanced
	writers_stop load
	check "and has no error" writers_said load "$HEAD" ok
	head_is_same
	head_set_secs 0
else
	say "no delayed removal for fabrics here: no parts 2 and 3"
fi
if is_patched; then
	trace_stop
	for ((round = 1; round <= ROUNDS; round++)); do
		failed_in_time $round
	done
	assert_eq "windows armed" "$(trace_count nvme_mpath_remove_work action=armed)" 0
fi
refs_are_back
unload_all
