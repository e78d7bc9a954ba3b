# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# NVMe over fabrics for the VM scenarios: the kernel's target and its host in one guest, over TCP
# on 127.0.0.1 or the loop transport. Here a scenario chooses what QEMU's controllers do not let
# it: identifiers of a namespace, ANA states, what the target answers, when a link drops.
# Sourced after lib.sh by a scenario with `# vm: --heads 0`:
#
#	target_start
#	target_ns 0 1 "$UUID_A"
#	target_port 0 tcp
#	target_port 1 tcp
#	fab_connect 0
#	fab_connect 1
#	HEAD=$(head_name)
#
# Subsystems are numbers S, made when first named. Ports are numbers P. A path "P.S" (or just "P"
# for subsystem 0) is the controller by which the host reaches subsystem S through port P. head_name,
# head_secs, head_set_secs, observe and the rest of lib.sh know the heads of these
# subsystems; what lib.sh says of QEMU's paths does not concern them.
#
# Target
#	target_start			load the modules of target and host, prepare configfs
#	target_stop			disconnect all, take the target apart
#	target_ns S NSID UUID [KEY=VALUE...]	make and enable a namespace. size=256M, group=1 (ANA
#			group), nguid=HEX, file=FILE (default: a new one in memory; or a block
#			device), enable=no. UUID "-": none
#	target_ns_enable S NSID, target_ns_disable S NSID	the host is told and rescans
#	target_ns_swap S NSID UUID [KEY=VALUE...]	disable it, and enable another one with this NSID
#	target_ns_file S NSID		the file behind it
#	target_port P TYPE [S...]	a port: tcp (127.0.0.1, 4420 + P) or loop, with these subsystems
#			(default: 0); tcp in place of loop if the kernel was built without that
#	target_unlink PATH		the target drops the link and refuses to be connected again: a TCP
#			controller tries to reconnect, a loop controller is deleted
#	target_link PATH		it accepts connections again
#	ana_state P GROUP STATE		optimized, non-optimized, inaccessible, persistent-loss or change,
#			of an ANA group as seen through port P; the host is told
#
# Both
#	fab_ana_pair			target_start, and subsystem 0 over TCP by paths 0 and 1, its namespace in
#			ANA group 2, optimized on both
#
# Host
#	fab_connect PATH [OPTION...]	as `nvme connect`; options as in /dev/nvme-fabrics; returns when the
#			controller is live. TCP has reconnect_delay=1 and ctrl_loss_tmo=600 by default
#	fab_try_connect PATH [OPTION...]	the same, status 1 if the kernel refuses
#	fab_disconnect PATH		as `nvme disconnect`; returns when the controller is gone
#	fab_ctrl PATH			name of its controller, nvmeN; status 1: none
#	fab_state PATH			state of its controller, or "none"
#	fab_wait_state PATH STATE [SECONDS]	wait for it (default 10 s), or fail
#	fab_disk PATH [NSID]		its disk for a namespace (default 1), nvmeXcYnZ; status 1: none
#	fab_wait_disk PATH [NSID]	wait until it has it, or fail
#	fab_wait_ana PATH STATE [NSID]	wait until the host knows this ANA state, or fail
#	fab_scan PATH			what `nvme ns-rescan` does
#	fab_uuid HEAD			UUID of a head
#	read_start NAME HEAD		one block, in the background
#	read_ended NAME			succeeds when that is over
#	read_wait NAME SECONDS [ERROR]	wait until it is over, or fail; then it must have succeeded, or ended
#			with this error. Sets READ_END_NS
#	io_waits HEAD			succeeds while I/O of a head is queued; needs tracefs, see trace_start
#   fab_connect, fab_disconnect and fab_wait_disk set PATH_CMD_NS, PATH_DONE_NS, PATH_CTRL, PATH_DISK
#   as lib.sh's path functions do, and log to $VM_OUT/paths.log.
#
# Faults between host and target, TCP only (see tests/vm/wire for the rules)
#	wire_start P			paths of port P connect through a relay from now on
#	wire_rules P [RULE...]		what it does to admin commands; without rules it passes all
#	wire_seen P COMMAND [WHAT]	how many of them it has passed (or failed, held, cut)
#	wire_wait P COMMAND WHAT	wait until there is one more, or fail
#	UPDATE_NS			the rule's "COMMAND N" of the last command by which a host looks at a
#			namespace before it adds the disk: it is on the head's list of paths then. Set
#			by wire_learn P, after a path of port P got its namespace without rules
#
#	fabrics_setting			succeeds if $HEAD has delayed_removal_secs, status 1 if this kernel
#			offers no delayed removal to fabrics at all; fails if it should
#	need_fabrics_setting		skip if it does not
#	unload_all			take all apart and unload every nvme module: succeeds only if nobody
#			has left a reference behind

CFS=/sys/kernel/config/nvmet
SUBSYS_NQN=nqn.2026-11.invalid.nvme-mpathtop:
HOST_ID=8f0c2d4e-5a17-4b1e-9b52-6c3d1f0e7a01
UUID_A=a1c5e5d0-11d3-4c3c-8f2b-5d0c7d3e0001
UUID_B=b2d6f6e1-22e4-4d4d-9a3c-6e1d8e4f0002
declare -A FAB_CTRL=() FAB_PORT_TYPE=() WIRE_PID=()
WIRE_SERIAL=0

path_port() { printf '%s' "${1%%.*}"; }
path_subsys() { case $1 in *.*) printf '%s' "${1#*.}" ;; *) printf 0 ;; esac; }

# put FILE VALUE: write an attribute, or say which one refused what.
put() { echo "$2" > "$1" || fail "cannot write '$2' to $1"; }

# ---- target

target_start() {
	modprobe -a configfs nvmet nvmet-tcp nvme-tcp || fail "cannot load the modules of target and host"
	modprobe -q nvme-loop || say "this kernel has no nvme-loop: TCP in its place"
	mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
	[ -d "$CFS" ] || fail "nvmet has made no $CFS"
	[ -c /dev/nvme-fabrics ] || fail "nvme-fabrics has made no /dev/nvme-fabrics"
}

subsys_dir() { printf '%s/subsystems/%s%s' "$CFS" "$SUBSYS_NQN" "$1"; }

target_subsys() {
	local dir
	dir=$(subsys_dir "$1")
	[ ! -d "$dir" ] || return 0
	mkdir "$dir" || fail "cannot make subsystem $1"
	put "$dir/attr_allow_any_host" 1
	put "$dir/attr_serial" "mpath$1"
}

target_ns() {
	local s=$1 nsid=$2 dir
	target_subsys "$s"
	dir=$(subsys_dir "$s")/namespaces/$nsid
	mkdir "$dir" || fail "cannot make namespace $nsid of subsystem $s"
	target_ns_set "$@"
}

# The attributes of a namespace that is disabled.
target_ns_set() {
	local dir uuid=$3 arg
	local size=256M group=1 nguid='' file=$TMP/ns-$1-$2-$3 enable=yes
	dir=$(subsys_dir "$1")/namespaces/$2
	shift 3
	for arg in "$@"; do
		case $arg in
		size=*|group=*|nguid=*|file=*|enable=*) local "${arg?}" ;;
		*) fail "target_ns: '$arg' is not a setting of a namespace" ;;
		esac
	done
	if [ -b "$file" ]; then
		put "$dir/buffered_io" 0
	else
		[ -e "$file" ] || truncate -s "$size" "$file"
		put "$dir/buffered_io" 1
	fi
	put "$dir/device_path" "$file"
	[ "$uuid" = - ] || put "$dir/device_uuid" "$uuid"
	[ -z "$nguid" ] || put "$dir/device_nguid" "$nguid"
	put "$dir/ana_grpid" "$group"
	[ "$enable" = no ] || put "$dir/enable" 1
}

target_ns_enable() { put "$(subsys_dir "$1")/namespaces/$2/enable" 1; }
target_ns_disable() { put "$(subsys_dir "$1")/namespaces/$2/enable" 0; }
target_ns_file() { cat "$(subsys_dir "$1")/namespaces/$2/device_path"; }

target_ns_swap() {
	target_ns_disable "$1" "$2"
	target_ns_set "$@"
}

target_port() {
	local p=$1 type=$2 dir=$CFS/ports/$1 s
	shift 2
	[ "$type" != loop ] || [ -d /sys/module/nvme_loop ] || type=tcp
	mkdir "$dir" || fail "cannot make port $p"
	put "$dir/addr_trtype" "$type"
	case $type in
	tcp)
		put "$dir/addr_adrfam" ipv4
		put "$dir/addr_traddr" 127.0.0.1
		put "$dir/addr_trsvcid" $((4420 + p))
		;;
	loop) put "$dir/addr_traddr" "loop$p" ;;
	*) fail "target_port: '$type' is not tcp or loop" ;;
	esac
	FAB_PORT_TYPE[$p]=$type
	[ $# -gt 0 ] || set -- 0
	for s in "$@"; do
		target_link "$p.$s"
	done
}

link_of() { printf '%s/ports/%s/subsystems/%s%s' "$CFS" "$(path_port "$1")" "$SUBSYS_NQN" "$(path_subsys "$1")"; }

target_link() {
	target_subsys "$(path_subsys "$1")"
	ln -s "$(subsys_dir "$(path_subsys "$1")")" "$(link_of "$1")" || fail "cannot offer subsystem" \
		"$(path_subsys "$1") through port $(path_port "$1")"
}

target_unlink() { rm "$(link_of "$1")" || fail "path $1 was not offered by the target"; }

ana_state() {
	local dir=$CFS/ports/$1/ana_groups/$2
	[ -d "$dir" ] || mkdir "$dir" || fail "cannot make ANA group $2 of port $1"
	put "$dir/ana_state" "$3"
}

target_stop() {
	local path d
	for path in "${!FAB_CTRL[@]}"; do
		! fab_ctrl "$path" > /dev/null || fab_disconnect "$path"
	done
	for d in "$CFS"/ports/*/subsystems/*; do [ ! -L "$d" ] || rm "$d"; done
	# group 1 of a port was there before, and goes with it
	for d in "$CFS"/ports/*/ana_groups/*; do
		[ ! -d "$d" ] || [ "${d##*/}" = 1 ] || rmdir "$d"
	done
	for d in "$CFS"/subsystems/*/namespaces/* "$CFS"/ports/* "$CFS"/subsystems/*; do
		[ ! -d "$d" ] || rmdir "$d" || fail "cannot remove $d"
	done
}

# ---- host

# The TCP port by which the host reaches a port of the target: its own, or the relay's.
fab_service() {
	if [ -n "${WIRE_PID[$1]:-}" ]; then echo $((4520 + $1)); else echo $((4420 + $1)); fi
}

# What the kernel says of a controller it made: "instance=N,cntlid=N".
fab_try_connect() {
	local path=$1 p s opts answer
	shift
	p=$(path_port "$path") s=$(path_subsys "$path")
	opts="nqn=$SUBSYS_NQN$s,hostnqn=nqn.2014-08.org.nvmexpress:uuid:$HOST_ID,hostid=$HOST_ID,nr_io_queues=2"
	case ${FAB_PORT_TYPE[$p]} in
	tcp) opts+=",transport=tcp,traddr=127.0.0.1,trsvcid=$(fab_service "$p"),reconnect_delay=1,ctrl_loss_tmo=600" ;;
	loop) opts+=",transport=loop,traddr=loop$p" ;;
	esac
	[ $# -eq 0 ] || opts+=,$(IFS=,; printf '%s' "$*")
	PATH_CMD_NS=$(now_ns)
	# the answer is for the descriptor that was written to
	answer=$( { echo "$opts" >&0 && head -n1; } <> /dev/nvme-fabrics 2> "$TMP/connect.err") || return 1
	PATH_DONE_NS=$(now_ns)
	PATH_CTRL=${answer#instance=}
	PATH_CTRL=nvme${PATH_CTRL%%,*}
	FAB_CTRL[$path]=$PATH_CTRL
	fab_log connect "$path"
}

fab_connect() { fab_try_connect "$@" || fail "cannot connect path $1: $(cat "$TMP/connect.err")"; }

fab_log() {
	say "path $2: $1 $PATH_CTRL took $(((PATH_DONE_NS - PATH_CMD_NS) / 1000000)) ms"
	printf 'action=%s path=%s ctrl=%s cmd_boot_ns=%s done_boot_ns=%s\n' "$1" "$2" "$PATH_CTRL" \
		"$PATH_CMD_NS" "$PATH_DONE_NS" >> "$VM_OUT/paths.log"
}

fab_disconnect() {
	PATH_CTRL=$(fab_ctrl "$1") || fail "path $1 has no controller"
	PATH_CMD_NS=$(now_ns)
	put "/sys/class/nvme/$PATH_CTRL/delete_controller" 1
	PATH_DONE_NS=$(now_ns)
	unset "FAB_CTRL[$1]"
	fab_log disconnect "$1"
}

fab_ctrl() {
	local c=${FAB_CTRL[$1]:-}
	[ -n "$c" ] && [ -d "/sys/class/nvme/$c" ] && printf '%s\n' "$c"
}

fab_state() {
	local c
	c=$(fab_ctrl "$1") && cat "/sys/class/nvme/$c/state" 2> /dev/null || echo none
}

fab_state_is() { [ "$(fab_state "$1")" = "$2" ]; }

fab_wait_state() {
	wait_for "${3:-10}" fab_state_is "$1" "$2" || fail "path $1 is '$(fab_state "$1")' and not '$2' within ${3:-10} s"
}

fab_disk() {
	local c d
	c=$(fab_ctrl "$1") || return 1
	for d in "/sys/class/nvme/$c"/nvme*c*n*; do
		[ "$(cat "$d/nsid" 2> /dev/null)" = "${2:-1}" ] && printf '%s\n' "${d##*/}" && return 0
	done
	return 1
}

fab_wait_disk() {
	wait_for 10 fab_disk "$@" > /dev/null || fail "path $1 has no namespace ${2:-1} within 10 s"
	PATH_DONE_NS=$(now_ns)
	PATH_DISK=$(fab_disk "$@")
}

fab_ana_is() {
	local d
	d=$(fab_disk "$1" "$3") && [ "$(cat "/sys/class/nvme/$(fab_ctrl "$1")/$d/ana_state")" = "$2" ]
}

fab_wait_ana() {
	wait_for 10 fab_ana_is "$1" "$2" "${3:-1}" || fail "namespace ${3:-1} of path $1 is not $2 within 10 s"
}

fab_scan() { put "/sys/class/nvme/$(fab_ctrl "$1")/rescan_controller" 1; }

read_start() {
	rm -f "$TMP/$1.read"
	(
		status=0
		dd if="/dev/$2" of=/dev/null bs=4096 count=1 iflag=direct status=none 2> "$TMP/$1.said" || status=$?
		echo "$status $(now_ns)" > "$TMP/$1.part"
		mv "$TMP/$1.part" "$TMP/$1.read"
	) &
}

read_ended() { [ -e "$TMP/$1.read" ]; }

read_wait() {
	local status
	wait_for "$2" read_ended "$1" || fail "the read '$1' has not ended within $2 s"
	read -r status READ_END_NS < "$TMP/$1.read"
	if [ -z "${3:-}" ]; then
		assert_eq "status of the read '$1'" "$status" 0
	else
		check "the read '$1' ends with '$3'" grep -q "$3" "$TMP/$1.said"
	fi
}

io_waits() { [ "$(trace_stalls queued "$1")" -gt 0 ]; }
fab_uuid() { cat "/sys/block/$1/uuid"; }

# ---- the relay

wire_start() {
	local p=$1
	"$VM_TREE/tests/vm/wire" $((4520 + p)) $((4420 + p)) "$TMP/wire-$p" 2> "$VM_OUT/wire-$p.err" &
	WIRE_PID[$p]=$!
	on_exit "kill ${WIRE_PID[$p]} 2> /dev/null; cp $TMP/wire-$p/commands $VM_OUT/wire-$p.commands"
	wait_for 10 wire_ready "$p" || fail "the relay of port $p did not start: $(cat "$VM_OUT/wire-$p.err")"
}

wire_ready() { grep -qs ready "$TMP/wire-$1/commands"; }

# The new rules appear at once and whole.
wire_rules() {
	local p=$1
	shift
	kill -0 "${WIRE_PID[$p]}" 2> /dev/null || fail "the relay of port $p has ended: $(cat "$VM_OUT/wire-$p.err")"
	printf '%s\n' "# $((++WIRE_SERIAL))" "$@" > "$TMP/wire-$p/rules.new"
	mv "$TMP/wire-$p/rules.new" "$TMP/wire-$p/rules"
}

wire_seen() { grep -c "^$2 ${3:-pass}\$" "$TMP/wire-$1/commands" || :; }
wire_more() { [ "$(wire_seen "$1" "$2" "$3")" -gt "$4" ]; }

wire_wait() {
	wait_for 10 wire_more "$1" "$2" "$3" "${4:-0}" || fail "no $2 was $3 on port $1 within 10 s"
}

wire_learn() {
	UPDATE_NS="identify:0 $(wire_seen "$1" identify:0)"
	check "the host looks at a namespace before it adds it" test "$(wire_seen "$1" identify:0)" -gt 0
}

# ---- what a scenario needs

fabrics_setting() {
	[ ! -e "/sys/block/$HEAD/delayed_removal_secs" ] || return 0
	case $(cat /sys/module/nvme_core/parameters/delayed_removal_fabrics 2> /dev/null) in
	Y) fail "delayed_removal_fabrics is Y, but $HEAD has no delayed_removal_secs" ;;
	N) fail "this scenario needs nvme_core.delayed_removal_fabrics=Y: see its header" ;;
	esac
	return 1
}

need_fabrics_setting() { fabrics_setting || skip "this nvme_core has no delayed removal for fabrics"; }

unload_all() {
	target_stop
	[ ! -d /sys/module/nvme_loop ] || modprobe -r nvme-loop || fail "cannot unload nvme-loop"
	modprobe -r nvmet-tcp nvme-tcp nvmet nvme || fail "cannot unload the nvme modules: $(grep ^nvme /proc/modules)"
	check_not "all nvme modules can be unloaded" test -d /sys/module/nvme_core
}

fab_ana_pair() {
	local p
	target_start
	target_ns 0 1 "$UUID_A" group=2
	target_port 0 tcp
	target_port 1 tcp
	for p in 0 1; do
		ana_state "$p" 2 optimized
		fab_connect "$p"
		fab_wait_disk "$p"
	done
}
