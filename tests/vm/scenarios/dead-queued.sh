#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --core-params admin_timeout=3,io_timeout=10 --timeout 120
# I/O that is queued while a reset runs ends when that reset fails. Nothing is in flight that
# could fail over, and no path becomes usable. With the default it ends if there is no other path;
# with a grace time, when that is over. The time counts from the death: a controller that is
# resetting is waited for with and without it.
. "$VM_TREE/tests/vm/lib.sh"

head=$(head_name)
REFS=$(core_refs)

# A read that waits for its moment, with the disk open: it begins when the controller connects.
# Leaves when it began and ended, and the error.
read_queued() {
	rm -f "$TMP/read.begin" "$TMP/read.end"
	perl -MTime::HiRes=usleep,clock_gettime -MFcntl -e '
		my ($dev, $state, $out) = @ARGV;
		my $f;
		sub note {
			open(my $f, ">", "$out.part") or die "$out.part: $!";
			printf $f "%d %s\n", clock_gettime(7) * 1e9, $_[1];
			close($f);
			rename("$out.part", "$out.$_[0]");
		}
		sysopen(my $disk, $dev, O_RDONLY) or die "$dev: $!";
		note("ready", "");
		my ($s, $n);
		do {
			for ($s = ""; $s !~ /^connecting/; $s = <$f>) {
				usleep(20000);
				open($f, "<", $state) or die "$state: $!";
			}
			note("begin", "");
			sysseek($disk, 16 << 20, 1);	# what is not cached
			$n = sysread($disk, my $buf, 4096);
			unlink("$out.begin") if defined $n;
		} while (defined $n);	# that reset did not fail: path_dying tries again
		note("end", "$!");
	' "/dev/$head" "/sys/class/nvme/$("$PATHCTL" ctrl 0)/state" "$TMP/read" &
	READER=$!
	wait_for 30 test -e "$TMP/read.ready" || fail "the reader did not start"
	rm "$TMP/read.ready"
}
read_ended() { [ -e "$TMP/read.end" ]; }

# fails_after WHAT SECONDS: a reset fails late, the read that was queued meanwhile ends with EIO
# so many seconds after that.
fails_after() {
	local due begin end error
	for _ in 1 2 3 4 5; do
		read_queued
		path_dying 0
		[ ! -e "$TMP/read.begin" ] || break
		say "the registers went before or after the controller connected," \
			"so nothing was queued: once more"
		kill $READER
		path_forsake 0
		path_plug 0
		check "the disk is back" wait_for 5 head_dev
		head=$(head_name)
	done
	check "the read began" test -e "$TMP/read.begin"
	read -r begin _ < "$TMP/read.begin"
	check "that was while the reset ran" test "$begin" -lt $((PATH_DONE_NS - 1000000000))
	due=$((PATH_DONE_NS + $2 * 1000000000))
	check "$1" wait_for $(($2 + 3)) read_ended
	read -r end error < "$TMP/read.end"
	assert_eq "the error" "$error" "$EIO"
	assert_due_ms "when" $(((end - due) / 1000000)) 0 1000
}

path_pull 1
fails_after "setting 0: the queued read ends" 0
path_forsake 0
path_plug 0
check "the disk is back" wait_for 5 head_dev
if head_secs > /dev/null; then
	head=$(head_name)
	head_set_secs 6
	fails_after "setting 6: the queued read ends" 6
	path_forsake 0
	check "the head goes" wait_for 8 head_gone "$head"
	path_plug 0
	check "the disk is back" wait_for 5 head_dev
fi
path_return 1
refs_are_back
