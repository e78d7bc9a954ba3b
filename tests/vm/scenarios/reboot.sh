#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# vm-alone: it ends the guest
# A reboot in a window: the kernel goes down without waiting for the paths. I/O is queued, tasks
# wait for it, and a mounted file system has data that is not written yet.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
mkfs.ext4 -q "$(head_dev)" 256M || fail "mkfs.ext4"
mkdir "$TMP/disk"
mount -t ext4 "$(head_dev)" "$TMP/disk" || fail "mount"
head_set_secs 3600
before=$(writes_of "$(head_name)")
fio --name=load --directory="$TMP/disk" --ioengine=libaio --direct=1 --rw=randwrite --bs=4k \
	--iodepth=16 --size=4M --rate_iops=200 --time_based --runtime=600 > "$TMP/load" 2>&1 &
: > "$TMP/disk/dirty"
# more than it takes to make the file and the other one
fio_writes() { [ "$(writes_of "$(head_name)")" -gt $((before + 200)) ]; }
wait_for 20 fio_writes || fail "fio does not write"
pull_all
# what any of these has to read first, it waits for, too
{ head -c 1M /dev/urandom > "$TMP/disk/dirty"; sync; } &
dd if="$(head_dev)" of=/dev/null bs=4k count=1 iflag=direct 2> /dev/null &
check "the reader waits" wait_for 10 task_waits dd
check "the writer waits" wait_for 10 task_waits bash head sync
check "the head is there" test -b "$(head_dev)"

guest_leaves 120 "reboot: Restarting system"
exec perl -e 'syscall(169, 0xfee1dead, 0x28121969, 0x01234567, 0) == 0 or die "reboot: $!\n"'
