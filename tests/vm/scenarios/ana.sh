#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y
# Inaccessible paths: one that returns inaccessible ends the window, and I/O flows when it is
# optimized. The monitor tells the two moments apart. Paths that are inaccessible while their
# controllers live are no lost paths: I/O waits for the target to change its mind, as it does
# without the series, and no grace time runs.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

GRACE=1

fab_ana_pair
HEAD=$(head_name)
need_fabrics_setting
observe 600

say "---- 1. back, inaccessible, then optimized"
fab_disconnect 0
fab_disconnect 1
read_start first "$HEAD"
check "a read waits" wait_for 5 io_waits "$HEAD"
ana_state 1 2 inaccessible
fab_connect 1
fab_wait_disk 1
back=$PATH_DONE_NS
fab_wait_ana 1 inaccessible
check "the read still waits" io_waits "$HEAD"
optimized=$(now_ns)
ana_state 1 2 optimized
fab_wait_ana 1 optimized
read_wait first 5
head_is_same

say "---- 2. inaccessible for longer than the grace time"
head_set_secs $GRACE
fab_connect 0
fab_wait_disk 0
ana_state 0 2 inaccessible
ana_state 1 2 inaccessible
fab_wait_ana 0 inaccessible
fab_wait_ana 1 inaccessible
read_start second "$HEAD"
check "a read waits" wait_for 5 io_waits "$HEAD"
waits_on() { ! read_ended second; }
check "it waits on while the time passes" stays $((GRACE + 1)) waits_on
ana_state 0 2 non-optimized
read_wait second 5
head_is_same

finish_with recovered
assert_eq "windows armed" "$(trace_count nvme_mpath_remove_work "$HEAD:.*action=armed")" 1
phase() { window 0 ".phases.$1.boot_ns"; }
assert_moment "namespace back, tracefs having it" "$(phase namespace_back)" \
	"$(trace_ns nvme_mpath_path_add "$HEAD:")"
assert_moment "path usable, tracefs having it" "$(phase path_usable)" \
	"$(trace_ns nvme_mpath_path_live "$HEAD:.*ana=1, state=1, usable=1")"
assert_before "the namespace is back while the path is inaccessible" \
	"$(phase namespace_back)" "$back"
assert_before "the path is not usable before the target says so" \
	"$optimized" "$(phase path_usable)"
assert_before "the first I/O not before the path" \
	"$(phase path_usable)" "$(phase first_stalled_bio_taken)"
bios_as_traced parked "$HEAD" 0 outside
bios_as_traced completed "$HEAD" 0 outside
refs_are_back
head_set_secs 0
unload_all
