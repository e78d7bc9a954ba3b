# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The package sources of this machine, as mmdebstrap takes them: for scripts that make a small
# Debian of their own. Sourced after lib.sh.

# The package sources this machine is configured with, one line each.
# shellcheck disable=SC2016	# $(...) is for apt-get
apt_sources() {
	apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' | sort -u
	apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian-Security' | sort -u
}

# How this machine reaches them (proxies, validity checks), as options for mmdebstrap.
apt_options() {
	local names='https\?::.*\|Retries\|Check-.*\|Allow[A-Za-z]*Repositories'
	apt-config dump Acquire |
		sed -n "s/^\(Acquire::\($names\) \".\+\"\);\$/--aptopt=\1/p"
}

# small_debian OPTION...: mmdebstrap as root, in a mount namespace of its own where the machine
# allows one. A program of the machine that looks into the tree's /sys or /proc keeps mmdebstrap
# from unmounting them; with the namespace no such program can see them, and they end with it.
small_debian() {
	local apart=(unshare --mount --propagation private --)
	as_root "${apart[@]}" true 2> /dev/null || apart=()
	as_root "${apart[@]}" mmdebstrap --quiet --variant=minbase "$@"
}

# The release this machine runs: bookworm, ...
codename() {
	local name
	name=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
	[ -n "$name" ] || die "/etc/os-release does not name a Debian release"
	printf '%s\n' "$name"
}
