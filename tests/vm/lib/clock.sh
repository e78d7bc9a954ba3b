# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The guest's clocks, and waiting. All times of the library are nanoseconds of CLOCK_BOOTTIME unless
# a name or a comment says otherwise.

# One pair of the clocks; nobody sets the guest's clock.
path_ask stamp
[[ $PATH_SAID =~ boot_ns=([0-9]+)\ real_ns=([0-9]+) ]]
CLOCK_OFFSET_NS=$((BASH_REMATCH[2] - BASH_REMATCH[1]))

# now_ns: print CLOCK_BOOTTIME now. now_to VARIABLE: put it there; starts no process. real_to_boot
# NS: CLOCK_REALTIME to CLOCK_BOOTTIME, and boot_to_real NS: the other way.
now_ns() { printf '%d' $((${EPOCHREALTIME/./} * 1000 - CLOCK_OFFSET_NS)); }
now_to() { printf -v "$1" '%d' $((${EPOCHREALTIME/./} * 1000 - CLOCK_OFFSET_NS)); }
real_to_boot() { printf '%d' $(($1 - CLOCK_OFFSET_NS)); }
boot_to_real() { printf '%d' $(($1 + CLOCK_OFFSET_NS)); }

# nap SECONDS: sleep, without a process, whose start takes the time of many looks. Nobody writes to
# the pipe.
mkfifo "$TMP/nap"
exec {NAP}<> "$TMP/nap"
rm "$TMP/nap"
nap() { read -r -t "$1" -u "$NAP" || :; }

# wait_for SECONDS CMD...: poll until CMD succeeds. SECONDS are what it takes on an idle machine.
# Status 1 when 20 times as much has passed, multiplied by VM_SLOW, and at least 120 s: that is a
# limit for what hangs, and tells nothing of how long something took. So this is not for what should
# not happen: see `stays`.
wait_for() {
	poll $(($1 * VM_SLOW * 20 < 120 ? 120 : $1 * VM_SLOW * 20)) "${@:2}"
}

# poll SECONDS CMD...: poll until CMD succeeds; status 1 when the time is up and a last look fails.
# At first it looks often, then four times a second.
poll() {
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000)) over ms=20 pause
	shift
	while :; do
		over=$((${EPOCHREALTIME/./} >= end))
		! "$@" || return 0
		[ $over -eq 0 ] || return 1
		printf -v pause '0.%03d' $ms
		nap "$pause"
		ms=$((ms < 225 ? ms + ms / 8 : 250))
	done
}

# stays SECONDS CMD...: CMD must succeed at each look for so long, by the guest's clock, and at the
# end of it: for what should not happen meanwhile. Status 1 as soon as it fails.
stays() {
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000)) over
	shift
	while :; do
		over=$((${EPOCHREALTIME/./} >= end))
		"$@" || return 1
		[ $over -eq 0 ] || return 0
		nap 0.1
	done
}
