# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2119,SC2120	# variables, arguments: for callers
#
# The host of fabrics.sh. fab_connect, fab_disconnect and fab_wait_disk set PATH_CMD_NS,
# PATH_DONE_NS, PATH_CTRL, PATH_DISK as path_action does; the first two log to $VM_OUT/paths.log.

declare -A FAB_CTRL=()

# The TCP port by which the host reaches a port of the target: its own, or the relay's.
fab_service() {
	if [ -n "${WIRE_PID[$1]:-}" ]; then echo $((4520 + $1)); else echo $((4420 + $1)); fi
}

# fab_try_connect PATH [OPTION...]: as `nvme connect`, with options as in /dev/nvme-fabrics; returns
# when the controller is live. TCP has reconnect_delay=1 and ctrl_loss_tmo=600 by default. Status 1
# if the kernel refuses.
#
# What the kernel says of a controller it made: "instance=N,cntlid=N".
fab_try_connect() {
	local path=$1 p s opts answer
	shift
	p=$(path_port "$path") s=$(path_subsys "$path")
	opts="nqn=$SUBSYS_NQN$s,hostnqn=nqn.2014-08.org.nvmexpress:uuid:$HOST_ID"
	opts+=",hostid=$HOST_ID,nr_io_queues=2"
	case ${FAB_PORT_TYPE[$p]} in
	tcp)
		opts+=",transport=tcp,traddr=127.0.0.1,trsvcid=$(fab_service "$p")"
		opts+=,reconnect_delay=1,ctrl_loss_tmo=600
		;;
	loop) opts+=",transport=loop,traddr=loop$p" ;;
	esac
	[ $# -eq 0 ] || opts+=,$(IFS=,; printf '%s' "$*")
	PATH_CMD_NS=$(now_ns)
	# the answer is for the descriptor that was written to
	answer=$( { echo "$opts" >&0 && head -n1; } <> /dev/nvme-fabrics 2> "$TMP/connect.err") ||
		return 1
	PATH_DONE_NS=$(now_ns)
	PATH_CTRL=${answer#instance=}
	PATH_CTRL=nvme${PATH_CTRL%%,*}
	FAB_CTRL[$path]=$PATH_CTRL
	fab_log connect "$path"
}

# fab_connect PATH [OPTION...]: the same, which must work.
fab_connect() { fab_try_connect "$@" || fail "cannot connect path $1: $(cat "$TMP/connect.err")"; }

# fab_log ACTION PATH: a line of progress, and one of paths.log.
fab_log() {
	say "path $2: $1 $PATH_CTRL took $(((PATH_DONE_NS - PATH_CMD_NS) / 1000000)) ms"
	printf 'action=%s path=%s ctrl=%s cmd_boot_ns=%s done_boot_ns=%s\n' "$1" "$2" "$PATH_CTRL" \
		"$PATH_CMD_NS" "$PATH_DONE_NS" >> "$VM_OUT/paths.log"
}

# fab_disconnect PATH: as `nvme disconnect`; returns when the controller is gone.
fab_disconnect() {
	PATH_CTRL=$(fab_ctrl "$1") || fail "path $1 has no controller"
	PATH_CMD_NS=$(now_ns)
	put "/sys/class/nvme/$PATH_CTRL/delete_controller" 1
	PATH_DONE_NS=$(now_ns)
	unset "FAB_CTRL[$1]"
	fab_log disconnect "$1"
}

# fab_ctrl PATH: print the name of its controller, nvmeN; status 1: none.
fab_ctrl() {
	local c=${FAB_CTRL[$1]:-}
	[ -n "$c" ] && [ -d "/sys/class/nvme/$c" ] && printf '%s\n' "$c"
}

# fab_state PATH: print the state of its controller, or "none". fab_state_is PATH STATE: it is this.
fab_state() {
	local c
	local state
	c=$(fab_ctrl "$1") && { read -r state < "/sys/class/nvme/$c/state"; } 2> /dev/null ||
		state=none
	printf '%s\n' "$state"
}

fab_state_is() { [ "$(fab_state "$1")" = "$2" ]; }

# fab_wait_state PATH STATE [SECONDS]: wait for it, as wait_for does (default 10 s), or fail.
fab_wait_state() {
	wait_for "${3:-10}" fab_state_is "$1" "$2" ||
		fail "path $1 is '$(fab_state "$1")' and does not become '$2'"
}

# fab_disk PATH [NSID]: print its disk for a namespace (default 1), nvmeXcYnZ; status 1: none.
fab_disk() {
	local c d nsid
	c=$(fab_ctrl "$1") || return 1
	for d in "/sys/class/nvme/$c"/nvme*c*n*; do
		{ read -r nsid < "$d/nsid"; } 2> /dev/null && [ "$nsid" = "${2:-1}" ] &&
			printf '%s\n' "${d##*/}" && return 0
	done
	return 1
}

# fab_wait_disk PATH [NSID]: wait until it has it, or fail.
fab_wait_disk() {
	wait_for 10 fab_disk "$@" > /dev/null || fail "path $1 gets no namespace ${2:-1}"
	PATH_DONE_NS=$(now_ns)
	PATH_DISK=$(fab_disk "$@")
}

# fab_wait_ana PATH STATE [NSID]: wait until the host knows this ANA state, or fail.
fab_ana_is() {
	local d state
	d=$(fab_disk "$1" "$3") &&
		read -r state < "/sys/class/nvme/$(fab_ctrl "$1")/$d/ana_state" &&
		[ "$state" = "$2" ]
}

fab_wait_ana() {
	wait_for 10 fab_ana_is "$1" "$2" "${3:-1}" ||
		fail "namespace ${3:-1} of path $1 does not become $2"
}

# fab_scan PATH: as `nvme ns-rescan`.
fab_scan() { put "/sys/class/nvme/$(fab_ctrl "$1")/rescan_controller" 1; }

# fab_uuid HEAD: print the UUID of a head.
fab_uuid() { cat "/sys/block/$1/uuid"; }
