# SPDX-License-Identifier: GPL-2.0-only
#
#   make fuzz [SECS=600] [FUZZ=record]	libFuzzer, so long on each target or on this one
#   make check-fuzz			the same for half a minute in all
#
# What is found stays in build/fuzz/found; what is new and of use in build/fuzz/corpus/TARGET.

FUZZ_TARGETS	:= record bundle parse host
FUZZ		?= $(FUZZ_TARGETS)
SECS		?= 600
CHECK_FUZZ_SECS	:= 7
FUZZ_SRC	:= $(PURE_SRC) bundle_read check check_findings check_head check_kernel check_path check_view host \
		   libarchive mask topo_scan
FUZZ_OBJ	:= $(FUZZ_SRC:%=$(B)/fuzz/obj/%.o)
FUZZ_BIN	:= $(FUZZ_TARGETS:%=$(B)/fuzz/%)
FUZZ_CFLAGS	:= -std=gnu11 $(WARN_FLAGS) -O1 -g -fno-omit-frame-pointer \
		   -fsanitize=address,undefined -fno-sanitize-recover=all

$(B)/fuzz/obj/%.o: user/%.c tests/fuzz/build.mk
	@mkdir -p $(@D)
	$(say) CLANG $@
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(FUZZ_BIN): $(B)/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(FUZZ_OBJ)
	$(say) LD $@
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(FUZZ_LDFLAGS) -o $@ $< $(FUZZ_OBJ) -ljson-c -lnvme

$(B)/fuzz/parse: private FUZZ_LDFLAGS := -Wl,--wrap=exit

fuzz: $(FUZZ:%=$(B)/fuzz/%)
	$(Q)tests/fuzz/run $(SECS) $(FUZZ)

check-fuzz: deps-check $(FUZZ_BIN)
	$(Q)tests/fuzz/run $(CHECK_FUZZ_SECS) $(FUZZ_TARGETS)

.PHONY: fuzz check-fuzz
.SECONDARY: $(FUZZ_OBJ)

-include $(FUZZ_OBJ:.o=.d)
