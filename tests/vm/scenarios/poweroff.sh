#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# vm-alone: it ends the guest
# An orderly end in a window: 0 is written to the setting, waiting tasks get their errors, and the
# power goes off. The file system can be unmounted in between.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
REFS=$(core_refs)
head=$(head_name)
mkfs.ext4 -q "/dev/$head" 256M || fail "mkfs.ext4"
mkdir "$TMP/disk"
mount -t ext4 "/dev/$head" "$TMP/disk" || fail "mount"
: > "$TMP/disk/dirty"
head_set_secs 3600
pull_all
(head -c 1M /dev/urandom > "$TMP/disk/dirty"; sync "$TMP/disk/dirty") &
writer=$!
check "the writer waits" wait_for 10 task_waits bash head sync
umount "$TMP/disk" 2> /dev/null && fail "a file system in use was unmounted"
echo 0 > "/sys/block/$head/delayed_removal_secs"
wait $writer && fail "what was never written was synced"
check "the file system can be unmounted" wait_for 5 umount "$TMP/disk"
check "the head is gone" wait_for 2 head_gone "$head"
refs_are_back

guest_leaves 120 "reboot: Power down"
exec perl -e 'syscall(169, 0xfee1dead, 0x28121969, 0x4321fedc, 0) == 0 or die "reboot: $!\n"'
