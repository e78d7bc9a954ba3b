#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 2
# Two heads lose all paths at the same time: one recovers, the other is removed, and neither
# disturbs the other. Each bio is counted for its own head. Then the name of one goes to the
# other.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/writers.sh"

need_patched
REFS=$(core_refs)
a=$(head_name 0)
b=$(head_name 1)
SHORT=$((2 * VM_SLOW))
head_set_secs 3600 0
head_set_secs $SHORT 1
trace_start
monitor_start
writers_start load "$a" "$b"

pull_all 0
read_block "/dev/$a" &
reader=$!
pull_all 1
check "the head with the shorter time goes" wait_for $((SHORT + 2)) head_gone "$b"
check "its I/O fails" wait_for 5 writers_said load "$b" 'EIO|ENOSPC'
check "the other one stays" test -b "/dev/$a"
both_wait() { [ "$(trace_stalls queued "$a")" -eq 2 ]; }
check "and its I/O waits" wait_for 5 both_wait
path_return 0
path_return 1
check "it goes on" wait $reader
writers_stop load
check "and has no error" writers_said load "$a" ok
first=$a second=$b

say "---- the second one's namespace comes back first, and gets the name that the first one had"
# knows HEAD S: the monitor knows by now whose the head is.
knows() {
	{ "$MONITOR" report -j "$RECORD" || :; } |
		awk -v head="\"$1\"" -v nqn="\"$SUBSYS_NQN$2\"" '
			/"name":/ { name = index($0, head) }
			/"nqn":/ { of = index($0, nqn) }
			/"gone":false/ && name && of { found = 1 }
			END { exit !found }'
}
head_set_secs 0 0
pull_all 0
path_return 0		# as the first of all: so will be the next one
a=$(head_name 0)
check "the monitor knows it" wait_for 3 knows "$a" 0
path_pull 0
check "the first head goes" wait_for 5 head_gone "$a"
path_return 2
assert_eq "name of the second namespace's disk" "$(head_name 1)" "$a"
path_return 0
b=$(head_name 0)
check "the monitor knows it" wait_for 3 knows "$b" 0
path_pull 2
check "it goes" wait_for 5 head_gone "$a"
observe_end
report_finds_loss

windows_are 5
window_is 0 .head "$first"
window_ended 0 recovered
window_is 1 .head "$second"
window_ended 1 removed
for what in parked completed failed; do
	bios_as_traced $what "$first" 0
	bios_as_traced $what "$second" 1
done
window_lasted 0 "$first"
window_expired 1 "$second" $SHORT
for w in 3 4; do
	window_is $w .outcome not_armed
	window_is $w .head "$a"
	window_is $w .nqn "$SUBSYS_NQN$((w - 3))"
	window_is $w .complete true
done
window_is 2 .namespace_again_as "$a"
window_is 3 .namespace_again_as "$b"
refs_are_back
