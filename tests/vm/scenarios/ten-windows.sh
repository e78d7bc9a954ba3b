#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --paths 1
# Ten windows in a row, with I/O: not a reference is left after any of them. Seven recover, three
# end, and every one is in the report, in order, with its bio.
. "$VM_TREE/tests/vm/lib.sh"

observe 3600
shopt -s nullglob
# what there is: references to the module, subsystems, heads, controllers, generic devices
inventory() {
	local d n=(0 0 0 0)
	for d in /sys/class/nvme-subsystem/nvme-subsys*; do n[0]=$((n[0] + 1)); done
	for d in /sys/block/nvme*; do [[ ${d##*/} == *c* ]] || n[1]=$((n[1] + 1)); done
	for d in /sys/class/nvme/nvme*; do n[2]=$((n[2] + 1)); done
	for d in /sys/class/nvme-generic/ng*; do n[3]=$((n[3] + 1)); done
	echo "$(core_refs) ${n[*]}"
}
wanted=$(inventory)
say "references, subsystems, heads, controllers, generic devices: $wanted"
assert_eq "but for the references" "${wanted#* }" "1 1 1 1"
settled() { [ "$(inventory)" = "$wanted" ]; }

opened=
for ((i = 1; i <= 10; i++)); do
	if [ -z "$opened" ]; then
		HEAD=$(head_name)
		opened=io$i
		wanted_closed=$wanted
		fd_open $opened "/dev/$HEAD"
		wanted=$(inventory)
	fi
	fd_is $opened write ok
	case $i in
	4|7|10)
		path_pull 0
		fd_ask $opened write
		check "the write waits" wait_for 3 io_waits "$HEAD"
		end_soon "$HEAD"
		fd_answer $opened || fail "window $i did not end for the write"
		assert_eq "write in window $i" "$FD_SAID" EIO
		check "the head goes" wait_for 2 head_gone "$HEAD"
		fd_close $opened
		opened='' wanted=$wanted_closed
		path_return 0
		check "the disk comes back" wait_for 5 head_dev
		head_set_secs "$WINDOW"
		;;
	*)
		path_pull 0
		fd_ask $opened write
		check "the write waits" wait_for 3 io_waits "$HEAD"
		path_return 0
		fd_answer $opened || fail "the write in window $i is not done"
		assert_eq "write in window $i" "$FD_SAID" ok
		head_is_same
		;;
	esac
	check "after window $i there is what was before" wait_for 3 settled
done
monitor_stop
trace_stop
report > "$TMP/text"
grep '^windows' "$TMP/text"

r=recovered
outcomes_are $r $r $r "$(removed_as '' 1)" $r $r "$(removed_as '' 2)" $r $r "$(removed_as '' 3)"
assert_eq "numbers" "$(report_list .window)" "1 2 3 4 1 2 3 1 2 3"
assert_eq "parked bios" "$(report_list .bios.parked)" "1 1 1 1 1 1 1 1 1 1"
assert_eq "failed bios" "$(report_list .bios.failed)" "0 0 0 1 0 0 1 0 0 1"
assert_eq "bios left" "$(report_list .bios.queued)" "0 0 0 0 0 0 0 0 0 0"
refs_are_back
head_set_secs 0
path_pull 0
check "no subsystem is left without a controller" wait_for 3 no_subsystem
check "nvme can be unloaded" rmmod nvme
check "nvme_core can be unloaded" rmmod nvme_core
