#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --namespaces 3 --size 128M
# Three namespaces of the same controllers, with settings of their own, lose their paths with the
# same pull. There is a window each, and none for the one with 0. Those whose time is not over
# recover.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/writers.sh"

need_patched
REFS=$(core_refs)
heads=()
for nsid in 1 2 3; do heads+=("$(head_name 0 $nsid)"); done
SHORT=$((2 * VM_SLOW))
head_set_secs 3600 0 1
head_set_secs $SHORT 0 2
assert_eq "setting of the third" "$(head_secs 0 3)" 0
trace_start
monitor_start
writers_start load "${heads[@]}"

pull_all
check "the head with 0 goes" wait_for 2 head_gone "${heads[2]}"
check "the head with $SHORT s goes" wait_for 8 head_gone "${heads[1]}"
for i in 1 2; do
	check "its I/O failed" wait_for 5 writers_said load "${heads[i]}" 'EIO|ENOSPC'
done
check "the one that waits longest stays" test -b "/dev/${heads[0]}"
check "its I/O waits" wait_for 2 io_waits "${heads[0]}"
return_all
none_waits() { ! io_waits "${heads[0]}"; }
check "it goes on" wait_for 5 none_waits
writers_stop load
check "it had no error" writers_said load "${heads[0]}" ok
assert_eq "name of the head that was there" "$(head_name 0 1)" "${heads[0]}"
for nsid in 2 3; do
	check "namespace $nsid has a new head" wait_for 5 head_dev 0 $nsid
	assert_eq "its setting" "$(head_secs 0 $nsid)" 0
done
observe_end

windows_are 3
outcomes=(recovered removed not_armed)
for i in 0 1 2; do
	w=$(window_of "${heads[i]}")
	window_is "$w" .nsid $((i + 1))
	if [ $i -lt 2 ]; then
		window_ended "$w" "${outcomes[i]}"
	else		# perhaps without any I/O
		window_is "$w" .outcome "${outcomes[i]}"
		window_is "$w" .complete true
	fi
	for what in parked completed failed; do bios_as_traced $what "${heads[i]}" "$w"; done
done
window_lasted "$(window_of "${heads[0]}")" "${heads[0]}"
assert_eq "removals at once of the head with 0" \
	"$(trace_count nvme_mpath_head_remove "${heads[2]}:.*reason=immediate")" 1
window_expired "$(window_of "${heads[1]}")" "${heads[1]}" $SHORT
refs_are_back
