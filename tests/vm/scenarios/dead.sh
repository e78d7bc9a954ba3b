#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# vm-lines: 6.12 7.3
# A controller whose reset failed stays bound, dead: I/O waits for the grace time, and no longer.
# Its namespace is listed; no path can serve and none is about to. The time counts from the loss
# of the last usable path; a path that returns within it completes the I/O. Linux 6.1 lets go of
# such a controller, see reset-fails and dead-queued.
. "$VM_TREE/tests/vm/lib.sh"

prepare 600
trace_start

say "---- 1. a good path returns in time"
path_pull 1
fio_start saved "/dev/$HEAD"
path_dead 0
check "the dead controller still has its namespace" path_disk 0
check "I/O waits" wait_for 10 io_waits "$HEAD"
path_remove_sysfs 0
path_plug 0
fio_end saved
head_is_same
path_return 1

say "---- 2. both paths dead, and none returns"
WINDOW=$((4 * VM_SLOW))
head_set_secs $WINDOW
fio_start lost "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}"
path_dead 0
before=$(writes_of "$HEAD")
check "I/O goes on while one path serves" wait_for 10 fio_wrote lost "$HEAD" "$before"
assert_eq "errors with one path" "$(fio_errors lost)" 0
path_dead 1
last=$PATH_CTRL
some_failed() { [ "$(fio_errors lost "$EIO")" -gt 0 ]; }
check "I/O fails" wait_for 5 some_failed
none_queued() { ! io_waits "$HEAD"; }
check "nothing stays queued" wait_for 5 none_queued
over=$(now_ns)
said=$(dd if="/dev/$HEAD" of=/dev/null bs=4096 count=1 iflag=direct 2>&1) &&
	fail "new I/O succeeded"
case $said in
*"$EIO"*) say "ok: new I/O fails" ;;
*) fail "new I/O failed with: $said" ;;
esac
fio_stop lost
fio_wait lost 20
fio_lost_disk lost
assert_eq "verify errors" "$FIO_VERIFY_ERRORS" 0

say "---- 3. the driver lets go of the dead controllers"
path_remove_sysfs 0,1
check "the head goes" wait_for 5 head_gone "$HEAD"
path_plug 0,1
check "the disk is back" wait_for 5 head_dev
check "it can be read" read_block "$(head_dev)"
trace_stop

dead=$(trace_ns nvme_ctrl_state "$last: .* -> dead" -1)
assert_due "from the death of the last controller to the first EIO" \
	"$(trace_ns nvme_mpath_bio_fail "$HEAD:")" $((dead + WINDOW * 1000000000))
check "I/O waited and failed" test "$(trace_stalls failed "$HEAD")" -gt 0
assert_eq "bios that waited after the time was up" \
	"$(trace_lines nvme_mpath_bio_park |
		awk -v over="$over" 'match($0, / [0-9]+\.[0-9]+: /) {
			if (substr($0, RSTART + 1) * 1e9 > over) n++ }
			END { print n + 0 }')" 0
# The one window is that of part 1. In part 3 nothing is left of the time.
assert_eq "windows armed" "$(trace_count nvme_mpath_remove_work action=armed)" 1
assert_eq "windows called off" "$(trace_count nvme_mpath_remove_work action=cancelled)" 1
assert_eq "heads that went at once" "$(trace_count nvme_mpath_head_remove reason=immediate)" 1
assert_eq "heads that went" "$(trace_count nvme_mpath_head_remove)" 1
refs_are_back
