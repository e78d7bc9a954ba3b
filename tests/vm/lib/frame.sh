# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# How most scenarios begin and end.

# prepare SECS: needs the patched modules, sets delayed_removal_secs of head 0 to WINDOW, which is
# SECS multiplied by VM_SLOW. Sets HEAD, its name, and REFS, core_refs before that.
prepare() {
	need_patched
	REFS=$(core_refs)
	HEAD=$(head_name)
	WINDOW=$(($1 * VM_SLOW))
	head_set_secs "$WINDOW"
}

# observe SECS: prepare, and start tracefs and the monitor.
observe() {
	prepare "$1"
	trace_start
	monitor_start
}

# observe_end: stop both, each of which must end well, and read the report.
observe_end() {
	monitor_stop
	trace_stop
	report
}

# finish_with OUTCOME...: observe_end, and the report must have these windows, in this order, each
# as window_ended says.
finish_with() {
	local w=0
	observe_end
	windows_are $#
	while [ $# -gt 0 ]; do
		window_ended $((w++)) "$1"
		shift
	done
}

# refs_are_back: core_refs must be REFS again.
refs_are_back() { assert_eq "references to nvme_core" "$(core_refs)" "$REFS"; }
