# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a kernel lets others see, in a form that can be compared with that of another one. Sourced
# after lib.sh by scenarios with the header `# vm-compare: same`. tests/vm/run runs these twice,
# with the patched modules and with the distribution's own, and $VM_OUT/observed must be the same.
# Names that differ from boot to boot are made the same.

UEVENTS=$TMP/uevents

udevadm monitor --kernel > "$UEVENTS" &
on_exit "kill $!"
wait_for 10 grep -q 'the kernel uevent' "$UEVENTS" || fail "udevadm monitor did not start"
UEVENTS_SEEN=$(wc -l < "$UEVENTS")
dmesg > "$TMP/log"
LOG_SEEN=$(wc -l < "$TMP/log")

# same_names: a filter for names with numbers that depend on the order of the start: of
# controllers, subsystems, devices.
same_names() {
	sed -E -e 's/nvme[0-9]+c[0-9]+n([0-9]+)/nvmeXcYn\1/g' \
		-e 's/nvme[0-9]+n([0-9]+)/nvmeXn\1/g' \
		-e 's/ng[0-9]+n([0-9]+)/ngXn\1/g' -e 's/nvme[0-9]+/nvmeY/g' \
		-e 's/nvme-subsys[0-9]+/nvme-subsysX/g' \
		-e 's/(bdi|hwmon)\/?[0-9:]+/\1/g' -e 's/wakeup[0-9]+/wakeup/g'
}

# note_uevents [any]: note the uevents of the driver's devices since the last time, in the order in
# which they came; any: in groups of one kind.
note_uevents() {
	tail -n +$((UEVENTS_SEEN + 1)) "$UEVENTS" | sed -n -E 's/^KERNEL\[[0-9.]*\] *//p' |
		same_names |
		{ grep -E '\((nvme|nvme-subsystem|nvme-generic|block|bdi)\)$' || :; } |
		if [ "${1:-}" = any ]; then sort -s -t'(' -k2; else cat; fi | tee -a "$OBSERVED"
	UEVENTS_SEEN=$(wc -l < "$UEVENTS")
}

# note_log [any]: note the messages of the driver, the block layer and the layers above since the
# last time; any: sorted. How often a message about an I/O comes is a matter of the load.
note_log() {
	dmesg > "$TMP/log"
	tail -n +$((LOG_SEEN + 1)) "$TMP/log" | sed -E 's/^\[ *[0-9.]+\] //' |
		{ grep -iE 'nvme|block|I/O|error' || :; } |
		{ grep -vE 'taints kernel|tainting kernel|callbacks suppressed' || :; } |
		same_names |
		sed -E -e 's/(sector|logical block|dev nvme[^,]*, sector) [0-9]+/\1 N/' \
			-e 's/I\/O tag [0-9]+ \([^)]*\) (QID|qid) [0-9]+/I\/O tag N/' |
		uniq | if [ "${1:-}" = any ]; then sort -u; else cat; fi | tee -a "$OBSERVED"
	LOG_SEEN=$(wc -l < "$TMP/log")
}

# note_fd NAME ACTION...: fd_do, and note the answer.
note_fd() {
	fd_do "$@"
	note "$*: $FD_SAID"
}

# quiet: succeeds when nothing has changed since the last call.
quiet() {
	local now
	now="$(wc -l < "$UEVENTS") $(core_refs) $(dmesg | wc -l)"
	[ "$now" = "${QUIET:-}" ] && return 0
	QUIET=$now
	sleep 0.4
	return 1
}

# step TEXT CMD...: run the command, wait until the kernel is quiet, note the uevents and the
# messages that it caused, and the references to nvme_core. step_any_order: uevents of different
# kinds may come in any order, as a controller is announced while its namespaces are searched.
step_any_order() { ORDER=any step "$@"; }

step() {
	note "== $1"
	"${@:2}"
	QUIET=''
	wait_for 10 quiet || fail "the kernel has something to say all the time"
	note_uevents "${ORDER:-}"
	note_log "${ORDER:-}"
	note "references to nvme_core: $(core_refs)"
}
