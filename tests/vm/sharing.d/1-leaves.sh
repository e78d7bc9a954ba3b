#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 60 --core-params admin_timeout=33
# It leaves everything behind that a scenario should take away.
. "$VM_TREE/tests/vm/lib.sh"
assert_eq "the parameter of nvme_core" \
	"$(cat /sys/module/nvme_core/parameters/admin_timeout)" 33
dev=$(head_dev)
echo 3600 > "/sys/block/${dev#/dev/}/delayed_removal_secs"
echo something | dd of="$dev" bs=4096 conv=sync oflag=direct status=none
mkdir -p "/tmp/not ours" /sys/fs/cgroup/left /sys/kernel/tracing/instances/left
mount -t tmpfs left "/tmp/not ours"
echo 1 > /proc/sys/kernel/kptr_restrict
echo 'p:left vfs_read' > /sys/kernel/tracing/kprobe_events
setsid sleep 1000 < "$dev" &
modprobe nvmet
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
mkdir /sys/kernel/config/nvmet/subsystems/left
path_pull 0
