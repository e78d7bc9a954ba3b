#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 120
# Setting 0, the default, or a kernel without the series: the head goes at once with its last
# path, and I/O fails, as always. A returning path makes a new head. `tests/vm/run -s setting-0`
# shows the same of the distribution's own modules.
# shellcheck source=tests/vm/lib.sh disable=SC2119
. "$VM_TREE/tests/vm/lib.sh"

head=$(head_name)
REFS=$(core_refs)
if secs=$(head_secs); then
	assert_eq "delayed_removal_secs after boot" "$secs" 0
fi
if is_patched; then
	trace_start
	monitor_start
fi
exec 5< "/dev/$head"
# often enough that some I/O meets the head between the loss and the removal
fio_start load "/dev/$head" "${FIO_ALL_ERRORS[@]}" --rate_iops=1000 --verify=0
path_pull 0
check "the head stays while it has a path" test -b "/dev/$head"
before=$(writes_of "$head")
check "I/O goes on" wait_for 10 fio_wrote load "$head" "$before"
path_pull 1
check "the head goes with its last path" wait_for 2 head_gone "$head"
fio_wait load 10
check_not "I/O fails" test "$FIO_STATUS" -eq 0
fio_lost_disk load
check "queued I/O ended with errors" test "$(fio_errors load "$EIO")" -gt 0
assert_eq "bytes an open descriptor still reads" \
	"$( (dd bs=4096 count=1 iflag=direct status=none <&5 || :) 2> /dev/null | wc -c)" 0
exec 5<&-
return_all
check "a returning path makes a head" wait_for 5 head_dev
check "it can be read" read_block "$(head_dev)"
if is_patched; then
	observe_end
	report_finds_loss
	windows_are 1
	window_is 0 .outcome not_armed
	window_is 0 .complete true
	queued=$(window 0 .bios.queued)
	assert_eq "queued bios, if there were any" "${queued:-0}" 0
	removed=$(trace_ns nvme_mpath_head_remove "$head:.*reason=immediate")
	assert_due "the removal, when the last path goes" "$removed" \
		"$(trace_ns nvme_mpath_path_remove "$head:.*paths_left=0")"
	assert_eq "windows armed" "$(trace_count nvme_mpath_remove_work action=armed)" 0
	fails=$(trace_count nvme_mpath_bio_fail "$head:")
	# no matter how long before
	[ "$fails" -eq 0 ] ||
		assert_due "the last I/O that the driver fails" \
			"$(trace_ns nvme_mpath_bio_fail "$head:" -1)" "$removed" 60000
	failed=$(($(window 0 .bios.failed) + $(window 0 .bios.failed_unparked)))
	# the outage ends with the round of the requeue work after the removal, a few I/Os may come
	# later; of one that fails on each CPU just then either may be told first
	assert_le "failed bios" "$failed" "$fails"
	assert_le "failed bios before the queue was drained, tracefs counting them" \
		"$(awk -v head="$head:" '
		$0 ~ " nvme_mpath_head_remove: " head { removed = 1 }
		$0 ~ " nvme_mpath_requeue_work: " head && removed { exit }
		$0 ~ " nvme_mpath_bio_fail: " head { n++ }
		END { print n + 0 }' "$TMP/trace")" $((failed + $(nproc)))
	# what comes when the disk is marked dead already is failed by the block layer
	assert_le "failed bios, fio counting EIO" "$failed" "$(fio_errors load "$EIO")"
fi
refs_are_back
