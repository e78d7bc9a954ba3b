#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --paths 1
# Descriptors of the disk and of `ng`, held open over the end of a window, fail and close, and
# nothing is left. What waits fails, later I/O fails, and a returning disk is a new head and does
# not revive them.
. "$VM_TREE/tests/vm/lib.sh"

observe 3600
ng=ng${HEAD#nvme}

fd_open block "/dev/$HEAD"
fd_open waiting "/dev/$HEAD"
fd_open ng "/dev/$ng"
fd_is block read ok
fd_is ng io 2 ok

pull_all
fd_ask waiting write
check "a write waits" wait_for 3 io_waits "$HEAD"
end_soon "$HEAD"
fd_answer waiting || fail "a queued write did not end with the window"
assert_eq "the queued write" "$FD_SAID" EIO
check "the head goes" wait_for 2 head_gone "$HEAD"
check "the generic device goes" wait_for 2 test ! -e "/dev/$ng"

for round in "after the end of the window" "beside a new head"; do
	say "the old descriptors $round"
	fd_is block read end	# the disk has no size any more
	fd_is block write ENOSPC
	fd_is block io 2 EAGAIN
	fd_is waiting read end
	fd_is ng io 2 EAGAIN
	fd_is ng admin 6 EAGAIN
	[ "$round" != "beside a new head" ] || break
	return_all
	check "the returning disk is a head" wait_for 5 head_dev
	new=$(head_name)
	check_not "with a name of its own" test "$new" = "$HEAD"
	check "which can be read" read_block "/dev/$new"
	assert_eq "heads" "$(head_names)" "$new"
done
observe_end
windows_are 1
window_ended 0 "$(removed_as "$HEAD")"
window_is 0 .bios.parked 1
window_is 0 .bios.failed 1
assert_before "the write failed when the time was up, not before" \
	"$(trace_ns nvme_mpath_remove_work "$HEAD:.*action=ran, .*result=removed")" \
	"$(trace_ns nvme_mpath_bio_fail "$HEAD:")"

fd_close block
fd_close waiting
fd_close ng
refs_are_back
assert_eq "setting of the new head" "$(head_secs)" 0
# the number of a head is free again when the last reference to it is gone
pull_all
check "with 0 the new head goes" wait_for 2 head_gone "$new"
check "no subsystem is left without a controller" wait_for 3 no_subsystem
return_all
check "the disk comes back" wait_for 5 head_dev
assert_eq "its number" "$(head_name | sed 's/.*n//')" 1
refs_are_back
