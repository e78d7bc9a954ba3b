# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a kernel lets others see, in a form that can be compared with that of another one. Sourced
# after lib.sh by scenarios with the header `# vm-compare: same`. tests/vm/run runs these twice,
# with the patched modules and with the distribution's own, and $VM_OUT/observed must be the same.
# Names that differ from boot to boot are made the same. tests/vm/observer does the work.

coproc OBSERVER { exec "$VM_TREE/tests/vm/observer"; }
on_exit "kill $OBSERVER_PID 2> /dev/null"

# observer COMMAND...: ask it; sets ANSWER, its lines.
observer() {
	local line
	ANSWER=()
	echo "$*" >&"${OBSERVER[1]}"
	while :; do
		read -r -t $((90 * VM_SLOW)) line <&"${OBSERVER[0]}" ||
			fail "the observer does not answer to '$*'"
		case $line in
		.) return ;;
		!*) fail "$*: ${line#! }" ;;
		esac
		ANSWER+=("$line")
	done
}

# note_names PATH: note the names in a directory, but those that the series adds.
note_names() {
	local what
	observer same "$1"
	what=${ANSWER[0]}
	observer names "$1"
	note "$what: ${ANSWER[0]}"
}

# note_same TEXT: note it, with names made the same.
note_same() {
	observer same "$1"
	note "${ANSWER[0]}"
}

# note_fd NAME ACTION...: fd_do, and note the answer.
note_fd() {
	fd_do "$@"
	note "$*: $FD_SAID"
}

# step TEXT CMD...: run the command, wait until the kernel is quiet, note the uevents and the
# messages that it caused, and the references to nvme_core. CMD returns when all that can be seen in
# sysfs has come or gone. step_any_order: uevents of different kinds may come in any order, as a
# controller is announced while its namespaces are searched.
step_any_order() { ORDER=any step "$@"; }

step() {
	local line
	note "== $1"
	"${@:2}"
	observer changes "${ORDER:-}"
	for line in "${ANSWER[@]}"; do note "$line"; done
	note "references to nvme_core: $(core_refs)"
}

# device_gone N: path N has no PCI device any more. device_serves N: it has one, whose controller is
# live and has a disk, and the head's devices are there.
port_of() { printf '/sys/devices/pci0000:00/0000:00:%02x.0' $((0x10 + $1)); }
device_gone() { ! compgen -G "$(port_of "$1")/0000:??:??.?" > /dev/null; }
device_serves() {
	local c state='' head
	for c in "$(port_of "$1")"/0000:??:??.?/nvme/nvme*; do
		read -r state 2> /dev/null < "$c/state" || return 1
	done
	[ "$state" = live ] && compgen -G "$c/nvme*c*n*" > /dev/null && head=$(head_name) &&
		[ -b "/dev/$head" ] && [ -c "/dev/ng${head#nvme}" ]
}

# pulled N,... and returned ACTION N,...: path_pull, or another action by which paths come back, and
# wait for these.
pulled() {
	local n
	path_pull "$1"
	for n in ${1//,/ }; do
		wait_for 10 device_gone "$n" || fail "path $n still has a PCI device"
	done
}
returned() {
	local n
	"$1" "$2"
	for n in ${2//,/ }; do
		wait_for 10 device_serves "$n" || fail "path $n does not serve"
	done
}
