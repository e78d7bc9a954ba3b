# SPDX-License-Identifier: GPL-2.0-only
#
# One makefile, its rules in the folder that owns them.
#
#   make                  the monitor: build/nvme-mpathtop
#   make kernel [KREL=R]  the patched modules: build/kernel/R/*.ko
#   make demo             everything, in a virtual machine, from nothing
#   make check            every test that needs no debug kernel
#   make install          honours DESTDIR and PREFIX
#
# V=1 shows the commands.

B	:= build
CC	?= gcc
CLANG	?= clang
BPFTOOL	?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
CFLAGS	?= -O2 -g
PREFIX	?= /usr/local
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
include tests/build.mk
include tests/bpf/build.mk
include tests/fuzz/build.mk
include tests/dkms/build.mk

clean:
	$(Q)rm -rf $(B)

.PHONY: all clean
