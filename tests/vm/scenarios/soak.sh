#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 2 --mem 2048 --core-params delayed_removal_fabrics=Y --timeout 400
# vm-env: SOAK_SECS=60 seconds
# vm-env: SOAK_SEED=random order and times
# vm-env: SOAK_ON="pcie tcp loop" transports
# vm-env: DELAY_SEED=0 delays in the driver, with `-o --delays` (kernel/README.md)
# vm-time: SOAK_SECS 1
# vm-make: build/tests/vm/ledger
# Everything at random for a while, on PCIe, TCP and loop at once: what was written is there, and
# heads go only when their time is up. I/O fails only when a head goes, the monitor has counted
# all of it, and nothing is left in the kernel. The seed is printed, with the command for the same
# again.
# shellcheck source=tests/vm/lib.sh disable=SC2119
. "$VM_TREE/tests/vm/lib.sh"
# shellcheck source=tests/vm/lib/fabrics.sh
. "$VM_TREE/tests/vm/lib/fabrics.sh"

SECS=${SOAK_SECS:-60}
SEED=${SOAK_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
QEMU_NQN=nqn.2019-08.org.qemu:mpath
SUBSYSTEMS=() WHAT=()
for on in ${SOAK_ON:=pcie tcp loop}; do
	case $on in
	pcie) SUBSYSTEMS+=("${QEMU_NQN}0" "${QEMU_NQN}1") WHAT+=(pcie:0 pcie:1) ;;
	tcp) SUBSYSTEMS+=("${SUBSYS_NQN}0") WHAT+=("tcp:${SUBSYS_NQN}0:0,1") ;;
	loop) SUBSYSTEMS+=("${SUBSYS_NQN}1") WHAT+=("loop:${SUBSYS_NQN}1:2,3") ;;
	*) fail "SOAK_ON: '$on' is not pcie, tcp or loop" ;;
	esac
done
LEDGER=$VM_TREE/build/tests/vm/ledger
# Not on the share: 9p of this kernel may hang when several processes write to a file.
OUT=$TMP/out
mkdir "$OUT"
on_exit "cp -r $OUT/. $VM_OUT/"

[ -d /sys/kernel/tracing/events/nvme/nvme_mpath_remove_work ] ||
	skip "this nvme_core has no multipath tracepoints"
[ -x "$LEDGER" ] || fail "there is no build/tests/vm/ledger: 'make check-vm' makes it"
need_monitor
delayed=''
if [ "${DELAY_SEED:-0}" -ne 0 ]; then
	echo "$DELAY_SEED" > /sys/module/nvme_core/parameters/delay_seed ||
		fail "this nvme_core has no delays: run with -o --delays"
	delayed="-o --delays -e DELAY_SEED=$DELAY_SEED "
fi
say "seed $SEED; again with:" \
	"tests/vm/run $delayed-e SOAK_SEED=$SEED -e SOAK_SECS=$SECS -e SOAK_ON='$SOAK_ON' soak"

# Name of the head of a subsystem by its NQN.
head_by_nqn() {
	local SUBSYS_NQN=${1%?}
	head_name "${1: -1}"
}

target_start
target_ns 0 1 "$UUID_A"
target_ns 1 1 "$UUID_B"
for port in 0 1; do target_port $port tcp 0; done
for port in 2 3; do target_port $port loop 1; done
for path in 0 1 2.1 3.1; do
	fab_connect $path
	fab_wait_disk $path
done

# Only what tells of paths and windows: the events of single bios would not fit.
trace_start
echo 0 > "$TRACE/events/nvme/enable"
for e in nvme_mpath_path_add nvme_mpath_path_remove nvme_mpath_remove_work \
	nvme_mpath_head_remove nvme_ctrl_state; do
	echo 1 > "$TRACE/events/nvme/$e/enable"
done
monitor_start

# fio writes and verifies the second half of each head, and starts again on the next one when
# its head is removed. It must not make a file where the head was.
verify_forever() {
	local nqn=$1 out=$2 head n=0
	while [ ! -e "$TMP/enough" ]; do
		head=$(head_by_nqn "$nqn") || { sleep 0.2; continue; }
		[ -b "/dev/$head" ] || continue
		fio --name=verify --filename="/dev/$head" --allow_file_create=0 --ioengine=libaio \
			--direct=1 --rw=randwrite --bs=4k --iodepth=8 \
			--offset=50% --size=64M --rate_iops=25 --time_based \
			--runtime=100000 --verify=crc32c --verify_backlog=32 --verify_fatal=1 \
			--randseed=$((SEED % 1000 + n)) > "$out.$n" 2>&1 || :
		n=$((n + 1))
	done
}

# The ledger works on all heads; fio, which is started for each new head, on one of each two. Both
# at a rate that the debug kernel bears, too.
ledgers=() verifiers=()
for i in "${!SUBSYSTEMS[@]}"; do
	"$LEDGER" "${SUBSYSTEMS[i]}" 0 4096 4 10 $((10 * VM_SLOW)) "$SEED" \
		> "$TMP/ledger.$i" 2> "$OUT/ledger.$i.err" &
	ledgers+=($!)
	on_exit "kill ${ledgers[i]} 2>/dev/null"
	[ $((i % 2)) -eq 0 ] || continue
	(cd "$TMP" && verify_forever "${SUBSYSTEMS[i]}" "$OUT/fio.$i") &
	verifiers+=($!)
	on_exit "kill $! 2>/dev/null; pkill -x fio"
done

status=0
: > "$OUT/settings"
"$VM_TREE/tests/vm/soak" "$SECS" "$SEED" "$OUT/settings" "${WHAT[@]}" 2> "$OUT/soak.err" ||
	status=$?
[ $status -eq 0 ] || fail "the soak failed: $(cat "$OUT/soak.err")"

# Everything is back: what was written must be there.
touch "$TMP/enough"
# Their jobs are not asked, they would hang; one that is just starting is asked the next time.
no_fio() {
	for v in "${verifiers[@]}"; do pkill -INT -P "$v" fio || :; done
	sleep 1
	! pgrep -x fio > /dev/null
}
no_fio || :
for i in "${!SUBSYSTEMS[@]}"; do
	status=0
	kill "${ledgers[i]}" 2> /dev/null || :
	wait "${ledgers[i]}" || status=$?
	[ $status -eq 0 ] || fail "${SUBSYSTEMS[i]}: ledger ended with status $status:" \
		"$(cat "$OUT/ledger.$i.err" "$TMP/ledger.$i")"
	say "${SUBSYSTEMS[i]##*:} $(cat "$TMP/ledger.$i")"
	check "there were writes and reads" grep -q 'writes=[1-9].* reads=[1-9]' "$TMP/ledger.$i"
done
check "fio ends" wait_for 30 no_fio
! grep -l -E 'verify: bad|verify failed' "$OUT"/fio.* ||
	fail "fio found wrong data, see these files"
check "fio has verified" grep -q 'issued rwts: total=[1-9]' "$OUT"/fio.*

# Everything goes, at once; soak-judge is told.
boot_secs() { printf '%d.%06d' $(($1 / 1000000000)) $(($1 % 1000000000 / 1000)); }
for i in "${!SUBSYSTEMS[@]}"; do
	head=$(head_by_nqn "${SUBSYSTEMS[i]}")
	from=$(now_ns)
	echo 0 > "/sys/block/$head/delayed_removal_secs"
	echo "set $head 0 $(boot_secs "$from") $(boot_secs "$(now_ns)")" >> "$OUT/settings"
done
pull_all 0
pull_all 1
monitor_stop
trace_stop
target_stop

"$VM_TREE/tests/vm/soak-judge" "$TMP/trace" "$OUT/settings" "$OUT/dues" > "$TMP/judged" ||
	fail "the heads were not treated as they should: $(cat "$TMP/judged")"
while read -r at due what; do
	assert_due "$what" "$at" "$due"
done < "$OUT/dues"
cat "$TMP/judged"
truth() { sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" "$TMP/judged"; }
check "windows opened" test "$(truth windows)" -gt 0
# in a short one not everything happens
[ "$SECS" -lt $((300 * VM_SLOW)) ] || check "some were saved, some not" \
	test "$(truth recovered)" -gt 0 -a "$(truth removed)" -gt 0
report > "$OUT/report"
tell() { grep -c "^\.windows\[[0-9]*\]\.outcome $1\$" "$TMP/report.flat" || :; }
for pair in recovered:recovered removed:removed closed:closed late_rescue:late_rescue \
	not_armed:immediate; do
	assert_eq "windows ${pair%:*}, by the monitor" "$(tell "${pair%:*}")" \
		"$(truth "${pair#*:}")"
done
assert_eq "events lost by the monitor" "$(report_value .summary.events_lost)" 0
if [ "$delayed" ]; then
	delays=$(cat /sys/module/nvme_core/parameters/delays)
	say "tasks slept $delays times in the driver"
	check "there were delays" test "$delays" -gt 0
fi
unload_all
