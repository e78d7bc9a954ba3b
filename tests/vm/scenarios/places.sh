#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --stock --timeout 900
# vm-lines: 7.3
# vm-env: FACTS=all facts to take away, by their names in `features -j`, separated by commas
# First the best place of all facts at once, so that all second ones are taken. Then each place of
# each fact in turn is made to look missing, in a /proc/kallsyms of another text, until the fact
# has none: features, report and metrics say what is gone, and the rest is as it was. Each way
# that is taken instead meets a window that a path saves, and one that ends with the head.
. "$VM_TREE/tests/vm/lib.sh"

need_monitor
check_not "the modules are stock" is_patched
HEAD=$(head_name)
on_exit 'while umount /proc/kallsyms 2> /dev/null; do :; done'
cp /proc/kallsyms "$TMP/kallsyms.whole"

# see: features, and its status; GIVEN and GONE: facts. features itself says no more than what it
# attached for a moment.
see() {
	STATUS=0
	"$MONITOR" features -j > "$TMP/features.json" || STATUS=$?
	GIVEN=$(jq -r '.facts | to_entries[] | select(.value.given == true).key' \
		"$TMP/features.json" | paste -sd' ')
	GONE=$(jq -r '.facts | to_entries[] | select(.value.given == false).key' \
		"$TMP/features.json" | paste -sd' ')
}
is_given() { case " $GIVEN " in *" $1 "*) ;; *) return 1 ;; esac; }
are_given() { local f; for f; do is_given "$f" || return 1; done; }

# names_of FACT: the functions and callees of the places where it is learned now
names_of() {
	jq -r --arg fact "$1" '.facts[$fact].where // empty' "$TMP/features.json" |
		sed 's/, return//g; s/[;,]/\n/g' | tr -d ' ' | sed 's/\..*//' | sort -u
}

# hide NAME...: no such functions in /proc/kallsyms. Of a call, the function that makes it, as there
# are callees that everything needs.
hide() {
	local name script=''
	while umount /proc/kallsyms 2> /dev/null; do :; done
	[ $# -gt 0 ] || return 0
	for name; do
		script+="s/ $name\\([.\\t].*\\)\\?\$/ hidden/;"
	done
	sed "$script" "$TMP/kallsyms.whole" > "$TMP/kallsyms"
	mount --bind "$TMP/kallsyms" /proc/kallsyms
}

# metric NAME: is it there?
metric() { grep -q "^nvme_mpath_$1[{ ]" "$TMP/metrics.prom"; }

absent_without() { # METRIC FACT...
	local name=$1
	shift
	if are_given "$@"; then
		check "metric $name" metric "$name"
	else
		check_not "metric $name" metric "$name"
	fi
}

# two outages, seen through what is left
outages() {
	local parked
	monitor_start "$TMP/record"
	head_set_secs 600
	fio_start saved "/dev/$HEAD" --numjobs=2 --thread --iodepth=1 --rate_iops=10 --verify=0
	pull_all
	nap 1
	return_all
	fio_end saved
	head_set_secs 2
	fio_start lost "/dev/$HEAD" "${FIO_ALL_ERRORS[@]}" --numjobs=2 --thread --iodepth=1 \
		--rate_iops=10 --verify=0
	pull_all
	gone_and_back lost return_all
	HEAD=$(head_name)
	monitor_stop
	report > /dev/null
	"$MONITOR" collect --replay "$RECORD" --textfile "$TMP/metrics.prom" > /dev/null
	assert_eq "facts missing in the report" \
		"$(sed -n 's/^\.sessions\[0\]\.facts_missing\[[0-9]*\] //p' "$TMP/report.flat" |
			paste -sd' ')" "$GONE"
	if [ "$GONE" ]; then
		check "the text says so" grep -q '^missing  .*no place to see it$' "$TMP/report.txt"
	else
		check_not "the text has nothing missing" grep -q '^missing  ' "$TMP/report.txt"
	fi
	absent_without windows_total window_armed window_ended path_back head_removed
	absent_without window_margin_seconds_count margin window_armed
	absent_without outage_duration_seconds_count path_lost path_usable ana head_removed
	absent_without stall_seconds_count parked resubmitted failover failed
	absent_without bios_parked_total parked resubmitted failover
	absent_without bios_failed_total failed
	absent_without failovers_total failover
	absent_without path_losses_total path_lost ctrl_state cause
	if are_given window_armed window_ended path_back head_removed path_lost path_usable; then
		# whole only with their I/Os
		windows_are 2
		window_is 0 .outcome recovered
		window_is 1 .outcome removed
	fi
	if are_given margin window_armed path_back; then
		check "the first has a margin" test "$(window 0 .margin_seconds)"
	fi
	if are_given parked resubmitted failed failover; then
		parked=$(report_sum parked)
		check "bios were parked" test "$parked" -gt 0
		assert_eq "bios that are neither completed nor failed" \
			$((parked - $(report_sum completed) - $(report_sum failed))) 0
		assert_eq "bios that nobody saw parked" "$(report_sum not_seen_parked)" 0
	fi
	rm -rf "$TMP/record"
}

see
assert_eq "status when nothing is hidden" $STATUS 0
assert_eq "facts that are gone then" "$GONE" ""
whole=$GIVEN

say "---- all second places"
# each of these is part of a best way, and of no second one
first=(nvme_ns_remove nvme_init_ns_head nvme_alloc_ns nvme_scan_ns nvme_mpath_set_live
	nvme_update_ns_ana_state nvme_remove_head kblockd_schedule_work _raw_spin_unlock_irq
	blk_steal_bios mod_delayed_work_on queue_delayed_work_on mutex_unlock
	_raw_spin_unlock_irqrestore)
hide "${first[@]}"
see
assert_eq "facts that are gone" "$GONE" margin
for program in path_gone path_add add_end ana_end head_gone bio_parking failing_over arm_end \
	work_seen ctrl_end
do
	check "mpath_$program is used" grep -q "\"mpath_$program\"" "$TMP/features.json"
done
outages
hide

see
cp "$TMP/features.json" "$TMP/features.whole"
facts=${FACTS:-all}
[ "$facts" != all ] || facts=${whole// /,}
for fact in ${facts//,/ }; do
	cp "$TMP/features.whole" "$TMP/features.json"
	GIVEN=$whole hidden=()
	while is_given "$fact"; do
		mapfile -t more < <(names_of "$fact")
		# the function; what it calls has many callers
		for name in "${more[@]}"; do
			grep -q " $name\\([.]\\|$(printf '\t')\\[nvme_core\\]\\)" \
				"$TMP/kallsyms.whole" && hidden+=("$name")
		done
		[ ${#hidden[@]} -gt 0 ] && [[ " ${hidden[*]} " == *" ${more[0]} "* ]] ||
			hidden+=("${more[@]}")
		say "---- $fact, without ${hidden[*]}"
		hide "${hidden[@]}"
		see
		assert_eq "status" $STATUS "$([ -z "$GONE" ] && echo 0 || echo 4)"
		say "gone: $GONE"
		outages
	done
	hide
done
