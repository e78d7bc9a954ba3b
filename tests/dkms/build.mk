# SPDX-License-Identifier: GPL-2.0-only
#
# DKMS, see tests/dkms/run and tests/dkms/tree. KREL=RELEASE names another kernel.
#
#   make check-dkms-tree	the installed tree is complete; part of make check
#   make check-dkms		all of it; needs root

check-dkms-tree: deps-kernel
	$(Q)tests/dkms/tree $(KREL)

check-dkms: deps-kernel deps-vm
	$(Q)tests/dkms/run $(KREL)

.PHONY: check-dkms check-dkms-tree
