#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 2
# A RAID 1 on two heads: with setting 0 a lost member is faulty at once and the array goes on, as
# always. With another setting the array waits, and no member is lost.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/writers.sh"

need_patched
REFS=$(core_refs)
a=$(head_name 0)
b=$(head_name 1)
trace_start
modprobe raid1
on_exit "modprobe -r raid1 2> /dev/null"
MDADM_NO_UDEV=1 mdadm --create /dev/md0 --quiet --run --assume-clean --level=1 --raid-devices=2 \
	--metadata=1.2 --size=16M "/dev/$a" "/dev/$b" || fail "mdadm --create"
on_exit "mdadm --stop /dev/md0 2> /dev/null"

md() { cat "/sys/block/md0/md/$1"; }
state_of() { md "dev-$1/state"; }
faulty() { state_of "$1" | grep -q faulty; }
assert_eq "level" "$(md level)" raid1
assert_eq "missing members" "$(md degraded)" 0

say "---- the default, 0"
assert_eq "setting of the first member" "$(head_secs 0)" 0
writers_start load md0
path_pull 0
assert_eq "a member that has a path is" "$(state_of "$a")" in_sync
path_pull 1
check "the lost member is faulty" wait_for 3 faulty "$a"
assert_eq "missing members" "$(md degraded)" 1
assert_eq "the other member is" "$(state_of "$b")" in_sync
check_not "the load has no error" writers_said load md0
written=$(writes_of md0)
advanced() { [ "$(writes_of md0)" -gt $((written + 3)) ]; }
check "and goes on" wait_for 3 advanced
check "the head is gone" wait_for 3 head_gone "$a"

say "---- a grace time"
head_set_secs 3600 1
path_pull 2,3
check "I/O waits" wait_for 3 io_waits "$b"
assert_eq "the member without a path is" "$(state_of "$b")" in_sync
path_return 2,3
assert_eq "the member that is back is" "$(state_of "$b")" in_sync
assert_eq "its name" "$(head_name 1)" "$b"
none_waits() { ! io_waits "$b"; }
check "I/O goes on" wait_for 5 none_waits
writers_stop load
check "it had no error" writers_said load md0 ok
assert_eq "missing members" "$(md degraded)" 1

say "---- the other member comes back as a new disk"
return_all 0
check "a head comes back" wait_for 5 head_name 0
mdadm --quiet /dev/md0 --fail detached --remove detached ||
	fail "mdadm cannot remove the lost member"
mdadm --quiet /dev/md0 --add "/dev/$(head_name 0)" || fail "mdadm cannot add the new disk"
whole() { [ "$(md degraded)" = 0 ] && [ "$(md sync_action)" = idle ]; }
check "the array is whole again" wait_for 20 whole
mdadm --quiet --stop /dev/md0 || fail "mdadm cannot stop the array"
trace_stop
assert_eq "windows of the first member" \
	"$(trace_count nvme_mpath_remove_work "$a:.*action=armed")" 0
assert_eq "its removals at once" \
	"$(trace_count nvme_mpath_head_remove "$a:.*reason=immediate")" 1
assert_eq "windows of the other" \
	"$(trace_count nvme_mpath_remove_work "$b:.*action=armed")" 1
assert_eq "failed bios of it" "$(trace_stalls failed "$b")" 0
refs_are_back
