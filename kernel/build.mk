# SPDX-License-Identifier: GPL-2.0-only
#
# The patched nvme modules: build/kernel/KREL/*.ko. The script itself finds out whether there
# is something to do.
#
#   make kernel [KREL=6.12.117+deb12-amd64]	default: the newest 6.12 release
#   make kernel-each				every patch of the series builds on top of the last

KREL ?=

kernel: deps-kernel
	$(Q)kernel/build $(KREL)

kernel-each: deps-kernel
	$(Q)kernel/build --each $(KREL)

.PHONY: kernel kernel-each
