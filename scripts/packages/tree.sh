# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The sources as they are handed on. Sourced after lib.sh.

VERSION=${VERSION:-$(sed -n 's/^.define MPATHTOP_VERSION "\(.*\)"/\1/p' \
	"$TOP/user/base/version.h")}

# A repository of our own, not one that these sources were unpacked in.
own_git() { [ -e "$TOP/.git" ]; }

# When the sources are from: of the last commit, else of the file with the version, which a tar
# archive sets to that.
source_time() {
	if own_git; then
		git -C "$TOP" log -1 --format=%ct
	else
		stat -c %Y "$TOP/user/base/version.h"
	fi
}

# copy_tree TO: the files that belong to the sources, also those that are not committed yet.
copy_tree() {
	mkdir -p "$1"
	(
		cd "$TOP" || exit
		if own_git; then
			git ls-files -z --cached --others --exclude-standard |
				while IFS= read -r -d '' f; do
					[ ! -e "$f" ] || printf '%s\0' "$f"
				done
		else
			find . -path ./build -prune -o \( -type f -o -type l \) -print0
		fi | tar -c --null -T - -f -
	) | tar -x -C "$1" -f -
}
