#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Two partitions with an XFS and an ext4, mounted over a window: no error, still writable. What
# was written before, during and after it is there, to the byte.
. "$VM_TREE/tests/vm/lib.sh"

observe 3600
SUMS=$TMP/sums
types=(xfs ext4)

printf 'label: gpt\nsize=400M\nsize=64M\n' | sfdisk -q "/dev/$HEAD" || fail "sfdisk"
check "the partitions are there" wait_for 5 test -b "/dev/${HEAD}p2"
mkfs.xfs -q -f "/dev/${HEAD}p1" || fail "mkfs.xfs"
mkfs.ext4 -q "/dev/${HEAD}p2" || fail "mkfs.ext4"
for type in "${types[@]}"; do
	mkdir "$TMP/$type"
	modprobe "$type"
done
on_exit "umount $TMP/xfs $TMP/ext4 2> /dev/null"
mount_all() {
	mount -t xfs "/dev/${HEAD}p1" "$TMP/xfs" && mount -t ext4 "/dev/${HEAD}p2" "$TMP/ext4"
}
check "they are mounted" mount_all

# put NAME MB: a file of random bytes on each, and its checksum.
put() {
	local type
	for type in "${types[@]}"; do
		head -c "$2M" /dev/urandom > "$TMP/$type/$1"
		(cd "$TMP" && sha256sum "$type/$1" >> "$SUMS")
	done
}
put before 1
sync

pull_all
# Some of it is in memory at first, some waits for the disk, all of it shall be there afterwards.
(put during 2; sync) &
during=$!
check "the partition is there without a path" test -b "/dev/${HEAD}p1"
dd if="/dev/${HEAD}p2" of="$TMP/raw" bs=1M count=1 iflag=direct status=none &
raw=$!
queued_are() { [ "$(trace_stalls queued "$HEAD")" -ge "$1" ]; }
check "I/O waits" wait_for 5 queued_are 3
check "what is synced waits" kill -0 $during
check "what is read from the partition waits" kill -0 $raw
return_all
check "the partition's I/O is done" wait $raw
check "writing files is done" wait $during
put after 1

head_is_same
for type in "${types[@]}"; do
	check "$type is still writable" grep -q " $TMP/$type $type rw," /proc/mounts
done
complaints='I/O error|EXT4-fs (error|warning)|remount|XFS.*(error|shut)|lost (async|sync) page'
check_not "the kernel tells of no error of disk or file systems" \
	sh -c "dmesg | grep -iE '$complaints'"
umount "$TMP/xfs" "$TMP/ext4"
echo 3 > /proc/sys/vm/drop_caches
check "XFS is consistent" xfs_repair -n "/dev/${HEAD}p1" 2> /dev/null
check "ext4 is consistent" e2fsck -fn "/dev/${HEAD}p2" 2> /dev/null
check "they are mounted again" mount_all
(cd "$TMP" && sha256sum -c "$SUMS") || fail "a file is not what was written"
assert_eq "files compared" "$(wc -l < "$SUMS")" 6
umount "$TMP/xfs" "$TMP/ext4"

finish_with recovered
parked=$(trace_stalls parked "$HEAD")
check "I/O waited" test "$parked" -gt 2
bios_as_traced parked "$HEAD" 0
assert_eq "completed bios" "$(window 0 .bios.completed)" "$parked"
refs_are_back
