#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y --timeout 150
# Inaccessible paths: one that returns inaccessible ends the window, and I/O flows when it is
# optimized. The monitor tells the two moments apart. Paths that are inaccessible while their
# controllers live are no lost paths: I/O waits for the target to change its mind, as it does
# without the series, and no grace time runs.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

GRACE=$((4 * VM_SLOW))

fab_ana_pair
HEAD=$(head_name)
need_fabrics_setting
observe 30

say "---- 1. back, inaccessible, then optimized"
fio_start load "/dev/$HEAD" --rate_iops=50
fab_disconnect 0
fab_disconnect 1
ana_state 1 2 inaccessible
fab_connect 1
fab_wait_disk 1
fab_wait_ana 1 inaccessible
back=$PATH_DONE_NS
sleep 1
check "I/O still waits" io_waits "$HEAD"
optimized=$(now_ns)
ana_state 1 2 optimized
fab_wait_ana 1 optimized
fio_end load
head_is_same

say "---- 2. inaccessible for longer than the grace time"
head_set_secs $GRACE
fab_connect 0
fab_wait_disk 0
ana_state 0 2 inaccessible
ana_state 1 2 inaccessible
fab_wait_ana 0 inaccessible
fab_wait_ana 1 inaccessible
read_start waits "$HEAD"
check "a read waits" wait_for 5 io_waits "$HEAD"
lost=$(now_ns)
past_grace() { [ "$(now_ns)" -gt $((lost + GRACE * 1000000000 + 1500000000)) ]; }
check "the time passes" wait_for $((GRACE + 3)) past_grace
check_not "the read waits on" read_ended waits
ana_state 0 2 non-optimized
read_wait waits 3

finish_with recovered
assert_eq "windows armed" "$(trace_count nvme_mpath_remove_work "$HEAD:.*action=armed")" 1
phase() { window 0 ".phases.$1.boot_ns"; }
assert_moment "namespace back, tracefs having it" "$(phase namespace_back)" \
	"$(trace_ns nvme_mpath_path_add "$HEAD:")"
assert_moment "path usable, tracefs having it" "$(phase path_usable)" \
	"$(trace_ns nvme_mpath_path_live "$HEAD:.*ana=1, state=1, usable=1")"
check "it was not usable before the target said so" test "$(phase path_usable)" -gt "$optimized"
check "that is a second and more after the namespace" test "$optimized" -gt $((back + 1000000000))
check "and the namespace was there before that" test "$(phase namespace_back)" -lt "$back"
check "the first I/O not before the path" test "$(phase first_stalled_bio_taken)" \
	-ge "$(phase path_usable)"
bios_as_traced parked "$HEAD" 0 outside
refs_are_back
head_set_secs 0
unload_all
