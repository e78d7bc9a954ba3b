#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y --timeout 150
# fast_io_fail_tmo keeps its meaning, whatever the grace time. When the target is gone and the
# controllers try to reconnect for a long time, I/O fails that time after the loss; with a
# connection before that it goes on. The controllers stay, and so does the head, in either case.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

FAIL_TMO=3

# fail_fast WHAT: the target drops both paths, a queued read fails in time.
fail_fast() {
	local lost
	target_unlink 0
	target_unlink 1
	lost=$(now_ns)
	fab_wait_state 0 connecting
	fab_wait_state 1 connecting
	read_start "$1" "$HEAD"
	read_wait "$1" $((FAIL_TMO + 8)) "$EIO"
	assert_due_ms "from the loss to that" \
		$(((READ_END_NS - lost) / 1000000)) $((FAIL_TMO * 1000)) 1000
	check "the head stays" test -b "/dev/$HEAD"
	read_start "$1-new" "$HEAD"
	read_wait "$1-new" 2 "$EIO"
	target_link 0
	target_link 1
	fab_wait_state 0 live
	fab_wait_state 1 live
	read_start "$1-after" "$HEAD"
	read_wait "$1-after" 5
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

say "---- 1. without a grace time"
fail_fast zero
if fabrics_setting; then
	say "---- 2. with one that is longer"
	head_set_secs 60
	fail_fast long
	say "---- 3. connected again before that"
	for path in 0 1; do
		put "/sys/class/nvme/$(fab_ctrl $path)/fast_io_fail_tmo" 30
	done
	fio_start load "/dev/$HEAD" --rate_iops=50
	target_unlink 0
	target_unlink 1
	sleep 1
	target_link 1
	fab_wait_state 1 live
	fio_end load
	head_is_same
	head_set_secs 0
else
	say "no delayed removal for fabrics here: no parts 2 and 3"
fi
refs_are_back
unload_all
