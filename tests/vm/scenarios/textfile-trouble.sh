#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 2 --timeout 400
# The directory of the metrics full, read-only, without a free inode, closed, gone, or not what it
# was; a collector that is killed. The collector says each trouble once, goes on counting, and
# writes again when it can; what was there stays whole, and nothing else is touched.
. "$VM_TREE/tests/vm/lib.sh"

DISK=$TMP/disk
DIR=$DISK/node-exporter
PROM=$DIR/mpath.prom
SAID=$TMP/said

said() { grep -q -e "$1" "$SAID"; }
# since the last forget
tells() { check "it says '$1'" wait_for $((20 * VM_SLOW)) said "$1"; }
forget() { : > "$SAID"; }

value_of() { sed -n "s/^nvme_mpath_$1 //p" "$PROM" 2> /dev/null; }
is_whole() { [ "$(tail -n1 "$PROM")" = "nvme_mpath_collector_heads_dropped_total 0" ]; }
recovered() { prom_metric "$PROM" windows_total "device=\"$HEAD\"" 'outcome="recovered"'; }
recovered_is() { [ "$(recovered)" = "$1" ]; }

# trouble TEXT: it says so, but not again and again, and the file of before is there.
trouble() {
	local written
	tells "$1"
	sleep 2
	written=$(value_of collector_write_timestamp_seconds || :)
	forget
	sleep $((4 * VM_SLOW))
	assert_eq "more lines about it, in several tries" "$(grep -c "mpath.prom: " "$SAID" || :)" 0
	check "the collector runs" kill -0 "$PID"
	[ ! -f "$PROM" ] || {
		check "the file is whole" is_whole
		assert_eq "when it was written" "$(value_of collector_write_timestamp_seconds)" \
			"$written"
	}
}

nothing_left() { [ -z "$(find "$DIR" -name '.*')" ]; }

# over: it writes again, and says so.
over() {
	tells 'the textfile: written again'
	check "the file is whole" is_whole
	check "nothing is left beside it" wait_for 5 nothing_left
	forget
}

# begin [OPTION...]
begin() {
	"$MONITOR" collect --textfile "$PROM" --interval 1s "$@" > "$TMP/out" 2>> "$SAID" &
	PID=$!
	on_exit "kill $PID 2>/dev/null; cp $SAID $TMP/out $PROM $VM_OUT/ 2>/dev/null"
}

end() {
	kill "$PID"
	wait "$PID" || fail "it ended with status $?: $(cat "$SAID")"
	assert_eq "what it says" "$(cat "$SAID")" ''
}

need_monitor
prepare 20
mkfs.ext4 -q -N 32 "$(head_dev 1)" 8M || fail "mkfs.ext4"
mkdir "$DISK"
mount -t ext4 "$(head_dev 1)" "$DISK" || fail "mount"
mkdir "$DIR"
begin
check "it writes" wait_for $((60 * VM_SLOW)) recovered_is 0
forget

say "---- the file system is full, and a window opens"
# again and again: a file that is just being replaced has room for its successor
fill() {
	local i
	dd if=/dev/zero of="$DISK/fill" bs=4k oflag=append conv=notrunc 2> /dev/null || :
	for i in $(seq 64); do head -c 1024 /dev/zero > "$DIR/small$i" 2> /dev/null || break; done
	said 'mpath.prom: cannot'
}
check "the file system is full" wait_for $((20 * VM_SLOW)) fill
trouble 'mpath.prom: cannot .*No space left on device; make room'
pull_all
sleep 2
return_all
# the counters are kept beside it
tells 'mpath.prom.state: cannot .*No space left on device'
assert_eq "recovered windows, in the file of before" "$(recovered)" 0
rm "$DISK/fill" "$DIR"/small*
over
check "the window was counted" wait_for $((20 * VM_SLOW)) recovered_is 1
assert_le "files that could not be written" 2 "$(value_of collector_write_errors_total)"

say "---- no inode is left"
take_inodes() {
	local i
	for i in $(seq 64); do : 2> /dev/null > "$DIR/inode$i" || break; done
	said 'mpath.prom: cannot'
}
check "all inodes are taken" wait_for $((20 * VM_SLOW)) take_inodes
trouble 'mpath.prom: cannot create a file beside it: No space left on device'
rm "$DIR"/inode*
over

say "---- killed, and started again"
kill -9 "$PID"
wait "$PID" 2> /dev/null || :
assert_eq "recovered windows" "$(recovered)" 1
rm "$PROM"
begin
check "the counters go on" wait_for $((60 * VM_SLOW)) recovered_is 1
end
assert_eq "files there" "$(find "$DIR" -mindepth 1 -printf '%f\n' | sort | tr '\n' ' ')" \
	"mpath.prom mpath.prom.state mpath.prom.state.lock "
rm "$DIR"/*

say "---- read-only"
# its lock is open for writing, and no file system with such becomes read-only
begin --state "$TMP/state"
check "it writes" wait_for $((60 * VM_SLOW)) test -e "$PROM"
check "the file system is read-only" wait_for 20 mount -o remount,ro "$DISK"
trouble 'mpath.prom: cannot create a file beside it: Read-only file system'
mount -o remount,rw "$DISK"
over
chmod 555 "$DIR"
trouble 'mpath.prom: cannot create a file beside it: Permission denied; make the directory writable'
chmod 755 "$DIR"
over

say "---- gone, and made again"
mv "$DIR" "$DISK/aside"
trouble 'mpath.prom: cannot open its directory: No such file or directory; make the directory'
say "---- something else in its place"
forget
mkdir "$DISK/elsewhere"
ln -s elsewhere "$DIR"
trouble 'mpath.prom: its directory is no directory, or a symbolic link'
assert_eq "files where the link leads" "$(ls -A "$DISK/elsewhere")" ''
rm "$DIR"
mv "$DISK/aside" "$DIR"
over

say "---- something else in place of the file"
echo untouched > "$DISK/elsewhere/precious"
ln -sfn ../elsewhere/precious "$PROM"
tells 'mpath.prom: a symbolic link had this name; it was not followed'
check "it is a file" test ! -L "$PROM"
assert_eq "where the link led" "$(cat "$DISK/elsewhere/precious")" untouched
forget
made_directory() { rm -f "$PROM"; mkdir "$PROM" 2> /dev/null; }
check "there is a directory of its name" wait_for 10 made_directory
trouble 'mpath.prom: cannot replace it: Is a directory; remove the directory'
assert_eq "what is in it" "$(ls -A "$PROM")" ''
rmdir "$PROM"
over

end
umount "$DISK" || fail "umount"
refs_are_back
