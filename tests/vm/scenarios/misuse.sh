#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 150
# Wrong commands, damaged records, no privilege, a full disk: a clear message and the right exit
# status. Nothing that could be kept is lost.
. "$VM_TREE/tests/vm/lib.sh"

need_patched
need_monitor
head=$(head_name)
head_set_secs 3600

# says STATUS TEXT CMD...: the command ends with that status and a message with that text.
says() {
	local want=$1 text=$2 status=0
	shift 2
	"$@" > "$TMP/said" 2>&1 || status=$?
	grep -q -e "$text" "$TMP/said" || fail "'$*' does not say '$text': $(cat "$TMP/said")"
	assert_eq "'${*##*/}' ($(tail -n1 "$TMP/said" | cut -c1-100))" "$status" "$want"
}

says 2 "frobnicate" "$MONITOR" frobnicate
says 2 "--nonsense" "$MONITOR" watch --nonsense
says 2 "abc" "$MONITOR" watch -n abc
says 2 "record" "$MONITOR" collect
says 1 "$TMP/absent" "$MONITOR" report "$TMP/absent"
says 1 "not a" "$MONITOR" report /etc/passwd
says 1 "CAP_BPF" setpriv --reuid=65534 --regid=65534 --clear-groups "$MONITOR" watch

# A record on a disk that is full before long.
mkdir "$TMP/disk"
mount -t tmpfs -o size=128k tmpfs "$TMP/disk"
on_exit umount -l "$TMP/disk"
monitor_start "$TMP/disk/record"
dd if=/dev/zero of="$TMP/disk/ballast" bs=4k 2> /dev/null || :
pull_all
check "the collector says that the disk is full" wait_for 5 grep -q -i 'no space' "$TMP/monitor.log"
return_all
says=$(grep -c -i 'no space' "$TMP/monitor.log")
assert_eq "times it said so" "$says" 1
rm "$TMP/disk/ballast"
assert_eq "name of the head" "$(head_name)" "$head"
head_set_secs 2
pull_all
check "the head goes" wait_for 4 head_gone "$head"
return_all
check "a new head comes" wait_for 5 head_dev
head=$(head_name)
check "it says that it goes on" wait_for 5 grep -q -i 'again' "$TMP/monitor.log"
monitor_stop
cat "$TMP/monitor.log"
report
check "the report tells of the gap" report_says 'could not be written'
assert_eq "outcome of the last window, seen whole after the gap" \
	"$(window $(($(report_windows) - 1)) .outcome)" removed

# Damage: cut the last bytes off, write over the middle, over the version, over the magic. What
# is before the damage is reported all the same, here a removed head: status 3.
seg=$(find "$RECORD" -name '*.mpr' | sort | tail -n1)
damaged() {
	cp "$seg" "$TMP/$1.mpr"
	[ "$1" = cut ] ||
		printf '%b' "$2" | dd of="$TMP/$1.mpr" bs=1 seek="$3" conv=notrunc status=none
}
damaged cut
truncate -s -5 "$TMP/cut.mpr"
says 3 "ends too early" "$MONITOR" report "$TMP/cut.mpr"
damaged middle garbage $(($(stat -c %s "$seg") - 200))
says 3 "wrong CRC" "$MONITOR" report "$TMP/middle.mpr"
damaged header '\0377' 9
says 3 "the file header is damaged" "$MONITOR" report "$TMP/header.mpr"
damaged magic x 0
says 3 "does not start with the magic" "$MONITOR" report "$TMP/magic.mpr"
echo "no recording at all, but a text of some length" > "$TMP/text.mpr"
says 1 "$TMP/text.mpr: offset 0: not a nvme-mpathtop record" "$MONITOR" report "$TMP/text.mpr"
