#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 2 --single --core-params multipath_always_on=Y
# Single-ported disks with multipath_always_on have heads, which keep name and I/O over a window.
# Another disk in the slot gets a head of its own. Without the parameter there is no head.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/writers.sh"

PARAMS=/sys/module/nvme_core/parameters
reload() {	# the parameters are for loading only
	rmmod nvme nvme_core || fail "cannot unload the modules"
	load_core "$@" && modprobe nvme
}
# modprobe would add what the kernel's command line says
load_core() { insmod "$(modinfo -n nvme_core)" "$@"; }

observe 3600
other=$(head_name 1)
check_not "the disks are different ones" test "$HEAD" = "$other"
SHORT=$((2 * VM_SLOW))
head_set_secs $SHORT 1

say "---- both disks gone, one comes back in time"
writers_start load "$HEAD" "$other"
path_pull 0,1
check "the I/O of the first waits" wait_for 5 io_waits "$HEAD"
check "the head is there without a path" test -b "/dev/$HEAD"
check "the other head goes" wait_for $((SHORT + 2)) head_gone "$other"
check "its I/O failed" wait_for 5 writers_said load "$other" 'EIO|ENOSPC'
path_return 0
head_is_same
none_waits() { ! io_waits "$HEAD"; }
check "the I/O of the first goes on" wait_for 5 none_waits
writers_stop load
check "it had no error" writers_said load "$HEAD" ok

say "---- another disk in the slot"
path_return 1
check "the other disk is back" wait_for 10 head_dev 1
path_pull 0
waits=$HEAD
stranger='{"driver":"nvme","id":"stranger","bus":"port0","serial":"mpath7","drive":"disk0-1"}'
# QEMU lets go of the drive a little later
plug() {
	path_ask qmp device_add "$stranger"
	[[ $PATH_SAID != *'"error":'* ]]
}
check "another disk can be plugged in" wait_for 5 plug
on_exit 'path_ask qmp device_del "{\"id\":\"stranger\"}"'
check "it has a head of its own" wait_for 10 head_dev 7
check "under another name" test "$(head_name 7)" != "$waits"
check "while the head of the first waits" test -b "/dev/$waits"
end_soon "$waits"
check "which goes when the time is up" wait_for 5 head_gone "$waits"
check "the new one reads" read_block "$(head_dev 7)"
observe_end
windows_are 3
window_expired "$(window_of "$other")" "$other" $SHORT
assert_eq "outcomes of the windows" \
	"$(report_list .outcome | tr ' ' '\n' | sort | paste -sd' ')" \
	"$(printf '%s\n' recovered removed "$(removed_as "$waits")" | sort | paste -sd' ')"
assert_eq "windows with all their data" "$(report_list .complete)" "true true true"

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
