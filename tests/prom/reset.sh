#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The guest's part of `tests/prom/run reset`: reset.sh WINDOWS. What /share has of an earlier boot,
# it goes on from: so many recovered windows. Then there is one more, and the machine is reset in
# another.
# shellcheck source=tests/vm/lib.sh
. "$VM_TREE/tests/vm/lib.sh"

PROM=/share/mpath.prom

# of all heads, as the disk may have another name after a boot
windows() { prom_metric "$PROM" windows_total "outcome=\"$1\""; }
recovered_is() { [ "$(windows recovered)" = "$1" ]; }

need_patched
need_monitor
HEAD=$(head_name)
head_set_secs 600	# no step of this script is under pressure
rm -f "$PROM"
"$MONITOR" collect --textfile "$PROM" --interval 1s &
on_exit "kill $!"
check "there are metrics" wait_for 60 test -e "$PROM"
assert_eq "recovered windows" "$(windows recovered)" "$1"
assert_eq "windows whose end nobody saw" "$(windows unknown)" "$1"
pull_all
sleep 1
return_all
check "one more" wait_for 20 recovered_is $(($1 + 1))
pull_all
sleep 1
guest_leaves 8 "sysrq: Resetting"
echo b > /proc/sysrq-trigger
sleep 60
