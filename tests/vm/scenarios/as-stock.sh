#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 300
# vm-compare: same
# With setting 0 the patched modules do what the distribution's own do: the same errors, uevents
# and messages in the same order, the same references. Paths go one after the other, idle and
# under load; a controller is reset; the driver is unloaded.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/observed.sh"

head=$(head_name)
for d in "/sys/block/$head" "/sys/block/$(path_disk 0)" "/sys/class/nvme/$(path_ctrl 0)" \
	/sys/class/nvme-subsystem/* /sys/module/nvme_core/parameters /sys/module/nvme/parameters; do
	note_names "$d"
done
# those that the series adds are no parameters of its own kernel
for p in /sys/module/nvme*/parameters/*; do
	case ${p##*/} in multipath_always_on|delayed_removal_fabrics) continue ;; esac
	note "$p: $(< "$p")"
done

open_all() {
	fd_open block "/dev/$(head_name)"
	fd_open ng "/dev/$(head_name | sed 's/nvme/ng/')"
}
ask_all() {
	local cmd
	for cmd in "block read" "block write" "block sync" "block size" "block user" "block io 2" \
		"block io 14" "block admin 6" "block register" "ng io 2" "ng io 14" "ng admin 6"; do
		# shellcheck disable=SC2086
		note_fd $cmd
	done
}
close_all() { fd_close block; fd_close ng; }

# The write returns when that is over.
is_reset() {
	echo 1 > "/sys/class/nvme/$(path_ctrl "$1")/reset_controller"
	wait_for 10 device_serves "$1" || fail "path $1 does not serve"
}

open_all
ask_all
step "the first path goes" pulled 0
ask_all
step_any_order "it comes back" returned path_return 0
step "a controller is reset" is_reset 0
ask_all
step "both go, this is one" pulled 0
step "and this the other" pulled 1
ask_all
note "block device: $(test -e "/dev/$head" && echo there || echo gone)," \
	"generic: $(test -e "/dev/ng${head#nvme}" && echo there || echo gone)"
step "what was open is closed" close_all
step_any_order "one comes back" returned path_return 0
step_any_order "and the other" returned path_return 1

# Load: how many I/Os fail is a matter of chance, how the first does is not.
load() { fio_start "$1" "$(head_dev)" "--rate_iops=$2"; }
# ends NAME CMD...: the command ends the load. Only then, as fio has the disk open,
# references are counted.
ended() { ! fio_running "$1"; }
ends() {
	"${@:2}"
	wait_for 30 ended "$1" || fail "the load goes on without a path"
}
load_ended() {
	local error
	fio_wait "$1" 20
	error=$(grep -o -m1 'error on file /dev/[^:]*: [^:]*' "$TMP/$1.fio")
	note_same "first error of the load: ${error%%$'\n'*}"
}
open_all
load plain 200
step "under load, one goes" pulled 1
check "the load goes on" fio_running plain
step "and the other" ends plain pulled 0
load_ended plain
close_all
step_any_order "both come back" returned path_return 0,1
# so many that some are always on their way
load cut 800
step "cut off with commands in flight, one" path_surprise 0
step "and the other" ends cut path_surprise 1
load_ended cut
step_any_order "both are plugged" returned path_plug 0,1
open_all
load unload 200
step "the driver is unloaded" ends unload rmmod nvme
load_ended unload
ask_all
close_all
note "references to nvme_core: $(core_refs)"
rmmod nvme_core
