#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --paths 1 --namespaces 64 --size 16M --timeout 400
# The live console with 64 heads that flap at once, and with more events than the ring holds.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/console.sh"

need_patched
need_monitor
mapfile -t heads < <(head_names)
set_all() { for h in "${heads[@]}"; do echo "$1" > "/sys/block/$h/delayed_removal_secs"; done; }
set_all 3600
console_start 30x100
sees 'Heads 64: 64 healthy' 20
for round in 1 2; do
	pull_all
	sees 'Heads 64: 64 GRACE' 20
	return_all
	sees 'Heads 64: 64 healthy' 20
done
shows "Windows $((64 * round)): $((64 * round)) recovered"
keys End
sees "^${heads[0]%n*}n64 +healthy +1/1 recovered"
keys / && keys n7
keys Enter
sees "^${heads[0]%n*}n7 +healthy"
assert_eq "heads that match the filter" "$(screen | grep -cE '^nvme[0-9]+n7 +healthy')" 1
keys Escape 4
sees 'window .* RECOVERED'
keys 1

say "---- the ring overflows while the console is stopped"
kill -STOP "$CONSOLE_PID"
pull_all
# a write is an event, of 64 bytes and more; the ring has 1 MiB
perl -e 'for my $i (1 .. shift) {
		for (@ARGV) {
			open(my $f, ">", "/sys/block/$_/delayed_removal_secs") or die "$_: $!\n";
			syswrite($f, 3600 + $i % 2) or die "$_: $!\n";
		}
	}' 300 "${heads[@]}" || fail "a setting cannot be written"
return_all
kill -CONT "$CONSOLE_PID"
sees 'Lost events [1-9]' 30
keys 4
sees 'LOST since the start' 20
keys 1
sees 'Heads 64: ' 20
check "the console is there" kill -0 "$CONSOLE_PID"

say "---- a closed terminal ends it"
mux kill-server
gone() { ! kill -0 "$CONSOLE_PID" 2> /dev/null; }
check "it ends with its terminal" wait_for 10 gone
