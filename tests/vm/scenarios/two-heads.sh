#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 2 --timeout 200
# Two heads lose all paths at the same time: one recovers, the other is removed, and neither
# disturbs the other. Each bio is counted for its own head. Then the name of one goes to the
# other.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
REFS=$(core_refs)
a=$(head_name 0)
b=$(head_name 1)
head_set_secs $((20 * VM_SLOW)) 0
head_set_secs $((7 * VM_SLOW)) 1
trace_start
monitor_start
fio_start a "/dev/$a" --rate_iops=300
fio_start b "/dev/$b" --rate_iops=300

pull_all 0
pull_all 1
fio_wait b 15
check "the head with the shorter time goes" wait_for 2 head_gone "$b"
check "the other one stays" test -b "/dev/$a"
check "and its I/O waits" fio_running a
path_return 0
path_return 1
sleep 2
fio_end a
observe_end
report_finds_loss

windows_are 2
for head in "$a" "$b"; do
	w=$(window_of "$head")
	for what in parked completed failed; do bios_as_traced $what "$head" "$w"; done
done
window_ended "$(window_of "$a")" recovered
window_ended "$(window_of "$b")" removed
refs_are_back

say "---- the second one's namespace comes back first, and gets the name that the first one had"
monitor_start "$TMP/record-names"
head_set_secs 0 0
pull_all 0
path_return 0		# as the first of all: so will be the next one
a=$(head_name 0)
sleep 1			# let the collector see whose they are
path_pull 0
check "the first head goes at once" wait_for 5 head_gone "$a"
path_return 2
assert_eq "name of the second namespace's disk" "$(head_name 1)" "$a"
path_return 0
b=$(head_name 0)
sleep 1
path_pull 2
check "it goes at once" wait_for 5 head_gone "$a"
monitor_stop
report
windows_are 3
for w in 1 2; do
	window_is $w .outcome not_armed
	window_is $w .head "$a"
	window_is $w .nqn "$SUBSYS_NQN$((w - 1))"
	window_is $w .complete true
done
window_is 0 .namespace_again_as "$a"
window_is 1 .namespace_again_as "$b"
