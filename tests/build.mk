# SPDX-License-Identifier: GPL-2.0-only
#
#   make check		install dependencies and run all of these, except "not in check"
#   make check FAST=1	units, goldens, lint, five scenarios: some minutes
#   make check-unit	unit tests of the rooms of user/, with sanitizers
#   make coverage		unit test coverage of each room (not in check)
#   make check-golden	reports of golden recordings; help, man page, READMEs
#   make check-html	text and structure of the page of report --html
#   make check-page	report --html in headless Chromium (not in check)
#   make check-lint	scripts, man page, tables; check-layout, check-format
#   make check-patches	checkpatch, sparse, and a build after each patch of the series
#   make check-mails	git am and checkpatch for the mails of kernel/mails
#   make check-layout	direction of includes and cycles between files of user/
#   make check-format	layout of the C sources, width of lines, stray blanks
#   make format		reformat the C sources
#   make check-analyze	clang-tidy on user/
#   make check-console	live console in a terminal, with a replayed recording
#   make check-schema	JSON output against user/share/schema/
#   make check-prom	metrics, alerts, dashboard with promtool and Prometheus
#   make check-chain	alerts for a pulled path, counters over a guest reset
#   make bench-textfile	cost of a metrics file of 1024 heads (in check-prom)
#   make check-offline	offline commands, with full disks and other faults
#   make check-unitfile	syntax and sandboxing of the systemd unit
#   make bench-report [EVENTS=10000000]	speed of reading a long recording (not in check)
#   make bench-console	cost of a refresh of the live console (not in check)
#   make check-blktests	cases for the suite blktests, if BLKTESTS= names its directory
#   make check-series	patch series on other sources, sets of mails that are not in order
#   make check-model	model of delayed removal, all configurations (in check: the small ones)
#   make check-hotpath	instructions per I/O, patched against unpatched driver
#   make check-vm	scenarios in the guest; LINE= selects the kernel line
#   make check-guest	failures of the emulator; scenarios that share a guest
#   make check-few	five scenarios (in check FAST=1)
#   make check-quick	selected scenarios on the other kernel lines
#   make check-kernels [KERNELS="6.18 ..."]	distribution's own driver on each kernel
#				(in check: two of them); UPDATE=1 keeps the results for README.md
#   make check-lines	all scenarios on the other lines (not in check)
#   make check-debug [SOAK_SECS=600] [SOAK_SEED=N]	scenarios on the debug kernel (not in check)
#
# A test in tests/unit/ROOM links that room, the rooms that it may include (user/rooms), and their
# libraries. They run under the address and undefined behaviour sanitizers.
UNIT_SRC	:= $(sort $(wildcard tests/unit/*/test_*.c))
UNIT_BIN	:= $(UNIT_SRC:tests/unit/%.c=$(B)/tests/unit/%)
UNIT_OBJ	:= $(addprefix $(B)/asan/,$(USER_SRC:.c=.o) $(UNIT_SRC:.c=.o) \
		     tests/unit/feed.o tests/unit/feed_model.o)

UNIT_CFLAGS	:= -std=gnu11 $(WARN_FLAGS) $(INCLUDES) -O1 -g -fno-omit-frame-pointer \
		   -fsanitize=address,undefined -fno-sanitize-recover=all $(COVERAGE)
# what a test replaces by its own, or uses itself
$(B)/tests/unit/record/test_record: private UNIT_WRAP := -Wl,--wrap=write,--wrap=ftruncate
$(B)/tests/unit/input/test_bundle: private UNIT_LIBS := -lz

$(B)/asan/%.o: %.c tests/build.mk user/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

$(UNIT_OBJ): | $(GENERATED)

$(foreach r,$(ROOMS),$(eval $(call room_archive,$(B)/asan,$r)))

$(B)/asan/feed.a: $(B)/asan/tests/unit/feed.o $(B)/asan/tests/unit/feed_model.o
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# unit_test ROOM/test_NAME ROOM
define unit_test
$(B)/tests/unit/$1: $(B)/asan/tests/unit/$1.o $(B)/asan/feed.a $(call with_room,$(B)/asan,$2)
	@mkdir -p $$(@D)
	$$(say) LD $$@
	$$(Q)$$(CC) $$(UNIT_CFLAGS) $$(UNIT_WRAP) -o $$@ $$^ -Wl,--as-needed -lcmocka -pthread \
		$(LIBS_$2) $$(UNIT_LIBS)
endef
$(foreach t,$(UNIT_SRC:tests/unit/%.c=%),$(eval $(call unit_test,$t,$(patsubst %/,%,$(dir $t)))))

# Every test program runs, also after one failed; any failure fails.
check-unit: $(UNIT_BIN)
	@fail=0; for t in $(UNIT_BIN); do $$t || { echo "FAILED: $$t"; fail=1; }; done; exit $$fail

# The unit tests once more, with counts of what they run.
coverage:
	$(Q)mkdir -p $(B)/cov && find $(B)/cov -name '*.gcda' -delete
	$(Q)$(MAKE) --no-print-directory B=$(B)/cov COVERAGE=--coverage check-unit \
		> $(B)/cov/log 2>&1 || \
		{ tail $(B)/cov/log; exit 1; }
	$(Q)tests/coverage $(B)/cov

# The topics of the series and the tables of kernel/README.md; scripts by shellcheck, headers of
# scenarios by their reader, the man page by mandoc; the runner of the tests.
# The cases of blktests are read as their suite does it.
SHELL_SRC	= $(shell git ls-files scripts kernel tests user/share .ci | \
		     grep -v -e '\.mk$$' -e '^tests/blktests/[cn]' | \
		     xargs grep -lE '^\#!/bin/(busybox |ba)?sh|shellcheck shell=')

# The rooms of user/: the direction of includes, and that no two objects need each other.
check-layout: $(B)/nvme-mpathtop
	$(Q)awk -f tests/layout user/rooms user/*/*.[ch]
	$(Q)! ls user/*.[ch] 2> /dev/null | grep .
	$(Q)tests/circles $(USER_OBJ)

# C as .clang-format has it, but for blanks within a line.
C_SRC		= $(shell git ls-files 'user/*.[ch]' 'bpf/*.[ch]' 'tests/*.[ch]')

# Everything that somebody wrote: no patches, no recordings, nothing that the program printed.
TEXT_SRC	= $(shell git ls-files | \
		     grep -vE 'corpus/|\.patch$$|/record/|tests/golden/.*/')

check-format: deps-check
	$(Q)tests/format $(C_SRC)
	$(Q)tests/columns $(TEXT_SRC)

format: deps-check
	$(Q)tests/format --fix $(C_SRC)

# clang-tidy over user/: of this tree again for what was compiled anew since, see tests/tidy.
TIDY_STAMPS	:= $(USER_SRC:%.c=$(B)/tidy/%.ok)

$(B)/tidy/%.ok: $(B)/obj/%.o .clang-tidy tests/tidy
	@mkdir -p $(@D)
	$(say) TIDY $*.c
	$(Q)tests/tidy $*.c -std=gnu11 $(INCLUDES)
	$(Q)touch $@

$(TIDY_STAMPS): | deps-check

check-analyze: $(TIDY_STAMPS)
	$(Q)find "$${XDG_CACHE_HOME:-$$HOME/.cache}/nvme-mpathtop/tidy" -type f -mtime +60 \
		-delete 2> /dev/null || :

check-lint: deps-kernel deps-check check-layout check-format $(B)/nvme-mpathtop.bash
	$(Q)kernel/tables --check
	$(Q)tests/vm/kernels --check-readme
	$(Q)kernel/model/follows --check
	$(Q)tests/check-tells
	$(Q)tests/shell $(SHELL_SRC) $(B)/nvme-mpathtop.bash
	$(Q)tests/vm/headers-refused
	$(Q)tests/blktests/run --form
	$(Q)tests/vm/run --list > /dev/null
	$(Q)! mandoc -T lint -W warning user/share/nvme-mpathtop.8 | grep .

# The series by checkpatch and sparse, and patch by patch by the compiler.
check-patches: deps-kernel deps-check
	$(Q)set -e; for k in \
			$(or $(KREL),$(addprefix --line=,$(or $(LINE),$(firstword $(LINES))))); do \
		kernel/build --lint $$k; kernel/build --each $$k; done
	$(Q)kernel/context

# The mails for linux-nvme by git am and checkpatch.
check-mails: deps-kernel
	$(Q)kernel/mail --check

$(B)/tests/screen: tests/golden/screen.c $(call with_room,$(B)/asan,top) tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) $(UNIT_CFLAGS) -o $@ $(filter-out %.mk,$^) -Wl,--as-needed $(LIBS_top)

check-golden: $(B)/nvme-mpathtop $(B)/tests/screen $(B)/tests/prom/families $(COMPLETIONS)
	$(Q)tests/help/run
	$(Q)tests/golden/run
	$(Q)tests/prom/families
	$(Q)tests/golden/screens
	$(Q)tests/readme

check-console: $(B)/nvme-mpathtop deps-check
	$(Q)tests/console/run

# The unit, with the drop-in for kprobes, and with that for metrics, which makes it root's. 1.5 of
# 10 is what the capabilities and the host's network cost, for uevents; 2.5 with those for kprobes.
check-unitfile: $(B)/nvme-mpathtop deps-check
	$(Q)d=$$(mktemp -d) && trap 'rm -r $$d' EXIT && \
	unit=$$d/nvme-mpathtop.service && mkdir $$unit.d && \
	for from in nvme-mpathtop.service=15 kprobes.conf=25 textfile.conf=20; do \
		limit=$${from#*=} from=$${from%=*} to=$$unit; rm -f $$unit.d/*; \
		case $$from in *.conf) to=$$unit.d/$$from ;; esac; \
		sed -e "s|/usr/local/bin|$$(pwd)/$(B)|" \
			-e "s|/usr/local/libexec/nvme-mpathtop|$$(pwd)/user/share/service|" \
			$$(find user -name $$from) > $$to && \
		systemd-analyze verify --man=no $$unit && \
		systemd-analyze security --offline=true --threshold=$$limit $$unit > $$d/said || \
			{ cat $$d/said; exit 1; }; tail -n1 $$d/said; \
	done; grep -q 'runs as root' $$d/said

check-schema: $(B)/nvme-mpathtop deps-check
	$(Q)tests/schema/run

check-offline: $(B)/nvme-mpathtop
	$(Q)tests/offline/run

check-html: $(B)/nvme-mpathtop
	$(Q)tests/html/run

# The browser is 80 MB to fetch and a minute to install.
check-page: $(B)/nvme-mpathtop deps-browser
	$(Q)tests/html/run --browser

BENCH_BIN	:= $(B)/tests/bench/records $(B)/tests/bench/fault $(B)/tests/bench/heads
BENCH_SRC	:= tests/unit/feed.c tests/unit/feed_model.c $(call with_room,$(B)/obj,model)

$(B)/tests/bench/records $(B)/tests/bench/heads: \
		$(B)/tests/bench/%: tests/bench/%.c $(BENCH_SRC) tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=gnu11 $(WARN_FLAGS) $(CFLAGS) $(INCLUDES) -o $@ $< $(BENCH_SRC) \
		-Wl,--as-needed -lcmocka $(LIBS_record)

$(B)/tests/bench/fault: tests/bench/fault.c tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=gnu11 $(WARN_FLAGS) $(CFLAGS) -o $@ $<

bench-report: $(B)/nvme-mpathtop $(BENCH_BIN)
	$(Q)tests/bench/report $(EVENTS)

bench-console: $(B)/nvme-mpathtop $(B)/tests/bench/heads
	$(Q)tests/bench/console

PROM_OBJ	:= $(call with_room,$(B)/obj,metrics)
PROM_BIN	:= $(B)/tests/prom/rewrite $(B)/tests/prom/families

$(PROM_BIN): $(B)/tests/prom/%: tests/prom/%.c $(PROM_OBJ) tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=gnu11 $(WARN_FLAGS) $(CFLAGS) $(INCLUDES) -o $@ $< $(PROM_OBJ) \
		-Wl,--as-needed $(LIBS_metrics)

# Metrics, rules and dashboard with the programs that they are for.
check-prom: $(B)/nvme-mpathtop $(B)/tests/prom/rewrite $(B)/tests/bench/heads deps-prom \
		$(B)/tests/unit/metrics/test_metrics
	$(Q)tests/prom/run

check-chain: $(B)/tests/prom/rewrite $(B)/tests/bench/heads monitor kernel vm-image deps-prom
	$(Q)tests/prom/run vm reset

bench-textfile: $(B)/tests/prom/rewrite $(B)/tests/bench/heads
	$(Q)d=$$(mktemp -d) && trap 'rm -r $$d' EXIT && \
	$(B)/tests/bench/heads $$d/record 1024 8 1 && $< bench $$d/record $$d/bench.prom

# What a scenario runs in the guest.
VM_PROGRAMS	:= $(B)/tests/vm/ledger $(B)/tests/vm/late

$(VM_PROGRAMS): $(B)/tests/vm/%: tests/vm/%.c tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=gnu11 $(WARN_FLAGS) $(CFLAGS) -pthread -o $@ $<

check-series: deps-kernel
	$(Q)tests/series/run
	$(Q)tests/series/mails

# Our cases in the suite blktests, BLKTESTS=DIR: fail without the series, pass with it.
check-blktests: deps-kernel deps-vm
	$(Q)BLKTESTS="$(BLKTESTS)" tests/blktests/run

# The model of the delayed removal: all configurations, or the small ones; and is each function that
# it names in the source?
check-model: deps-kernel deps-check
	$(Q)kernel/model/follows --source
	$(Q)kernel/model/run

check-model-small: deps-check
	$(Q)kernel/model/run -s -j 1

check-hotpath: kernel
	$(Q)kernel/compare-hot-path $(or $(KREL),$(addprefix --line=,$(LINE)))

check-vm: $(VM_PROGRAMS) monitor kernel vm-image $(B)/tests/bpf/test_state
	$(Q)$(VM_RUN) -e SOAK_SECS=30 -e SOAK_SEED=$(or $(SOAK_SEED),1) $(addprefix -l ,$(LINE))

# What the scenarios rely on: failures of QEMU are told apart, and those in one guest don't see
# each other.
check-guest: $(VM_PROGRAMS) monitor kernel vm-image
	$(Q)tests/vm/emulator
	$(Q)tests/vm/sharing

# Guests at the same time: one more than processors, as a scenario waits half of its time.
VM_JOBS		?= $(shell n=$$(nproc); [ $$n -lt 4 ] && echo $$((n + 1)) || echo 4)
VM_RUN		= tests/vm/run -j $(VM_JOBS)

# A window that ends in time, one that does not, a path that comes and goes, a controller that
# nobody pulled, and the distribution's own modules.
FAST_SCENARIOS	:= recovered removed flap dead stock

check-few: $(VM_PROGRAMS) monitor kernel vm-image
	$(Q)$(VM_RUN) $(addprefix -l ,$(LINE)) $(FAST_SCENARIOS)

OTHER_LINES	:= $(filter-out $(firstword $(LINES)),$(LINES))
STOCK_SCENARIOS	:= boot setting-0 stock stock-kernel bpf-programs

# Of each point something, for the lines that are not the default.
QUICK_SCENARIOS	:= boot recovered removed attribute bpf-programs dead flap half-way mainline \
		   mainline-fabrics late-link reset-fails setting-0 stock-kernel zoned

check-lines check-quick: $(VM_PROGRAMS) monitor deps-kernel deps-vm $(B)/tests/bpf/test_state
	@fail=0; for l in $(filter $(SERIES_LINES),$(OTHER_LINES)); do \
		$(VM_RUN) -e SOAK_SECS=30 -e SOAK_SEED=$(or $(SOAK_SEED),1) -l $$l \
			$(if $(filter check-quick,$@),$(QUICK_SCENARIOS)) || fail=1; done; \
	for l in $(filter-out $(SERIES_LINES),$(OTHER_LINES)); do \
		$(VM_RUN) -l $$l -s $(STOCK_SCENARIOS) || fail=1; done; exit $$fail

# The distribution's own driver on other kernels than those of the lines; of a list, or two that
# differ most from what check-vm and check-quick run: other locks, and functions that are inlined.
FEW_KERNELS	:= 6.12-rt 6.18

check-kernels check-few-kernels: $(VM_PROGRAMS) monitor deps-kernel deps-vm
	$(Q)$(if $(filter check-few-kernels,$@),HEALTHY_IOS=2000) tests/vm/kernels \
		$(if $(UPDATE),--update) \
		$(if $(filter check-few-kernels,$@),$(FEW_KERNELS),$(KERNELS))

# On the debug kernel: do its detectors speak, then every scenario, with the soak for SOAK_SECS.
SOAK_SECS	?= 600

check-debug: deps-debug deps-vm $(VM_PROGRAMS) monitor $(B)/tests/bpf/test_state
	$(Q)kernel/debug > /dev/null
	$(Q)tests/vm/detectors
	$(Q)$(VM_RUN) -d -t $(SOAK_SECS) -e RECOVERIES=200 -e SOAK_SECS=$(SOAK_SECS) \
		$(addprefix -e SOAK_SEED=,$(SOAK_SEED))

# Programs of several parts, so that none of them is built by two at a time.
check-build: $(B)/nvme-mpathtop $(B)/nvme-mpathtop.bash $(UNIT_BIN) $(B)/tests/screen $(PROM_BIN) \
	     $(VM_PROGRAMS) $(if $(FAST),,$(B)/tests/bench/heads $(B)/tests/bpf/test_state)

# The parts in stages. Those that wait most of their time begin first, then the long ones; the
# guests need all processors.
CHECK_ALONE	:= check-chain check-guest check-prom check-console check-analyze \
		   check-mails check-patches check-fuzz check-dkms-tree check-series check-lint \
		   check-golden check-unit check-schema check-offline check-html \
		   check-unitfile check-hotpath check-model-small
CHECK_FAST	:= check-lint check-golden check-unit
CHECK_PARTS	= check-build kernel -- \
		  $(if $(FAST),$(CHECK_FAST) -- check-few,$(CHECK_ALONE) -- check-vm -- \
		  check-quick -- check-few-kernels -- check-blktests)

# Installs what is missing first.
check: deps
	$(Q)tests/check $(CHECK_PARTS) $(MAKEOVERRIDES)

.PHONY: coverage check-mails check-analyze check-layout check-format format check-offline \
	check-unitfile bench-console bench-textfile check-prom check-chain check check-debug \
	check-unit check-golden check-fuzz check-html check-console check-page check-schema \
	bench-report check-build check-few check-guest check-patches check-lint check-series \
	check-hotpath check-model check-model-small check-blktests \
	check-vm check-quick check-lines check-kernels check-few-kernels
.SECONDARY: $(UNIT_OBJ)

-include $(UNIT_OBJ:.o=.d)
