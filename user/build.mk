# SPDX-License-Identifier: GPL-2.0-only
#
# The monitor: build/nvme-mpathtop from user/*.c and the BPF programs.

USER_SRC	:= $(sort $(wildcard user/*.c))
USER_OBJ	:= $(USER_SRC:%.c=$(B)/obj/%.o)
BPF_SRC		:= $(sort $(wildcard bpf/*.c bpf/*.h))

WARN_FLAGS	:= -Wall -Wextra -Wshadow
USER_CPPFLAGS	:= -D_FORTIFY_SOURCE=2 -I$(B)/gen
USER_CFLAGS	:= -std=gnu11 $(WARN_FLAGS) -fPIE -fstack-protector-strong -fstack-clash-protection
USER_LDFLAGS	:= -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
USER_LIBS	:= -lbpf -lelf -lz -lnvme -ljson-c -lcap-ng -lncursesw -ltinfo

# Debian keeps <asm/types.h> below the machine's name; clang -target bpf does not look there.
# Where arguments of a function are depends on the machine; the kernel's name of it.
BPF_ARCH	:= $(shell $(CC) -dumpmachine | sed -e 's/-.*//' -e 's/x86_64/x86/' -e 's/aarch64/arm64/')
BPF_CFLAGS	:= -target bpf -mcpu=v3 -O2 -g -Wall -D__TARGET_ARCH_$(BPF_ARCH) \
		   $(addprefix -I/usr/include/,$(shell $(CC) -print-multiarch))

$(B)/nvme-mpathtop: $(USER_OBJ)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(USER_LDFLAGS) $(LDFLAGS) -o $@ $^ $(USER_LIBS)

$(B)/obj/user/%.o: user/%.c user/build.mk
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(USER_CPPFLAGS) $(CPPFLAGS) $(USER_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# generated headers, before the first compilation finds out who includes them
$(USER_OBJ): | $(B)/gen/mpath.skel.h $(B)/gen/mpath_stock.skel.h $(B)/gen/version_git.h $(B)/gen/layout.h

$(B)/obj/%.bpf.o: bpf/%.bpf.c $(BPF_SRC) user/build.mk
	@mkdir -p $(@D)
	$(say) BPF $<
	$(Q)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(B)/gen/%.skel.h: $(B)/obj/%.bpf.o user/build.mk
	@mkdir -p $(@D)
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name $* > $@

# A collector takes over only maps whose values it would write the same way.
$(B)/gen/layout.h: bpf/mpath_maps.h bpf/mpath_event.h user/build.mk
	@mkdir -p $(@D)
	$(say) GEN $@
	$(Q)h=$$($(CLANG) -E -P -dD -undef -target bpf -D__bpf__ bpf/mpath_maps.h | \
		grep -v '^#define __' | sha256sum | cut -c1-16); \
	echo "#define MPATH_LAYOUT 0x$${h}ULL" > $@

# Rewritten only when the version changed. No tag, no git: user/version.h has the number.
$(B)/gen/version_git.h: FORCE
	@mkdir -p $(@D)
	@v=$$(git describe --tags --dirty --match 'v[0-9]*' 2>/dev/null | sed 's/^v//'); \
	{ echo '/* generated */'; [ -z "$$v" ] || echo "#define MPATHTOP_VERSION \"$$v\""; } > $@.new; \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

install: $(B)/nvme-mpathtop
	install -D -m 0755 $(B)/nvme-mpathtop $(DESTDIR)$(PREFIX)/sbin/nvme-mpathtop
	install -D -m 0644 user/nvme-mpathtop.8 $(DESTDIR)$(PREFIX)/share/man/man8/nvme-mpathtop.8
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|/usr/local/sbin|$(PREFIX)/sbin|' user/nvme-mpathtop.service > \
		$(DESTDIR)$(PREFIX)/lib/systemd/system/nvme-mpathtop.service
	install -d $(DESTDIR)$(PREFIX)/share/nvme-mpathtop/schema
	install -m 0644 user/schema/*.json $(DESTDIR)$(PREFIX)/share/nvme-mpathtop/schema
	install -d $(DESTDIR)$(PREFIX)/share/nvme-mpathtop/prometheus
	install -m 0644 user/prometheus/* $(DESTDIR)$(PREFIX)/share/nvme-mpathtop/prometheus
	sed 's|/usr/local/sbin|$(PREFIX)/sbin|' user/prometheus/textfile.conf > \
		$(DESTDIR)$(PREFIX)/share/nvme-mpathtop/prometheus/textfile.conf

FORCE:
.PHONY: install FORCE

-include $(USER_OBJ:.o=.d)
