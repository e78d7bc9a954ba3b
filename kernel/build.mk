# SPDX-License-Identifier: GPL-2.0-only
#
# The patched nvme modules: build/kernel/KREL/*.ko. The script itself finds out whether there
# is something to do.
#
#   make kernel [LINE=6.1] [KREL=6.12.117+deb12-amd64]	default: the newest 6.12 release
#   make kernel-each		build the modules after each patch of the series
#   make dkms-install		DKMS modules for all kernels; DESTDIR: files only
#   make dkms-uninstall		restore the distribution's modules

KREL ?=
LINE ?=

# the lines there are, the default first, and those that have a series
LINES		:= $(shell sed -n 's/^\([0-9.]\+\)[[:space:]].*/\1/p' kernel/kernel-lines)
SERIES_LINES	:= $(filter $(notdir $(wildcard kernel/series/*)),$(LINES))

kernel: deps-kernel
	$(Q)kernel/build $(addprefix --line=,$(LINE)) $(KREL)

kernel-each: deps-kernel
	$(Q)kernel/build --each $(addprefix --line=,$(LINE)) $(KREL)

# the version that user/base/version.h has for the whole project
DKMS_VERSION = $(shell sed -n 's/^.define MPATHTOP_VERSION "\(.*\)"/\1/p' user/base/version.h)

dkms-install dkms-uninstall: dkms-%:
	$(Q)DESTDIR="$(DESTDIR)" kernel/dkms/setup $* "$(DKMS_VERSION)"

.PHONY: kernel kernel-each dkms-install dkms-uninstall
