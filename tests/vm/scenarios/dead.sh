#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# vm-lines: 6.12 7.3
# A controller whose reset failed stays bound, dead: I/O waits for the grace time, and no longer.
# Its namespace is listed; no path can serve and none is about to. The time counts from the loss
# of the last usable path; a path that returns within it completes the I/O. Linux 6.1 lets go of
# such a controller, see reset-fails and dead-queued.
. "$VM_TREE/tests/vm/lib.sh"

prepare 10
trace_start

say "---- 1. a good path returns in time"
path_pull 1
fio_start saved "/dev/$HEAD" --rate_iops=200
path_dead 0
lost=$PATH_DONE_NS
sleep 1
check "the dead controller still has its namespace" path_disk 0
check "I/O waits" io_waits "$HEAD"
path_remove_sysfs 0
path_plug 0
assert_le "from the loss to the good path" $(((PATH_DONE_NS - lost) / 1000000)) 9000 ms
fio_end saved
head_is_same
path_return 1

say "---- 2. both paths dead, and none returns"
fio_start lost "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}" --rate_iops=200
path_dead 0
check "I/O goes on while one path serves" fio_running lost
assert_eq "errors with one path" "$(fio_errors lost)" 0
path_dead 1
lost=$PATH_DONE_NS
check "I/O waits" wait_for 3 io_waits "$HEAD"
some_failed() { [ "$(fio_errors lost "$EIO")" -gt 0 ]; }
check "I/O fails" wait_for $((WINDOW + 3)) some_failed
assert_due_ms "from the loss to the first EIO" \
	$((($(now_ns) - lost) / 1000000)) $((WINDOW * 1000)) 1000
none_queued() { [ "$(trace_stalls queued "$HEAD")" -eq 0 ]; }
check "nothing stays queued" wait_for 1 none_queued
before=$(now_ns)
check_not "new I/O fails" timeout 10 dd if="/dev/$HEAD" of=/dev/null bs=4096 count=1 \
	iflag=direct status=none
assert_le "after the time is up it does so at once" $((($(now_ns) - before) / 1000000)) 3000 ms
fio_stop lost
fio_wait lost 20
fio_lost_disk lost
assert_eq "verify errors" "$FIO_VERIFY_ERRORS" 0

say "---- 3. the driver lets go of the dead controllers"
path_remove_sysfs 0,1
check "the head is gone when the time is up" wait_for $((WINDOW + 2)) head_gone "$HEAD"
path_plug 0,1
check "the disk is back" wait_for 5 head_dev
check "it can be read" read_block "$(head_dev)"
trace_stop
refs_are_back
