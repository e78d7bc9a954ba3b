#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y --timeout 200
# A path that fails while it returns leaves the window as it was, deadline and all. It is on the
# head's list already. The next attempt succeeds and saves the head. When the deadline passes
# while a path is half-way in, the head waits for it: it stays if the path makes it (late rescue),
# and goes at once if not.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

GRACE=$((8 * VM_SLOW))

# lose: the path goes, and the window opens.
lose() {
	fab_disconnect 0
	lost=$PATH_CMD_NS
	check "the head stays" test -b "/dev/$HEAD"
}

past_deadline() { [ "$(now_ns)" -gt $((lost + GRACE * 1000000000 + 500000000)) ]; }

target_start
target_ns 0 1 "$UUID_A"
target_port 0 tcp
wire_start 0
fab_connect 0
fab_wait_disk 0
wire_learn 0
HEAD=$(head_name)
need_fabrics_setting
observe 30

say "---- 1. fails twice, then succeeds"
fio_start load "/dev/$HEAD" --rate_iops=50
lose
fab_connect_half_way 0 fail
check_not "the path did not make it" fab_disk 0
fab_disconnect 0
fab_connect_half_way 0 fail
check "the head is still there" test -b "/dev/$HEAD"
fab_scan_freely 0
fio_end load
head_is_same

say "---- 2. half-way when the time is up, then succeeds"
head_set_secs $GRACE
lose
read_start late "$HEAD"
fab_connect_half_way 0 hold
check "the deadline passes" wait_for $((GRACE + 2)) past_deadline
check "the head waits for the path" test -b "/dev/$HEAD"
check_not "so does the read" read_ended late
wire_rules 0
read_wait late 5
head_is_same

say "---- 3. half-way when the time is up, then fails"
lose
read_start last "$HEAD"
fab_connect_half_way 0 hold
check "the deadline passes" wait_for $((GRACE + 2)) past_deadline
check "the head waits for the path" test -b "/dev/$HEAD"
start=$(now_ns)
wire_rules 0 "identify:0 fail"
check "the head goes" wait_for 5 head_gone "$HEAD"
read_wait last 2 "$EIO"
assert_le "from the failure to that" $(((READ_END_NS - start) / 1000000)) 1500 ms
fab_scan_freely 0
check "a new head" head_name

finish_with recovered late_rescue removed
report_finds_loss
assert_eq "windows armed" "$(trace_count nvme_mpath_remove_work "$HEAD:.*action=armed")" 3
assert_eq "windows called off" "$(trace_count nvme_mpath_remove_work "$HEAD:.*action=cancelled")" 1
bios_as_traced parked "$HEAD" 0 1 2
refs_are_back
unload_all
