# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The patch series as data, for kernel/build, kernel/debug and kernel/tables. In a directory like
# kernel/, series/LINE lists the topics of a kernel line in the order of their application, and
# patches/TOPIC holds the patch of each: LINE.patch, or any.patch for the lines without their own.
# A line of a series may name the patch of another kernel line behind the topic: "rescan 7.3".
# Sourced after scripts/lib.sh.

# The kernel lines of kernel/kernel-lines, the default first.
all_lines() { sed -n 's/^\([0-9][0-9.]*\)[[:space:]].*/\1/p' "$TOP/kernel/kernel-lines"; }

series_lines() { # DIR: the lines that have a series
	find "$1/series" -maxdepth 1 -type f -regex '.*/[0-9]+\.[0-9]+' -printf '%f\n' \
		2> /dev/null | sort -V
}

# read_entries DIR LINE: a series without remarks, in ENTRIES: TOPIC [LINE].
read_entries() {
	local entry
	ENTRIES=()
	while read -r entry || [ -n "$entry" ]; do
		entry=${entry%%#*}
		entry=${entry%"${entry##*[![:space:]]}"}
		[ -z "$entry" ] || ENTRIES+=("$entry")
	done < "$1/series/$2"
}

topics_of() { # DIR LINE
	local ENTRIES
	read_entries "$1" "$2"
	[ ${#ENTRIES[@]} -eq 0 ] || printf '%s\n' "${ENTRIES[@]%%[[:space:]]*}"
}

# find_patch DIR TOPIC LINE [OTHER]: in PATCH, the patch of a topic for a line, or of another line
# that the series names; empty if there is none.
find_patch() {
	local name
	PATCH=
	for name in ${4:-"$3" any}; do
		if [ -f "$1/patches/$2/$name.patch" ]; then
			PATCH=$1/patches/$2/$name.patch
			return
		fi
	done
}

# The same on standard output, for a topic that may be in the series.
patch_of() { # DIR TOPIC LINE
	local entry other='' PATCH ENTRIES=()
	[ ! -f "$1/series/$3" ] || read_entries "$1" "$3"
	for entry in ${ENTRIES[@]+"${ENTRIES[@]}"}; do
		[ "${entry%%[[:space:]]*}" != "$2" ] || read -r _ other <<< "$entry"
	done
	find_patch "$1" "$2" "$3" "$other"
	[ -z "$PATCH" ] || printf '%s\n' "$PATCH"
}

# The patch that the others of a topic are compared with: any.patch, or that of the first line.
reference_of() { # DIR TOPIC
	local name
	for name in any $(all_lines; series_lines "$1"); do
		[ ! -f "$1/patches/$2/$name.patch" ] || {
			printf '%s\n' "$1/patches/$2/$name.patch"
			return
		}
	done
}

# How messages name a patch: TOPIC/FILE.
name_of() { printf '%s' "${1##*/patches/}"; }

is_topic() { [[ $1 =~ ^[a-z0-9][a-z0-9-]*$ ]]; }

# read_series DIR LINE: the patches in PATCHES, in order.
read_series() {
	local dir=$1 line=$2 topic other entry PATCH ENTRIES
	PATCHES=()
	[ -f "$dir/series/$line" ] ||
		die "there is no series for kernel line $line: $dir/series/$line does not exist" \
			"(lines with a series: $(series_lines "$dir" | paste -sd' '))"
	read_entries "$dir" "$line"
	for entry in ${ENTRIES[@]+"${ENTRIES[@]}"}; do
		read -r topic other <<< "$entry"
		is_topic "$topic" || die "$dir/series/$line: '$topic' is no name of a topic" \
			"(lower-case letters, digits and '-', one topic a line)"
		[ -d "$dir/patches/$topic" ] || die "$dir/series/$line names topic $topic," \
			"but there is no $dir/patches/$topic"
		find_patch "$dir" "$topic" "$line" "$other"
		[ -n "$PATCH" ] || die "topic $topic has no patch for kernel line $line:" \
			"$(if [ -n "$other" ]; then echo "no $other.patch"
			else echo "neither $line.patch nor any.patch"; fi)" \
			"is in $dir/patches/$topic"
		case " ${PATCHES[*]-} " in
		*" $PATCH "*) die "$dir/series/$line names topic $topic twice" ;;
		esac
		PATCHES+=("$PATCH")
	done
	[ ${#PATCHES[@]} -gt 0 ] || die "$dir/series/$line names no topic"
}

# The files that patches change and do not make, each once.
changed_files() { # PATCH...
	awk '/^--- a\// { file = substr($2, 3); if (!seen[file]++) print file }' "$@"
}

# The files that a patch changes, and the lines that it removes and adds.
changed_lines() { # PATCH
	awk '
		!old && !new && /^\+\+\+ / { print "=== " substr($2, 3) }
		!old && !new && /^@@ / {
			old = split($2, from, ",") > 1 ? from[2] : 1
			new = split($3, to, ",") > 1 ? to[2] : 1
			next
		}
		old || new {
			if (/^\\/) next
			if (!/^\+/) old--
			if (!/^-/) new--
			if (/^[-+]/) print
		}' "$1"
}
