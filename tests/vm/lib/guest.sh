# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# The guest's kernel and its modules; how most scenarios begin, and how some end the guest.

# observe SECS: how most scenarios begin. Needs the patched modules, sets delayed_removal_secs of
# head 0 to WINDOW, which is SECS multiplied by VM_SLOW, starts tracefs and the monitor. Sets HEAD,
# its name, and REFS, core_refs before all that.
observe() {
	need_patched
	REFS=$(core_refs)
	HEAD=$(head_name)
	WINDOW=$(($1 * VM_SLOW))
	head_set_secs "$WINDOW"
	trace_start
	monitor_start
}

# refs_are_back: core_refs must be REFS again.
refs_are_back() { assert_eq "references to nvme_core" "$(core_refs)" "$REFS"; }

# core_refs: print the references to the module nvme_core.
core_refs() { cat /sys/module/nvme_core/refcnt; }

# is_patched: succeeds when the patched modules are loaded. They are known by their tracepoints:
# newer kernels have delayed_removal_secs of their own.
is_patched() { [ -d /sys/kernel/tracing/events/nvme/nvme_mpath_bio_park ]; }

# need_patched: skip unless they are.
need_patched() { is_patched || skip "nvme_core has no multipath tracepoints: it is not the patched one"; }

# guest_leaves SECONDS LINE: what follows ends the guest, within that time, and with that line on
# the console; then the scenario has succeeded.
guest_leaves() {
	sync -f "$VM_OUT"
	dmesg > /vm/dmesg
	printf '%s\n' "$@" > /vm/leaving
	say "the guest leaves: at most $1 s to '$2'"
}
