# SPDX-License-Identifier: GPL-2.0-only
#
#   make fuzz [SECS=600] [FUZZ=record]	libFuzzer, SECS on each target or on one (not in check)
#   make check-fuzz			libFuzzer on all targets, some seconds each
#
# Findings stay in build/fuzz/found, useful new inputs in build/fuzz/corpus/TARGET.

FUZZ_TARGETS	:= record bundle parse host state
FUZZ		?= $(FUZZ_TARGETS)
SECS		?= 600
FUZZ_OBJ	:= $(USER_SRC:%.c=$(B)/fuzz/%.o)
FUZZ_BIN	:= $(FUZZ_TARGETS:%=$(B)/fuzz/%)
FUZZ_CFLAGS	:= -std=gnu11 $(WARN_FLAGS) $(INCLUDES) -O1 -g -fno-omit-frame-pointer \
		   -fsanitize=address,undefined -fno-sanitize-recover=all

$(B)/fuzz/user/%.o: user/%.c tests/fuzz/build.mk user/build.mk
	@mkdir -p $(@D)
	$(say) CLANG $@
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(FUZZ_OBJ): | $(GENERATED)

$(foreach r,$(ROOMS),$(eval $(call room_archive,$(B)/fuzz,$r)))

$(FUZZ_BIN): $(B)/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(call with_room,$(B)/fuzz,cmd)
	$(say) LD $@
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(FUZZ_LDFLAGS) -o $@ $< \
		$(call with_room,$(B)/fuzz,cmd) -Wl,--as-needed $(LIBS_cmd)

$(B)/fuzz/parse: private FUZZ_LDFLAGS := -Wl,--wrap=exit

fuzz: $(FUZZ:%=$(B)/fuzz/%)
	$(Q)tests/fuzz/run $(SECS) $(FUZZ)

check-build: $(if $(FAST),,$(FUZZ_BIN))

check-fuzz: deps-check $(FUZZ_BIN)
	$(Q)tests/fuzz/run check $(FUZZ_TARGETS)

.PHONY: fuzz check-fuzz
.SECONDARY: $(FUZZ_OBJ)

-include $(FUZZ_OBJ:.o=.d)
