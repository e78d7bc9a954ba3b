#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y --timeout 150
# I/O that waits for a path which goes, while the one that is left can't serve, fails. The other
# one has been reconnecting for longer than fast_io_fail_tmo. When the first one goes, or does not
# make it, there is nothing left to wait for: the I/O fails then, and not when the other one comes
# back some day. With and without a grace time.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

# A read that waits for path 0, which is inaccessible.
wait_for_path() {
	read_start "$1" "$HEAD"
	check "a read waits" stays 1 read_waits "$1"
}

read_waits() { ! read_ended "$1"; }

removed() { # NAME: the target takes the namespace away, path 0 hears of it
	fab_connect 0
	fab_wait_disk 0
	fab_wait_ana 0 inaccessible
	wait_for_path "$1"
	target_ns_disable 0 1
	read_wait "$1" 5 "$EIO"
	check_not "path 0 has no namespace any more" fab_disk 0
	check "the head stays with path 1" test -b "/dev/$HEAD"
	target_ns_enable 0 1
	fab_disconnect 0
}

half_way() { # NAME: path 0 fails after it was put on the list
	fab_connect_half_way 0 hold
	wait_for_path "$1"
	wire_rules 0 "identify:0 fail"
	read_wait "$1" 5 "$EIO"
	check "the head stays with path 1" test -b "/dev/$HEAD"
	fab_disconnect 0
	wire_rules 0
}

target_start
target_ns 0 1 "$UUID_A" group=2
target_port 0 tcp
target_port 1 tcp
ana_state 0 2 inaccessible
ana_state 1 2 optimized
wire_start 0
# In this order: a controller ID that the target takes from path 1 and gives to path 0 would
# make the host refuse path 0.
fab_connect 0
fab_wait_disk 0
wire_learn 0
fab_connect 1 fast_io_fail_tmo=1
fab_wait_disk 1
fab_disconnect 0
HEAD=$(head_name)
REFS=$(core_refs)

say "---- path 1 is gone for long"
target_unlink 1
fab_wait_state 1 connecting
read_start expired "$HEAD"
read_wait expired 5 "$EIO"

say "---- 1. without a grace time"
removed zero-removed
half_way zero-half-way
if fabrics_setting; then
	say "---- 2. with one that is longer"
	head_set_secs 3600
	removed long-removed
	half_way long-half-way
	head_set_secs 0
else
	say "no delayed removal for fabrics here: no part 2"
fi
target_link 1
fab_wait_state 1 live
read_start end "$HEAD"
read_wait end 5
refs_are_back
unload_all
