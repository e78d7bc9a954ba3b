#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --no-nvme --heads 0 --timeout 400
# vm-make: build/tests/bpf/test_state
# The state machine of the BPF programs on the guest's kernel, without a tracepoint: every case of
# tests/bpf.
# shellcheck source=tests/vm/lib.sh
. "$VM_TREE/tests/vm/lib.sh"

test=$VM_TREE/build/tests/bpf/test_state
[ -x "$test" ] || fail "there is no build/tests/bpf/test_state: 'make check-vm' makes it"
"$test" || fail "test_state ended with status $?"
