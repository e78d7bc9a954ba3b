#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y --timeout 200
# vm-lines: 7.3
# vm-compare: differs
# What a kernel with mainline's delayed removal gets wrong and a fabric shows best: every point is
# wrong with its own modules and right with the series.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"
. "$VM_TREE/tests/vm/lib/points.sh"

target_start
target_ns 0 1 "$UUID_A"
target_port 0 tcp
target_port 1 tcp
fab_connect 1
fab_wait_disk 1
need_setting

say "---- another disk in the slot"
uuid_now() { cat "/sys/block/$(head_name)/uuid" 2> /dev/null; }
uuid_is() { [ "$(uuid_now)" = "$1" ]; }
no_disk() { ! fab_disk 1 > /dev/null; }
appears() { wait_for "$1" uuid_is "$UUID_B"; }
head_set_secs 5
target_ns_disable 0 1
wait_for 10 no_disk || fail "the path is still there"
target_ns_set 0 1 "$UUID_B"
sleep 1
check "the head of the other one waits" uuid_is "$UUID_A"
point "another disk appears by itself when the window is over" appears 12
fab_scan 1
wait_for 5 uuid_is "$UUID_B" || fail "the other disk has no head"
fab_disconnect 1
wait_for 10 eval '! head_name > /dev/null' || fail "a head is left"

say "---- a path that comes back fails half-way"
wire_start 0
fab_connect 0
fab_wait_disk 0
wire_learn 0
HEAD=$(head_name)
head_set_secs 6
fab_disconnect 0
io half "$HEAD"
waits half
fab_connect_half_way 0 fail
point "the window is as it was, and ends I/O and head" fails_within 10 half
point "and nothing of the head is left" poll $((5 * VM_SLOW)) head_gone "$HEAD"
points_end
