# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2153	# TRACE is of trace.sh
#
# Errors of I/O to heads, and which paths could have taken it: see errors-judge. Sourced after
# lib.sh by a scenario with the patched modules.

# errors_trace: after trace_start, which must record what becomes of paths and controllers. Disks
# must come after it: a number in an event of the block layer is named when the disk is registered.
# Nothing else tells the number of a path's hidden disk.
errors_trace() {
	local e events=$TRACE/events nvme=259
	# the first members of struct gendisk, with every kernel line
	echo 'p:mpathtop/disk_number blk_register_queue major=+0(%di):s32 minor=+4(%di):s32' \
		'disk=+12(%di):string' >> /sys/kernel/tracing/kprobe_events
	on_exit 'echo -:mpathtop/disk_number >> /sys/kernel/tracing/kprobe_events'
	# of all disks, those with extended numbers
	for e in queue remap; do
		echo "dev >= $((nvme << 20))" > "$events/block/block_bio_$e/filter"
	done
	echo 'error != 0' > "$events/block/block_bio_complete/filter"
	echo 'status != 0' > "$events/nvme/nvme_complete_rq/filter"
	for e in block/block_bio_{queue,remap,complete} nvme/nvme_complete_rq \
		nvme/nvme_mpath_{path_live,path_remove,bio_unpark} nvme/nvme_ctrl_state \
		mpathtop/disk_number; do
		echo 1 > "$events/$e/enable"
	done
}

# errors_judge: after trace_stop. No error beside a healthy path; prints how many of each kind there
# were, and keeps that as $TMP/errors.
errors_judge() {
	"$VM_TREE/tests/vm/errors-judge" "$TMP/trace" > "$TMP/errors" ||
		fail "I/O failed beside a healthy path: $(cat "$TMP/errors")"
	cat "$TMP/errors"
}

# errors_of KIND: print how many of a kind errors_judge has counted.
errors_of() { sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" "$TMP/errors"; }
