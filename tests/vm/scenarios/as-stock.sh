#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 300
# vm-compare: same
# With setting 0 the patched modules do what the distribution's own do: the same errors, uevents
# and messages in the same order, the same references. Paths go one after the other, idle and
# under load; a controller is reset; the driver is unloaded.
. "$VM_TREE/tests/vm/lib.sh"
. "$VM_TREE/tests/vm/lib/observed.sh"

# What the series adds, and nothing else.
ADDED='^(delayed_removal_secs|multipath_always_on|delayed_removal_fabrics)$'
names() {
	find "$1"/ -mindepth 1 -maxdepth 1 -printf '%f\n' | grep -vE "$ADDED" | same_names |
		sort | tr '\n' ' '
}

head=$(head_name)
for d in "/sys/block/$head" "/sys/block/$(path_disk 0)" "/sys/class/nvme/$("$PATHCTL" ctrl 0)" \
	/sys/class/nvme-subsystem/* /sys/module/nvme_core/parameters /sys/module/nvme/parameters; do
	note "$(echo "$d" | same_names): $(names "$d")"
done
for p in /sys/module/nvme*/parameters/*; do
	[[ ${p##*/} =~ $ADDED ]] || note "$p: $(cat "$p")"
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

open_all
ask_all
step "the first path goes" path_pull 0
ask_all
step_any_order "it comes back" path_return 0
step "a controller is reset" sh -c "echo 1 > /sys/class/nvme/$("$PATHCTL" ctrl 0)/reset_controller"
ask_all
step "both go, this is one" path_pull 0
step "and this the other" path_pull 1
ask_all
note "block device: $(test -e "/dev/$head" && echo there || echo gone)," \
	"generic: $(test -e "/dev/ng${head#nvme}" && echo there || echo gone)"
step "what was open is closed" close_all
step_any_order "one comes back" path_return 0
step_any_order "and the other" path_return 1

# Load: how many I/Os fail is a matter of chance, how the first does is not.
load() { fio_start "$1" "$(head_dev)" --rate_iops=0 --rate=4m; }
# ends NAME CMD...: the command ends the load. Only then, as fio has the disk open,
# references are counted.
ended() { ! fio_running "$1"; }
ends() {
	"${@:2}"
	wait_for 30 ended "$1" || fail "the load goes on without a path"
}
load_ended() {
	fio_wait "$1" 20
	note "first error of the load:" \
		"$(grep -o 'error on file /dev/[^:]*: [^:]*' "$TMP/$1.fio" | head -n1 | same_names)"
}
open_all
load plain
step "under load, one goes" path_pull 1
check "the load goes on" fio_running plain
step "and the other" ends plain path_pull 0
load_ended plain
close_all
step_any_order "both come back" path_return 0,1
load cut
step "cut off with commands in flight, one" path_surprise 0
step "and the other" ends cut path_surprise 1
load_ended cut
step_any_order "both are plugged" path_plug 0,1
open_all
load unload
step "the driver is unloaded" ends unload rmmod nvme
load_ended unload
ask_all
close_all
note "references to nvme_core: $(core_refs)"
rmmod nvme_core
