#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 60
# It finds the guest as if it were the first.
. "$VM_TREE/tests/vm/lib.sh"
dev=$(head_dev)
assert_eq "the setting" "$(head_secs)" 0
check "path 0 is there" path_disk 0
check "path 1 is there" path_disk 1
check "the disk is empty" cmp -n 1048576 "$dev" /dev/zero
check_not "no file is left" test -e "/tmp/not ours"
check_not "no mount is left" grep -q left /proc/mounts
check_not "no process is left" pgrep -x sleep
check_not "no instance is left" test -d /sys/kernel/tracing/instances/left
check_not "no control group is left" test -d /sys/fs/cgroup/left
check_not "no kprobe is left" test -s /sys/kernel/tracing/kprobe_events
assert_eq "kptr_restrict" "$(cat /proc/sys/kernel/kptr_restrict)" 0
assert_eq "the parameter of nvme_core" \
	"$(cat /sys/module/nvme_core/parameters/admin_timeout)" 60
dmesg | grep -c 'vm: scenario' | { read -r n; assert_eq "scenarios in the log" "$n" 1; }
