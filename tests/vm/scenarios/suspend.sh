#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 2 --timeout 150 --suspend --append no_console_suspend
# vm-alone: the guest sleeps
# Suspend to memory in the windows of two heads, with I/O queued: the time asleep does not count.
# One head recovers, the other goes when its time is up.
. "$VM_TREE/tests/vm/lib.sh"

# The shares of the host do not survive a suspend: everything is in memory, and what it has to say
# is on the console. A failure ends the guest, too, but without the last line.
main() {
	local head other lost before most grace back
	on_exit 'sleep 1; echo b > /proc/sysrq-trigger'
	sysctl -q -w kernel.printk_devkmsg=on
	cp "$PATHCTL" "$VM_TREE/build/nvme-mpathtop" "$TMP/"
	PATHCTL=$TMP/path MONITOR=$TMP/nvme-mpathtop
	cd /
	guest_leaves $((120 * VM_SLOW)) "suspend.sh: all is well"
	VM_OUT=$TMP/out
	mkdir "$VM_OUT"
	exec > >(exec sed -u 's/^/suspend.sh: /' > /dev/kmsg) 2>&1

	observe 60
	head=$HEAD
	other=$(head_name 1)
	# to fall asleep takes the debug kernel a minute, with all its processors awake
	most=$((6 * VM_SLOW * VM_SLOW))
	grace=$((most + 2 * VM_SLOW))
	head_set_secs $grace 1
	fio_start load "/dev/$head" --rate_iops=0 --rate=2m
	fio_start late "/dev/$other" --rate_iops=0 --rate=2m "${FIO_ALL_ERRORS[@]}"
	# QEMU's hot-plug by ACPI says nothing after a suspend
	path_remove_sysfs 0,1,2,3
	lost=$(awake_ms)
	before=$(now_ns)
	rtcwake -m mem -s 10 > /dev/null || fail "the system did not suspend: $(dmesg | tail -n 5)"
	assert_le "between the loss and now, at least" 9000 $((($(now_ns) - before) / 1000000)) ms
	assert_le "ms awake of that" $(($(awake_ms) - lost)) $((most * 1000))
	check "it was asleep" sh -c "dmesg | grep -q 'Waking up from system sleep state S3'"
	for name in "$head" "$other"; do check "$name is there" test -b "/dev/$name"; done
	assert_eq "I/O errors" $(($(fio_errors load) + $(fio_errors late))) 0
	check "the head with $grace s goes when it was awake for so long" \
		wait_for $((grace + 2)) head_gone "$other"
	assert_near "that is" $(($(awake_ms) - lost)) $((grace * 1000 + 1200)) 1600 ms
	pci_rescan 0,1
	back=$(awake_ms)
	fio_end load 90
	assert_eq "name of the head with the longer time" "$(head_name)" "$head"
	fio_stop late
	fio_wait late 10
	check "queued I/O of the other one failed" test "$(fio_errors late "$EIO")" -gt 0
	observe_end

	windows_are 2
	window_ended "$(window_of "$head")" recovered
	window_ended "$(window_of "$other")" removed
	assert_near "margin, without the time asleep" \
		"$(window_ms "$(window_of "$head")" .margin_seconds)" \
		$((WINDOW * 1000 - (back - lost))) 3000 ms
	refs_are_back
	echo "all is well"
	exit 0
}

# CLOCK_MONOTONIC
awake_ms() { perl -MTime::HiRes -e 'printf "%d", Time::HiRes::clock_gettime(1) * 1000'; }

main
