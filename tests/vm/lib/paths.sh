# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2119,SC2120,SC2153	# variables, arguments: for callers
#
# Heads and paths. $VM_HEADS is the number of subsystems, $VM_PATHS that of the paths of each; path
# N belongs to subsystem N / $VM_PATHS. Each subsystem has $VM_NAMESPACES namespaces, and so heads:
# mostly one. S is a subsystem, default 0.

# head_name [S [NSID]]: print the disk of a head, for instance nvme0n1; of namespace NSID (default:
# any). Status 1: there is none.
head_name() {
	local d h nqn nsid
	for d in /sys/class/nvme-subsystem/nvme-subsys*; do
		{ read -r nqn < "$d/subsysnqn"; } 2> /dev/null || continue
		[ "$nqn" = "$SUBSYS_NQN${1:-0}" ] || continue
		for h in "$d"/nvme*n*; do
			[[ ${h##*/} =~ ^nvme[0-9]+n[0-9]+$ ]] || continue
			[ -z "${2:-}" ] || { read -r nsid < "$h/nsid"; } 2> /dev/null || continue
			[ -z "${2:-}" ] || [ "$nsid" = "$2" ] || continue
			printf '%s\n' "${h##*/}"
			return 0
		done
	done
	return 1
}

# head_names: print the names of all heads, a line each.
head_names() {
	local d
	for d in /sys/class/nvme-subsystem/nvme-subsys*/nvme*n*; do
		[[ ${d##*/} =~ ^nvme[0-9]+n[0-9]+$ ]] && echo "${d##*/}"
	done || :
}

# head_is_same: head 0 must have the name $HEAD.
head_is_same() { assert_eq "name of the head" "$(head_name)" "$HEAD"; }

# no_subsystem: succeeds when there is no subsystem.
no_subsystem() { ! compgen -G '/sys/class/nvme-subsystem/*' > /dev/null; }

# head_dev [S [NSID]]: the same with /dev/ in front.
head_dev() {
	local h
	h=$(head_name "$@") || return 1
	printf '/dev/%s\n' "$h"
}

# head_gone NAME: succeeds when the head is in neither sysfs nor /dev.
head_gone() { [ ! -e "/sys/block/$1" ] && [ ! -e "/dev/$1" ]; }

# head_secs [S [NSID]]: print delayed_removal_secs of a head; status 1: it has no such attribute.
head_secs() {
	local h secs
	h=$(head_name "$@") || return 1
	{ read -r secs < "/sys/block/$h/delayed_removal_secs"; } 2> /dev/null || return 1
	printf '%s\n' "$secs"
}

# head_set_secs SECS [S [NSID]]: set it, and check what reads back.
head_set_secs() {
	local h
	h=$(head_name "${@:2}") || fail "there is no head (subsystem, namespace: ${*:2})"
	echo "$1" > "/sys/block/$h/delayed_removal_secs" ||
		fail "cannot set delayed_removal_secs of $h to $1"
	assert_eq "delayed_removal_secs of $h" "$(head_secs "${@:2}")" "$1"
}

# path_ctrl N: print the controller of path N, nvmeY; status 1: it has none. path_disk N: print its
# disk, nvmeXcYnZ; of several namespaces one, and only if all have a disk. As scripts/guest/path has
# them, without a process.
path_ctrl() {
	local dir
	dir=$(path_dir "$1") || return 1
	printf '%s\n' "${dir##*/}"
}

path_disk() {
	local dir d disks=()
	dir=$(path_dir "$1") || return 1
	for d in "$dir"/nvme*; do
		[[ ! ${d##*/} =~ ^nvme[0-9]+c[0-9]+n[0-9]+$ ]] || disks+=("${d##*/}")
	done
	[ ${#disks[@]} -ge "${VM_NAMESPACES:-1}" ] || return 1
	printf '%s\n' "${disks[0]}"
}

# path_dir N: print the directory of its controller, behind its port.
path_dir() {
	local port dir
	printf -v port '/sys/devices/pci0000:00/0000:00:%02x.0' $((0x10 + $1))
	for dir in "$port"/????:??:??.?/nvme/nvme*; do
		[ -d "$dir" ] || continue
		printf '%s\n' "$dir"
		return 0
	done
	return 1
}

# path_action ACTION N[,N...] [TIMEOUT]: what scripts/guest/path does for path_*, pull_all and
# return_all below. Waits until the disk of the path went or came, or its controller died, appends a
# line to $VM_OUT/paths.log and sets
#	PATH_CMD_NS, PATH_DONE_NS		before the command; after the disk went or came
#	PATH_CMD_REAL_NS, PATH_DONE_REAL_NS	the same as CLOCK_REALTIME
#	PATH_DISK, PATH_CTRL			names before the pull or after the return
# of the last path. TIMEOUT is what it takes on an idle machine, as for wait_for.
path_action() {
	local word n=
	path_ask "$@" || fail "path $*"
	printf '%s\n' "${PATH_SAID%$'\n'}" >> "$VM_OUT/paths.log"
	for word in $PATH_SAID; do
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

# path_pull N [TIMEOUT]: unplug the controller through QMP; path_return: plug it in again.
path_pull() { path_action pull "$@"; }
path_return() { path_action return "$@"; }

# path_remove_sysfs N, pci_rescan N: the same through sysfs, in the guest.
path_remove_sysfs() { path_action unbind "$@"; }
pci_rescan() { path_action rescan "$@"; }

# path_release N, path_bind N: unbind the driver, and bind it again.
path_release() { path_action release "$@"; }
path_bind() { path_action bind "$@"; }

# path_surprise N: cut the path off as a pulled card is: commands in flight never complete.
# path_plug N: plug it in again, also after path_dead and path_dying.
path_surprise() { path_action surprise "$@"; }
path_plug() { path_action plug "$@"; }

# path_dead N: a reset fails and leaves the controller bound, in state dead, with its namespace.
# With Linux 6.1 the driver lets go of it, and its disk goes. path_dying N [TIMEOUT]: the same by
# a reset that takes nvme_core.admin_timeout to fail.
path_dead() { path_action dead "$@"; }
path_dying() { path_action dying "$@"; }

# path_forsake N: let the driver go of a dead controller, if it has not. Then path_plug brings the
# path back.
path_forsake() { [ -z "$(path_disk "$1")" ] || path_remove_sysfs "$1"; }

# paths_of [S]: print the numbers of all paths of a head as a list, for instance 2,3.
paths_of() {
	local n list=''
	for ((n = 0; n < VM_PATHS; n++)); do
		list+=,$((${1:-0} * VM_PATHS + n))
	done
	printf '%s\n' "${list#,}"
}

# pull_all [S], return_all [S]: all paths of a head, in the order of their numbers.
pull_all() { path_action pull "$(paths_of "${1:-0}")"; }
return_all() { path_action return "$(paths_of "${1:-0}")"; }

# io_policy POLICY: how all subsystems choose a path; fails if the kernel does not know the policy.
# round_robin: they use their paths in turn.
io_policy() {
	local file
	for file in /sys/class/nvme-subsystem/nvme-subsys*/iopolicy; do
		echo "$1" > "$file" || return
	done
}
round_robin() { io_policy round-robin; }

# reset_all: reset all controllers at the same time, and wait until that is done.
reset_all() {
	local c pids=()
	for c in /sys/class/nvme/nvme*/reset_controller; do
		echo 1 > "$c" &
		pids+=($!)
	done
	wait "${pids[@]}" || :
}
