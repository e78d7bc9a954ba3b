#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --delays --timeout 200
# vm-lines: 6.12 7.3
# I/O that is about to be queued when the reset fails for which it is to wait ends with an error.
# The controller stays bound, dead, and nobody looks at the queue again after that. Linux 6.1 lets
# go of such a controller, and waits for submitters then.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/delays.sh"

REFS=$(core_refs)
head=$(head_name)
path_release 1
fd_open disk "/dev/$head"
hold nvme_dev_disable:unlock*1 nvme_ns_head_submit_bio:spin
path_dead 0 &
dies=$!
held_at nvme_dev_disable:unlock
fd_ask disk read
held_at nvme_ns_head_submit_bio:spin
hold nvme_ns_head_submit_bio:spin
died() { ! kill -0 $dies 2> /dev/null; }
poll 10 died || say "the reset waits for the submitter"
let_go
wait $dies || fail "the controller does not die"
fd_answer disk || fail "the read does not end"
assert_eq "its end" "$FD_SAID" EIO
fd_close disk
path_forsake 0
path_plug 0
path_bind 1
check "the disk is back" wait_for 5 head_dev
refs_are_back
