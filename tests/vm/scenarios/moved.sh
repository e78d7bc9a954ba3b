#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 180
# The deadline is moved later, earlier, beyond all reason and to now while I/O is queued. It is
# the loss plus the value of the moment, and the monitor and tracefs say so.
. "$VM_TREE/tests/vm/lib.sh"

observe 6
attr=/sys/block/$HEAD/delayed_removal_secs
largest=4294967295	# what fits the type; its jiffies fit the timer of a 64-bit kernel

say "---- later, then earlier, then a path returns"
fio_start load "/dev/$HEAD" --rate_iops=300
pull_all
lost=$PATH_DONE_NS
head_set_secs $((WINDOW * 10))
until_s() {
	sleep "$(awk -v s="$1" -v ns=$((lost - $(now_ns))) \
		'BEGIN { t = s + ns / 1e9; print (t > 0 ? t : 0) }')"
}
until_s $((WINDOW + 1))
check "the head is there after the first deadline" test -b "/dev/$HEAD"
last=$((WINDOW * 4 + 1))
head_set_secs $last
# one above the largest: refused, and the deadline stays
(echo $((largest + 1)) > "$attr") 2> "$TMP/said" && fail "$((largest + 1)) was accepted"
check "$((largest + 1)) is out of range" grep -q "Numerical result out of range" "$TMP/said"
until_s $((WINDOW + 3))
path_return 0
back=$PATH_DONE_NS
path_return 1
sleep 2
fio_end load
head_is_same

say "---- the largest value, set before the loss, and 0"
head_set_secs $largest
fio_start last "/dev/$HEAD" --rate_iops=0 "${FIO_ALL_ERRORS[@]}"
pull_all
second=$PATH_DONE_NS
sleep 2
check "the head stays" test -b "/dev/$HEAD"
assert_eq "I/O errors so far" "$(fio_errors last)" 0
queued=$(trace_stalls queued "$HEAD")
check "writes are queued" test "$queued" -gt 0
report
window_is 1 .outcome pending
window_is 1 .setting_at_loss_seconds $largest
assert_near "deadline in the open window, seconds after its loss" \
	"$(awk -v to="$(window 1 .deadline.boot_ns)" -v from="$second" \
		'BEGIN { printf "%.0f", (to - from) / 1e9 }')" \
	$largest 1 s
# what fio can have in flight waits: it submits no more until some have failed
before=$(now_ns)
echo 0 > "$attr"
all_failed() { [ "$(fio_errors last "$EIO")" -ge "$queued" ]; }
wait_for 5 all_failed || fail "only $(fio_errors last "$EIO") of $queued queued writes failed"
assert_le "from writing 0 to the failure of all $queued queued writes" \
	$((($(now_ns) - before) / 1000000)) 2000 ms
check "the head goes" wait_for 2 head_gone "$HEAD"
fio_stop last
fio_wait last 10

finish_with recovered closed
# the value of the last accepted write counts
assert_near "margin: from the return to the deadline" "$(window_ms 0 .margin_seconds)" \
	$((last * 1000 - (back - lost) / 1000000)) 200 ms
assert_near "deadline of the first window, after its loss" \
	$((($(window 0 .deadline.boot_ns) - lost) / 1000000)) $((last * 1000)) 200 ms
assert_eq "times it was moved, by tracefs" \
	"$(trace_count nvme_mpath_remove_work "window=1, action=moved")" 2
window_is 0 .deadline_moves 2
bios_as_traced failed "$HEAD" 1
armed=$(trace_lines nvme_mpath_remove_work "window=2, action=armed" |
	sed 's/.*delay_ms=\([0-9]*\),.*/\1/')
assert_eq "delay that the kernel armed" "$armed" ${largest}000
refs_are_back
