#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y
# Another namespace in the place of one that is waited for is refused: I/O reaches the old disk or
# none. It comes up in a window under the same NSID with other identifiers. If the old disk comes
# back in time it is as if nothing had been; if not, the other one appears by itself when the
# window ends, as a head of its own.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

no_path() { ! fab_disk 0 > /dev/null && ! fab_disk 1 > /dev/null; }
refusals() { dmesg | grep -c "IDs don't match for shared namespace 1" || :; }
more_refusals() { [ "$(refusals)" -gt "$1" ]; }

# change UUID FILE: the disk goes, and when all know it, another one is in its place.
change() {
	target_ns_disable 0 1
	wait_for 10 no_path || fail "the paths are still there"
	target_ns_set 0 1 "$1" "file=$2"
}

# The write of a block waits in the window. It ends with status 0 or with EIO.
write_start() {
	rm -f "$TMP/write.end"
	(
		status=0
		dd if="$TMP/new" of="/dev/$HEAD" bs=4096 count=1 oflag=direct conv=notrunc \
			status=none 2> "$TMP/write.err" || status=$?
		echo $status > "$TMP/write.end"
	) &
	check "a write waits" wait_for 5 io_waits "$HEAD"
}
write_ended() { [ -s "$TMP/write.end" ]; }

target_start
head -c 1M /dev/zero | tr '\0' o > "$TMP/old-disk"
truncate -s 1M "$TMP/other-disk"
head -c 4096 /dev/zero | tr '\0' n > "$TMP/new"
cp "$TMP/other-disk" "$TMP/empty"
target_ns 0 1 "$UUID_A" file="$TMP/old-disk"
target_port 0 tcp
target_port 1 loop
for path in 0 1; do
	fab_connect $path
	fab_wait_disk $path
done
HEAD=$(head_name)
need_fabrics_setting
REFS=$(core_refs)
trace_start

say "---- 1. the old disk comes back in time"
head_set_secs 3600
before=$(refusals)
change "$UUID_B" "$TMP/other-disk"
write_start
check "the other disk is refused" wait_for 5 more_refusals "$before"
assert_eq "UUID of the head" "$(fab_uuid "$HEAD")" "$UUID_A"
check "it has no path" no_path
change "$UUID_A" "$TMP/old-disk"
check "the write ends" wait_for 10 write_ended
assert_eq "its status" "$(cat "$TMP/write.end")" 0
head_is_same
sync "$TMP/old-disk"
check "it is on the old disk" cmp -n 4096 "$TMP/new" "$TMP/old-disk"
check "and not on the other" cmp "$TMP/empty" "$TMP/other-disk"

say "---- 2. it does not"
cp "$TMP/old-disk" "$TMP/old-copy"
head -c 4096 /dev/zero | tr '\0' l > "$TMP/new"
fab_wait_disk 0
fab_wait_disk 1
before=$(refusals)
change "$UUID_B" "$TMP/other-disk"
write_start
check "the other disk is refused" wait_for 5 more_refusals "$before"
uuid_is() { [ "$(cat "/sys/block/$(head_name)/uuid" 2> /dev/null)" = "$1" ]; }
check "the old head stays" uuid_is "$UUID_A"
check_not "the write waits on" write_ended
end_soon "$HEAD"
check "the write ends" wait_for 5 write_ended
check "with EIO" grep -q "$EIO" "$TMP/write.err"
old=$HEAD
check "the other disk appears by itself" wait_for 3 uuid_is "$UUID_B"
HEAD=$(head_name)
fab_wait_disk 0
fab_wait_disk 1
check "it can be read, and holds what it held" cmp -n 1048576 "/dev/$HEAD" "$TMP/empty"
check "the old disk holds what it held" cmp "$TMP/old-copy" "$TMP/old-disk"
trace_stop
assert_eq "removals of the old head" "$(trace_count nvme_mpath_head_remove "$old:")" 1
assert_before "the write fails when the time is up, not before" \
	"$(trace_ns nvme_mpath_remove_work "$old:.*action=ran, .*result=removed")" \
	"$(trace_ns nvme_mpath_bio_fail "$old:")"
refs_are_back
unload_all
