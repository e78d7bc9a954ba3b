# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# Faults between the host and the target of fabrics.sh, TCP only, by the relay tests/vm/wire, whose
# header has the rules.

declare -A WIRE_PID=()
WIRE_SERIAL=0

# wire_start P: the paths of port P connect through a relay from now on.
wire_start() {
	local p=$1
	"$VM_TREE/tests/vm/wire" $((4520 + p)) $((4420 + p)) "$TMP/wire-$p" \
		2> "$VM_OUT/wire-$p.err" &
	WIRE_PID[$p]=$!
	on_exit "kill ${WIRE_PID[$p]} 2> /dev/null;" \
		"cp $TMP/wire-$p/commands $VM_OUT/wire-$p.commands"
	wait_for 10 wire_ready "$p" ||
		fail "the relay of port $p did not start: $(cat "$VM_OUT/wire-$p.err")"
}

wire_ready() { grep -qs ready "$TMP/wire-$1/commands"; }

# wire_rules P [RULE...]: what the relay does to admin commands; without rules it passes all.
#
# The new rules appear at once and whole.
wire_rules() {
	local p=$1
	shift
	kill -0 "${WIRE_PID[$p]}" 2> /dev/null ||
		fail "the relay of port $p has ended: $(cat "$VM_OUT/wire-$p.err")"
	printf '%s\n' "# $((++WIRE_SERIAL))" "$@" > "$TMP/wire-$p/rules.new"
	mv "$TMP/wire-$p/rules.new" "$TMP/wire-$p/rules"
}

# wire_seen P COMMAND [WHAT]: print how many of them it has passed (or failed, held, cut).
wire_seen() { grep -c "^$2 ${3:-pass}\$" "$TMP/wire-$1/commands" || :; }

# wire_wait P COMMAND WHAT [SEEN]: wait until there are more than SEEN (default 0), or fail.
wire_more() { [ "$(wire_seen "$1" "$2" "$3")" -gt "$4" ]; }
wire_wait() {
	wait_for 10 wire_more "$1" "$2" "$3" "${4:-0}" || fail "no $2 is $3 on port $1"
}

# wire_learn P: set UPDATE_NS after a path of port P got its namespace without rules: the
# "COMMAND N" of a rule for the last command by which a host looks at a namespace before it adds the
# disk. The disk is on the head's list of paths then.
wire_learn() {
	UPDATE_NS="identify:0 $(wire_seen "$1" identify:0)"
	check "the host looks at a namespace before it adds it" \
		test "$(wire_seen "$1" identify:0)" -gt 0
}

# fab_connect_half_way PATH hold|fail: connect a path; the relay holds, or lets fail, the last
# command before the host adds its disk (see wire_learn). Returns when it has.
fab_connect_half_way() {
	local p seen
	p=$(path_port "$1")
	wire_rules "$p" "${UPDATE_NS% *} $2 ${UPDATE_NS#* }"
	seen=$(wire_seen "$p" identify:0 "$2")
	fab_connect "$1"
	wire_wait "$p" identify:0 "$2" "$seen"
}

# fab_scan_freely PATH: the relay passes all again, and the path finds its disk.
fab_scan_freely() {
	wire_rules "$(path_port "$1")"
	fab_scan "$1"
	fab_wait_disk "$1"
}
