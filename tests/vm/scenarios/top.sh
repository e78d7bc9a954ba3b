#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 2 --timeout 400
# The live console while paths go and come: what is on the screen is what is so. After a signal
# the terminal is as it was; without privilege the console shows the paths and says what is
# missing.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/console.sh"

need_patched
need_monitor
# The longest window of which the console shows more than whole minutes.
GRACE=590
head=$(head_name 0) other=$(head_name 1)
head_set_secs $GRACE 0
head_set_secs $GRACE 1
# left_of HEAD: sets LEFT, the tenths of a minute that the countdown shows.
left_of() {
	look "^$1 +GRACE .* ([0-9]+)\.([0-9])m +[0-9.]+[sm] " || return
	LEFT=${BASH_REMATCH[1]}${BASH_REMATCH[2]}
}

say "---- healthy, with I/O"
fio_start load "/dev/$head" --rate_iops=20
console_start 30x110 -i 500ms
sees "^$head +healthy +2/2 "
shows "^$other +healthy +2/2 "
sees "^$head +healthy .* [1-9][0-9.k]* +[0-9.]+ +[0-9.]+[mun]?s "	# IOPS, MB/s, latency
keys 2
sees "^PATH +USABLE"
keys 1 Home Enter
# QEMU's controllers have no ANA
sees '^nvme.* yes +live .* pcie '

say "---- a path is lost, then the other one"
keys 1
path_pull 0
sees "^$head +degraded +1/1 |^$head +degraded +1/2 "
path_pull 1
sees "^$head +GRACE +0/0 .* [1-9][0-9]* +<?[0-9.]+[mu]?s "	# queued, and the age of the oldest
shows "^$other +healthy +2/2 "
shows 'Heads 2: 1 GRACE · 1 healthy'
check "there is a countdown" left_of "$head"
first=$LEFT
seen=$(now_ns)
# It is never ahead; it may be behind, as the console and this script wait for processors.
assert_between "tenths of a minute that the countdown shows" "$first" \
	$(((PATH_CMD_NS + GRACE * 1000000000 - seen) / 6000000000 - 1)) 98
fell() { left_of "$head" && [ "$LEFT" -lt "$first" ]; }
check "the countdown falls" wait_for 10 fell
keys Home Enter
sees "^$head  GRACE "
shows ' of 9.8m'
shows '^nvme.* NO +gone'
keys 3
sees "$head .* OPEN "
keys 4
sees 'LAST PATH LOST'
keys 1

say "---- back in time"
path_return 0
sees "^$head +(healthy|degraded) +1/. recovered .*left"
path_return 1
sees "^$head +healthy +2/2 recovered"
keys 3 Enter
sees "^RECOVERED with"
sees "armed 0"
keys Escape 1
fio_end load

say "---- not back in time"
pull_all 0
sees "^$head +GRACE +0/0 "
# a deadline that is past already, on a slow machine, closes the window instead
echo 10 > "/sys/block/$head/delayed_removal_secs"
sees "^$head +removed +0/0 (REMOVED|closed)" 30
sees 'Windows 2: 1 recovered · 1 (REMOVED|closed)'
return_all 0
sees "Heads 2: 2 healthy"

say "---- paths vanish while they are read"
keys / && keys "$other" && keys Enter
sees 'filter: nvme'
keys Home Enter d && keys 0.1 Enter
sees "^$other  "
for _ in 1 2; do
	path_remove_sysfs 2
	sees '^nvme.* NO +gone .* - +- '
	pci_rescan 2
	sees '^nvme.* yes +live .* [0-9.k]+ '
done
check "the console is there" kill -0 "$CONSOLE_PID"
say "---- the terminal after a signal"
kill -TERM "$CONSOLE_PID"
console_ended
assert_eq "what it said" "$(cat "$VM_OUT/console.errors")" ""

say "---- lines"
"$TMP/console" -b -n 2 -i 200ms > "$VM_OUT/lines"
assert_eq "tables" "$(grep -c '^nvme-mpathtop' "$VM_OUT/lines")" 2
assert_eq "rows of healthy heads" "$(grep -cE '^nvme[0-9]+n1 +healthy +2/2 ' "$VM_OUT/lines")" 4

say "---- without privilege: paths only, and it says so"
chmod 755 "$TMP"
setpriv --reuid=65534 --regid=65534 --clear-groups "$TMP/console" -b -n 1 \
	> "$VM_OUT/lines" 2> /dev/null
check "says what is missing" grep -q 'NO EVENTS, paths only: .*CAP_BPF' "$VM_OUT/lines"
assert_eq "rows of healthy heads" "$(grep -cE '^nvme[0-9]+n1 +healthy +2/2 ' "$VM_OUT/lines")" 2
