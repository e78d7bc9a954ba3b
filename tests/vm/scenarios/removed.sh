#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Both paths go and none returns: the head stays until the deadline, then queued I/O fails with
# EIO and the head goes. No reference is left.
. "$VM_TREE/tests/vm/lib.sh"

observe 6
fio_start load "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}"
sleep 2

path_pull 0
path_pull 1
sleep $((3 * VM_SLOW))
check "the head is there before the deadline" test -b "/dev/$HEAD"
queued=$(trace_stalls queued "$HEAD")
all_failed() { [ "$(fio_errors load "$EIO")" -ge "$queued" ]; }
check "the $queued queued I/Os fail" wait_for 6 all_failed
check "the head goes" wait_for 2 head_gone "$HEAD"
fio_stop load
fio_wait load 10
fio_lost_disk load
observe_end
report_finds_loss

armed=$(trace_ns nvme_mpath_remove_work action=armed)
assert_due_ms "the first of them, after the whole time" \
	$((($(trace_ns nvme_mpath_bio_fail "$HEAD:") - armed) / 1000000)) $((WINDOW * 1000)) 100
assert_due_ms "the last of them" \
	$((($(trace_ns nvme_mpath_bio_fail "$HEAD:" -1) - armed) / 1000000)) $((WINDOW * 1000)) 100
windows_are 1
window_ended 0 removed
bios_as_traced parked "$HEAD" 0
bios_as_traced failed "$HEAD" 0
# What comes when the disk is marked dead already is failed by the block layer.
assert_le "failed bios, fio counting EIO" \
	"$(($(window 0 .bios.failed) + $(window 0 .bios.failed_unparked)))" \
	"$(fio_errors load "$EIO")"
assert_due_ms "duration of the window" "$(window_ms 0 .duration_seconds)" $((WINDOW * 1000)) 100
refs_are_back
