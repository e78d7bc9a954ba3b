# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# NVMe over fabrics: the kernel's target and its host in one guest, over TCP on 127.0.0.1 or the
# loop transport. Here a scenario chooses what QEMU's controllers do not let it: identifiers of a
# namespace, ANA states, what the target answers, when a link drops. Sourced after lib.sh by a
# scenario with `# vm: --heads 0`:
#
#	target_start
#	target_ns 0 1 "$UUID_A"
#	target_port 0 tcp
#	target_port 1 tcp
#	fab_connect 0
#	fab_connect 1
#	HEAD=$(head_name)
#
# Subsystems are numbers S, made when first named. Ports are numbers P. A PATH "P.S" (or just "P"
# for subsystem 0) is the controller by which the host reaches subsystem S through port P. From here
# on head_name, head_secs, head_set_secs, observe and the rest of lib.sh know the heads of these
# subsystems; the functions for QEMU's paths do not concern them.

CFS=/sys/kernel/config/nvmet
SUBSYS_NQN=nqn.2026-11.invalid.nvme-mpathtop:
HOST_ID=8f0c2d4e-5a17-4b1e-9b52-6c3d1f0e7a01
UUID_A=a1c5e5d0-11d3-4c3c-8f2b-5d0c7d3e0001
UUID_B=b2d6f6e1-22e4-4d4d-9a3c-6e1d8e4f0002

. "$VM_TREE/tests/vm/lib/fabrics_target.sh"
. "$VM_TREE/tests/vm/lib/fabrics_host.sh"
. "$VM_TREE/tests/vm/lib/fabrics_relay.sh"

# path_port PATH, path_subsys PATH: print P, and S.
path_port() { printf '%s' "${1%%.*}"; }
path_subsys() { case $1 in *.*) printf '%s' "${1#*.}" ;; *) printf 0 ;; esac; }

# put FILE VALUE: write an attribute, or say which one refused what.
put() { echo "$2" > "$1" || fail "cannot write '$2' to $1"; }

# fab_ana_pair: target_start, and subsystem 0 over TCP by paths 0 and 1, its namespace in ANA group
# 2, optimized on both.
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

# fabrics_setting: succeeds if $HEAD has delayed_removal_secs. Status 1 if this kernel offers no
# delayed removal to fabrics at all; fails if it should.
fabrics_setting() {
	[ ! -e "/sys/block/$HEAD/delayed_removal_secs" ] || return 0
	case $(cat /sys/module/nvme_core/parameters/delayed_removal_fabrics 2> /dev/null) in
	Y) fail "delayed_removal_fabrics is Y, but $HEAD has no delayed_removal_secs" ;;
	N) fail "this scenario needs nvme_core.delayed_removal_fabrics=Y: see its header" ;;
	esac
	return 1
}

# need_fabrics_setting: skip if it does not.
need_fabrics_setting() {
	fabrics_setting || skip "this nvme_core has no delayed removal for fabrics"
}

# unload_all: take all apart and unload every nvme module. Succeeds only if no reference is left.
unload_all() {
	target_stop
	[ ! -d /sys/module/nvme_loop ] || modprobe -r nvme-loop || fail "cannot unload nvme-loop"
	modprobe -r nvmet-tcp nvme-tcp nvmet nvme ||
		fail "cannot unload the nvme modules: $(grep ^nvme /proc/modules)"
	check_not "all nvme modules can be unloaded" test -d /sys/module/nvme_core
}
