#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 90
# The guest is what the other scenarios rely on: modules of the tree, one head with all its paths,
# shares.
# shellcheck source=tests/vm/lib.sh disable=SC2119
. "$VM_TREE/tests/vm/lib.sh"

case $(modinfo -n nvme_core) in
*/updates/*) say "the modules are those of build/kernel" ;;
*) say "the modules are the distribution's" ;;
esac
check "the head is there" head_name
check "the head is a block device" test -b "$(head_dev)"
for ((n = 0; n < VM_PATHS; n++)); do
	check "path $n has a disk" path_disk $n
done
check "/out can be written" sh -c 'echo x > /out/probe && rm /out/probe'
check_not "the work tree cannot be written" sh -c '(echo x > /host/probe) 2> /dev/null'
check "the head can be read" dd if="$(head_dev)" of=/dev/null bs=1M count=8 iflag=direct status=none
for fs in /sys/kernel/tracing /sys/kernel/debug /sys/fs/bpf /sys/fs/cgroup /dev/pts /dev/fd/0; do
	check "$fs is there" test -e "$fs"
done
