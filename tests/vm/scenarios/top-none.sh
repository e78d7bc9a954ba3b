#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --single --no-nvme --timeout 120
# The live console on a host without a multipath head says why, and what to do.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/console.sh"

need_monitor
console_start 24x80 -i 500ms
sees 'This host has no NVMe multipath head'
shows 'driver is not loaded'
shows 'NO EVENTS, paths only'
modprobe nvme
sees 'no shared namespace'
sees 'multipath_always_on=Y'
console_end 0
modprobe -r nvme nvme_core
modprobe nvme_core multipath=N
modprobe nvme
"$TMP/console" -b -n 1 > "$VM_OUT/lines" 2> /dev/null
check "says that several paths are off" grep -q 'nvme_core.multipath is N' "$VM_OUT/lines"
