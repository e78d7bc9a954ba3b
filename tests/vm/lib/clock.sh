# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The guest's clocks. All times of the library are nanoseconds of CLOCK_BOOTTIME unless a name or
# a comment says otherwise.

# One pair of the clocks; nobody sets the guest's clock.
CLOCK_OFFSET_NS=$("$PATHCTL" stamp | sed 's/boot_ns=\([0-9]*\) real_ns=\([0-9]*\)/\2-\1/')
CLOCK_OFFSET_NS=$((CLOCK_OFFSET_NS))

# now_ns: CLOCK_BOOTTIME now. real_to_boot NS: CLOCK_REALTIME to CLOCK_BOOTTIME, and boot_to_real
# NS: the other way.
now_ns() { printf '%d' $((${EPOCHREALTIME/./} * 1000 - CLOCK_OFFSET_NS)); }
real_to_boot() { printf '%d' $(($1 - CLOCK_OFFSET_NS)); }
boot_to_real() { printf '%d' $(($1 + CLOCK_OFFSET_NS)); }

# wait_for SECONDS CMD...: poll until CMD succeeds; status 1 when the time, multiplied by VM_SLOW,
# is up.
wait_for() {
	local end=$(($(now_ns) + $1 * VM_SLOW * 1000000000))
	shift
	until "$@"; do
		[ "$(now_ns)" -lt "$end" ] || return 1
		sleep 0.02
	done
}
