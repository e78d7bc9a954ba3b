# SPDX-License-Identifier: GPL-2.0-only
#
#   make check-bpf	state machine of the BPF programs on this host, as root
#
# The guest runs the same program: tests/vm/scenarios/bpf-programs.sh.

BPF_TEST_SRC	:= $(sort $(wildcard tests/bpf/*.c))
BPF_TEST_OBJ	:= $(BPF_TEST_SRC:%.c=$(B)/obj/%.o)
BPF_TEST_CFLAGS	:= -std=gnu11 $(WARN_FLAGS) -pthread $(INCLUDES)

$(B)/tests/bpf/test_state: $(BPF_TEST_OBJ)
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) -pthread $(LDFLAGS) -o $@ $^ -lcmocka -lbpf -lelf -lz

$(B)/obj/tests/bpf/%.o: tests/bpf/%.c tests/bpf/build.mk
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(BPF_TEST_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BPF_TEST_OBJ): | $(B)/gen/tracepoint.skel.h

check-bpf: $(B)/tests/bpf/test_state
	$(Q)$<

.PHONY: check-bpf

-include $(BPF_TEST_OBJ:.o=.d)
