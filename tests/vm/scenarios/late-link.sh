#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --delays --timeout 200
# vm-lines: 7.3
# The head does not go before the removal of a path has taken the link to the path from the head's
# directory in sysfs. The removal is held when the path is off the list: of the last path, until the
# time is up; and with the default, of one of two, until the other one is gone.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/delays.sh"

REFS=$(core_refs)

# held_removal N: the driver lets go of path N, and is held when that is off the list.
held_removal() {
	hold nvme_ns_remove:unlock*1
	path_release "$1" &
	removal=$!
	held_at nvme_ns_remove:unlock
}

# goes_on: the head may have gone. The removal goes on.
goes_on() {
	poll 5 head_gone "$head" || say "the head stays until the path is gone"
	let_go
	wait $removal || fail "the path did not go"
	check "the head is gone" wait_for 5 head_gone "$head"
}

say "---- 1. the last path, and the time is up"
head=$(head_name)
path_release 1
head_set_secs 1
held_removal 0
goes_on
path_bind 0,1
check "the disk is back" wait_for 5 head_dev

say "---- 2. two paths at the same time"
head=$(head_name)
held_removal 0
path_release 1 &
other=$!
goes_on
wait $other || fail "the other path did not go"
path_bind 0,1
check "the disk is back" wait_for 5 head_dev
check "it can be read" read_block "$(head_dev)"
refs_are_back
