#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --namespaces 3 --size 128M --timeout 200
# Three namespaces of the same controllers, with settings of their own, lose their paths with the
# same pull. There is a window each, and none for the one with 0. Those whose time is not over
# recover.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
REFS=$(core_refs)
heads=()
for nsid in 1 2 3; do heads+=("$(head_name 0 $nsid)"); done
LONG=$((20 * VM_SLOW)) SHORT=$((5 * VM_SLOW))
head_set_secs $LONG 0 1
head_set_secs $SHORT 0 2
assert_eq "setting of the third" "$(head_secs 0 3)" 0
trace_start
monitor_start
for i in 0 1 2; do
	fio_start load$i "/dev/${heads[i]}" --size=64M --rate_iops=0 --rate=400k \
		"${FIO_ALL_ERRORS[@]}"
done

pull_all
lost=$PATH_DONE_NS
check "the head with 0 goes at once" wait_for 2 head_gone "${heads[2]}"
assert_le "it took" $((($(now_ns) - lost) / 1000000)) 2000 ms
for i in 0 1; do check "${heads[i]} stays" test -b "/dev/${heads[i]}"; done
check "the head with $SHORT s goes" wait_for 8 head_gone "${heads[1]}"
check "the one with $LONG s stays" test -b "/dev/${heads[0]}"
assert_eq "its I/O errors" "$(fio_errors load0)" 0
return_all
fio_end load0 90
for i in 1 2; do
	fio_stop load$i
	fio_wait load$i 10
done
assert_eq "name of the head that was there" "$(head_name 0 1)" "${heads[0]}"
for nsid in 2 3; do
	check "namespace $nsid has a new head" head_dev 0 $nsid
	assert_eq "its setting" "$(head_secs 0 $nsid)" 0
done
observe_end

windows_are 3
outcomes=(recovered removed not_armed)
for i in 0 1 2; do
	w=$(window_of "${heads[i]}")
	window_is "$w" .nsid $((i + 1))
	window_ended "$w" "${outcomes[i]}"
	for what in parked completed failed; do bios_as_traced $what "${heads[i]}" "$w"; done
done
gone=$(trace_ns nvme_mpath_remove_work "${heads[1]}:.*action=ran")
armed=$(trace_ns nvme_mpath_remove_work "${heads[1]}:.*action=armed")
assert_due_ms "the head with $SHORT s had, by tracefs" \
	$(((gone - armed) / 1000000)) $((SHORT * 1000)) 100
assert_moment "by the report" "$(window_ms "$(window_of "${heads[1]}")" .duration_seconds)000000" \
	$((gone - armed))
refs_are_back
