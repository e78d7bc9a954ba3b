# SPDX-License-Identifier: GPL-2.0-only
#
# Dependencies, the guest, the demo.
#
#   make deps		install what the build, the modules, the guest and the tests need
#   make vm-image	fill the cache with the guest's images
#   make demo		lose all paths twice, get one back once; shows the report
#   make play		the same guest to play with: pull and return paths, watch the console
#   make shell		a shell in the guest

DEP_GROUPS := build kernel vm check prom

deps:
	$(Q)scripts/deps $(DEP_GROUPS)

$(addprefix deps-,$(DEP_GROUPS) browser debug): deps-%:
	$(Q)scripts/deps $*

# The monitor needs its libraries first, but a plain `make` installs nothing: so a second make.
monitor: deps-build
	$(Q)$(MAKE) --no-print-directory all

vm-image: deps-vm
	$(Q)scripts/vm-image all $(or $(KREL),$$(kernel/fetch release $(LINE))) > /dev/null

demo: deps monitor kernel vm-image
	$(Q)scripts/demo $(addprefix --kernel=,$(KREL)) $(addprefix --line=,$(LINE))

play: deps monitor kernel vm-image
	$(Q)scripts/play $(addprefix --kernel=,$(KREL)) $(addprefix --line=,$(LINE))

shell: deps-vm kernel
	$(Q)scripts/vm $(addprefix --kernel=,$(KREL)) $(addprefix --line=,$(LINE)) --shell

.PHONY: deps monitor vm-image demo play shell $(addprefix deps-,$(DEP_GROUPS) browser debug)
