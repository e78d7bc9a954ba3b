/* SPDX-License-Identifier: GPL-2.0-only */
/* What this kernel offers, found by asking it: BTF, tracefs, sysfs. */
#ifndef LIVE_KERNEL_FEATURES_H
#define LIVE_KERNEL_FEATURES_H

#include <stddef.h>

#include "base/answer.h"

/* The kernel's own type information, which the programs are fitted with. */
enum probe_answer probe_btf(void);

/* Is nvme_core there, as a module or built in? */
enum probe_answer probe_nvme_core(void);

/* Are the types of nvme_core known, of the module or, if it is built in, of the kernel? */
enum probe_answer probe_nvme_btf(void);

/*
 * Can there be kprobes? If not, @why says what is in the way and what to do. What only root may see
 * is taken for a yes.
 */
enum probe_answer probe_kprobes(char *why, size_t len);

/* Are kernel.bpf_stats_enabled run counts being kept? */
enum probe_answer probe_bpf_stats(void);

struct probe_tracepoints;

/*
 * Ask for tracepoints of the nvme system: tracefs where it may be read (root),
 * else the type information of nvme_core, which everybody may read.
 * Returns NULL when memory is short.
 */
struct probe_tracepoints *probe_tracepoints_new(void);
enum probe_answer probe_tracepoint(struct probe_tracepoints *p, const char *name);
/* Where the answers come from: "tracefs", "BTF of nvme_core", or "-". */
const char *probe_tracepoints_how(const struct probe_tracepoints *p);
void probe_tracepoints_free(struct probe_tracepoints *p);

#endif /* LIVE_KERNEL_FEATURES_H */
