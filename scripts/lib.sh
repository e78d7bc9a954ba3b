# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# What the scripts share: messages, the cache, root privileges, locks.
# Sourced by bash scripts after `set -eu`; needs nothing but coreutils, flock and awk.

PATH=$PATH:/usr/sbin:/sbin	# not in the PATH of every user
PROG=${0##*/}
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-~/.cache}/nvme-mpathtop	# ~ is known even without HOME, as in hooks of dpkg

# say TEXT...: progress, on standard error so that standard output stays the result.
say() { printf '%s: %s\n' "$PROG" "$*" >&2; }

# die TEXT...: an error ends the script; EXIT_SETUP is the status for it.
EXIT_SETUP=${EXIT_SETUP:-1}
die() { printf '%s: error: %s\n' "$PROG" "$*" >&2; exit "$EXIT_SETUP"; }

# What scripts/vm ends with when QEMU failed, which says nothing of the guest.
EXIT_EMULATOR=119

# unless_qemu_failed CMD...: its status; where QEMU failed it is run again, twice at most.
unless_qemu_failed() {
	local try status
	for try in 1 2 3; do
		status=0
		"$@" || status=$?
		[ $status -eq $EXIT_EMULATOR ] || break
	done
	return $status
}

# as_root CMD...: run with root privileges, or say why that is not possible. Within a step of
# steps.sh the file $STEP_PAUSE keeps the progress away while sudo asks for the password.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		if [ -n "${STEP_PAUSE:-}" ] && ! sudo -n true 2> /dev/null; then
			: > "$STEP_PAUSE"
			{ printf '\r\033[K' > /dev/tty; } 2> /dev/null || :
			sudo -v || :
			rm -f "$STEP_PAUSE"
		fi
		sudo -- "$@"
	else
		die "'$1' needs root: run as root, or install sudo and allow this user to use it"
	fi
}

# child_cpu PID: print the processor time of a process's only child, in hundredths of a second; 0 if
# there is none.
child_cpu() {
	local child stat
	if ! { child=$(< "/proc/$1/task/$1/children") &&
			read -r stat < "/proc/${child% }/stat"; } 2> /dev/null; then
		echo 0
		return
	fi
	# shellcheck disable=SC2086	# its fields; the name has no blank
	set -- $stat
	echo $((${14} + ${15}))
}

# hash_of FILE...: a short hash of the contents and base names of files, in the order given.
hash_of() {
	local f
	for f in "$@"; do
		printf '%s ' "${f##*/}"
		sha256sum < "$f"
	done | sha256sum | cut -c1-16
}

# with_lock NAME CMD...: run while no other run of these scripts holds the lock NAME. CMD does
# not hand the lock on to what it starts, and runs under `set -e`.
with_lock() {
	local name=$1
	shift
	mkdir -p "$CACHE/lock" || die "cannot create $CACHE/lock"
	(
		flock -n 9 || { say "waiting for another run ($name)"; flock 9; }
		"$@" 9>&-
	) 9> "$CACHE/lock/$name"
}

# cache_build TARGET BUILDER ARG...: make TARGET (a file or directory in the cache) with
# `BUILDER ARG... TEMPORARY`, once. The temporary name becomes TARGET only when BUILDER
# succeeded, so what is there is complete. A second caller waits for the first. BUILDER may
# use names that begin with TEMPORARY and a dot for what it needs meanwhile.
cache_build() {
	[ -e "$1" ] || with_lock "${1##*/}" cache_build_locked "$@"
}

cache_build_locked() {
	local target=$1 tmp=$1.part
	shift
	[ ! -e "$target" ] || return 0
	mkdir -p "$(dirname "$target")"
	remove_tree "$tmp" "$tmp".*
	"$@" "$tmp"
	mv "$tmp" "$target"
}

# Parts may belong to root, if a script that uses sudo was interrupted.
remove_tree() {
	rm -rf --one-file-system "$@" 2> /dev/null || as_root rm -rf --one-file-system "$@"
}
