#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y
# With delayed_removal_fabrics=Y heads over TCP and loop have a grace time like any other. Both
# recover under the same names when a path is connected again in time, and are removed when none
# is.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"
. "$VM_TREE/tests/vm/lib/writers.sh"

GRACE=$((2 * VM_SLOW))

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
observe 600
head_set_secs "$WINDOW" 1

say "---- 1. connected again in time"
fab_disconnect 0
fab_disconnect 2.1
writers_start load "$tcp" "$loop"
fab_disconnect 1
fab_disconnect 3.1
for head in "$tcp" "$loop"; do
	check "I/O of $head waits" wait_for 3 io_waits "$head"
	check "it stays" test -b "/dev/$head"
done
fab_connect 1
fab_connect 2.1
none_waits() { ! io_waits "$1"; }
for head in "$tcp" "$loop"; do
	check "I/O of $head goes on" wait_for 3 none_waits "$head"
	check_not "it has no error" writers_said load "$head"
done
assert_eq "name of the TCP head" "$(head_name 0)" "$tcp"
assert_eq "name of the loop head" "$(head_name 1)" "$loop"

say "---- 2. not connected again"
head_set_secs $GRACE
head_set_secs $GRACE 1
fab_disconnect 1
fab_disconnect 2.1
for head in "$tcp" "$loop"; do
	check "$head goes" wait_for $((GRACE + 3)) head_gone "$head"
	check "its I/O fails" wait_for 5 writers_said load "$head" 'EIO|ENOSPC'
done
observe_end
report_finds_loss

windows_are 4
for head in "$tcp" "$loop"; do
	mine=()
	for w in 0 1 2 3; do
		[ "$(window $w .head)" != "$head" ] || mine+=("$w")
	done
	assert_eq "windows of $head" ${#mine[@]} 2
	window_ended "${mine[0]}" recovered
	window_ended "${mine[1]}" removed
	for what in parked completed failed; do
		bios_as_traced $what "$head" "${mine[@]}"
	done
	window_lasted "${mine[0]}" "$head"
	window_expired "${mine[1]}" "$head" $GRACE
done
refs_are_back
unload_all
