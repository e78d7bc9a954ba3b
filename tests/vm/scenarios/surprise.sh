#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Both paths are cut off with commands in flight, which fail over, wait and are resubmitted, all
# counted exactly. The commands never complete; each counts as one stall that began when its
# request did.
. "$VM_TREE/tests/vm/lib.sh"

observe 15
fio_start load "/dev/$HEAD" --rate_iops=0 --iodepth=32
sleep 1

path_surprise 0,1
sleep 3
path_plug 0,1
sleep 2
fio_end load
head_is_same

finish_with recovered
bios_as_traced parked "$HEAD" 0 outside
assert_eq "failed-over requests, tracefs counting them" \
	$(($(window 0 .bios.failovers) + $(outside .bios.failovers))) \
	"$(trace_count nvme_mpath_failover "$HEAD:")"
check "commands in flight failed over" test "$(trace_count nvme_mpath_failover "$HEAD:")" -gt 0
# fio's latency goes on until the completion, behind all the others of a full queue:
# the debug kernel takes its time
assert_between "fio's longest latency beyond the longest stall" \
	$((FIO_MAX_NS / 1000000 - $(window_ms 0 .bios.stall.max_seconds))) -20 \
	$((VM_SLOW > 1 ? 600 : 300))
refs_are_back
