#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --paths 1
# By default heads over fabrics have no delayed_removal_secs and go with their last path, as ever.
# A PCIe head of the same kernel has the attribute.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
[ ! -e /sys/module/nvme_core/parameters/delayed_removal_fabrics ] ||
	assert_eq "delayed_removal_fabrics" \
		"$(cat /sys/module/nvme_core/parameters/delayed_removal_fabrics)" N
check "the PCIe head has the attribute" test -e "/sys/block/$(head_name)/delayed_removal_secs"

. "$VM_TREE/tests/vm/lib/fabrics.sh"

target_start
REFS=$(core_refs)
target_ns 0 1 "$UUID_A"
target_ns 1 1 "$UUID_B"
target_port 0 tcp 0
target_port 1 loop 1
for path in 0.0 1.1; do
	fab_connect $path
	fab_wait_disk $path
	head=$(head_name ${path#*.})
	type=${FAB_PORT_TYPE[${path%.*}]}
	# 7.2 shows it on all heads
	check_not "a $type head has no such attribute" \
		test -e "/sys/block/$head/delayed_removal_secs"
	check_not "it can't be made" sh -c "echo 5 > /sys/block/$head/delayed_removal_secs" \
		2> /dev/null
	fd_open "$head" "/dev/$head"
	fd_is "$head" write ok
	fab_disconnect $path
	# the controller is gone: the head went before it, or not at all
	check "the $type head went with its last path" head_gone "$head"
	fd_is "$head" write ENOSPC
	fd_close "$head"
done
refs_are_back
unload_all
