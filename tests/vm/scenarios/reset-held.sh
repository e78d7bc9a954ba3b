#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --delays --timeout 200
# No I/O is sent to queues that a reset has frozen when the driver is unbound in the middle of it.
# The I/O would end with an error when the reset fails, although another path serves, or with the
# only path, although there is time for it to return. The state of such a controller is that of one
# that is removed in good order, which takes I/O. The reset is held; unbind has the natural race.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/delays.sh"

REFS=$(core_refs)
head=$(head_name)

ctrl_is() { # CTRL STATE
	local state
	{ read -r state < "/sys/class/nvme/$1/state"; } 2> /dev/null && [ "$state" = "$2" ]
}

# unbind_in_reset: path 0 resets, which is held when its queues are frozen; then it is unbound. That
# waits for the reset.
unbind_in_reset() {
	local ctrl
	ctrl=$(path_ctrl 0)
	hold nvme_dev_disable:unlock*1
	{ { echo 1 > "/sys/class/nvme/$ctrl/reset_controller"; } 2> /dev/null || :; } &
	held_at nvme_dev_disable:unlock
	path_release 0 &
	UNBIND=$!
	check "the controller is being deleted" wait_for 10 ctrl_is "$ctrl" deleting
}

# unbound: the reset goes on, and path 0 goes.
unbound() {
	let_go
	wait $UNBIND || fail "path 0 did not go"
}

fd_open disk "/dev/$head"
say "---- 1. beside a path that serves"
round_robin
unbind_in_reset
for ((i = 0; i < 4; i++)); do
	fd_ask disk read $((i * 4096))
	fd_answer disk 10 || break
	assert_eq "read $i" "$FD_SAID" ok
done
unbound
if [ $i -lt 4 ]; then
	say "read $i waited for the reset"
	fd_answer disk || fail "it does not end"
	assert_eq "its end" "$FD_SAID" ok
fi
path_bind 0

if head_secs > /dev/null; then
	say "---- 2. the only path, with time for it to return"
	head_set_secs 3600
	path_release 1
	unbind_in_reset
	fd_ask disk read
	check "a read waits" wait_for 10 task_waits descriptor
	unbound
	path_bind 0
	fd_answer disk || fail "the read does not end"
	assert_eq "its end" "$FD_SAID" ok
	path_bind 1
	head_set_secs 0
fi
fd_close disk
assert_eq "name of the head" "$(head_name)" "$head"
refs_are_back
