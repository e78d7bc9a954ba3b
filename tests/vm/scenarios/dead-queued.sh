#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --core-params admin_timeout=3 --timeout 120
# I/O that is queued while a reset runs ends when that reset fails, although nothing is in flight
# that could fail over and no path becomes usable. With the default, as long as there is no
# other path; with a grace time, when it is over, counted from the begin of the reset.
. "$VM_TREE/tests/vm/lib.sh"

head=$(head_name)
refs=$(core_refs)

# read_queued: a read of one block that begins while the reset runs; when it ends is left in a file.
read_queued() {
	rm -f "$TMP/read.end"
	(
		sleep 1
		now_ns > "$TMP/read.begin"
		dd if="/dev/$head" of=/dev/null bs=4096 count=1 iflag=direct 2> "$TMP/read.err" || :
		now_ns > "$TMP/read.end"
	) &
}
read_ended() { [ -s "$TMP/read.end" ]; }

# fails_after WHAT SECONDS: a reset fails late, the read that was queued meanwhile ends with EIO
# so many seconds after the begin of the reset or when it fails, whichever is later.
fails_after() {
	local due
	read_queued
	path_dying 0
	check "the read began while the reset ran" test "$(cat "$TMP/read.begin")" -lt "$PATH_DONE_NS"
	due=$((PATH_CMD_NS + $2 * 1000000000))
	[ $due -gt "$PATH_DONE_NS" ] || due=$PATH_DONE_NS
	check "$1" wait_for $(($2 + 3)) read_ended
	check "the error is EIO" grep -q "$EIO" "$TMP/read.err"
	assert_near "when" $((($(cat "$TMP/read.end") - due) / 1000000)) 500 1000 ms
}

path_pull 1
fails_after "setting 0: the queued read ends" 0
path_remove_sysfs 0
path_plug 0
check "the disk is back" wait_for 5 head_dev
if head_secs > /dev/null; then
	head=$(head_name)
	head_set_secs 6
	fails_after "setting 6: the queued read ends" 6
	path_remove_sysfs 0
	check "the head goes" wait_for 8 head_gone "$head"
	path_plug 0
	check "the disk is back" wait_for 5 head_dev
fi
path_return 1
assert_eq "references to nvme_core" "$(core_refs)" "$refs"
