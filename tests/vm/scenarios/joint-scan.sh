#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 200
# vm-env: ROUNDS=10 scans
# vm-time: ROUNDS 10
# Two controllers scan a namespace at the same time, many times: each time both paths serve.
. "$VM_TREE/tests/vm/lib.sh"

ROUNDS=${ROUNDS:-10}
REFS=$(core_refs)

both_there() { path_disk 0 > /dev/null && path_disk 1 > /dev/null && head_dev > /dev/null; }

# served DISK READS: it has completed more reads than that
served() { [ "$(awk '{ print $1 }' "/sys/block/$1/stat")" -gt "$2" ]; }

read_once() { timeout 10 dd if="$1" of=/dev/null bs=4096 count=1 iflag=direct status=none; }

for ((i = 1; i <= ROUNDS; i++)); do
	"$PATHCTL" release 0,1 > /dev/null
	"$PATHCTL" bind 0 > /dev/null 2>&1 &
	"$PATHCTL" bind 1 > /dev/null 2>&1 &
	wait
	check "round $i: both paths are there" wait_for 10 both_there
	dev=$(head_dev)
	round_robin
	for n in 0 1; do
		disk=$(path_disk "$n")
		before=$(awk '{ print $1 }' "/sys/block/$disk/stat")
		for _ in 1 2 3 4; do
			read_once "$dev" || fail "round $i: a read did not end"
		done
		served "$disk" "$before" || fail "round $i: $disk is there and its controller is" \
			"$(cat "/sys/class/nvme/$("$PATHCTL" ctrl "$n")/state"), but it is not used"
	done
done
refs_are_back
