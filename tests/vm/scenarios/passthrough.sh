#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Passthrough commands, reservations and the `ng` device during a window: refused at once with
# EAGAIN, never queued. open() works; afterwards the same descriptors work as before it.
. "$VM_TREE/tests/vm/lib.sh"

observe 3600
ng=ng${HEAD#nvme}
declare -A before=()
commands=("block io 2" "block io 14" "block admin 6" "block user" "block register"
	"ng io 2" "ng io 14" "ng admin 6")

fd_open block "/dev/$HEAD"
fd_open ng "/dev/$ng"
for cmd in "${commands[@]}"; do
	# shellcheck disable=SC2086	# a descriptor, an action, arguments
	fd_do $cmd
	say "before: $cmd: $FD_SAID"
	before[$cmd]=$FD_SAID
	check_not "$cmd is not what a window says" test "$FD_SAID" = EAGAIN
done
for cmd in "block io 2" "block admin 6" "block user" "ng io 2" "ng admin 6"; do
	assert_eq "$cmd before the window" "${before[$cmd]}" ok
done
# reads by io_uring, which go on when refused
fio --name=uring --thread --filename="/dev/$ng" --ioengine=io_uring_cmd --cmd_type=nvme \
	--rw=randread --bs=4k --iodepth=2 --rate_iops=25 --time_based --runtime=6000 \
	--ignore_error=EAGAIN:EINVAL --error_dump=1 \
	> "$TMP/uring" 2>&1 &
uring=$!
on_exit "kill $uring 2>/dev/null; cp $TMP/uring $VM_OUT/"
fio_has_it() {
	local fd
	for fd in "/proc/$uring/fd"/*; do
		[ ! "$fd" -ef "/dev/$ng" ] || return 0
	done
	return 1
}
check "fio has /dev/$ng open" wait_for 20 fio_has_it
# the driver says EINVAL to these, stock or not
refused() {
	grep -c 'error on file .*: \(Resource temporarily unavailable\|Invalid argument\)' \
		"$TMP/uring" || :
}
refusals_are() { [ "$(refused)" -ge "$1" ]; }
# done_are N: so many reads were done and not refused; fio says it when it is asked.
issued() { sed -n 's/.*issued rwts: total=\([0-9]*\).*/\1/p' "$TMP/uring" | tail -n1; }
done_are() {
	kill -USR1 $uring
	sleep 0.3
	[ $(($(issued) - $(refused))) -ge "$1" ]
}
check "it reads" wait_for 5 done_are 10

pull_all
for cmd in "${commands[@]}"; do
	# shellcheck disable=SC2086
	fd_is $cmd EAGAIN
done
fd_is block size ok
fd_open block2 "/dev/$HEAD"
fd_open ng2 "/dev/$ng"
fd_is block2 io 2 EAGAIN
fd_is ng2 io 2 EAGAIN
for cmd in "io-passthru /dev/$HEAD -o 2 -n 1 -l 512 -r" "resv-report /dev/$HEAD -n 1"; do
	# shellcheck disable=SC2086
	nvme $cmd > "$TMP/said" 2>&1 && fail "nvme $cmd succeeded without a path"
	check "nvme ${cmd%% *} says why" grep -q "Resource temporarily unavailable" "$TMP/said"
done
check "reads by io_uring are refused, one after the other" wait_for 5 refusals_are 20

path_return 0
works() { fd_do block io 2; [ "$FD_SAID" = ok ]; }
check "passthrough works again" wait_for 2 works
for cmd in "${commands[@]}"; do
	# shellcheck disable=SC2086
	fd_is $cmd "${before[$cmd]}"
done
fd_is block2 io 2 ok
fd_is ng2 io 2 ok
fd_is block read ok
check "fio is there" done_are 1
check "fio goes on" wait_for 5 done_are $(($(issued) - $(refused) + 10))
kill -INT $uring
wait $uring || [ $? -eq 128 ] ||
	fail "fio's reads by io_uring ended with an error: $(tail -n 3 "$TMP/uring")"
say "io_uring: $(refused) of $(issued) reads refused"
for fd in block ng block2 ng2; do fd_close $fd; done
path_return 1

finish_with recovered
window_is 0 .bios.parked 0
assert_eq "bios that tracefs saw parked" "$(trace_count nvme_mpath_bio_park)" 0
refs_are_back
