#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y
# A head whose paths were inaccessible from the beginning never goes live, and its removal leaves
# nothing behind. It is in neither sysfs nor /dev; its subsystem goes, and its references. One
# that becomes accessible after such a beginning is a head like any other.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

subsystems() {
	local s n=0
	for s in /sys/class/nvme-subsystem/nvme-subsys*; do
		[ ! -e "$s" ] || n=$((n + 1))
	done
	echo $n
}
subsystems_are() { [ "$(subsystems)" -eq "$1" ]; }

target_start
target_ns 0 1 "$UUID_A" group=2
target_ns 1 1 "$UUID_B" group=2
target_port 0 tcp 0 1
target_port 1 loop 0 1
REFS=$(core_refs)
before=$(subsystems)
for state in inaccessible persistent-loss; do
	say "---- $state"
	ana_state 0 2 $state
	ana_state 1 2 $state
	fab_connect 0
	fab_connect 1
	fab_wait_disk 0
	fab_wait_disk 1
	fab_wait_ana 0 $state
	check_not "there is no head" head_name
	check_not "nor a disk" ls /dev/nvme*n1
	fab_disconnect 0
	fab_disconnect 1
	check "the subsystem goes" wait_for 2 subsystems_are "$before"
	refs_are_back
done

say "---- accessible later"
fab_connect 0.1
fab_connect 1.1
fab_wait_disk 0.1
fab_wait_disk 1.1
check_not "there is no head" head_name 1
ana_state 1 2 optimized
check "now there is" wait_for 5 head_name 1
HEAD=$(head_name 1)
if fabrics_setting; then
	head_set_secs 3600 1
	fab_disconnect 0.1
	fab_disconnect 1.1
	check "it has a window" test -b "/dev/$HEAD"
	# 0 ends it
	echo 0 > "/sys/block/$HEAD/delayed_removal_secs"
else
	fab_disconnect 0.1
	fab_disconnect 1.1
fi
check "it goes" wait_for 2 head_gone "$HEAD"
check "the subsystem goes" wait_for 2 subsystems_are "$before"
refs_are_back
unload_all
