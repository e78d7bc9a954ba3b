#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 240
# vm-lines: 7.3
# vm-compare: differs
# What a kernel with mainline's delayed removal gets wrong on PCIe: every point is wrong with its
# own modules and right with the series.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/points.sh"

need_setting
attr() { echo "/sys/block/$(head_name)/delayed_removal_secs"; }
heads() { compgen -G '/sys/class/nvme-subsystem/nvme-subsys*/nvme[0-9]n[0-9]' | wc -l; }

# The value is written when the head's link to the path has gone, which is after the driver looked
# at it first and before it does so again.
written_between() {
	local try h disk w
	for ((try = 0; try < 5; try++)); do
		h=$(head_name)
		disk=$(path_disk 0)
		{
			while [ -L "/sys/block/$h/multipath/$disk" ]; do :; done
			{ echo 10 > "/sys/block/$h/delayed_removal_secs"; } 2> /dev/null || :
		} &
		w=$!
		path_remove_sysfs 0
		wait $w
		pci_rescan 0
		[ "$(heads)" -eq 1 ] || return 1
		wait_for 5 head_dev > /dev/null || return 1
		echo 0 > "$(attr)"
	done
}

# The path comes back: to a new head or, with the other kernel, to the old one.
back() {
	path_return 0
	wait_for 10 head_dev > /dev/null || fail "there is no head"
	HEAD=$(head_name)
}

say "---- a value written while the last path goes"
path_pull 1
point "a head that waits is found by its path" written_between
if [ "$(heads)" -ne 1 ]; then
	! path_disk 0 > /dev/null || path_remove_sysfs 0
	no_head() { [ "$(heads)" -eq 0 ]; }
	wait_for 15 no_head || fail "a head stays"
	pci_rescan 0
fi

say "---- writes in a window"
head_set_secs $HOUR
HEAD=$(head_name)
path_pull 0
io short "$HEAD"
waits short
echo 2 > "$(attr)"
point "a shorter time ends the window and its I/O earlier" fails short 5
back
ends_within 60 short || fail "the read did not end when the path was back"
head_set_secs $HOUR
path_pull 0
io zero "$HEAD"
waits zero
echo 0 > "$(attr)"
point "0 ends it now" fails zero 3
back
ends_within 60 zero || fail "the read did not end when the path was back"

say "---- a very long time"
head_set_secs 17179871
path_pull 0
# by a wrong calculation 2 s
nap 5
point "half a year is not over in seconds" test -b "/dev/$HEAD"
[ ! -b "/dev/$HEAD" ] || echo 0 > "$(attr)"
wait_for 5 head_gone "$HEAD" || fail "the head stays"
path_return 0

say "---- a dead controller that stays bound"
HEAD=$(head_name)
head_set_secs 2
path_dead 0
io dead "$HEAD"
point "I/O waits no longer than the setting for it" fails dead 5
path_remove_sysfs 0
wait_for 8 head_gone "$HEAD" || fail "the head stays"
ends_within 60 dead || fail "the read has not ended with the head"
points_end
