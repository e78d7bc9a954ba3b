#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --zoned --timeout 150
# A zoned namespace loses both paths, and one returns in the window: queued I/O goes on, and the
# zones are as before. The scan of the returning path must not need a path of the head.
. "$VM_TREE/tests/vm/lib.sh"

head_secs > /dev/null || skip "this kernel has no delayed removal"
REFS=$(core_refs)
HEAD=$(head_name)
head_set_secs 3600
zones() { cat "/sys/block/$HEAD"/queue/{zoned,nr_zones,chunk_sectors}; }

assert_eq "model of the zones" "$(cat "/sys/block/$HEAD/queue/zoned")" host-managed
before=$(zones)
head -c 65536 /dev/zero | tr '\0' z > "$TMP/data"
# a zone is written to in order only
write_at() { dd if="$TMP/data" of="/dev/$HEAD" bs=64k count=1 seek="$1" oflag=direct status=none; }
check "a zone is written to" write_at 0
pull_all
read_start waits "$HEAD"
check "a read waits" wait_for 10 task_waits dd
path_return 0
read_wait waits 5
head_is_same
assert_eq "the zones" "$(zones)" "$before"
check "the zone is written to where it ended" write_at 1
path_return 1
for i in 0 1; do
	dd if="/dev/$HEAD" bs=64k count=1 skip=$i iflag=direct status=none |
		cmp - "$TMP/data" || fail "block $i is not what was written"
done
head_set_secs 0
refs_are_back
