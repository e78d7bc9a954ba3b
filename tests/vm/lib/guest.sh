# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The guest's kernel and its modules, and how a scenario ends the guest.

# core_refs: print the references to the module nvme_core.
core_refs() {
	local refs
	read -r refs < /sys/module/nvme_core/refcnt && printf '%s\n' "$refs"
}

# is_patched: succeeds when the patched modules are loaded. They are known by their tracepoints:
# newer kernels have delayed_removal_secs of their own.
is_patched() { [ -d /sys/kernel/tracing/events/nvme/nvme_mpath_bio_park ]; }

# need_patched: skip unless they are.
need_patched() {
	is_patched || skip "nvme_core has no multipath tracepoints: it is not the patched one"
}

# guest_leaves SECONDS LINE: what follows ends the guest, with that line on the console; then the
# scenario has succeeded. SECONDS is what it takes on an idle machine. scripts/vm allows many times
# as long: the host's time tells only whether the guest hangs.
guest_leaves() {
	sync -f "$VM_OUT"
	dmesg > /vm/dmesg
	printf '%s\n' "$@" > /vm/leaving
	say "the guest leaves: some $1 s to '$2'"
}

# task_waits NAME...: succeeds when a process of one of these names sleeps for I/O.
task_waits() {
	local stat name state
	for stat in /proc/[0-9]*/stat; do
		read -r _ name state _ 2> /dev/null < "$stat" || continue
		[[ $state == D && " $* " == *" ${name//[()]/} "* ]] && return 0
	done
	return 1
}
