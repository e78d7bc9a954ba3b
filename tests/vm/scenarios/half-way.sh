#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y --timeout 200
# A path that fails while it returns leaves the window as it was, deadline and all. It is on the
# head's list already. The next attempt succeeds and saves the head. When the deadline passes
# while a path is half-way in, the head waits for it: it stays if the path makes it (late rescue),
# and goes at once if not.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

# lose: the path goes, and the window opens.
lose() {
	fab_disconnect 0
	lost_from=$PATH_CMD_NS lost_to=$PATH_DONE_NS
	check "the head stays" test -b "/dev/$HEAD"
}

# half_way_at_deadline READ: the time is up while a path is half-way in, and a read waits.
half_way_at_deadline() {
	local secs
	head_set_secs 600
	lose
	read_start "$1" "$HEAD"
	fab_connect_half_way 0 hold
	# two seconds away, or more: a deadline that has passed would be closed by the write
	secs=$((($(now_ns) - lost_from) / 1000000000 + 3))
	echo $secs > "/sys/block/$HEAD/delayed_removal_secs"
	past=$((lost_to + secs * 1000000000 + 300000000))
	check "the deadline passes" wait_for 4 past_deadline
	check "the head waits for the path" test -b "/dev/$HEAD"
	check_not "so does the read" read_ended "$1"
}
past_deadline() { [ "$(now_ns)" -gt "$past" ]; }

target_start
target_ns 0 1 "$UUID_A"
target_port 0 tcp
wire_start 0
fab_connect 0
fab_wait_disk 0
wire_learn 0
HEAD=$(head_name)
need_fabrics_setting
observe 600
# the command of a path that fails
echo 'status != 0' > "$TRACE/events/nvme/nvme_complete_rq/filter"
echo 1 > "$TRACE/events/nvme/nvme_complete_rq/enable"

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
half_way_at_deadline late
wire_rules 0
read_wait late 5
head_is_same

say "---- 3. half-way when the time is up, then fails"
half_way_at_deadline last
wire_rules 0 "identify:0 fail"
check "the head goes" wait_for 5 head_gone "$HEAD"
read_wait last 2 "$EIO"
fab_scan_freely 0
check "a new head" head_name

finish_with recovered late_rescue removed
report_finds_loss
assert_eq "windows armed" "$(trace_count nvme_mpath_remove_work "$HEAD:.*action=armed")" 3
assert_eq "windows called off" "$(trace_count nvme_mpath_remove_work "$HEAD:.*action=cancelled")" 1
# The first deadline counts from the loss, not from the attempts that failed.
window_lasted 0
removed=$(trace_ns nvme_mpath_head_remove "$HEAD:")
failed=$(awk -v removed="$removed" '
	match($0, / [0-9]+\.[0-9]+: nvme_complete_rq: /) {
		t = substr($0, RSTART + 1) * 1e9
		if (t < removed) last = t
	}
	END { printf "%.0f", last }' "$TMP/trace")
assert_due "the removal, when the path fails" "$removed" "$failed"
assert_due "the end of the read" "$(trace_ns nvme_mpath_bio_fail "$HEAD:" -1)" "$removed"
bios_as_traced parked "$HEAD" 0 1 2
refs_are_back
unload_all
