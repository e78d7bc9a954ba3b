# SPDX-License-Identifier: GPL-2.0-only
#
# Dependencies, the guest, the demo.
#
#   make deps		install packages for build, modules, guest and tests
#   make vm-image	fill the cache with the images of the guest
#   make demo		lose all paths twice, return one in time; print the report
#   make play		guest for experiments with paths and the live console
#   make shell		shell in the guest

DEP_GROUPS := build kernel vm check prom
MORE_GROUPS := browser debug packages

deps:
	$(Q)scripts/deps $(DEP_GROUPS)

$(addprefix deps-,$(DEP_GROUPS) $(MORE_GROUPS)): deps-%:
	$(Q)scripts/deps $*

# The monitor needs its libraries first, but a plain `make` installs nothing: so a second make.
monitor: deps-build
	$(Q)$(MAKE) --no-print-directory all

vm-image: deps-vm
	$(Q)scripts/vm-image all $(or $(KREL),$$(kernel/fetch release $(LINE))) > /dev/null

# These two see to all that they need, step by step.
demo play:
	$(Q)scripts/$@ $(addprefix --kernel=,$(KREL)) $(addprefix --line=,$(LINE))

shell: deps-vm kernel
	$(Q)scripts/vm $(addprefix --kernel=,$(KREL)) $(addprefix --line=,$(LINE)) --shell

.PHONY: deps monitor vm-image demo play shell \
	$(addprefix deps-,$(DEP_GROUPS) $(MORE_GROUPS))
