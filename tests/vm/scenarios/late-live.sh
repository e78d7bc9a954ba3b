#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --delays --core-params delayed_removal_fabrics=Y --timeout 200
# A head that has gone is not added again by a change of the ANA state of its last path, whose
# removal has not ended. The removal of a namespace, which has other identifiers now, is held when
# it is off the list of its head, and the time is up for the head. The controller is live, and knows
# the namespace until the end of its removal. The new namespace gets a disk afterwards.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/delays.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

target_start
target_ns 0 1 "$UUID_A" group=2
target_port 0 tcp
ana_state 0 2 optimized
fab_connect 0
fab_wait_disk 0
check "there is a disk" wait_for 5 head_dev
HEAD=$(head_name)
need_fabrics_setting
head_set_secs 1
say "the link drops, and the namespace is another one when it is back"
target_unlink 0
fab_wait_state 0 connecting
target_ns_swap 0 1 "$UUID_B" group=2
hold nvme_ns_remove:unlock*1
target_link 0
held_at nvme_ns_remove:unlock
poll 5 head_gone "$HEAD" || say "the head stays until the namespace is gone"
ana_state 0 2 non-optimized
fab_wait_ana 0 non-optimized
let_go
check "the head goes" wait_for 5 head_gone "$HEAD"
fab_scan 0
other_there() { HEAD=$(head_name) && [ "$(fab_uuid "$HEAD")" = "$UUID_B" ]; }
check "the other namespace has a disk" wait_for 10 other_there
check "it can be read" read_block "/dev/$HEAD"
unload_all
