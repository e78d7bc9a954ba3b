#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 200
# The driver is unbound, unloaded and loaded again in a window, and is the reason for one;
# nvme_core stays until it is over. It can be unloaded afterwards. The monitor waits for
# nvme_core.
. "$VM_TREE/tests/vm/lib.sh"

observe 3600
fio_start load "/dev/$HEAD" --rate_iops=200
loaded() { [ -d "/sys/module/$1" ]; }

say "---- unbound and bound"
path_release 0,1
check "the head stays" test -b "/dev/$HEAD"
check "the devices are still there" test -e "/sys/devices/pci0000:00/0000:00:10.0/0000:01:00.0"
check "I/O waits" wait_for 3 io_waits "$HEAD"
path_bind 0,1
head_is_same

say "---- unloaded and loaded"
open_refs=$(core_refs)
check "nvme can be unloaded with I/O in flight" rmmod nvme
check "the head stays" test -b "/dev/$HEAD"
check "I/O waits" wait_for 3 io_waits "$HEAD"
# one for the nvme module that is gone, one for the window that is there
assert_eq "references to nvme_core" "$(core_refs)" "$open_refs"
monitor_stop
trace_stop
check_not "nvme_core can't be unloaded in the window" rmmod nvme_core 2> "$TMP/said"
check "because it is in use" grep -q "in use" "$TMP/said"
check "nvme can be loaded in the window" modprobe nvme
check "the paths are back" wait_for 10 path_disk 1
head_is_same
fio_end load 90
refs_are_back

say "---- unloaded, and the window ends"
rmmod nvme
fd_open late "/dev/$HEAD"
fd_ask late write
check_not "nvme_core can't be unloaded in the window" rmmod nvme_core 2> /dev/null
echo 1 > "/sys/block/$HEAD/delayed_removal_secs"
fd_answer late 60 || fail "the queued write did not end with the window"
assert_eq "a write queued in the window" "$FD_SAID" EIO
check "the head goes" wait_for 2 head_gone "$HEAD"
check_not "nvme_core can't be unloaded while the disk is open" rmmod nvme_core 2> /dev/null
fd_close late
assert_eq "references to nvme_core" "$(core_refs)" 0
check "nvme_core can be unloaded" rmmod nvme_core
check_not "it is gone" loaded nvme_core
report

windows_are 2
window_ended 0 recovered
window_is 1 .outcome pending
bios_as_traced parked "$HEAD" 0 1

say "---- the monitor is there before nvme_core"
monitor_begin "$TMP/later"
check "it waits" wait_for 20 monitor_waits
monitor_stop
monitor_begin "$TMP/later"
check "it waits again" wait_for 20 monitor_waits
modprobe nvme
check "the disk comes back" wait_for 10 head_dev
check "it attaches" wait_for 60 monitor_attached
assert_eq "the head's setting" "$(head_secs)" 0
HEAD=$(head_name)
head_set_secs 3600
pull_all
return_all
monitor_stop
report
windows_are 1
window_ended 0 recovered
