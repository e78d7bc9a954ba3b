#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 200 --heads 2 --single --core-params multipath_always_on=Y
# Single-ported disks with multipath_always_on have heads, which keep name and I/O over a window.
# Another disk in the slot gets a head of its own. Without the parameter there is no head.
. "$VM_TREE/tests/vm/lib.sh"

PARAMS=/sys/module/nvme_core/parameters
reload() {	# the parameters are for loading only
	rmmod nvme nvme_core || fail "cannot unload the modules"
	load_core "$@" && modprobe nvme
}
# modprobe would add what the kernel's command line says
load_core() { insmod "$(modinfo -n nvme_core)" "$@"; }

observe 20
other=$(head_name 1)
check_not "the disks are different ones" test "$HEAD" = "$other"
SHORT=$((4 * VM_SLOW))
head_set_secs $SHORT 1

say "---- both disks gone, one comes back in time"
fio_start load "/dev/$HEAD"
fio_start lost "/dev/$other" "${FIO_ALL_ERRORS[@]}"
sleep 1
path_pull 0
path_pull 1
lost=$PATH_DONE_NS
check "the head is there without a path" test -b "/dev/$HEAD"
check "so is the other" test -b "/dev/$other"
path_return 0
head_is_same
fio_wait lost 30
check "the I/O of the other failed" test "$(fio_errors lost "$EIO")" -gt 0
check "the other head went" wait_for 2 head_gone "$other"
fio_end load

say "---- another disk in the slot"
path_return 1
check "the other disk is back" wait_for 10 head_dev 1
head_set_secs $((12 * VM_SLOW))
path_pull 0
waits=$HEAD
"$PATHCTL" qmp device_add \
	'{"driver":"nvme","id":"stranger","bus":"port0","serial":"mpath7","drive":"disk0-1"}' |
	grep -v '"error":' || fail "cannot plug the other disk"
check "it has a head of its own" wait_for 10 head_dev 7
check "under another name" test "$(head_name 7)" != "$waits"
check "while the head of the first waits" test -b "/dev/$waits"
check "which then goes" wait_for 14 head_gone "$waits"
check "the new one reads" read_block "$(head_dev 7)"
observe_end
windows_are 3
w=$(window_of "$other")
window_is "$w" .outcome removed
assert_due_ms "duration of the other's window" "$(window_ms "$w" .duration_seconds)" \
	$((SHORT * 1000)) 100
assert_eq "outcomes of the windows" \
	"$(for w in 0 1 2; do window $w .outcome; done | sort | paste -sd' ')" \
	"recovered removed removed"
for w in 0 1 2; do
	window_is $w .complete true
done

say "---- the parameters"
check_not "multipath can't be off with it" reload multipath_always_on=Y multipath=N 2> /dev/null
dmesg > "$TMP/dmesg"
check "the kernel says why" grep -qi "multipath.*multipath_always_on" "$TMP/dmesg"
load_core multipath=N multipath_always_on=Y && modprobe nvme
check "it turns multipath on" grep -q Y "$PARAMS/multipath"
check "there is a head" wait_for 10 head_secs 7
reload multipath_always_on=N
plain() { compgen -G '/sys/class/nvme/nvme*/nvme[0-9]n1' > /dev/null; }
check "without it the disk is the controller's" wait_for 10 plain
assert_eq "hidden disks of paths" "$(find /sys/block -name 'nvme*c*n*' | wc -l)" 0
assert_eq "disks that can wait" "$(find /sys/class/nvme/*/ -name delayed_removal_secs | wc -l)" 0
