#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 200
# vm-env: ROUNDS=2 removals for each path policy
# vm-env: JOBS=1 tasks
# vm-time: ROUNDS 30
# The driver is unbound from a controller while it resets, beside a path that serves: I/O is not
# sent to its frozen queues, with any path policy. The controller is being deleted then; I/O that
# waits there ends with an error when the reset has failed, and no other path is tried.
#
# A task may have chosen the path just before the queues were frozen, and gets that error as ever:
# 1 of 60 removals here with one task; before it was 3 of 9 on 6.12 and 3 of 6 on 7.3. With the
# patched modules the trace tells these apart from an error of a task that came later, of which
# there must be none; without the trace each task may meet one error in six removals. reset-held
# shows the same for a task that comes later, without chance.
. "$VM_TREE/tests/vm/lib.sh"
# shellcheck source=tests/vm/lib/errors.sh
. "$VM_TREE/tests/vm/lib/errors.sh"

ROUNDS=${ROUNDS:-2}
JOBS=${JOBS:-1}
REFS=$(core_refs)
head=$(head_name)

# How many resets have failed, by the kernel's log: with Linux 6.1 "Removing after probe failure".
failures() { dmesg | grep -c "nvme nvme.* after .* failure" || :; }

# unbind_in_reset N: reset the controller of path N, unbind it as soon as it is not live, with
# nothing but the shell's own commands in between. Succeeds if that was in the middle of the reset,
# which fails then.
unbind_in_reset() {
	local ctrl device state=live before=$failed
	ctrl=$(path_ctrl "$1")
	device=$(readlink -f "/sys/class/nvme/$ctrl/device")
	{ { echo 1 > "/sys/class/nvme/$ctrl/reset_controller"; } 2> /dev/null || :; } &
	while [ "$state" = live ]; do read -r state < "/sys/class/nvme/$ctrl/state"; done
	echo "${device##*/}" > "$device/driver/unbind"
	wait $!
	say "$ctrl was unbound while it was $state"
	failed=$(failures)
	[ "$failed" -gt "$before" ]
}
failed=$(failures)
removals=0

# rounds POLICY: so many removals in the middle of a reset, of either path in turn: the path that
# returns is the last one of the list.
rounds() {
	local i met=0 wrote
	for ((i = 0; i < 4 * ROUNDS && met < ROUNDS; i++)); do
		wrote=$(writes_of "$head")
		check "the load goes on" wait_for 10 fio_wrote load "$head" $((wrote + 2 * JOBS))
		! unbind_in_reset $((i % 2)) || met=$((met + 1))
		path_bind $((i % 2))
	done
	assert_eq "removals in the middle of a reset" $met "$ROUNDS"
	removals=$((removals + met))
	say "$1: $(fio_errors load) errors"
}

traced=''
if is_patched; then
	trace_start
	errors_trace
	# their disks come after the trace
	for path in 0 1; do
		path_release $path
		path_bind $path
	done
	traced=yes
fi
fio_start load "/dev/$head" "${FIO_ALL_ERRORS[@]}" --numjobs="$JOBS" --iodepth=1 \
	--rate_iops=300 --verify=0
for policy in numa round-robin queue-depth; do
	say "---- $policy"
	if io_policy $policy 2> /dev/null; then
		rounds $policy
	else
		assert_eq "policy that only newer kernels have" $policy queue-depth
	fi
done
fio_stop load
fio_wait load
if [ "$traced" ]; then
	trace_stop
	errors_judge
	assert_eq "errors, by the trace" "$(errors_of errors)" "$FIO_ERRORS"
else
	assert_le "errors, of tasks that were just before the freeze" "$FIO_ERRORS" \
		$((JOBS * (removals + 5) / 6))
fi
assert_eq "name of the head" "$(head_name)" "$head"
refs_are_back
