#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Both paths go and none returns: the head stays until the deadline, then queued I/O fails with
# EIO and the head goes. No reference is left.
. "$VM_TREE/tests/vm/lib.sh"

observe 4
fio_start load "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}"
pull_all
check "the head goes" wait_for 5 head_gone "$HEAD"
fio_stop load
fio_wait load 10
fio_lost_disk load
observe_end
report_finds_loss

read -r armed deadline _ ended < <(trace_window 0)
assert_moment "deadline, after the loss" "$deadline" $((armed + WINDOW * 1000000000))
assert_due "the removal" "$(trace_ns nvme_mpath_head_remove "$HEAD:.*reason=expired")" "$deadline"
assert_due "the first I/O that fails" "$(trace_ns nvme_mpath_bio_fail "$HEAD:")" "$deadline"
assert_due "the last one" "$(trace_ns nvme_mpath_bio_fail "$HEAD:" -1)" "$deadline"
windows_are 1
window_ended 0 removed
bios_as_traced parked "$HEAD" 0
bios_as_traced failed "$HEAD" 0
check "I/O waited and failed" test "$(window 0 .bios.failed)" -gt 0
# What comes when the disk is marked dead already is failed by the block layer.
assert_le "failed bios, fio counting EIO" \
	"$(($(window 0 .bios.failed) + $(window 0 .bios.failed_unparked)))" \
	"$(fio_errors load "$EIO")"
assert_moment "end of the window, by its duration" \
	$((armed + $(window_ns 0 .duration_seconds))) "$ended"
return_all
check "the disk is back" wait_for 5 head_dev
refs_are_back
