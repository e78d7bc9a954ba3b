#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --paths 1 --namespaces 16 --size 16M --timeout 200
# A value that is written at the moment of the loss gives a window or a removal, never two heads.
# 16 heads lose their path again and again while it is written: each head either has its window or
# goes at once, whatever the moment. None is found twice or lost, and none keeps a reference.
. "$VM_TREE/tests/vm/lib.sh"

TRIES=5

need_patched
REFS=$(core_refs)
# a kernel that has the setting may not have the tracepoints
traced=''
[ ! -d /sys/kernel/tracing/events/nvme/nvme_mpath_remove_work ] || { trace_start; traced=yes; }
bdf=$(basename "$(find /sys/devices/pci0000:00/0000:00:10.0 -maxdepth 1 -name '0000:*:00.0')")
driver=/sys/bus/pci/drivers/nvme

# A line "NSID NAME" for each head that there is, sorted.
heads_now() {
	local d nsid
	for d in /sys/class/nvme-subsystem/nvme-subsys*/nvme*n*; do
		[[ ${d##*/} =~ ^nvme[0-9]+n[0-9]+$ ]] || continue
		read -r nsid 2> /dev/null < "$d/nsid" && echo "$nsid ${d##*/}"
	done | sort
}

all_back() {
	local paths d nsid
	local -A seen=()
	paths=(/sys/class/nvme/nvme*/nvme*c*n*)
	[ ${#paths[@]} -eq 16 ] || return 1
	for d in /sys/class/nvme-subsystem/nvme-subsys*/nvme*n*; do
		[[ ${d##*/} =~ ^nvme[0-9]+n[0-9]+$ ]] || continue
		{ read -r nsid < "$d/nsid"; } 2> /dev/null && seen[$nsid]=1
	done
	[ ${#seen[@]} -eq 16 ]
}

# Write 600 to each, when so many paths have gone.
writer() {
	local left=$((16 - $1)) h paths
	shift
	until paths=(/sys/class/nvme/nvme*/nvme*c*n*) && [ ${#paths[@]} -le "$left" ]; do
		nap 0.002
	done
	for h in "$@"; do
		{ echo 600 > "/sys/block/$h/delayed_removal_secs"; } 2> /dev/null || :
	done
}

kept=0 gone=0 mixed=0
for ((try = 1; try <= TRIES; try++)); do
	mapfile -t names < <(heads_now | cut -d' ' -f2 | sort -R)
	writer $((1 + RANDOM % 8)) "${names[@]}" &
	w=$!
	echo "$bdf" > "$driver/unbind"
	wait $w
	heads_now > "$TMP/waiting"
	k=$(wc -l < "$TMP/waiting")
	# one each for those that wait, the nvme module has its own all the time
	[ "$(core_refs)" -eq $((REFS + k)) ] ||
		fail "try $try: $k heads wait," \
			"but the references to nvme_core went from $REFS to $(core_refs)"
	kept=$((kept + k)) gone=$((gone + 16 - k))
	if [ "$k" -gt 0 ] && [ "$k" -lt 16 ]; then mixed=$((mixed + 1)); fi

	echo "$bdf" > "$driver/bind"
	wait_for 10 all_back || fail "try $try: not all are back, but: $(heads_now | tr '\n' ';')"
	heads_now > "$TMP/after"
	twice=$(cut -d' ' -f1 "$TMP/after" | uniq -d)
	[ -z "$twice" ] ||
		fail "try $try: two heads of namespace $twice: $(tr '\n' ';' < "$TMP/after")"
	lost=$(comm -23 "$TMP/waiting" "$TMP/after")
	[ -z "$lost" ] || fail "try $try: heads that waited and did not recover: $lost"
	for d in /sys/block/nvme*n*/delayed_removal_secs; do echo 0 > "$d"; done
done
say "$TRIES tries: $kept heads waited, $gone went at once; $mixed tries had both"
check "heads waited" test $kept -gt 0
check "heads went" test $gone -gt 0
check "some tries had both: the values came while the paths went" test $mixed -gt 0

mapfile -t names < <(heads_now | cut -d' ' -f2)
"$VM_TREE/tests/vm/writers" "$TMP/writers" "${names[@]/#//dev/}" > "$TMP/ready" &
w=$!
check "all can be written to" wait_for 20 grep -q ready "$TMP/ready"
kill $w
wait $w || :
assert_eq "writers without an error" "$(grep -c ' ok ' "$TMP/writers")" 16
if [ "$traced" ]; then
	trace_stop
	assert_eq "windows that tracefs saw open" \
		"$(trace_count nvme_mpath_remove_work 'action=armed')" $kept
	assert_eq "windows that it saw called off" \
		"$(trace_count nvme_mpath_remove_work 'action=cancelled')" $kept
	assert_eq "heads that it saw go at once" \
		"$(trace_count nvme_mpath_head_remove 'reason=immediate')" $gone
	assert_eq "heads that it saw go" "$(trace_count nvme_mpath_head_remove)" $gone
fi
refs_are_back
