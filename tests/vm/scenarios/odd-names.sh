#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --heads 0 --core-params delayed_removal_fabrics=Y --timeout 200
# A target whose names mean something to a terminal, a label, JSON or HTML: they are shown
# escaped, everywhere, and mean nothing. The names are its NQN, model and serial number.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/fabrics.sh"

ESC=$'\033'
# no comma: the kernel's list of options is separated by it
# shellcheck disable=SC2016	# it is no command
SUBSYS_NQN='nqn.2026-11.invalid.odd:"}\ {a=b}<i>&lt; %s %n $(id)'"${ESC}[31m"$'\t\xc3\xa9\xff'
PROM=$TMP/mpath.prom
# escaped as everywhere, and again for a label
# shellcheck disable=SC2016	# it is no command
SHOWN_NQN='nqn.2026-11.invalid.odd:\"}\\\\ {a=b}<i>&lt; %s %n $(id)\\x1b[31m\\x09\\xc3\\xa9\\xff0'

need_patched
need_monitor
target_start
target_ns 0 1 "$UUID_A"
put "$(subsys_dir 0)/attr_model" 'model "}\ <b>&{x=1}'
put "$(subsys_dir 0)/attr_serial" '"}\<i>&'
target_port 0 loop
target_port 1 loop
fab_connect 0
fab_connect 1
check "there is a head" wait_for 10 head_name
HEAD=$(head_name)
need_fabrics_setting
prepare 3600
trace_start
monitor_start "$TMP/record" --textfile "$PROM" --interval 1s
on_exit "cp $PROM $VM_OUT/ 2> /dev/null"
fio_start load "/dev/$HEAD" --rate_iops=50
fab_disconnect 0
fab_disconnect 1
check "writes wait" wait_for 5 io_waits "$HEAD"
fab_connect 0
fab_wait_disk 0
fio_end load

check "the window is in the metrics" wait_for 5 \
	metric_comes 1 "$PROM" windows_total "device=\"$HEAD\"" 'outcome="recovered"'
finish_with recovered

# plain WHAT FILE: nothing but printable characters and newlines
plain() { assert_eq "other bytes in $1" "$(LC_ALL=C tr -d '\n -~' < "$2" | wc -c)" 0; }

say "---- metrics"
plain "the metrics" "$PROM"
info=$(grep "^nvme_mpath_head_info{.*device=\"$HEAD\"" "$PROM")
case $info in
*",nqn=\"$SHOWN_NQN\","*) ;;
*) fail "the NQN is not '$SHOWN_NQN' in $info" ;;
esac
label='[a-z_]+="([^"\\]|\\["\\n])*"'
check "labels are well formed" grep -Eqx "nvme_mpath_head_info\{$label(,$label)*\} 1" <<< "$info"
assert_eq "lines that are neither a comment nor a sample" \
	"$(grep -Evc "^#|^[a-z_]+(\{$label(,$label)*\})? [0-9.]+\$" "$PROM")" 0

say "---- the other views"
for view in "report --utc" "watch --utc --replay" "check" "top -b --utc --replay" "advise"; do
	# shellcheck disable=SC2086	# words
	LC_ALL=C.UTF-8 "$MONITOR" $view "$RECORD" > "$TMP/view" 2>&1 || [ $? -lt 10 ] ||
		fail "$view: $(cat "$TMP/view")"
	check_not "$view writes an escape" grep -q "$ESC" "$TMP/view"
	check_not "$view writes a byte that is no UTF-8" env LC_ALL=C.UTF-8 \
		grep -qavx '.*' "$TMP/view"
done
"$MONITOR" report -j "$RECORD" > "$TMP/report.j" || :
nqn=$(jq -r '.heads[0].nqn' "$TMP/report.j") || fail "the JSON is none"
case $nqn in
"nqn.2026-11.invalid.odd:\"}"*) ;;
*) fail "the JSON has the NQN '$nqn'" ;;
esac
"$MONITOR" report --html "$TMP/page.html" "$RECORD" > /dev/null || :
check_not "the page has an element of the target's" grep -q '<i>\|<b>&' "$TMP/page.html"
check_not "the page has an escape" grep -q "$ESC" "$TMP/page.html"
head_set_secs 0
unload_all
