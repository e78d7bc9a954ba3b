#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 3 --timeout 400
# Eight outages of different cause and outcome on three heads, and what their bundle tells
# elsewhere. There is load, and a mounted file system on top. The bundle tells the next morning,
# on a machine that has neither the record nor NVMe, what happened, in which order, what it cost,
# and what to change.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
REFS=$(core_refs)
bundle=$TMP/incident.tar.gz
on_exit "cp $TMP/*.tar.gz $VM_OUT/ 2> /dev/null"
for s in 0 1 2; do head_set_secs 3600 $s; done
trace_start
monitor_start

# The head with the file system keeps its name all the time.
fs=$(head_name 0)
mkfs.ext4 -q "/dev/$fs" || fail "mkfs.ext4"
mkdir "$TMP/fs"
on_exit "umount -l $TMP/fs 2> /dev/null"
check "the file system is mounted" mount "/dev/$fs" "$TMP/fs"
put() {
	head -c 1M /dev/urandom > "$TMP/fs/$1" &&
		(cd "$TMP/fs" && sha256sum "$1" >> "$TMP/sums") && sync
}
put before

# load S: writes to a head, whatever becomes of them; one of each job waits.
load() {
	fio_start "load$1" "/dev/$(head_name "$1")" "${FIO_ALL_ERRORS[@]}" --numjobs=4 --thread \
		--iodepth=1 --rate_iops=12 --verify=0
}

# load_is_well S N: its writes go on after outage N, and none had an error.
load_is_well() {
	local disk writes
	disk=$(head_name "$1")
	writes=$(writes_of "$disk")
	wait_for 5 written "$disk" $((writes + 20)) || fail "the load does not go on after $2"
	assert_eq "I/O errors of the load in $2" "$(fio_errors "load$1")" 0
}
written() { [ "$(writes_of "$1")" -ge "$2" ]; }

# load_fails S: its disk is gone.
load_fails() {
	fio_stop "load$1"
	fio_wait "load$1"
	check "the load has errors" test "$FIO_ERRORS" -gt 0
}

say "---- 1: both cables of the file system's disk are pulled, and put back"
pull_all 0
put during &
during=$!
check "its writes wait" wait_for 5 io_waits "$fs"
return_all 0
check "the file system's writes are done" wait $during

say "---- 2: somebody removes the devices in sysfs, and rescans the bus"
load 1
path_remove_sysfs 2,3
pci_rescan 2,3
load_is_well 1 2

say "---- 3: the driver is unbound, and bound again"
load 2
path_release 4,5
path_bind 4,5
load_is_well 2 3

say "---- 4: cut off with commands in flight, and plugged in again"
path_surprise 2,3
path_plug 2,3
load_is_well 1 4

say "---- 5: the time would be too short, and is made longer while it runs"
head_set_secs 600 2
pull_all 2
head_set_secs 3600 2
return_all 2
load_is_well 2 5

say "---- 6: nobody comes in time"
head_set_secs 2 1
gone=$(head_name 1)
pull_all 1
check "the head goes" wait_for 4 head_gone "$gone"
load_fails 1
return_all 1

say "---- 7: the setting of the new disk is 0, and nobody noticed"
gone=$(head_name 1)
assert_eq "setting of a new disk" "$(head_secs 1)" 0
pull_all 1
check "the head goes" wait_for 4 head_gone "$gone"
return_all 1

say "---- 8: the time is cut short by hand"
gone=$(head_name 2)
pull_all 2
echo 0 > "/sys/block/$gone/delayed_removal_secs"
check "the head goes" wait_for 4 head_gone "$gone"
load_fails 2
return_all 2

put after
assert_eq "name of the file system's disk" "$(head_name 0)" "$fs"
check "it is still writable" grep -q " $TMP/fs ext4 rw," /proc/mounts
(cd "$TMP/fs" && sha256sum -c "$TMP/sums") || fail "a file is not what was written"
observe_end
outcomes_are recovered recovered recovered recovered recovered removed not_armed closed

say "---- the bundle"
"$MONITOR" bundle --record "$RECORD" --log-size 64K "$bundle" | tee "$TMP/contents" || fail "bundle"
"$MONITOR" bundle --record "$RECORD" --log-size 64K --mask "$TMP/masked.tar.gz" \
	> "$TMP/masked" || fail "bundle --mask"
tar tzf "$bundle" > "$TMP/parts" || fail "the bundle is no archive"
for part in record/00000001.mpr kernel.log features.json check.json manifest.json \
	sys/module/nvme_core/parameters/multipath; do
	check "$part is in the bundle" grep -qx "nvme-mpathtop-bundle/$part" "$TMP/parts"
done
umount "$TMP/fs"

say "---- the next morning, elsewhere"
cd "$TMP"
tell() {
	local status=0
	"$MONITOR" "$@" > "$VM_OUT/$1.txt" || status=$?
	cat "$VM_OUT/$1.txt"
	TOLD=$status
}
tell report "$bundle"
assert_eq "status of report of the bundle" $TOLD 3
check "it says that it is a bundle" grep -q "^bundle   " "$VM_OUT/report.txt"
assert_eq "lines that differ from the report of the record" \
	"$(diff "$VM_OUT/report.txt" "$TMP/report.txt" | grep -c '^[<>]')" 2
"$MONITOR" report --html "$VM_OUT/report.html" "$bundle" || true
assert_eq "windows on the page" "$(grep -c '<article class' "$VM_OUT/report.html")" 8
tell advise "$bundle"
check "there is an advice" grep -q "^advice   [0-9]* s: saves" "$VM_OUT/advise.txt"
tell check "$bundle"
check "check says that new disks have no setting" grep -q setting-zero "$VM_OUT/check.txt"
check "check says that the setting does not last" grep -q not-persistent "$VM_OUT/check.txt"
tell features "$bundle"
check "features are those of the guest" grep -q "$(uname -r)" "$VM_OUT/features.txt"
status=0
"$MONITOR" report "$TMP/masked.tar.gz" > "$TMP/masked.txt" || status=$?
assert_eq "status of report of the masked bundle" $status 3
check "the host is masked" grep -q "^host     host-1," "$TMP/masked.txt"
check_not "its name is nowhere in the masked bundle" sh -c \
	"tar xzOf $TMP/masked.tar.gz | \
		grep -qwa '$(cat /sys/class/nvme/nvme*/serial | head -n1 | tr -d ' ')'"
refs_are_back
