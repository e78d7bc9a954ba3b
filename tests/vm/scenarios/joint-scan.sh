#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 200
# vm-env: ROUNDS=10 scans
# vm-time: ROUNDS 10
# Two controllers scan a namespace at the same time, many times: each time both paths serve.
. "$VM_TREE/tests/vm/lib.sh"

ROUNDS=${ROUNDS:-10}
REFS=$(core_refs)
DRIVER=/sys/bus/pci/drivers/nvme

devices=()
for n in 0 1; do
	device=$(compgen -G "/sys/devices/pci0000:00/0000:00:1$n.0/0000:??:??.?") ||
		fail "path $n has no PCI device"
	devices+=("$device")
done
both_there() { path_disk 0 && path_disk 1 && DEV=$(head_dev) && [ -b "$DEV" ]; }

# reads DISK: sets READS, how many it has completed.
reads() { read -r READS _ < "/sys/block/$1/stat"; }

for ((i = 1; i <= ROUNDS; i++)); do
	for d in "${devices[@]}"; do echo "${d##*/}" > "$DRIVER/unbind"; done
	for d in "${devices[@]}"; do
		echo "${d##*/}" > "$DRIVER/bind" &
	done
	wait
	check "round $i: both paths are there" wait_for 10 both_there
	round_robin
	names=() before=()
	for n in 0 1; do
		names[n]=$(path_disk "$n")
		reads "${names[n]}"
		before[n]=$READS
	done
	timeout 120 dd if="$DEV" of=/dev/null bs=4096 count=8 iflag=direct status=none ||
		fail "round $i: a read did not end"
	for n in 0 1; do
		reads "${names[n]}"
		[ "$READS" -gt "${before[n]}" ] ||
			fail "round $i: ${names[n]} is there and its controller is" \
				"$(cat "${devices[n]}"/nvme/nvme*/state), but it is not used"
	done
done
refs_are_back
