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
uuid_is() {
	local uuid
	read -r uuid 2> /dev/null < "/sys/block/$(head_name)/uuid" && [ "$uuid" = "$1" ]
}
no_disk() { ! fab_disk 1 > /dev/null; }
is_other() { ! uuid_is "$UUID_A"; }
# The window is long until the other disk waits for its end. The other kernel takes no shorter time
# in a window: there it is as long as all that may take.
secs=$HOUR
is_patched || secs=30
HEAD=$(head_name)
head_set_secs $secs
lost=$(now_ns)
target_ns_disable 0 1
wait_for 10 no_disk || fail "the path is still there"
target_ns_set 0 1 "$UUID_B"
nap 0.5
check "the head of the other one waits" uuid_is "$UUID_A"
if is_patched; then
	echo 1 > "/sys/block/$HEAD/delayed_removal_secs"
else
	sleep $(((lost / 1000000 + secs * 1000 - $(now_ns) / 1000000) / 1000 + 1))
fi
wait_for 60 is_other || fail "the head stays"
point "another disk appears by itself when the window is over" comes 3 uuid_is "$UUID_B"
fab_scan 1
wait_for 5 uuid_is "$UUID_B" || fail "the other disk has no head"
fab_disconnect 1
no_head() { ! head_name > /dev/null; }
wait_for 10 no_head || fail "a head is left"

say "---- a path that comes back fails half-way"
wire_start 0
# All that happens must happen in the window: with a longer one, if the machine was too slow.
for secs in 6 60 600; do
	wire_rules 0
	fab_connect 0
	fab_wait_disk 0
	[ $secs -gt 6 ] || wire_learn 0
	HEAD=$(head_name)
	head_set_secs $secs
	lost=$(now_ns)
	fab_disconnect 0
	io half "$HEAD"
	wait_for 10 io_begun half || fail "the read does not begin"
	fab_connect_half_way 0 fail
	early=''
	! ended half || early=yes
	[ "$(now_ns)" -ge $((lost + secs * 1000000000)) ] || break
	say "that took more than $secs s"
	fab_disconnect 0
	ends_within $((secs + 60)) half || fail "the read has not ended"
	wait_for $((secs + 60)) no_head || fail "a head is left"
done
[ -z "$early" ] || fail "the read did not wait: $(cat "$TMP/half.said")"
point "the window is as it was, and ends I/O and head" fails half 10
point "and nothing of the head is left" comes 5 head_gone "$HEAD"
points_end
