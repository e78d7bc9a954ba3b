# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Tasks that are held where a race opens, by the delays of kernel/delays. Sourced after lib.sh by
# a scenario with `--delays` in its header. A PLACE is FUNCTION:KIND, or FUNCTION:KIND*N for N tasks
# at most; the kinds are in kernel/delays/delays.h. What a kernel does not pass, holds nobody:
# held_at fails then, so that a race which did not open is no success.

DELAYS=/sys/module/nvme_core/parameters

[ -e $DELAYS/delay_at ] || fail "nvme_core has no delays: see the header of this scenario"
echo 3600000 > $DELAYS/delay_ms		# until let_go
on_exit let_go

# hold PLACE...: from now on tasks that come to these places stay there. Those at other places go
# on. let_go: all do.
hold() {
	local IFS=,
	echo "$*" > $DELAYS/delay_at
	say "hold: $*"
}

let_go() { echo > $DELAYS/delay_at; }

# is_held PLACE: a task is there. held_at PLACE: wait until one is, or fail.
is_held() {
	local now
	read -r now < $DELAYS/delays_now
	[[ " $now " == *" $1 "* ]]
}

held_at() {
	wait_for 10 is_held "$1" || fail "no task comes to $1"
	say "ok: a task is held at $1"
}
