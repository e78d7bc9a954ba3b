#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y --timeout 200
# With delayed_removal_fabrics=Y heads over TCP and loop have a grace time like any other. Both
# recover under the same names when a path is connected again in time, and are removed when none
# is.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

GRACE=$((6 * VM_SLOW))

target_start
target_ns 0 1 "$UUID_A"
target_ns 1 1 "$UUID_B"
target_port 0 tcp 0
target_port 1 tcp 0
target_port 2 loop 1
target_port 3 loop 1
for path in 0 1 2.1 3.1; do
	fab_connect $path
done
for path in 0 1 2.1 3.1; do
	fab_wait_disk $path
done
HEAD=$(head_name 0)
need_fabrics_setting
tcp=$HEAD
loop=$(head_name 1)
observe 20
head_set_secs "$WINDOW" 1

say "---- 1. connected again in time"
fab_disconnect 0
fab_disconnect 2.1
fio_start tcp "/dev/$tcp" --rate_iops=100
fio_start loop "/dev/$loop" --rate_iops=100
fab_disconnect 1
fab_disconnect 3.1
for head in "$tcp" "$loop"; do
	check "I/O of $head waits" wait_for 3 io_waits "$head"
	check "it stays" test -b "/dev/$head"
done
fab_connect 1
fab_connect 2.1
fio_end tcp
fio_end loop
assert_eq "name of the TCP head" "$(head_name 0)" "$tcp"
assert_eq "name of the loop head" "$(head_name 1)" "$loop"

say "---- 2. not connected again"
head_set_secs $GRACE
head_set_secs $GRACE 1
fio_start late-tcp "/dev/$tcp" "${FIO_ALL_ERRORS[@]}" --rate_iops=100
fio_start late-loop "/dev/$loop" "${FIO_ALL_ERRORS[@]}" --rate_iops=100
fab_disconnect 1
fab_disconnect 2.1
check "the TCP head goes" wait_for $((GRACE + 3)) head_gone "$tcp"
check "the loop head goes" wait_for 3 head_gone "$loop"
for job in late-tcp late-loop; do
	fio_stop $job
	fio_wait $job 10
	check "I/O failed" test "$(fio_errors $job "$EIO")" -gt 0
	fio_lost_disk $job
done
observe_end
report_finds_loss

windows_are 4
declare -A seen=()
for w in 0 1 2 3; do
	head=$(window $w .head)
	case ${seen[$head]:-0} in
	0) window_is $w .outcome recovered ;;
	1)
		window_is $w .outcome removed
		assert_due_ms "duration of the window of $head" \
			"$(window_ms $w .duration_seconds)" $((GRACE * 1000)) 100
		;;
	esac
	seen[$head]=$((${seen[$head]:-0} + 1))
	window_is $w .complete true
	window_is $w .bios.queued 0
	parked[w]=$(window $w .bios.parked)
done
assert_eq "windows of the TCP head" "${seen[$tcp]}" 2
assert_eq "windows of the loop head" "${seen[$loop]}" 2
assert_eq "parked bios of all, tracefs counting them" \
	$((parked[0] + parked[1] + parked[2] + parked[3])) \
	$(($(trace_stalls parked "$tcp") + $(trace_stalls parked "$loop")))
refs_are_back
unload_all
