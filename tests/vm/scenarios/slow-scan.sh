#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --delays --timeout 200
# Two controllers scan a namespace at the same time, one of them slowly: both paths serve. It is
# held when it has seen the path of the other with capacity 0, and before it takes that out of use.
# The other path may be set up meanwhile, and its controller does not look at it again. As
# joint-scan, but the race is always met.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/delays.sh"

REFS=$(core_refs)
path_release 0,1
hold nvme_init_ns_head:unlock*1
path_bind 0 &
first=$!
held_at nvme_init_ns_head:unlock
say "path 0 is listed, and has no capacity yet"
hold nvme_init_ns_head:unlock*1 nvme_mpath_revalidate_paths:clear
path_bind 1 &
second=$!
held_at nvme_mpath_revalidate_paths:clear
say "path 1 has seen that"
hold nvme_mpath_revalidate_paths:clear
poll 10 path_disk 0 > /dev/null || say "path 0 waits for path 1"
let_go
wait $first || fail "path 0 did not come"
wait $second || fail "path 1 did not come"

# reads DISK: sets READS, how many it has completed.
reads() { read -r READS _ < "/sys/block/$1/stat"; }

check "the disk is there" wait_for 10 head_dev
round_robin
names=() before=()
for n in 0 1; do
	names[n]=$(path_disk $n)
	reads "${names[n]}"
	before[n]=$READS
done
fd_open disk "$(head_dev)"
for ((i = 0; i < 4; i++)); do fd_is disk read $((i * 4096)) ok; done
fd_close disk
for n in 0 1; do
	reads "${names[n]}"
	check "path $n is used" test "$READS" -gt "${before[n]}"
done
refs_are_back
