# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# Library of the VM scenarios and the demo: sourced by a bash script that runs in the guest of
# scripts/vm. Its functions are in lib/, each with its arguments, its units, and the variables that
# it sets.
#
#	assert.sh	progress, assertions, the end of a scenario
#	clock.sh	the clocks, waiting
#	late.sh		how late the guest's timers are
#	pathctl.sh	talks to scripts/guest/path
#	paths.sh	heads, and how their paths go and come back
#	load.sh		fio
#	descriptors.sh	descriptors that stay open
#	monitor.sh	the collector
#	report.sh	its report
#	metrics.sh	its metrics
#	trace.sh	the truth by tracefs
#	kprobes.sh	the same for modules without the tracepoints
#	guest.sh	the kernel and its modules, and how a scenario ends the guest
#	frame.sh	how most scenarios begin and end
#
# Some scenarios source one more after this file: lib/fabrics.sh (target and host of NVMe over
# fabrics), lib/writers.sh (a light load on several disks), lib/console.sh (the live console in a
# terminal), lib/observed.sh and lib/points.sh (comparisons with other modules).
#
# A scenario succeeds with status 0, fails with any other, skips with status 77. All that it leaves
# in $VM_OUT (/out) is kept when it fails. $VM_TREE is the work tree, read-only; $TMP is a directory
# in memory. $VM_SLOW is how many times slower than the distribution's kernel the guest's is, 1 but
# for the debug kernel: waiting may take so many times longer, and times may be off by so much.

set -euo pipefail

: "${VM_TREE:?this runs in the guest of scripts/vm, see scripts/README.md}"
: "${VM_OUT:?this runs in the guest of scripts/vm, see scripts/README.md}"
VM_SLOW=${VM_SLOW:-1}
PATHCTL=$VM_TREE/scripts/guest/path
MONITOR=$VM_TREE/build/nvme-mpathtop
SUBSYS_NQN=nqn.2019-08.org.qemu:mpath	# and the number of the subsystem
TMP=$(mktemp -d /tmp/scenario-XXXXXX)
OBSERVED=$VM_OUT/observed

. "$VM_TREE/tests/vm/lib/assert.sh"
. "$VM_TREE/tests/vm/lib/pathctl.sh"
. "$VM_TREE/tests/vm/lib/clock.sh"
. "$VM_TREE/tests/vm/lib/late.sh"
. "$VM_TREE/tests/vm/lib/paths.sh"
. "$VM_TREE/tests/vm/lib/load.sh"
. "$VM_TREE/tests/vm/lib/descriptors.sh"
. "$VM_TREE/tests/vm/lib/monitor.sh"
. "$VM_TREE/tests/vm/lib/report.sh"
. "$VM_TREE/tests/vm/lib/metrics.sh"
. "$VM_TREE/tests/vm/lib/trace.sh"
. "$VM_TREE/tests/vm/lib/kprobes.sh"
. "$VM_TREE/tests/vm/lib/guest.sh"
. "$VM_TREE/tests/vm/lib/frame.sh"
