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

# said REGEX: the collector has said so since the last forget.
said() {
	local text=''
	read -r -d '' text < "$SAID" || :
	[[ $text =~ $1 ]]
}
tells() { check "it says '$1'" wait_for 20 said "$1"; }
forget() { : > "$SAID"; }

# written: sets WRITTEN to when the file was written, by what is in it.
written() {
	metric_read "$PROM" collector_write_timestamp_seconds
	WRITTEN=$METRIC
}
is_whole() {
	local lines
	mapfile -t lines < "$PROM"
	[ "${lines[-1]}" = "nvme_mpath_collector_reloads_total 0" ]
}
# recovered is|comes N: so many recovered windows are in the file; `comes` is for wait_for.
recovered() { "metric_$1" "$2" "$PROM" windows_total "device=\"$HEAD\"" 'outcome="recovered"'; }

# A try to write ends with the timer set anew: for a second, or less if something happened.
# tried N: there were N tries since tries_from.
tries_from() { TRIES=0 TRY_LEFT=; }
tried() {
	export_left
	[ "$EXPORT_LEFT_NS" -gt 0 ] || return 1	# one is not over
	[ -z "$TRY_LEFT" ] || [ "$EXPORT_LEFT_NS" -le "$TRY_LEFT" ] || TRIES=$((TRIES + 1))
	TRY_LEFT=$EXPORT_LEFT_NS
	[ $TRIES -ge "$1" ]
}
tries() {
	tries_from
	wait_for $(($1 + 1)) tried "$1" || fail "not $1 tries to write"
}

# trouble REGEX: it says so, but not again and again, and the file of before is there. FAILURES is
# how many tries failed, at least, since the collector began: over compares with what it counted.
trouble() {
	local before
	tells "$1"
	written
	before=$WRITTEN
	forget
	tries 2
	FAILURES=$((FAILURES + 3))
	check_not "it does not say so in the next tries" said 'mpath.prom: '
	check "the collector runs" kill -0 "$PID"
	[ ! -f "$PROM" ] || {
		check "the file is whole" is_whole
		written
		assert_eq "when it was written" "$WRITTEN" "$before"
	}
}

nothing_left() { ! compgen -G "$DIR/.[!.]*"; }

# over: it writes again, and says so.
over() {
	tells 'the textfile: written again'
	check "the file is whole" is_whole
	check "nothing is left beside it" wait_for 5 nothing_left
	metric_read "$PROM" collector_write_errors_total
	assert_le "tries that failed, of those that it counted" $FAILURES "$METRIC"
	forget
}

# begin: sets PID.
begin() {
	"$MONITOR" collect --textfile "$PROM" --interval 1s > "$TMP/out" 2>> "$SAID" &
	PID=$!
	FAILURES=0
	on_exit "kill $PID 2>/dev/null; cp $SAID $TMP/out $PROM $VM_OUT/ 2>/dev/null"
}

# refused CMD: CMD takes what a new file needs; it said so, and nothing was written in two more
# tries. Else once more: the file that was just being replaced has room for its successor.
refused() {
	local before
	written
	before=$WRITTEN
	"$1" 2> /dev/null || :
	tries 2
	written
	[ "$WRITTEN" = "$before" ] && said 'mpath.prom: cannot'
}

need_monitor
prepare 600
mkfs.ext4 -q -N 32 "$(head_dev 1)" 8M || fail "mkfs.ext4"
mkdir "$DISK"
on_exit "umount -l $DISK 2> /dev/null"
mount -t ext4 "$(head_dev 1)" "$DISK" || fail "mount"
mkdir "$DIR"
: > "$SAID"
begin
check "it writes" wait_for 60 recovered comes 0
export_timer "$PID"
forget

say "---- the file system is full, and a window opens"
fill() {
	local i
	dd if=/dev/zero of="$DISK/fill" bs=64k oflag=append conv=notrunc
	while printf '%1024s' '' >> "$DISK/fill"; do :; done
	for i in {1..64}; do printf '%1024s' '' > "$DIR/small$i" || break; done
}
check "the file system is full" wait_for 20 refused fill
trouble 'mpath.prom: cannot .*No space left on device; make room'
pull_all
return_all
# the counters are kept beside it
tells 'mpath.prom.state: cannot .*No space left on device'
check "no recovered window in the file of before" recovered is 0
rm "$DISK/fill" "$DIR"/small*
over
check "the window was counted" wait_for 20 recovered comes 1

say "---- no inode is left"
take_inodes() {
	local i
	for i in {1..64}; do : > "$DIR/inode$i" || break; done
}
check "all inodes are taken" wait_for 20 refused take_inodes
trouble 'mpath.prom: cannot create a file beside it: No space left on device'
rm "$DIR"/inode*
over

say "---- killed, and started again"
kill -9 "$PID"
wait "$PID" 2> /dev/null || :
check "one recovered window" recovered is 1
rm "$PROM"
begin
check "the counters go on" wait_for 60 recovered comes 1
export_timer "$PID"
assert_eq "what it says" "$(cat "$SAID")" ''
check "nothing is left beside it" wait_for 5 nothing_left
assert_eq "files there" "$(echo "$DIR"/* | sed "s,$DIR/,,g")" \
	"mpath.prom mpath.prom.state mpath.prom.state.lock"

say "---- read-only"
# The lock of the state is open for writing, and no file system with such becomes read-only, but a
# second mount of it does.
mount --bind "$DISK" "$DISK" || fail "mount --bind"
check "the file system is read-only" wait_for 20 mount -o remount,bind,ro "$DISK"
trouble 'mpath.prom: cannot create a file beside it: Read-only file system'
check "it is writable again" wait_for 20 umount "$DISK"
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

kill "$PID"
wait "$PID" || fail "it ended with status $?: $(cat "$SAID")"
assert_eq "what it says" "$(cat "$SAID")" ''
umount "$DISK" || fail "umount"
refs_are_back
