# SPDX-License-Identifier: GPL-2.0-only
#
# One makefile, its rules in the folder that owns them.
#
#   make                             build the monitor: build/nvme-mpathtop
#   make kernel [LINE=6.1] [KREL=R]  build the patched modules: build/kernel/R/*.ko
#   make demo                        build everything and run the demo in a virtual machine
#   make check                       install dependencies and run the tests (about 20 minutes)
#   make install                     install the monitor below DESTDIR and PREFIX
#
#   make clean                       remove build/
#   make help                        list all targets
#   make compile_commands.json       compilation database for clangd and similar tools
#
# V=1 prints the commands, WERROR=1 turns warnings into errors.

B	:= build
CC	?= gcc
CLANG	?= clang
BPFTOOL	?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
CFLAGS	?= -O2 -g
DESTDIR	?=

ifeq ($(V),1)
Q :=
say := @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

.DELETE_ON_ERROR:
.SUFFIXES:

all: $(B)/nvme-mpathtop

include user/build.mk
include kernel/build.mk
include scripts/build.mk
include scripts/packages/build.mk
include tests/build.mk
include tests/bpf/build.mk
include tests/fuzz/build.mk
include tests/dkms/build.mk

clean:
	$(Q)rm -rf $(B)

# What the comments at the begin of the makefiles have about "make TARGET", each target once.
help:
	@awk '!/^#(   make|\t\t)/ { show = 0 } /^#   make/ { show = !seen[$$3]++ } \
		show { what = $$0; sub(/^#[ \t]*/, "", what); text = what; \
			sub(/(\t|  ).*/, "", what); if (/^#\t/) what = ""; \
			else sub(/[^\t]*(\t|  )[ \t]*/, "", text); \
			printf "%-44s %s\n", what, text }' $(filter %Makefile %.mk,$(MAKEFILE_LIST))

# compile_command FILES COMPILER FLAGS: an entry for each
compile_command = for f in $1; do echo "$$sep{\"directory\": \"$(CURDIR)\", \"file\": \"$$f\", \
	\"command\": \"$(strip $2) -c $$f\"}"; sep=,; done;

compile_commands.json: $(GENERATED) FORCE
	$(Q)sep=; { echo '['; \
	$(call compile_command,$(USER_SRC),\
		$(CC) $(USER_CPPFLAGS) $(CPPFLAGS) $(USER_CFLAGS) $(CFLAGS)) \
	$(call compile_command,$(wildcard tests/unit/*.c tests/unit/*/*.c tests/golden/*.c),\
		$(CC) $(UNIT_CFLAGS)) \
	$(call compile_command,$(BPF_TEST_SRC),$(CC) $(BPF_TEST_CFLAGS)) \
	$(call compile_command,$(wildcard tests/fuzz/*.c),$(CLANG) $(FUZZ_CFLAGS)) \
	$(call compile_command,$(filter %.c,$(BPF_SRC)),$(CLANG) $(BPF_CFLAGS)) \
	echo ']'; } > $@

.PHONY: all clean help
