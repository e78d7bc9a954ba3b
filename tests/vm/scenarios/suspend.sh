#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 2 --timeout 150 --suspend --append no_console_suspend
# vm-alone: the guest sleeps
# Suspend to memory in the windows of two heads, with I/O queued: the time asleep does not count.
# One head recovers, the other goes when its time is up.
. "$VM_TREE/tests/vm/lib.sh"

SLEEP=10	# seconds

# The shares of the host do not survive a suspend: everything is in memory, and what it has to say
# is on the console. A failure ends the guest, too, but without the last line.
main() {
	local head other lost slept awake w back deadline name
	on_exit 'sleep 1; echo b > /proc/sysrq-trigger'
	sysctl -q -w kernel.printk_devkmsg=on
	cp "$PATHCTL" "$VM_TREE/build/nvme-mpathtop" "$LATE" "$TMP/"
	# shellcheck disable=SC2034	# for the library
	PATHCTL=$TMP/path MONITOR=$TMP/nvme-mpathtop LATE=$TMP/late LATE_FILE=$TMP/late.log
	cd /
	guest_leaves $((300 * VM_SLOW)) "suspend.sh: all is well"
	VM_OUT=$TMP/out
	mkdir "$VM_OUT"
	exec > >(exec sed -u 's/^/suspend.sh: /' > /dev/kmsg) 2>&1

	observe 3600
	head=$HEAD
	other=$(head_name 1)
	head_set_secs 3600 1
	fio_start load "/dev/$head" --rate_iops=50
	fio_start late "/dev/$other" --rate_iops=50 "${FIO_ALL_ERRORS[@]}"
	# QEMU's hot-plug by ACPI says nothing after a suspend
	path_remove_sysfs 0,1,2,3
	lost=$(awake_ms)
	slept=$(asleep_ms)
	rtcwake -m mem -s $SLEEP > /dev/null ||
		fail "the system did not suspend: $(dmesg | tail -n 5)"
	slept=$(($(asleep_ms) - slept))
	# the clocks of the guest need not agree to the last millisecond
	assert_le "ms asleep, at least" $(((SLEEP - 2) * 1000)) $slept
	check "it was asleep" sh -c "dmesg | grep -q 'Waking up from system sleep state S3'"
	for name in "$head" "$other"; do check "$name is there" test -b "/dev/$name"; done
	assert_eq "I/O errors" $(($(fio_errors load) + $(fio_errors late))) 0
	# A time that is over soon, and was over long ago if the time asleep counted.
	awake=$(((($(awake_ms) - lost) / 1000) + 4))
	echo $awake > "/sys/block/$other/delayed_removal_secs"
	check "the other head goes" wait_for $awake head_gone "$other"
	pci_rescan 0,1
	fio_end load 90
	assert_eq "name of the head with the longer time" "$(head_name)" "$head"
	fio_stop late
	fio_wait late 10
	check "queued I/O of the other one failed" test "$(fio_errors late "$EIO")" -gt 0
	observe_end

	windows_are 2
	w=$(window_of "$other")
	window_ended "$w" removed
	read -r deadline < <(trace_windows | awk -v h="$other" '$1 == h { print $4 }')
	assert_moment "its deadline, by the time awake" $((deadline - slept * 1000000)) \
		$(($(lost_at "$other") + awake * 1000000000))
	assert_due "its removal" "$(trace_ns nvme_mpath_head_remove "$other:")" "$deadline"
	w=$(window_of "$head")
	window_ended "$w" recovered
	# tracefs told of the deadline before the system slept
	read -r deadline back < <(trace_windows | awk -v h="$head" '$1 == h { print $4, $5 }')
	assert_moment "return, by the margin without the time asleep" \
		$((deadline + slept * 1000000 - $(window_ns "$w" .margin_seconds))) "$back"
	refs_are_back
	echo "all is well"
	exit 0
}

# lost_at HEAD: print when it lost its paths, by what the kernel said was left in its window.
lost_at() {
	local left
	left=$(trace_lines nvme_mpath_remove_work "$1:.*action=armed" |
		sed -n '1s/.*ms_left=\([0-9]*\).*/\1/p')
	echo $(($(trace_ns nvme_mpath_remove_work "$1:.*action=armed") +
		left * 1000000 - 3600 * 1000000000))
}

# CLOCK_MONOTONIC; and by how much CLOCK_BOOTTIME is ahead of it.
awake_ms() { perl -MTime::HiRes -e 'printf "%d", Time::HiRes::clock_gettime(1) * 1000'; }
asleep_ms() {
	perl -MTime::HiRes=clock_gettime -e \
		'printf "%d", (clock_gettime(7) - clock_gettime(1)) * 1000'
}

main
