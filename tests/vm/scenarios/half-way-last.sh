#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y --timeout 150
# The only path of a head goes while another one is half-way in, which fails then: the loss of the
# last path all the same. With setting 0 the head goes at once, also with the distribution's own
# modules; with a grace time it has a window.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

# Path 1 serves, path 0 is held half-way; path 1 goes, then path 0 fails.
lose_half_way() {
	fab_connect_half_way 0 hold
	fab_disconnect 1
	check "the head stays while a path is on its way" test -b "/dev/$HEAD"
	seen=$(wire_seen 0 identify:0 fail)
	wire_rules 0 "identify:0 fail"
	wire_wait 0 identify:0 fail "$seen"
}

target_start
target_ns 0 1 "$UUID_A"
target_port 0 tcp
target_port 1 tcp
wire_start 0
REFS=$(core_refs)
fab_connect 0
fab_wait_disk 0
wire_learn 0
fab_disconnect 0
fab_connect 1
fab_wait_disk 1
HEAD=$(head_name)
! is_patched || trace_start

say "---- 1. setting 0"
windows=0
lose_half_way
check "the head goes" wait_for 2 head_gone "$HEAD"
fab_scan_freely 0
check "a new head" head_name
HEAD=$(head_name)

if fabrics_setting; then
	say "---- 2. a grace time"
	fab_connect 1
	fab_wait_disk 1
	fab_disconnect 0
	head_set_secs 600
	fio_start load "/dev/$HEAD" --rate_iops=50
	lose_half_way
	check "the head waits" stays 1 test -b "/dev/$HEAD"
	fab_scan_freely 0
	fio_end load
	head_is_same
	windows=1
	head_set_secs 0
else
	say "no delayed removal for fabrics here: no part 2"
fi
fab_disconnect 0
check "the head goes" wait_for 2 head_gone "$HEAD"
if is_patched; then
	trace_stop
	assert_eq "windows armed" "$(trace_count nvme_mpath_remove_work action=armed)" $windows
	assert_eq "windows called off" \
		"$(trace_count nvme_mpath_remove_work action=cancelled)" $windows
	# in part 1, and at the end
	assert_eq "heads that went" "$(trace_count nvme_mpath_head_remove)" 2
	assert_eq "heads that went at once" \
		"$(trace_count nvme_mpath_head_remove reason=immediate)" 2
fi
refs_are_back
unload_all
