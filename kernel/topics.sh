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

# A series without remarks: TOPIC [LINE].
entries_of() { # DIR LINE
	sed 's/[[:space:]]*\(#.*\)\?$//; /^$/d' "$1/series/$2"
}

topics_of() { # DIR LINE
	entries_of "$1" "$2" | awk '{ print $1 }'
}

# The patch of a topic for a line; nothing if there is none.
patch_of() { # DIR TOPIC LINE
	local name other=
	[ ! -f "$1/series/$3" ] ||
		other=$(entries_of "$1" "$3" | awk -v t="$2" '$1 == t { print $2; exit }')
	for name in ${other:-"$3" any}; do
		[ ! -f "$1/patches/$2/$name.patch" ] || {
			printf '%s\n' "$1/patches/$2/$name.patch"
			return
		}
	done
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
	local dir=$1 line=$2 topic other patch
	PATCHES=()
	[ -f "$dir/series/$line" ] ||
		die "there is no series for kernel line $line: $dir/series/$line does not exist" \
			"(lines with a series: $(series_lines "$dir" | paste -sd' '))"
	while read -r topic other; do
		is_topic "$topic" || die "$dir/series/$line: '$topic' is no name of a topic" \
			"(lower-case letters, digits and '-', one topic a line)"
		[ -d "$dir/patches/$topic" ] || die "$dir/series/$line names topic $topic," \
			"but there is no $dir/patches/$topic"
		patch=$(patch_of "$dir" "$topic" "$line")
		[ -n "$patch" ] || die "topic $topic has no patch for kernel line $line:" \
			"$(if [ -n "$other" ]; then echo "no $other.patch"
			else echo "neither $line.patch nor any.patch"; fi)" \
			"is in $dir/patches/$topic"
		case " ${PATCHES[*]-} " in
		*" $patch "*) die "$dir/series/$line names topic $topic twice" ;;
		esac
		PATCHES+=("$patch")
	done < <(entries_of "$dir" "$line")
	[ ${#PATCHES[@]} -gt 0 ] || die "$dir/series/$line names no topic"
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
