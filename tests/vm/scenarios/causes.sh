#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Why each path went: unplugged, cut off, given up after a reset that failed, unbound,
# inaccessible, connection lost. The script knows the cause of each loss, and the monitor must
# report the same.
. "$VM_TREE/tests/vm/lib.sh"

observe 3600

# causes LIST NAME: for each element of a list in the report a line with its path, which is the
# value NAME, and the cause.
causes() {
	local i path
	for ((i = 0; ; i++)); do
		path=$(report_value "$1[$i].$2")
		[ -n "$path" ] || return 0
		echo "$path $(report_value "$1[$i].cause")"
	done
}

disk0=$(path_disk 0) disk1=$(path_disk 1)
expect=("$disk0 removal
$disk1 surprise_removal")
say "---- one unplugged, one cut off"
path_pull 0
path_surprise 1
path_plug 1
path_return 0

disk0=$(path_disk 0) disk1=$(path_disk 1)
expect+=("$disk0 removal
$disk1 reset_failed")
say "---- one unbound, one whose reset fails"
path_release 0
path_dead 1
path_forsake 1
path_plug 1
path_bind 0

say "---- over TCP: inaccessible, and the connection lost"
PCI=$HEAD
. "$VM_TREE/tests/vm/lib/fabrics.sh"	# from here on head_name is about its subsystems
fab_ana_pair
FAB=$(head_name)
tcp0=$(fab_disk 0) tcp1=$(fab_disk 1)
ana_state 0 2 inaccessible
fab_wait_ana 0 inaccessible
target_unlink 1
lost() { [ "$(fab_state 1)" != live ]; }
check "the connection is lost" wait_for 20 lost
observe_end

windows_are 2
for w in 0 1; do
	window_is $w .head "$PCI"
	assert_eq "window $w: what went, and why" "$(causes ".windows[$w].losses" path)" \
		"${expect[w]}"
	window_is $w .losses_not_shown 0
done
report_says "^cause .*surprise removal: $(echo "${expect[0]}" | sed -n '2s/ .*//p')" ||
	fail "the text does not say it"
fab=''
for i in 0 1; do
	[ "$(report_value ".heads[$i].name")" != "$FAB" ] || fab=.heads[$i].paths
done
causes "$fab" name > "$TMP/fabrics"
cause_of() { sed -n "s/^$1 //p" "$TMP/fabrics"; }
assert_eq "cause of the inaccessible path" "$(cause_of "$tcp0")" ana_change
assert_eq "cause of the path whose target is gone" "$(cause_of "$tcp1")" connection_lost
echo 0 > "/sys/block/$PCI/delayed_removal_secs"
unload_all
