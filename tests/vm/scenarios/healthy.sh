#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 300
# vm-env: HEALTHY_IOS=100000 I/Os
# vm-time: HEALTHY_IOS 0.0005
# With the monitor attached and all paths healthy, no program of it runs: 10^5 I/Os.
. "$VM_TREE/tests/vm/lib.sh"

IOS=${HEALTHY_IOS:-100000}

need_patched
head=$(head_name)
head_set_secs 600
on_exit 'sysctl -q -w kernel.bpf_stats_enabled=0'
sysctl -q -w kernel.bpf_stats_enabled=1
monitor_start

# beside these there is one that is called, see bpf/heal.bpf.h
assert_eq "programs, one for each tracepoint" "$(run_counts | grep -vc '^mpath_heal ')" \
	"$(find /sys/kernel/tracing/events/nvme -maxdepth 1 -name 'nvme_mpath_*' \
		-o -maxdepth 1 -name nvme_ctrl_state | wc -l)"
before=$(run_counts)
ios=$(reads_of "$head")
fio --name=load --filename="/dev/$head" --ioengine=io_uring --direct=1 --rw=randread --bs=512 \
	--iodepth=64 --iodepth_batch_submit=16 --iodepth_batch_complete_min=8 --norandommap \
	--number_ios="$IOS" --io_size=1G > "$TMP/fio" 2>&1 || fail "fio: $(cat "$TMP/fio")"
ios=$(($(reads_of "$head") - ios))
assert_le "at least as many I/Os" "$IOS" $ios
assert_eq "run counts after $ios I/Os" "$(run_counts)" "$before"

# The same programs do run when a path goes.
path_pull 0
check "they do move when a path goes" test "$(run_counts)" != "$before"
monitor_stop
