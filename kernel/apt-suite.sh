# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Which apt serves a kernel line, sourced by kernel/fetch: this machine's own, or a private one
# for a suite that this machine does not have. The private one keeps configuration, state and
# lists in the cache. It takes from the machine what it cannot know, the mirror and the way to
# it (proxies and the like), and never the leave to do without signatures: only what Debian's
# archive keys have signed is taken.

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg	# of package debian-archive-keyring

# The suite of a line; nothing if it is this machine's own.
suite_of() {
	awk -v line="$1" '$1 == line && $2 != "-" { print $2 }' "$TOP/kernel/kernel-lines"
}

# Mirrors of Debian that this machine is configured with. Who made a suite is known from its
# release file, so there must be lists.
# shellcheck disable=SC2016	# $(...) is for apt-get
mirrors() {
	env -u APT_CONFIG apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		'Origin: Debian' 'Label: Debian' 'Component: main' | awk '!seen[$0]++'
}

write_apt_conf() { # DIRECTORY
	mkdir -p "$1/state/lists/partial" "$1/cache/archives/partial"
	: > "$1/state/status"
	{
		env -u APT_CONFIG apt-config dump Acquire |
			grep -vE '^Acquire(::(Allow|IndexTargets|Languages|GzipIndexes).*)? '
		cat <<-END
			Acquire::GzipIndexes "true";
			Acquire::Languages "none";
			APT::Architecture "$ARCH";
			APT::Architectures { "$ARCH"; };
			APT::Sandbox::User "root";
			Dir::Etc::main "/dev/null";
			Dir::Etc::parts "/dev/null";
			Dir::Etc::sourcelist "$1/sources.list";
			Dir::Etc::sourceparts "/dev/null";
			Dir::Etc::preferences "/dev/null";
			Dir::Etc::preferencesparts "/dev/null";
			Dir::State "$1/state";
			Dir::State::status "$1/state/status";
			Dir::Cache "$1/cache";
			Dir::Cache::srcpkgcache "";
		END
	} > "$1/apt.conf"
}

# The suite, and the one it builds on for what its packages need.
write_sources() { # SUITE MIRROR FILE
	printf "deb [arch=$ARCH signed-by=$KEYRING] $2 %s main\n" "${1%-backports}" "$1" |
		sort -u > "$3"
}

stamp_of_suite() { stat -c %y "$CACHE/apt/$1/updated" 2> /dev/null || :; }

# Fetch the lists of a suite from the first mirror that has it, unless another run did so since
# `updated` had time stamp $2. Status 1, said why, if none has it.
update_suite() {
	local suite=$1 seen=$2 dir=$CACHE/apt/$1 mirror
	[ "$(stamp_of_suite "$suite")" = "$seen" ] || return 0
	say "updating the package lists of $suite"
	write_apt_conf "$dir"
	[ -r "$KEYRING" ] || {
		say "$suite: there is no $KEYRING: install debian-archive-keyring"
		return 1
	}
	: > "$dir/log"
	for mirror in $(mirrors); do
		write_sources "$suite" "$mirror" "$dir/sources.try"
		if APT_CONFIG=$dir/apt.conf apt-get -q=2 -o APT::Update::Error-Mode=any \
			-o Dir::Etc::sourcelist="$dir/sources.try" update >> "$dir/log" 2>&1
		then
			mv "$dir/sources.try" "$dir/sources.list"
			touch "$dir/updated"
			return 0
		fi
	done
	cat "$dir/log" >&2
	if [ ! -s "$dir/log" ]; then
		say "$suite: apt has no list of a Debian mirror on this machine;" \
			"run 'scripts/deps lists'"
	elif grep -qE 'NO_PUBKEY|KEYSIG|BADSIG|not signed|[Ss]ignature' "$dir/log"; then
		say "$suite: its signature cannot be verified with the keys of $KEYRING, see" \
			"above. New keys of Debian come with a new package:" \
			"apt-get install debian-archive-keyring"
	else
		say "$suite: none of this machine's Debian mirrors gives its lists, see above"
	fi
	return 1
}

# If an update fails, older lists serve, or what is in the cache.
refresh_suite() {
	mkdir -p "$CACHE/apt/$1"
	with_lock "apt_$1" update_suite "$1" "$(stamp_of_suite "$1")" || :
}

# Which row of kernel-lines has the packages of a kernel release: that of the release of Debian
# that its name ends with, if there is one, else that of its line.
row_of_release() { # KREL
	local deb
	deb=$(printf '%s\n' "$1" | sed -n 's/.*[+-]\(deb[0-9]\+\)-.*/\1/p')
	if [ -n "$deb" ] && [ -n "$(suite_of "$deb")" ]; then
		printf '%s\n' "$deb"
	else
		line_of "$1"
	fi
}

# use_suite_of LINE [fresh]: let apt-get and apt-cache look where the packages of a line are.
# The lists are fetched the first time, and with `fresh` when they are a day old.
use_suite_of() {
	local updated
	SUITE=$(suite_of "$1")
	[ -n "$SUITE" ] || return 0
	updated=$CACHE/apt/$SUITE/updated
	if [ ! -e "$updated" ] ||
		{ [ "${2:-}" = fresh ] && [ -n "$(find "$updated" -mmin +1440)" ]; }
	then
		refresh_suite "$SUITE"
	fi
	export APT_CONFIG=$CACHE/apt/$SUITE/apt.conf
}
SUITE=
