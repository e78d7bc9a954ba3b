// SPDX-License-Identifier: GPL-2.0-only
/*
 * One program per tracepoint of the series. They are raw tracepoints because
 * these need no module BTF, hence no CAP_SYS_ADMIN, and are the cheapest to
 * run; their arguments are scalars and pointers to vmlinux structures.
 *
 * None of these tracepoints fires for I/O of a healthy head.
 */
#include "handlers.bpf.h"
#include "heal.bpf.h"

char LICENSE[] SEC("license") = "GPL";

typedef struct bpf_raw_tracepoint_args raw_args;

/* The program for a tracepoint is a shell around on_NAME(). */
#define TRACEPOINT(tracepoint, name, ...)					\
	SEC("raw_tp/" #tracepoint) \
	int mpath_##name(raw_args *ctx) \
	{ \
		return on_##name(__VA_ARGS__); \
	}

TRACEPOINT(nvme_mpath_path_add, path_add, ctx->args, 0)
TRACEPOINT(nvme_mpath_path_live, path_live, ctx->args)
TRACEPOINT(nvme_mpath_path_remove, path_remove, ctx->args)
TRACEPOINT(nvme_mpath_failover, failover, ctx->args)
TRACEPOINT(nvme_mpath_bio_park, bio_park, ctx->args)
TRACEPOINT(nvme_mpath_bio_unpark, bio_unpark, ctx->args)
TRACEPOINT(nvme_mpath_requeue_work, requeue_work, ctx->args)
TRACEPOINT(nvme_mpath_bio_fail, bio_fail, ctx->args)
TRACEPOINT(nvme_mpath_remove_work, remove_work, ctx->args)
TRACEPOINT(nvme_mpath_head_remove, head_remove, ctx->args)
TRACEPOINT(nvme_ctrl_state, ctrl_state, ctx, ctx->args, false)
