#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --core-params admin_timeout=3,io_timeout=10 --timeout 180
# A reset fails while another path serves: no I/O is sent to the controller that is given up. It
# would end with an error there, although the path policy would like to send it. With the default
# and with a grace time.
#
# One kind of error is left, with every kernel: a task that had chosen the path just when the reset
# froze its queue waits there as long as the reset runs, and the block layer fails its I/O when the
# disk of the path is marked dead. A task can be preempted right between the two
# (submit_bio_noacct() may sleep), so on a busy machine that may be all of them. So an error per
# task and reset passes, if one I/O waited for so long. A reset may also be cut off when its queues
# take I/O again: that I/O is what times out then.
. "$VM_TREE/tests/vm/lib.sh"

JOBS=4

REFS=$(core_refs)
head=$(head_name)
round_robin

# survives NAME ACTION MS: the load of several tasks goes on while ACTION of path 0 ends its
# controller, by a reset that takes MS or longer.
survives() {
	local wrote
	wrote=$(writes_of "$head")
	fio_start "$1" "/dev/$head" "${FIO_ALL_ERRORS[@]}" --numjobs=$JOBS \
		--rate_iops=100 --verify=0
	check "all tasks are at work" wait_for 10 fio_wrote "$1" "$head" $((wrote + 20 * JOBS))
	"$2" 0
	wrote=$(writes_of "$head")
	check "the load goes on" wait_for 10 fio_wrote "$1" "$head" $((wrote + 20 * JOBS))
	fio_stop "$1"
	fio_wait "$1" 20
	assert_eq "exit status of fio $1, which was asked to end" "$FIO_STATUS" "${FIO_END[$1]}"
	assert_le "I/O errors of $1" "$FIO_ERRORS" $JOBS
	if [ "$FIO_ERRORS" -gt 0 ]; then
		check "it waited since the reset began" test $((FIO_MAX_NS / 1000000)) -ge "$3"
	fi
	path_forsake 0
	path_plug 0
	check "both paths serve" path_disk 0
}

say "---- the reset finds no registers"
survives at-once path_dead 0
say "---- the reset gets half-way, a command times out"
survives late path_dying 2500
if head_secs > /dev/null; then
	head_set_secs 30
	say "---- the same with a grace time"
	survives grace path_dying 2500
fi
assert_eq "name of the head" "$(head_name)" "$head"
refs_are_back
