# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2119,SC2120	# optional arguments are for callers
#
# The collector in the background: `nvme-mpathtop collect --record`.

MONITOR_AS=()		# the command in front of it, for instance setpriv with options

# need_monitor: skip unless build/nvme-mpathtop is there.
need_monitor() { [ -x "$MONITOR" ] || skip "there is no build/nvme-mpathtop: run 'make' first"; }

# monitor_attached: succeeds when it is attached; fails the scenario if it has ended.
monitor_attached() {
	kill -0 "$MONITOR_PID" 2>/dev/null ||
		fail "the monitor ended at once: $(cat "$TMP/monitor.log")"
	grep -qs 'recording to' "$TMP/monitor.log"
}

# monitor_waits: succeeds when it waits for nvme_core.
monitor_waits() { grep -q 'waiting: .*nvme_core is not loaded' "$TMP/monitor.log"; }

# monitor_begin [DIR [OPTION...]]: start it with the record in DIR (default $TMP/record); sets
# MONITOR_PID and RECORD. The record goes to $VM_OUT/record at the end.
monitor_begin() {
	need_monitor
	RECORD=${1:-$TMP/record}
	: > "$TMP/monitor.log"	# what an earlier one said
	# not over the share: a write there was lost once, while the file was being read
	"${MONITOR_AS[@]}" "$MONITOR" collect --record "$RECORD" "${@:2}" \
		> "$TMP/monitor.log" 2>&1 &
	MONITOR_PID=$!
	on_exit "kill $MONITOR_PID 2>/dev/null; cp $TMP/monitor.log $VM_OUT/ 2>/dev/null;" \
		"rm -rf $VM_OUT/record; cp -r $RECORD $VM_OUT/record 2>/dev/null"
}

# monitor_start [DIR [OPTION...]]: the same, and wait until it is attached.
monitor_start() {
	monitor_begin "$@"
	# on unpatched modules the kernel has more to check before it takes the programs
	wait_for 20 monitor_attached ||
		fail "the monitor does not attach: $(cat "$TMP/monitor.log")"
}

# run_counts: print its BPF programs with their run counts, sorted.
run_counts() {
	bpftool prog show --json | jq -r '.[] | select(.name | startswith("mpath_")) |
		"\(.name) \(.run_cnt // 0)"' | sort
}

# monitor_stop: SIGTERM; it must end with status 0.
monitor_stop() {
	local status=0
	kill "$MONITOR_PID" 2>/dev/null || fail "the monitor is gone: $(cat "$TMP/monitor.log")"
	wait "$MONITOR_PID" || status=$?
	assert_eq "exit status of the collector" "$status" 0
}

# monitor_kill: SIGKILL.
monitor_kill() {
	kill -KILL "$MONITOR_PID" || fail "the monitor is gone: $(cat "$TMP/monitor.log")"
	wait "$MONITOR_PID" 2>/dev/null || :
}
