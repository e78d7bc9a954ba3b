#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# I/O of io_uring, which submits with REQ_NOWAIT, waits for a path without an EAGAIN. It is
# completed when a path returns, although the queue of the head is frozen while the path joins,
# and although more I/O waits than the path has tags: EAGAIN would be for a submitter that is
# there to try again.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
REFS=$(core_refs)
head=$(head_name)
head_set_secs 600
trace_start

# returns NAME DEPTH: so much I/O waits until path 0 is back, and none of it fails.
returns() {
	# without a rate: with one, fio submits no more while the first one waits
	fio_start "$1" "/dev/$head" "${FIO_ALL_ERRORS[@]}" --ioengine=io_uring --iodepth="$2" \
		--rate_iops=0 --verify=0
	pull_all
	check "I/O waits" wait_for 10 some_wait $(($2 / 2))
	path_return 0
	check "all of it goes on" wait_for 10 none_waits
	fio_end "$1" 60
	path_return 1
}
some_wait() { [ "$(trace_stalls queued "$head")" -ge "$1" ]; }
none_waits() { ! io_waits "$head"; }

depth=/sys/module/nvme/parameters/io_queue_depth
returns few 16
read -r before < $depth
on_exit "echo $before > $depth"
echo 8 > $depth
returns many 256
trace_stop
assert_eq "I/O still queued" "$(trace_stalls queued "$head")" 0
refs_are_back
