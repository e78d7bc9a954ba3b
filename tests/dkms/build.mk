# SPDX-License-Identifier: GPL-2.0-only
#
# DKMS, see tests/dkms/run and tests/dkms/tree. KREL=RELEASE names another kernel.
#
#   make check-dkms-tree	self-contained build of the tree of dkms-install
#   make check-dkms		DKMS in a small Debian, as root (not in check)

check-dkms-tree: deps-kernel
	$(Q)tests/dkms/tree $(KREL)

check-dkms: deps-kernel deps-vm
	$(Q)tests/dkms/run $(KREL)

.PHONY: check-dkms check-dkms-tree
