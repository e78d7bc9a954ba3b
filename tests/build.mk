# SPDX-License-Identifier: GPL-2.0-only
#
#   make check		installs what is missing, then all of these:
#   make check-unit	the parts that are pure, under sanitizers
#   make check-golden	recordings made in the guest give the committed reports
#   make check-html	the page of report --html by its text
#   make check-page	and opened in a headless Chromium, which it installs; not part of make check
#   make check-console	the live console in a terminal, showing a recording
#   make check-schema	what is printed with -j is what user/schema/ says
#   make check-prom	metrics, alerts and dashboard with promtool, node_exporter and Prometheus
#   make check-chain	a path pulled in the guest, from there to Prometheus' alerts; counters over a reset
#   make bench-textfile	what one write of the metrics of 1024 heads takes; check-prom has it, too
#   make check-post	reading and writing after the fact, with a full disk and other things in the way
#   make check-unitfile	the unit file is what systemd understands, and lets the service do little
#   make bench-report [EVENTS=10000000]	how fast a long recording is read; not part of make check
#   make bench-console	what a refresh of the live console costs; not part of make check
#   make check-series	the patch series on sources that it was not written against
#   make check-hotpath	an I/O to a head with paths takes the instructions that it took before
#   make check-vm	scenarios in the guest, on the default kernel line or LINE=
#   make check-quick	on the other lines: some of them; if there is no series, those for the
#			distribution's own modules
#   make check-lines	on the other lines: all of them; not part of make check
#
#   make check-debug [SOAK_SECS=600] [SOAK_SEED=N]	all of them again on the debug kernel, with 200
#			recoveries and a longer soak
#
# Unit tests link only what needs neither libbpf nor libnvme nor a kernel, but for test_scan and
# test_check, which link libnvme; they run under the address and undefined behaviour sanitizers.

# everything but what needs libbpf, libnvme, libcap-ng, libarchive or a terminal, and what is above that
IMPURE_SRC	:= bundle_% caps check% cmd_% export host inputs libarchive main mask pins probe replay \
		   session signals source src_live% src_topo stage term top top_host topo_scan
PURE_SRC	:= $(filter-out $(IMPURE_SRC),$(patsubst user/%.c,%,$(wildcard user/*.c)))
UNIT_SRC	:= $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN	:= $(UNIT_SRC:tests/unit/%.c=$(B)/tests/%)
UNIT_OBJ	:= $(PURE_SRC:%=$(B)/tests/obj/%.o) $(B)/tests/obj/feed.o $(B)/tests/obj/feed_model.o

UNIT_CFLAGS	:= -std=gnu11 $(WARN_FLAGS) -O1 -g -fno-omit-frame-pointer \
		   -fsanitize=address,undefined -fno-sanitize-recover=all
# what a test replaces by its own
UNIT_WRAP	:= -Wl,--wrap=write,--wrap=ftruncate

$(B)/tests/obj/%.o: user/%.c tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/obj/%.o: tests/unit/%.c tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/%: $(B)/tests/obj/%.o $(UNIT_OBJ)
	$(say) LD $@
	$(Q)$(CC) $(UNIT_CFLAGS) $(if $(findstring test_record,$@),$(UNIT_WRAP)) -o $@ $^ -lcmocka -ljson-c $(UNIT_LIBS)

$(B)/tests/test_scan: private UNIT_LIBS := -lnvme -pthread
$(B)/tests/test_scan: $(B)/tests/obj/topo_scan.o

$(B)/tests/test_check: private UNIT_LIBS := -lnvme
$(B)/tests/test_bundle: private UNIT_LIBS := -lz
$(B)/tests/test_bundle: $(addprefix $(B)/tests/obj/,bundle_log.o bundle_read.o bundle_record.o libarchive.o mask.o source.o stage.o)

$(B)/tests/test_check: $(addprefix $(B)/tests/obj/,topo_scan.o host.o check.o check_findings.o check_head.o check_kernel.o \
		check_path.o)

# Every test program runs, also after one failed; any failure fails.
check-unit: $(UNIT_BIN)
	@fail=0; for t in $(UNIT_BIN); do $$t || { echo "FAILED: $$t"; fail=1; }; done; exit $$fail

# The series by checkpatch and sparse, and patch by patch by the compiler; scripts by shellcheck, the man page by mandoc.
SHELL_SRC	= $(shell git ls-files scripts kernel tests .ci | grep -v '\.mk$$' | \
		     xargs grep -lE '^\#!/bin/(busybox |ba)?sh|shellcheck shell=')

check-lint: deps-kernel deps-check
	$(Q)set -e; for k in $(or $(KREL),$(addprefix --line=,$(or $(LINE),$(firstword $(LINES))))); do \
		kernel/build --lint $$k; kernel/build --each $$k; done
	$(Q)shellcheck -x $(SHELL_SRC)
	$(Q)! mandoc -T lint -W warning user/nvme-mpathtop.8 | grep .

$(B)/tests/screen: tests/golden/screen.c $(PURE_SRC:%=$(B)/tests/obj/%.o) tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) $(UNIT_CFLAGS) -o $@ $< $(PURE_SRC:%=$(B)/tests/obj/%.o) -ljson-c

check-golden: $(B)/nvme-mpathtop $(B)/tests/screen
	$(Q)tests/golden/run
	$(Q)tests/golden/screens

check-console: $(B)/nvme-mpathtop deps-check
	$(Q)tests/console/run

# The unit, and the same with the drop-in for metrics, which makes it root's. 2.0 of 10 is what the
# capabilities and the host's network cost, for uevents.
check-unitfile: $(B)/nvme-mpathtop deps-check
	$(Q)d=$$(mktemp -d) && trap 'rm -r $$d' EXIT && unit=$$d/nvme-mpathtop.service && mkdir $$unit.d && \
	for from in $$unit $$unit.d/textfile.conf; do \
		sed "s|/usr/local/sbin|$$(pwd)/$(B)|" $$(find user -name $${from##*/}) > $$from && \
		systemd-analyze verify --man=no $$unit && \
		systemd-analyze security --offline=true --threshold=20 $$unit > $$d/said || \
			{ cat $$d/said; exit 1; }; tail -n1 $$d/said; \
	done; grep -q 'runs as root' $$d/said

check-schema: $(B)/nvme-mpathtop deps-check
	$(Q)tests/schema/run

check-post: $(B)/nvme-mpathtop
	$(Q)tests/post/run

check-html: $(B)/nvme-mpathtop
	$(Q)tests/html/run

# The browser is 80 MB to fetch and a minute to install.
check-page: $(B)/nvme-mpathtop deps-browser
	$(Q)tests/html/run --browser

BENCH_BIN	:= $(B)/tests/bench/records $(B)/tests/bench/fault $(B)/tests/bench/heads
BENCH_SRC	:= $(PURE_SRC:%=user/%.c) tests/unit/feed.c tests/unit/feed_model.c

$(B)/tests/bench/records $(B)/tests/bench/heads: $(B)/tests/bench/%: tests/bench/%.c $(BENCH_SRC) tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=gnu11 $(WARN_FLAGS) $(CFLAGS) -o $@ $< $(BENCH_SRC) -lcmocka -ljson-c

$(B)/tests/bench/fault: tests/bench/fault.c tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=gnu11 $(WARN_FLAGS) $(CFLAGS) -o $@ $<

bench-report: $(B)/nvme-mpathtop $(BENCH_BIN)
	$(Q)tests/bench/report $(EVENTS)

bench-console: $(B)/nvme-mpathtop $(B)/tests/bench/heads
	$(Q)tests/bench/console

PROM_SRC	:= tests/prom/rewrite.c $(PURE_SRC:%=$(B)/obj/user/%.o)

$(B)/tests/prom/rewrite: $(PROM_SRC) tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=gnu11 $(WARN_FLAGS) $(CFLAGS) -o $@ $(PROM_SRC) -ljson-c

# Metrics, rules and dashboard with the programs that they are for.
check-prom: $(B)/nvme-mpathtop $(B)/tests/prom/rewrite $(B)/tests/bench/heads deps-prom
	$(Q)tests/prom/run

check-chain: $(B)/tests/prom/rewrite $(B)/tests/bench/heads monitor kernel vm-image deps-prom
	$(Q)tests/prom/run vm reset

bench-textfile: $(B)/tests/prom/rewrite $(B)/tests/bench/heads
	$(Q)d=$$(mktemp -d) && trap 'rm -r $$d' EXIT && \
	$(B)/tests/bench/heads $$d/record 1024 8 1 && $< bench $$d/record $$d/bench.prom

# What a scenario runs in the guest.
VM_PROGRAMS	:= $(B)/tests/vm/ledger

$(VM_PROGRAMS): $(B)/tests/vm/%: tests/vm/%.c tests/build.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=gnu11 $(WARN_FLAGS) $(CFLAGS) -pthread -o $@ $<

check-series: deps-kernel
	$(Q)tests/series/run

check-hotpath: kernel
	$(Q)kernel/hotpath $(or $(KREL),$(addprefix --line=,$(LINE)))

check-vm: $(VM_PROGRAMS) monitor kernel vm-image $(B)/tests/bpf/test_state
	$(Q)tests/vm/emulator
	$(Q)$(VM_RUN) -e SOAK_SECS=30 -e SOAK_SEED=$(or $(SOAK_SEED),1) $(addprefix -l ,$(LINE))

# Guests at the same time.
VM_JOBS		?= $(shell n=$$(nproc); [ $$n -lt 4 ] || n=4; echo $$n)
VM_RUN		= tests/vm/run -j $(VM_JOBS)

OTHER_LINES	:= $(filter-out $(firstword $(LINES)),$(LINES))
STOCK_SCENARIOS	:= boot setting-0 stock stock-kernel bpf-programs

# Of each point something, for the lines that are not the default.
QUICK_SCENARIOS	:= boot recovered removed attribute bpf-programs dead flap half-way mainline mainline-fabrics \
		   reset-fails setting-0 stock-kernel

check-lines check-quick: $(VM_PROGRAMS) monitor deps-kernel deps-vm $(B)/tests/bpf/test_state
	@fail=0; for l in $(filter $(SERIES_LINES),$(OTHER_LINES)); do \
		$(VM_RUN) -e SOAK_SECS=30 -e SOAK_SEED=$(or $(SOAK_SEED),1) -l $$l $(if $(filter check-quick,$@),$(QUICK_SCENARIOS)) || fail=1; done; \
	for l in $(filter-out $(SERIES_LINES),$(OTHER_LINES)); do \
		$(VM_RUN) -l $$l -s $(STOCK_SCENARIOS) || fail=1; done; exit $$fail

# On the debug kernel: do its detectors speak, then every scenario, with the soak for SOAK_SECS.
SOAK_SECS	?= 600

check-debug: deps-debug deps-vm $(VM_PROGRAMS) monitor $(B)/tests/bpf/test_state
	$(Q)kernel/debug > /dev/null
	$(Q)tests/vm/detectors
	$(Q)$(VM_RUN) -d -t $(SOAK_SECS) -e RECOVERIES=200 -e SOAK_SECS=$(SOAK_SECS) $(addprefix -e SOAK_SEED=,$(SOAK_SEED))

# What needs no guest, or little of one: the monitor's, and the series's. They share the modules only, which one of
# them builds while the other waits.
CHECK_MONITOR	:= check-unit check-golden check-fuzz check-html check-post check-console check-schema check-prom \
		   check-unitfile check-chain
CHECK_SERIES	:= check-lint check-series check-hotpath check-dkms-tree

# Installs what is missing first; then every kind runs, also after another failed. The two of
# them run side by side, as each leaves a CPU idle half of the time; the guests need all.
check: deps
	$(Q)mkdir -p $(B); fail=0; \
	$(MAKE) --no-print-directory -k $(CHECK_SERIES) > $(B)/check-series.log 2>&1 & series=$$!; \
	trap 'kill $$series 2>/dev/null' EXIT; trap 'exit 130' INT TERM; \
	$(MAKE) --no-print-directory -k $(CHECK_MONITOR) || fail=1; \
	wait $$series || fail=1; trap - EXIT; cat $(B)/check-series.log; \
	$(MAKE) --no-print-directory -k check-vm check-quick || fail=1; exit $$fail

.PHONY: check-post check-unitfile bench-console bench-textfile check-prom check-chain check check-debug check-unit check-golden check-fuzz check-html check-console check-page check-schema bench-report check-lint check-series check-hotpath check-vm check-quick check-lines
.SECONDARY: $(UNIT_OBJ) $(UNIT_SRC:tests/unit/%.c=$(B)/tests/obj/%.o)

-include $(UNIT_OBJ:.o=.d) $(UNIT_SRC:tests/unit/%.c=$(B)/tests/obj/%.d)
