# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The programs that the headers of a kernel bring along or ask for, made to run on a machine of
# an older release; sourced by kernel/fetch. A kernel of another suite was built with a newer
# compiler and pahole than this machine may have, and its configuration says what they
# understand; its modpost, objtool and resolve_btfids want a newer C library. So compiler,
# binutils, pahole and all their libraries are unpacked beside the headers, and each program is
# started by the dynamic loader that came with them. Nothing of this is installed.

TRIPLE=x86_64-linux-gnu

# What the compiler package depends on for programs that it compiles, not for itself.
NOT_NEEDED='^(linux-|debconf=|openssl-provider-|gcc-[0-9]+-for-host=|cpp-[0-9]+-for-host=|'
NOT_NEEDED+='libgcc-[0-9]+-dev=|'
NOT_NEEDED+='lib(asan|lsan|tsan|ubsan|hwasan|itm|gomp|atomic|quadmath)[0-9]+=)'

# Packages, as name=version, that the headers of a release need beside the kernel's own.
tool_packages() {
	apt-get -s -q=2 --no-install-recommends install "linux-headers-$1" |
		sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p' | grep -vE "$NOT_NEEDED"
}

# run_with_own_libs TREE PLACE FILE...: replace those FILEs below TREE that are dynamically
# linked programs by scripts of a line that start them with the loader and libraries of
# TREE/tools. PLACE is where TREE will be.
run_with_own_libs() {
	local tree=$1 place=$2 libs=tools/usr/lib/$TRIPLE f missing
	local ld=$libs/ld-linux-x86-64.so.2
	[ -x "$tree/$ld" ] || die "the packages of the tools hold no dynamic loader: $tree/$ld"
	shift 2
	for f in "$@"; do
		readelf -lW "$f" 2> /dev/null | grep -q ' INTERP ' || continue
		missing=$("$tree/$ld" --inhibit-cache --library-path "$tree/$libs" \
			--list "$f" 2>&1 |
			grep -E 'not found|cannot open' || :)
		[ -z "$missing" ] ||
			die "${f##*/} lacks a library, its packages do not say which: $missing"
		mv "$f" "$f.elf"
		cat > "$f" <<-END
			#!/bin/sh
			exec $place/$ld --inhibit-cache --library-path $place/$libs \
--argv0 "\$0" $place${f#"$tree"}.elf "\$@"
		END
		chmod 755 "$f"
	done
}

# add_tools RELEASE TREE PLACE: the tools for the headers unpacked in TREE, which will be PLACE.
add_tools() {
	local rel=$1 tree=$2 place=$3 tools=$2/tools packages programs f
	mapfile -t packages < <(tool_packages "$rel")
	[ ${#packages[@]} -gt 0 ] || die "apt does not tell what linux-headers-$rel needs"
	download "$tree.tools" "${packages[@]}"
	unpack "$tree.tools" "$tools"
	rm -rf "$tree.tools" "${tools:?}"/{etc,usr/share,usr/lib/$TRIPLE/gconv}
	rm -f "$tools"/usr/bin/*-lto-dump-* "$tools"/usr/libexec/gcc/*/*/lto1
	# gcc looks for these beside cc1 before it takes the machine's own
	for f in "$tools"/usr/libexec/gcc/*/*/cc1; do
		ln -s "../../../../../bin/$TRIPLE-as" "${f%/*}/as"
		ln -s "../../../../../bin/$TRIPLE-ld" "${f%/*}/ld"
	done
	mapfile -t programs < <(
		find "$tools"/usr/bin "$tools"/usr/libexec "$tree"/usr/lib/linux-kbuild-* \
		-type f -perm -100)
	run_with_own_libs "$tree" "$place" "${programs[@]}"
	cat >> "$tree/usr/src/linux-headers-$rel/.kernelvariables" <<-END
		override CROSS_COMPILE = $place/tools/usr/bin/$TRIPLE-
		PAHOLE = $place/tools/usr/bin/pahole
	END
}
