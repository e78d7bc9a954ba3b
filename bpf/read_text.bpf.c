// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads text of the kernel for user space, which looks for calls in it before it loads the programs
 * of kprobe.bpf.c: only then is it known which of them have a place.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "mpath_maps.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mpath_text);
} text SEC(".maps");

/* address, length: by BPF_PROG_TEST_RUN only */
SEC("raw_tp")
int read_text(struct bpf_raw_tracepoint_args *ctx)
{
	struct mpath_text *t;
	__u64 len = ctx->args[1];
	__u32 zero = 0;

	t = bpf_map_lookup_elem(&text, &zero);
	if (!t || len > sizeof(t->code))
		return 0;
	t->len = bpf_probe_read_kernel(t->code, len, (const void *)ctx->args[0]) ? 0 : len;
	return 0;
}
