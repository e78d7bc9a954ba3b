# SPDX-License-Identifier: GPL-2.0-only
#
# The monitor: build/nvme-mpathtop from the rooms of user/ and the BPF programs.

# ROOMS, WITH_room and LIBS_room, see user/rooms.awk
include $(B)/gen/rooms.mk

$(B)/gen/rooms.mk: user/rooms user/rooms.awk
	@mkdir -p $(@D)
	@awk -f user/rooms.awk $< > $@

USER_SRC	:= $(sort $(wildcard user/*/*.c))
USER_OBJ	:= $(USER_SRC:%.c=$(B)/obj/%.o)
BPF_SRC		:= $(sort $(wildcard bpf/*.c bpf/*.h))

# WERROR=1, as .ci/run has it: a warning is an error
WARN_FLAGS	:= -Wall -Wextra -Wshadow $(if $(WERROR),-Werror)
# "room/file.h", "bpf/file.h", "gen/file.h"
INCLUDES	:= -Iuser -I. -I$(B)
# A distribution's flags have one of their own, compilers may come with another.
FORTIFY		:= $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),, \
		     -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
USER_CPPFLAGS	:= $(FORTIFY) $(INCLUDES)
# The same program from any directory.
PREFIX_MAP	:= -ffile-prefix-map=$(CURDIR)=.
USER_CFLAGS	:= -std=gnu11 $(WARN_FLAGS) $(PREFIX_MAP) -fPIE \
		   -fstack-protector-strong -fstack-clash-protection
USER_LDFLAGS	:= -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed

# Debian keeps <asm/types.h> below the machine's name; clang -target bpf does not look there.
# Where arguments of a function are depends on the machine; the kernel's name of it.
MACHINE		:= $(shell $(CC) -dumpmachine)
MULTIARCH	:= $(shell echo $(MACHINE) | \
		     sed -e 's/-[^-]*-linux/-linux/' -e 's/^i[3-6]86/i386/')
BPF_ARCH	:= $(shell echo $(MACHINE) | \
		     sed -e 's/-.*//' -e 's/x86_64/x86/' -e 's/aarch64/arm64/')
BPF_CFLAGS	= -target bpf -mcpu=v3 -O2 -g -Wall $(if $(WERROR),-Werror) \
		   -D__TARGET_ARCH_$(BPF_ARCH) \
		   -I/usr/include/$(MULTIARCH) $(PREFIX_MAP)

$(B)/nvme-mpathtop: $(USER_OBJ)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(USER_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_cmd)

$(B)/obj/user/%.o: user/%.c user/build.mk
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(USER_CPPFLAGS) $(CPPFLAGS) $(USER_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# generated headers, before the first compilation finds out who includes them
GENERATED	:= $(addprefix $(B)/gen/,tracepoint.skel.h kprobe.skel.h read_text.skel.h \
		     version_git.h layout.h)
$(USER_OBJ): | $(GENERATED)

# Probes in functions of the driver are for x86-64 alone; elsewhere nothing loads them.
$(B)/obj/kprobe.bpf.o: private BPF_ARCH := x86

$(B)/obj/%.bpf.o: bpf/%.bpf.c $(BPF_SRC) user/build.mk
	@mkdir -p $(@D)
	$(say) BPF $<
	$(Q)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(B)/gen/%.skel.h: $(B)/obj/%.bpf.o user/build.mk
	@mkdir -p $(@D)
	$(say) SKEL $@
	$(Q){ echo '/* NOLINTBEGIN */'; $(BPFTOOL) gen skeleton $< name mpath_$*; \
	echo '/* NOLINTEND */'; } > $@

# A collector takes over only maps whose values it would write the same way.
$(B)/gen/layout.h: bpf/mpath_maps.h bpf/mpath_event.h user/build.mk
	@mkdir -p $(@D)
	$(say) GEN $@
	$(Q)h=$$($(CLANG) -E -P -dD -undef -target bpf -D__bpf__ bpf/mpath_maps.h | \
		grep -v '^#define __' | sha256sum | cut -c1-16); \
	echo "#define MPATH_LAYOUT 0x$${h}ULL" > $@

# Rewritten only when the commit changed; user/base/version.c alone is compiled again then. Not
# in a git tree of its own: user/base/version.h has the number.
$(B)/gen/version_git.h: FORCE
	@mkdir -p $(@D)
	@v=$$([ ! -e .git ] || \
		git describe --always --dirty --abbrev=8 --exclude '*' 2>/dev/null); \
	{ echo '/* generated */'; \
	[ -z "$$v" ] || echo "#define MPATHTOP_COMMIT \"$$v\""; } > $@.$$$$; \
	if cmp -s $@.$$$$ $@; then rm $@.$$$$; else mv $@.$$$$ $@; fi

COMPLETIONS	:= $(addprefix $(B)/nvme-mpathtop.,bash zsh fish)

$(COMPLETIONS): $(B)/nvme-mpathtop.%: $(B)/nvme-mpathtop
	$(Q)$< --completion $* > $@

FORCE:
.PHONY: FORCE

-include $(USER_OBJ:.o=.d)

# room_archive PREFIX ROOM: PREFIX/ROOM.a, of which the linker takes what a program needs
define room_archive
$1/$2.a: $(patsubst %.c,$1/%.o,$(wildcard user/$2/*.c))
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^
endef
# with_room PREFIX ROOM: the archives for a program that uses this room
with_room = $(WITH_$2:%=$1/%.a)
$(foreach r,$(ROOMS),$(eval $(call room_archive,$(B)/obj,$r)))
