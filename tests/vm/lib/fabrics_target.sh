# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# The target of fabrics.sh, by configfs.

declare -A FAB_PORT_TYPE=()

# target_start: load the modules of target and host, prepare configfs.
target_start() {
	modprobe -a configfs nvmet nvmet-tcp nvme-tcp ||
		fail "cannot load the modules of target and host"
	modprobe -q nvme-loop || say "this kernel has no nvme-loop: TCP in its place"
	mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
	[ -d "$CFS" ] || fail "nvmet has made no $CFS"
	[ -c /dev/nvme-fabrics ] || fail "nvme-fabrics has made no /dev/nvme-fabrics"
}

# subsys_dir S: print the directory of a subsystem. target_subsys S: make it, unless it is there.
subsys_dir() { printf '%s/subsystems/%s%s' "$CFS" "$SUBSYS_NQN" "$1"; }
target_subsys() {
	local dir
	dir=$(subsys_dir "$1")
	[ ! -d "$dir" ] || return 0
	mkdir "$dir" || fail "cannot make subsystem $1"
	put "$dir/attr_allow_any_host" 1
	put "$dir/attr_serial" "mpath$1"
}

# target_ns S NSID UUID [KEY=VALUE...]: make and enable a namespace. KEY: size (default 256M), group
# (ANA group, default 1), nguid (hexadecimal), file (default: a new one in memory; or a block
# device), enable=no. UUID "-": none.
target_ns() {
	local s=$1 nsid=$2 dir
	target_subsys "$s"
	dir=$(subsys_dir "$s")/namespaces/$nsid
	mkdir "$dir" || fail "cannot make namespace $nsid of subsystem $s"
	target_ns_set "$@"
}

# target_ns_set S NSID UUID [KEY=VALUE...]: the attributes of a namespace that is disabled;
# enables it.
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

# target_ns_enable S NSID, target_ns_disable S NSID: the host hears of it and scans again.
target_ns_enable() { put "$(subsys_dir "$1")/namespaces/$2/enable" 1; }
target_ns_disable() { put "$(subsys_dir "$1")/namespaces/$2/enable" 0; }

# target_ns_file S NSID: print the file behind a namespace.
target_ns_file() { cat "$(subsys_dir "$1")/namespaces/$2/device_path"; }

# target_ns_swap S NSID UUID [KEY=VALUE...]: disable it, and enable another one with this NSID.
target_ns_swap() {
	target_ns_disable "$1" "$2"
	target_ns_set "$@"
}

# target_port P TYPE [S...]: make a port, tcp (127.0.0.1, 4420 + P) or loop, with these subsystems
# (default: 0); tcp in place of loop if the kernel was built without that.
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

link_of() {
	printf '%s/ports/%s/subsystems/%s%s' "$CFS" "$(path_port "$1")" "$SUBSYS_NQN" \
		"$(path_subsys "$1")"
}

# target_unlink PATH: the target drops the link and refuses new connections: a TCP controller tries
# to reconnect, a loop controller is deleted. target_link PATH: it accepts connections again.
target_link() {
	target_subsys "$(path_subsys "$1")"
	ln -s "$(subsys_dir "$(path_subsys "$1")")" "$(link_of "$1")" ||
		fail "cannot offer subsystem" \
			"$(path_subsys "$1") through port $(path_port "$1")"
}

target_unlink() { rm "$(link_of "$1")" || fail "path $1 was not offered by the target"; }

# ana_state P GROUP STATE: the state of an ANA group as seen through port P: optimized,
# non-optimized, inaccessible, persistent-loss or change. The host hears of it.
ana_state() {
	local dir=$CFS/ports/$1/ana_groups/$2
	[ -d "$dir" ] || mkdir "$dir" || fail "cannot make ANA group $2 of port $1"
	put "$dir/ana_state" "$3"
}

# target_stop: disconnect all, take the target apart.
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
