# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2119,SC2120	# variables and optional arguments are for callers
#
# Library of the VM scenarios and the demo: sourced by a bash script that runs in the guest of
# scripts/vm. A scenario is a file tests/vm/scenarios/NAME.sh that begins
#
#	#!/bin/bash
#	# vm: --heads 2 --timeout 120	(options for scripts/vm, may be absent)
#	# vm-lines: 6.12 6.1		(kernel lines that it is for; all, if absent)
#	# What it shows, in a sentence.
#	. "$VM_TREE/tests/vm/lib.sh"
#
# and is run by `tests/vm/run NAME`, or by hand: `scripts/vm --heads 2 -- tests/vm/scenarios/NAME.sh`.
# It succeeds with status 0, fails with any other, skips with status 77. A failed assertion ends
# it at once. Everything it leaves in $VM_OUT (= /out) is kept when it fails. $VM_TREE is the
# work tree, read-only; $TMP is a directory in memory. $VM_HEADS and $VM_PATHS say how many
# subsystems there are and how many paths each has; path N belongs to subsystem N / $VM_PATHS.
# Each subsystem has $VM_NAMESPACES namespaces, and so heads: mostly one.
# All times are nanoseconds of CLOCK_BOOTTIME unless they say otherwise.
# $VM_SLOW is how many times slower than the distribution's kernel the guest's is, 1 but for the
# debug kernel: what is waited for may take so many times longer, and times may be off by so much.
#
# Talking and judging
#	say TEXT			a line of progress
#	fail TEXT			end the scenario as failed
#	skip REASON			end the scenario as skipped
#	check WHAT CMD...		CMD must succeed
#	check_not WHAT CMD...		CMD must fail
#	assert_eq WHAT GOT WANT		equal as text
#	assert_le WHAT GOT MAX [UNIT]	GOT <= MAX, integers; with a UNIT they are times
#	assert_between WHAT GOT MIN MAX [UNIT]	MIN <= GOT <= MAX, exactly
#	assert_near WHAT GOT WANT TOLERANCE [UNIT]	integers
#	assert_due WHAT MS WANT [EARLY]	it came when WANT ms were over: not more than EARLY (default 300) before, as
#			the script may have seen late what they are counted from, and not more than 1500
#			after, as it may have to wait for a processor; that is less than what would be wrong
#	assert_moment WHAT GOT WANT	nanoseconds: two stamps of one event, by two programs. The host may take the
#			processor away between them (17 ms were seen beside two more guests), so up to 100 ms
#	note TEXT			a line of $VM_OUT/observed, which is compared with that of other
#			modules, see vm-compare in tests/vm/run
#	on_exit CMD...			run at the end, also after a failure
#	wait_for SECONDS CMD...		poll until CMD succeeds; status 1 when the time is up
#	now_ns				the clock, as a number
#	real_to_boot NS			CLOCK_REALTIME to CLOCK_BOOTTIME, and
#	boot_to_real NS			the other way
#
# Heads and paths
#	head_name [S [NSID]]		head disk of subsystem S (default 0), of namespace NSID (default any),
#			e.g. nvme0n1; status 1: none
#	head_dev [S [NSID]]		/dev/ and its name
#	head_secs [S [NSID]]		value of delayed_removal_secs; status 1: no such attribute
#	head_set_secs SECS [S [NSID]]	set it, and check what reads back
#	head_gone NAME			succeeds when the head is in neither sysfs nor /dev
#	path_disk N			nvmeXcYnZ of path N; status 1: none
#	path_pull N [TIMEOUT]		unplug the controller through QMP
#	path_return N [TIMEOUT]		plug it in again
#	path_remove_sysfs N, pci_rescan N	the same through sysfs, in the guest
#	path_release N, path_bind N	unbind the driver, and bind it again
#	path_surprise N, path_plug N	cut off as a pulled card is: commands in flight never complete
#	path_dead N			its reset fails and leaves the controller bound, in state dead, with
#			its namespace; with Linux 6.1 the driver lets go of it, and its disk goes
#	path_dying N [TIMEOUT]		the same by a reset that takes nvme_core.admin_timeout to fail
#	path_forsake N			let the driver go of a dead controller, if it has not
#			(then path_plug brings the path back)
#	pull_all [S], return_all [S]	all paths of a head
#   Each waits until the path's disk went or came or its controller died, appends a line to $VM_OUT/paths.log and sets
#	PATH_CMD_NS, PATH_DONE_NS	before the command; after the disk went or came
#	PATH_CMD_REAL_NS, PATH_DONE_REAL_NS	the same as CLOCK_REALTIME
#	PATH_DISK, PATH_CTRL		names before the pull or after the return
#	reset_all			reset all controllers at the same time
#
# Load: fio on a head, each job with a name of its own
#	fio_start NAME DEVICE [FIO-OPTION...]	in the background: random writes with verify, 4k,
#			queue depth 16, 1000 a second, until fio_stop; later options win; --rate_iops is that on the
#			distribution's kernel, so by VM_SLOW less
#	fio_running NAME		is it still there
#	fio_stop NAME			ask it to end
#	fio_clean NAME [TIMEOUT]	fio_wait, and it must have ended without any error, by itself or by
#			fio_stop
#	fio_end NAME			fio_stop and fio_clean
#	fio_wait NAME [TIMEOUT]		wait for its end and set
#		FIO_STATUS		exit status
#		FIO_ERRORS		I/Os that ended with an error
#		FIO_VERIFY_ERRORS	verify errors
#		FIO_IOS			completed I/Os in the log
#		FIO_MAX_NS		longest completion latency
#		FIO_END_NS		when it ended
#	gone_and_back NAME CMD...	$HEAD, on which it ran, goes; it ends; CMD brings the disk back
#	fio_errors NAME [TEXT]		I/Os that have ended with an error so far, or with this one:
#			"$EIO", "$ENOSPC" (what a disk that is gone gives to new writes: its size is 0)
#	"${FIO_ALL_ERRORS[@]}"		options: go on after an I/O error, and tell each of them
#   The log of every completion is $TMP/NAME_clat.1.log (time in ms, latency in ns, ...).
#
# Descriptors that stay open, each held by a process of tests/vm/descriptor, which says what it can do
#	fd_open NAME DEVICE		open DEVICE
#	fd_ask NAME ACTION...		begin an action
#	fd_answer NAME [TIMEOUT]	wait for its end; sets FD_SAID, ok or an error, and FD_MS; status 1
#			when the time (5 s) is up
#	fd_do NAME ACTION...		both; it must be answered
#	fd_is NAME ACTION... WANT	and this must be the answer, within a second
#	fd_close NAME			close it, which must work, within a second
#
# The monitor
#	monitor_start [DIR]		`nvme-mpathtop collect --record DIR` (default $TMP/record) in
#			the background; returns when it is attached; sets MONITOR_PID, RECORD
#	monitor_begin [DIR]		the same, but does not wait until then
#	monitor_attached		succeeds when it is
#	monitor_waits			succeeds when it waits for nvme_core
#	monitor_stop			SIGTERM, must end with status 0
#	monitor_kill			SIGKILL
#	run_counts			its programs with their run counts, sorted
#	report				print `nvme-mpathtop report`, keep `report -j` for the
#			following; sets REPORT_STATUS, its exit status (3 and more are findings)
#	report_says PATTERN		the text has a line that matches
#	report_value PATH		a value of it, e.g. `report_value .summary.events_lost`
#	report_windows			how many windows it has
#	report_sum FIELD		of .bios, over all windows and outages without one
#	margins_are FILE		those of the recovered windows are those in FILE, ms a line each, to 10 ms; one
#			may be up to 100 ms off, see assert_moment
#	windows_are N			it must have so many
#	events_all_there		none was lost; else it says where
#	window W PATH			a value of window W (from 0), e.g. `window 0 .bios.parked`
#	window_is W PATH VALUE		it must be this
#	window_ms W PATH		seconds as whole milliseconds
#	window_of HEAD			number of the last window of a head
#	outside PATH			sum of a value over the outages without a window
#
# Metrics
#	prom_metric FILE NAME [LABELS...]	sum over the series of nvme_mpath_NAME in whose line all LABELS are;
#			"-" if there is none, or no file
#
# The truth by tracefs, counted without the monitor
#	trace_start			record all nvme_mpath_* events in an instance of its own
#	trace_stop			stop, store as $VM_OUT/trace; fails if events were lost
#	trace_count EVENT [PATTERN]	events of a kind whose line matches the pattern
#	trace_stalls WHAT HEAD		stalls of a head: those that were `parked`, `completed`,
#			`failed`, are still `queued`; a bio that passes the queue several times
#			is one stall. Of the stored trace, or of the running one.
#	trace_table			the same of every head that had one, a line "HEAD PARKED COMPLETED FAILED
#			QUEUED" each
#	kprobes_start			on modules without these events: kprobes of tracefs, in functions of the
#			kernel that the driver calls; head 0 must have the setting by then; trace_stop ends it
#	kprobes_warned			how often a bio was parked or failed for want of a path: the driver's own
#			counters of head 0, or, where it has none, what came to it and did not go on
#	kprobes_margins			ms left of each window when it was cancelled, a line each
#	trace_margins			ms left of each recovered window when a path was back, a line
#			each; of one head
#	trace_deadline			deadline of the first window that was armed, by what the kernel said was left
#			then: the timer's ticks may have come late
#	trace_ns EVENT [PATTERN] [NTH]	time of the NTH (default first; -1 last) such event
#
# Kernel
#	observe SECS			how most scenarios begin: needs the patched modules, sets
#			delayed_removal_secs of head 0 to WINDOW, which is SECS by VM_SLOW,
#			starts tracefs and the monitor, sets HEAD, its name, and REFS,
#			core_refs before all that
#	refs_are_back			core_refs is REFS again
#	core_refs			/sys/module/nvme_core/refcnt
#	is_patched			are the patched modules loaded? They are known by their
#			tracepoints: newer kernels have delayed_removal_secs of their own
#	need_patched			skip unless they are
#	need_monitor			skip unless build/nvme-mpathtop is there
#	guest_leaves SECONDS LINE	what follows ends the guest: within that time, and with that line on
#			the console; then the scenario has succeeded

set -euo pipefail

: "${VM_TREE:?this runs in the guest of scripts/vm, see scripts/README.md}"
: "${VM_OUT:?this runs in the guest of scripts/vm, see scripts/README.md}"
VM_SLOW=${VM_SLOW:-1}
PATHCTL=$VM_TREE/scripts/guest/path
MONITOR=$VM_TREE/build/nvme-mpathtop
TRACE=/sys/kernel/tracing/instances/truth
SUBSYS_NQN=nqn.2019-08.org.qemu:mpath	# and the number of the subsystem
TMP=$(mktemp -d /tmp/scenario-XXXXXX)
OBSERVED=$VM_OUT/observed
EXIT_HOOKS=()

# One pair of the clocks; nobody sets the guest's clock.
CLOCK_OFFSET_NS=$("$PATHCTL" stamp | sed 's/boot_ns=\([0-9]*\) real_ns=\([0-9]*\)/\2-\1/')
CLOCK_OFFSET_NS=$((CLOCK_OFFSET_NS))

# ---- talking and judging

say() {
	local ms=$((${EPOCHREALTIME/./} / 1000 - CLOCK_OFFSET_NS / 1000000))
	printf '[%6d.%03d] %s\n' $((ms / 1000)) $((ms % 1000)) "$*"
}

fail() { say "FAIL: $*"; exit 1; }
skip() { say "SKIP: $*"; exit 77; }

check() {
	local what=$1
	shift
	"$@" > /dev/null || fail "$what (failed: $*)"
	say "ok: $what"
}

check_not() {
	local what=$1
	shift
	if "$@" > /dev/null; then fail "$what (succeeded: $*)"; fi
	say "ok: $what"
}

assert_eq() {
	[ "$2" = "$3" ] || fail "$1: is '$2', should be '$3'"
	say "ok: $1: $2"
}

assert_le() {
	local max=$3
	[ -z "${4:-}" ] || max=$((max * VM_SLOW))
	[ "$2" -le "$max" ] || fail "$1: is $2${4:+ $4}, may be at most $max"
	say "ok: $1: $2${4:+ $4} (at most $max)"
}

assert_near() {
	local diff=$(($2 - $3)) max=$4
	[ -z "${5:-}" ] || max=$((max * VM_SLOW))
	[ "${diff#-}" -le "$max" ] || fail "$1: is $2${5:+ $5}, should be $3 give or take $max"
	say "ok: $1: $2${5:+ $5} ($3 give or take $max)"
}

assert_between() {
	if [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
		fail "$1: is $2${5:+ $5}, should be from $3 to $4"
	fi
	say "ok: $1: $2${5:+ $5} (from $3 to $4)"
}

assert_due() { assert_between "$1" "$2" $(($3 - ${4:-300} * VM_SLOW)) $(($3 + 1500 * VM_SLOW)) ms; }

assert_moment() { assert_near "$1" $(($2 / 1000000)) $(($3 / 1000000)) 100 ms; }

note() { echo "$*" | tee -a "$OBSERVED"; }

on_exit() { EXIT_HOOKS+=("$*"); }

run_exit_hooks() {
	local status=$? i
	trap - EXIT
	for ((i = ${#EXIT_HOOKS[@]} - 1; i >= 0; i--)); do
		eval "${EXIT_HOOKS[i]}" || :
	done
	exit "$status"
}
trap run_exit_hooks EXIT

now_ns() { printf '%d' $((${EPOCHREALTIME/./} * 1000 - CLOCK_OFFSET_NS)); }
real_to_boot() { printf '%d' $(($1 - CLOCK_OFFSET_NS)); }
boot_to_real() { printf '%d' $(($1 + CLOCK_OFFSET_NS)); }

wait_for() {
	local end=$(($(now_ns) + $1 * VM_SLOW * 1000000000))
	shift
	until "$@"; do
		[ "$(now_ns)" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# ---- heads and paths

head_name() {
	local d h nsid=${2:-}
	for d in /sys/class/nvme-subsystem/nvme-subsys*; do
		[ "$(cat "$d/subsysnqn" 2>/dev/null)" = "$SUBSYS_NQN${1:-0}" ] || continue
		for h in "$d"/nvme*n*; do
			[[ ${h##*/} =~ ^nvme[0-9]+n[0-9]+$ ]] || continue
			[ -z "$nsid" ] || [ "$nsid" = "$(cat "$h/nsid" 2>/dev/null)" ] || continue
			printf '%s\n' "${h##*/}"
			return 0
		done
	done
	return 1
}

head_dev() {
	local h
	h=$(head_name "$@") || return 1
	printf '/dev/%s\n' "$h"
}

head_gone() { [ ! -e "/sys/block/$1" ] && [ ! -e "/dev/$1" ]; }
head_secs() { cat "/sys/block/$(head_name "$@")/delayed_removal_secs" 2>/dev/null; }

head_set_secs() {
	local h
	h=$(head_name "${@:2}") || fail "there is no head (subsystem, namespace: ${*:2})"
	echo "$1" > "/sys/block/$h/delayed_removal_secs" || fail "cannot set delayed_removal_secs of $h to $1"
	assert_eq "delayed_removal_secs of $h" "$(head_secs "${@:2}")" "$1"
}

path_disk() { "$PATHCTL" disk "$1"; }

# The stamps are not printed while a path is away longer than needed: one process, one line.
path_action() {
	local lines word n=
	lines=$("$PATHCTL" "$@") || fail "path $*"
	printf '%s\n' "$lines" >> "$VM_OUT/paths.log"
	for word in $lines; do
		case $word in
		path=*) n=${word#*=} ;;
		cmd_boot_ns=*) PATH_CMD_NS=${word#*=} ;;
		cmd_real_ns=*) PATH_CMD_REAL_NS=${word#*=} ;;
		done_boot_ns=*) PATH_DONE_NS=${word#*=} ;;
		done_real_ns=*) PATH_DONE_REAL_NS=${word#*=} ;;
		disk=*) PATH_DISK=${word#*=} ;;
		ctrl=*) PATH_CTRL=${word#*=} ;;
		took_ms=*) say "path $n: $1 $PATH_DISK took ${word#*=} ms" ;;
		esac
	done
}

path_pull() { path_action pull "$@"; }
path_return() { path_action return "$@"; }
path_remove_sysfs() { path_action unbind "$@"; }
pci_rescan() { path_action rescan "$@"; }
path_release() { path_action release "$@"; }
path_bind() { path_action bind "$@"; }
path_surprise() { path_action surprise "$@"; }
path_plug() { path_action plug "$@"; }
path_dead() { path_action dead "$@"; }
path_dying() { path_action dying "$@"; }
path_forsake() { [ -z "$(path_disk "$1")" ] || path_remove_sysfs "$1"; }

# The numbers of all paths of a head, as a list.
paths_of() { seq -s, $((${1:-0} * VM_PATHS)) $((${1:-0} * VM_PATHS + VM_PATHS - 1)); }

pull_all() { path_action pull "$(paths_of "${1:-0}")"; }
return_all() { path_action return "$(paths_of "${1:-0}")"; }

reset_all() {
	local c pids=()
	for c in /sys/class/nvme/nvme*/reset_controller; do
		echo 1 > "$c" &
		pids+=($!)
	done
	wait "${pids[@]}" || :
}

# ---- load

declare -A FIO_PID=() FIO_END=()
FIO_ALL_ERRORS=(--continue_on_error=io --error_dump=1)
EIO='Input/output error'
ENOSPC='No space left on device'

fio_start() {
	local name=$1 dev=$2 before option rate=1000 options=()
	shift 2
	for option; do
		case $option in
		--rate_iops=*) rate=${option#*=} ;;
		*) options+=("$option") ;;
		esac
	done
	before=$(writes_of "${dev#/dev/}")
	# fio opens its log in the current directory; the end time is left by a wrapper
	(
		cd "$TMP"
		status=0
		fio --name="$name" --filename="$dev" --ioengine=libaio --direct=1 --rw=randwrite --bs=4k \
			--iodepth=16 --size=128M --rate_iops=$(((rate + VM_SLOW - 1) / VM_SLOW)) --time_based --runtime=600 \
			--verify=crc32c --verify_backlog=64 --verify_fatal=1 --randseed=1 \
			--write_lat_log="$name" --log_offset=1 "${options[@]}" > "$name.fio" 2>&1 || status=$?
		echo "$status $(now_ns)" > "$name.status"
		exit "$status"
	) &
	FIO_PID[$name]=$!
	on_exit "kill ${FIO_PID[$name]} 2>/dev/null; cp $TMP/$name.* $TMP/${name}_clat* $VM_OUT/ 2>/dev/null"
	wait_for 20 fio_wrote "$name" "${dev#/dev/}" "$before" || fail "fio $name did not start: $(cat "$TMP/$name.fio")"
}

# Reads and writes that a disk has completed. Linux 6.1 counts those of heads for the paths only.
reads_of() { head_stat 1 "$1"; }
writes_of() { head_stat 5 "$1"; }
head_stat() (
	shopt -s nullglob	# a head without a path, another disk
	awk -v f="$1" 'NR == 1 { n = $f; next } { paths += $f } END { print (n + 0 > paths + 0 ? n + 0 : paths + 0) }' \
		"/sys/block/$2/stat" "/sys/block/${2%n*}"c*"n${2##*n}/stat"
)

fio_wrote() {
	[ ! -e "$TMP/$1.status" ] || fail "fio $1 ended at once: $(cat "$TMP/$1.fio")"
	[ "$(writes_of "$2")" -gt "$3" ]
}

fio_running() { [ ! -e "$TMP/$1.status" ]; }

# fio says 128 when it was asked to end and had no error.
fio_stop() { if pkill -INT -P "${FIO_PID[$1]}" fio; then FIO_END[$1]=128; fi; }

gone_and_back() {
	local fio=$1
	shift
	check "the head goes" wait_for 10 head_gone "$HEAD"
	fio_stop "$fio"
	fio_wait "$fio" 30
	"$@"
	check "the disk is back" wait_for 10 head_dev
}

fio_errors() { grep -c "io_u error on file.*: ${2:-}" "$TMP/$1.fio" || :; }

fio_wait() {
	local name=$1
	wait_for "${2:-90}" test -s "$TMP/$name.status" || fail "fio $name did not end within ${2:-90} s"
	wait "${FIO_PID[$name]}" || :
	# shellcheck disable=SC2034	# for the caller
	read -r FIO_STATUS FIO_END_NS < "$TMP/$name.status"
	FIO_ERRORS=$(fio_errors "$name")
	FIO_VERIFY_ERRORS=$(grep -c -E 'verify: bad|verify failed|crc32c: verify' "$TMP/$name.fio" || :)
	read -r FIO_IOS FIO_MAX_NS < <(cat "$TMP/${name}"_clat*.log 2>/dev/null |
		awk -F', *' '{ n++; if ($2 + 0 > m) m = $2 + 0 } END { printf "%.0f %.0f\n", n, m }')
	say "fio $name: status $FIO_STATUS, $FIO_IOS I/Os, $FIO_ERRORS errors, $FIO_VERIFY_ERRORS verify" \
		"errors, longest $((FIO_MAX_NS / 1000)) us"
}

fio_clean() {
	fio_wait "$@"
	assert_eq "exit status of fio $1" "$FIO_STATUS" "${FIO_END[$1]:-0}"
	assert_eq "I/O errors of $1" "$FIO_ERRORS" 0
	assert_eq "verify errors of $1" "$FIO_VERIFY_ERRORS" 0
}

fio_end() {
	fio_stop "$1"
	fio_clean "$1" 20
}

# ---- descriptors

declare -A FD_ASK=() FD_SAY=()

fd_open() {
	local ask say
	mkfifo "$TMP/$1.ask" "$TMP/$1.say"
	"$VM_TREE/tests/vm/descriptor" "$2" < "$TMP/$1.ask" > "$TMP/$1.say" &
	on_exit "kill $! 2>/dev/null"
	exec {ask}> "$TMP/$1.ask" {say}< "$TMP/$1.say"
	FD_ASK[$1]=$ask FD_SAY[$1]=$say
	fd_answer "$1" || fail "opening $2 as $1 is not answered"
	assert_eq "opening $2 as $1" "$FD_SAID" ok
}

fd_ask() { echo "${*:2}" >&"${FD_ASK[$1]}"; }
fd_answer() { read -r -t "${2:-$((5 * VM_SLOW))}" FD_SAID FD_MS <&"${FD_SAY[$1]}"; }

fd_do() {
	fd_ask "$@"
	fd_answer "$1" || fail "$1, ${*:2}: no answer"
}

fd_is() {
	fd_do "${@:1:$#-1}"
	assert_eq "$1, ${*:2:$#-2}" "$FD_SAID" "${!#}"
	[ "$FD_MS" -le $((1000 * VM_SLOW)) ] || fail "$1, ${*:2:$#-2}: took $FD_MS ms"
}

fd_close() {
	local ask=${FD_ASK[$1]} say=${FD_SAY[$1]}
	fd_is "$1" close ok
	exec {ask}>&- {say}<&-
	rm "$TMP/$1.ask" "$TMP/$1.say"
}

# ---- the monitor

need_monitor() { [ -x "$MONITOR" ] || skip "there is no build/nvme-mpathtop: run 'make' first"; }

monitor_attached() {
	kill -0 "$MONITOR_PID" 2>/dev/null || fail "the monitor ended at once: $(cat "$TMP/monitor.log")"
	grep -q 'recording to' "$TMP/monitor.log"
}

monitor_waits() { grep -q 'waiting: .*nvme_core is not loaded' "$TMP/monitor.log"; }

MONITOR_AS=()		# what the collector is run by
monitor_begin() {
	need_monitor
	RECORD=${1:-$TMP/record}
	# not over the share: a write there was lost once, while the file was being read
	"${MONITOR_AS[@]}" "$MONITOR" collect --record "$RECORD" > "$TMP/monitor.log" 2>&1 &
	MONITOR_PID=$!
	on_exit "kill $MONITOR_PID 2>/dev/null; cp $TMP/monitor.log $VM_OUT/ 2>/dev/null; rm -rf $VM_OUT/record; cp -r $RECORD $VM_OUT/record 2>/dev/null"
}

monitor_start() {
	monitor_begin "$@"
	# on unpatched modules the kernel has more to check before it takes the programs
	wait_for 120 monitor_attached || fail "the monitor did not attach within 120 s: $(cat "$TMP/monitor.log")"
}

run_counts() {
	bpftool prog show --json | jq -r '.[] | select(.name | startswith("mpath_")) |
		"\(.name) \(.run_cnt // 0)"' | sort
}

monitor_stop() {
	local status=0
	kill "$MONITOR_PID" 2>/dev/null || fail "the monitor is gone: $(cat "$TMP/monitor.log")"
	wait "$MONITOR_PID" || status=$?
	assert_eq "exit status of the collector" "$status" 0
}

monitor_kill() {
	kill -KILL "$MONITOR_PID" || fail "the monitor is gone: $(cat "$TMP/monitor.log")"
	wait "$MONITOR_PID" 2>/dev/null || :
}

# Programs start slowly under emulation: the report is flattened once into lines "path value".
report() {
	local status=0
	"$MONITOR" report "$RECORD" > "$TMP/report.txt" || status=$?
	cat "$TMP/report.txt"
	[ $status -eq 0 ] || [ $status -ge 3 ] || fail "report ended with status $status"
	"$MONITOR" report -j "$RECORD" > "$TMP/report.json" || [ $? -eq $status ] ||
		fail "report and report -j end with different status"
	jq -r 'paths(scalars) as $p | ($p | map(if type == "number" then "[\(.)]" else ".\(.)" end)
		| join("")) + " " + (getpath($p) | tostring)' "$TMP/report.json" > "$TMP/report.flat"
	REPORT_STATUS=$status
}

report_says() { grep -q -i -e "$1" "$TMP/report.txt"; }
report_sum() { jq "[.windows[], .outages_without_window[] | .bios | select(. != null) | .$1] | add // 0" "$TMP/report.json"; }

# shellcheck disable=SC2016	# awk's
prom_metric() {
	local file=$1 name=$2
	shift 2
	[ -e "$file" ] || { echo -; return; }
	awk -v name="nvme_mpath_$name{" 'BEGIN { n_labels = ARGC - 2
			for (i = 1; i <= n_labels; i++) labels[i] = ARGV[i + 1]
			ARGC = 2 }
		index($0, name) != 1 { next }
		{ for (i = 1; i <= n_labels; i++) if (labels[i] != "" && !index($0, labels[i])) next
		  sum += $NF; n++ }
		END { if (n) printf "%.15g\n", sum; else print "-" }' "$file" "$@"
}

margins_are() {
	jq -r '.windows[] | select(.outcome == "recovered") | .margin_seconds * 1000 | round' "$TMP/report.json" > "$TMP/margins"
	assert_eq "margins" "$(wc -l < "$TMP/margins")" "$(wc -l < "$1")"
	paste "$TMP/margins" "$1" | awk '{ d = $1 - $2; print (d < 0 ? -d : d) }' | sort -rn > "$TMP/differences"
	echo 0 >> "$TMP/differences"
	assert_le "largest difference" "$(sed -n 1p "$TMP/differences")" 100 ms
	[ "$(wc -l < "$1")" -le 1 ] || assert_le "the next one" "$(sed -n 2p "$TMP/differences")" 10 ms
}

report_value() { awk -v path="$1" '$1 == path { sub(/^[^ ]* /, ""); print }' "$TMP/report.flat"; }
report_windows() { sed -n 's/^\.windows\[\([0-9]*\)\]\.outcome .*/\1/p' "$TMP/report.flat" | wc -l; }
events_all_there() {
	local lost
	lost=$(report_value .summary.events_lost)
	[ "$lost" = 0 ] || jq -r '.remarks[] | "\(.from.boot_ns) to \(.until.boot_ns): \(.text)"' "$TMP/report.json"
	assert_eq "events lost" "$lost" 0
}
windows_are() { assert_eq "windows in the report" "$(report_windows)" "$1"; }
window() { report_value ".windows[$1]$2"; }
window_is() { assert_eq "window $1, ${2#.}" "$(window "$1" "$2")" "$3"; }
window_ms() { window "$1" "$2" | awk '{ printf "%.0f\n", $1 * 1000 }'; }
outside() { sed -n "s/^\.outages_without_window\[[0-9]*\]$1 //p" "$TMP/report.flat" | awk '{ n += $1 } END { print n + 0 }'; }
window_of() { sed -n "s/^\.windows\[\([0-9]*\)\]\.head $1\$/\1/p" "$TMP/report.flat" | tail -n1; }

# ---- the truth by tracefs

trace_start() {
	need_patched
	trace_instance 32768
	trace_events "$TRACE"/events/nvme/nvme_mpath_* "$TRACE"/events/nvme/nvme_ctrl_state
}

# An instance of tracefs with a buffer of so many kB for each CPU, and what it is to trace.
trace_instance() {
	# nobody needs names of tasks, for which the scheduler's tracepoints would be patched in and out
	echo 0 > /sys/kernel/tracing/options/record-cmd
	mkdir "$TRACE"
	echo 0 > "$TRACE/tracing_on"
	echo boot > "$TRACE/trace_clock"
	echo "$1" > "$TRACE/buffer_size_kb"
}

trace_events() {
	local e
	for e in "$@"; do
		echo 1 > "$e/enable"
	done
	echo 1 > "$TRACE/tracing_on"
	on_exit 'trace_save'
}

trace_save() {
	[ -d "$TRACE" ] || return 0
	echo 0 > "$TRACE/tracing_on"
	cp "$TRACE/trace" "$TMP/trace"
	cp "$TMP/trace" "$VM_OUT/trace"
	cat "$TRACE"/per_cpu/cpu*/stats > "$TMP/trace.stats"
	rmdir "$TRACE"
}

trace_stop() {
	local lost
	trace_save
	lost=$(awk '/overrun:|dropped events:/ { n += $NF } END { print n + 0 }' "$TMP/trace.stats")
	assert_eq "events lost by tracefs" "$lost" 0
}

trace_lines() { grep -E " $1: .*${2:-}" "$TMP/trace" || :; }
trace_count() { trace_lines "$@" | wc -l; }

trace_table() {
	local trace=$TMP/trace
	[ ! -d "$TRACE" ] || trace=$TRACE/trace
	awk '
		# a bio that the work resubmitted and that did not come back was taken by a path
		function settle(h) { if (last[h] != "") { delete held[h, last[h]]; completed[h]++; last[h] = "" } }
		match($0, / nvme_mpath_(bio_park|bio_unpark|bio_fail|requeue_work): /) {
			split(substr($0, RSTART + 1), f, " ")
			h = f[2]
			bio = $0
			sub(/.* bio=/, "", bio)
			sub(/,.*/, "", bio)
			if (f[1] == "nvme_mpath_requeue_work:") {
				settle(h)
			} else if (f[1] == "nvme_mpath_bio_unpark:") {
				settle(h)
				last[h] = bio
			} else if (f[1] == "nvme_mpath_bio_park:") {
				if (bio == last[h]) last[h] = ""
				if (!((h, bio) in held)) { held[h, bio] = 1; parked[h]++ }
			} else if ((h, bio) in held) {
				if (bio == last[h]) last[h] = ""
				delete held[h, bio]
				failed[h]++
			}
		}
		END {
			for (h in parked)
				print substr(h, 1, length(h) - 1), parked[h], completed[h] + 0, failed[h] + 0,
					parked[h] - completed[h] - failed[h]
		}' "$trace"
}

kprobes_start() {
	local p probes=('armed mod_delayed_work_on dwork=%dx:x64 delay=%cx:u64' 'cancelled cancel_delayed_work dwork=%di:x64')
	[ -d "/sys/block/$(head_name)/diag" ] || probes+=('submitted nvme_ns_head_submit_bio')
	for p in "${probes[@]}"; do
		echo "p:mpathtop/$p" >> /sys/kernel/tracing/kprobe_events
	done
	trace_instance 16384
	[ ! -d "$TRACE/events/mpathtop/submitted" ] || echo 1 > "$TRACE/events/block/block_bio_remap/enable"
	# of all that is delayed, what is delayed for a second and more
	echo 'delay > 90' > "$TRACE/events/mpathtop/armed/filter"
	trace_events "$TRACE"/events/mpathtop/*/
}

kprobes_warned() {
	local diag trace=$TMP/trace
	diag=/sys/block/$(head_name)/diag
	if [ -d "$diag" ]; then
		cat "$diag"/io_{requeue_no_usable,fail_no_available}_path_count | awk '{ n += $1 } END { print n }'
		return
	fi
	[ ! -d "$TRACE" ] || trace=$TRACE/trace
	awk '/ submitted: /{ n++ } / block_bio_remap: / { n-- } END { print n + 0 }' "$trace"
}

kprobes_margins() {
	# a jiffy in ms: what the coarse clock moves by
	local tick
	tick=$(perl -e 'use Time::HiRes; printf "%.0f", Time::HiRes::clock_getres(6) * 1000')
	awk -v tick="$tick" '
		match($0, / [0-9]+\.[0-9]+: (armed|cancelled): /) {
			split(substr($0, RSTART + 1), f, /:? /)
			dwork = $0
			sub(/.* dwork=/, "", dwork)
			sub(/ .*/, "", dwork)
			if (f[2] == "armed") {
				delay = $0
				sub(/.* delay=/, "", delay)
				deadline[dwork] = f[1] * 1000 + delay * tick
			} else if (dwork in deadline) {
				# else its time was up: that head is gone, another one has its address
				left = deadline[dwork] - f[1] * 1000
				if (left > 0) printf "%.0f\n", left
				delete deadline[dwork]
			}
		}' "$TMP/trace"
}

# The deadline as the kernel told it last before the path joined. That the timer is cancelled comes a little later.
trace_margins() {
	awk '
		match($0, / [0-9]+\.[0-9]+: nvme_mpath_(remove_work|path_add): /) {
			t = substr($0, RSTART + 1) + 0
			left = $0
			sub(/.*ms_left=/, "", left)
			if ($0 ~ /action=(armed|moved)/) deadline = t * 1000 + left
			else if ($0 ~ /: nvme_mpath_path_add: /) added = t * 1000
			else if ($0 ~ /action=cancelled/) printf "%.0f\n", deadline - added
		}' "$TMP/trace"
}

trace_stalls() {
	trace_table | awk -v want="$1" -v head="$2" '
		BEGIN { column["parked"] = 2; column["completed"] = 3; column["failed"] = 4; column["queued"] = 5 }
		$1 == head { n = $column[want] }
		END { print n + 0 }'
}

trace_ns() {
	local nth=${3:-1}
	[ "$nth" != -1 ] || nth='$'
	trace_lines "$1" "${2:-}" | sed -n "${nth}p" |
		sed -n 's/.* \([0-9]\+\)\.\([0-9]\{6\}\): .*/\1\2000/p' | sed 's/^0*\([0-9]\)/\1/'
}

trace_deadline() {
	local left
	left=$(trace_lines nvme_mpath_remove_work action=armed | sed -n '1s/.*ms_left=\([0-9]*\).*/\1/p')
	echo $(($(trace_ns nvme_mpath_remove_work action=armed) + left * 1000000))
}

# ---- kernel

observe() {
	need_patched
	REFS=$(core_refs)
	HEAD=$(head_name)
	WINDOW=$(($1 * VM_SLOW))
	head_set_secs "$WINDOW"
	trace_start
	monitor_start
}

refs_are_back() { assert_eq "references to nvme_core" "$(core_refs)" "$REFS"; }
core_refs() { cat /sys/module/nvme_core/refcnt; }

is_patched() { [ -d /sys/kernel/tracing/events/nvme/nvme_mpath_bio_park ]; }
need_patched() { is_patched || skip "nvme_core has no multipath tracepoints: it is not the patched one"; }

guest_leaves() {
	sync -f "$VM_OUT"
	dmesg > /vm/dmesg
	printf '%s\n' "$@" > /vm/leaving
	say "the guest leaves: at most $1 s to '$2'"
}
