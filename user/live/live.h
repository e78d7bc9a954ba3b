/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live source: the BPF programs, their ring buffer and maps, as records.
 *
 *	new -> load -> attach -> (wait on fd, poll)* -> finish -> free
 *
 * It wakes up for events only. While an outage is open, or something of one is
 * left in the maps, it also wakes up once a second to read the counters.
 */
#ifndef LIVE_LIVE_H
#define LIVE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "record/record.h"

struct live;
struct stock_plan;

/**
 * struct live_opts - sizes; 0 means the default of bpf/mpath_maps.h
 * @ring_bytes:	of the ring buffer: a power of two, at least a page
 * @max_heads:	heads with events
 * @max_bios:	bios parked at a time, over all heads (preallocated, about 100 bytes each)
 * @max_outages: outages not yet read
 * @verbose:	libbpf's messages go to stderr
 * @pin:	directory on a bpf file system: what is attached is pinned there and
 *		outlives this process; what an earlier one left there is taken over,
 *		with its sizes. NULL: nothing outlives it
 * @anew:	what is pinned is read out and of a nvme_core that is gone: attach anew
 */
struct live_opts {
	__u32	ring_bytes;
	__u32	max_heads;
	__u32	max_bios;
	__u32	max_outages;
	bool	verbose;
	const char *pin;
	bool	anew;
};

/* One BPF program. */
struct live_program {
	const char	*name;
	const char	*where;		/* tracepoint, or function and place in it */
	bool		attached;
	__u64		runs;		/* only with sysctl kernel.bpf_stats_enabled=1 */
	__u64		missed;		/* not run: the kernel skipped it */
};

/* Returns NULL when memory is short. */
struct live *live_new(void);

/**
 * live_load() - check privileges and kernel, load programs and maps
 * @opts:	NULL: all defaults
 *
 * Returns 0 or -errno; live_error() says what, why, and what to do.
 */
int live_load(struct live *s, const struct live_opts *opts);

/*
 * Attach all programs, in the order that leaves nothing half-seen, and pin them
 * if wanted. 0 or -errno.
 */
int live_attach(struct live *s);

/* Were the programs attached by an earlier collector, which had pinned them? */
bool live_continues(const struct live *s);

/* Random number of a pinned attachment, the same for every collector of it; 0: not pinned. */
__u64 live_attachment(const struct live *s);

/* The nvme_core that the programs are attached to: its module_load_id(). */
__u64 live_module(const struct live *s);

/* An epoll descriptor: readable when live_poll() has something to do. */
int live_fd(const struct live *s);

/**
 * live_poll() - yield what there is: events, counter snapshots, losses
 *
 * Never blocks. Returns 0, or the first -errno of @fn.
 */
int live_poll(struct live *s, record_fn fn, void *ctx);

/* What sysfs says, a REC_TOPOLOGY: what no event told is put right by it. */
void live_take_topology(struct live *s, const struct record *rec);

/* Would a new one help? Once true, then false until the next time. */
bool live_wants_topology(struct live *s);

/*
 * Yield the losses if there are more. Something happened, by another source: that no event came
 * may be because no program ran. Returns as live_poll().
 */
int live_count_losses(struct live *s, record_fn fn, void *ctx);

/*
 * Yield what an earlier collector left: the rest of the ring, a snapshot of
 * every outage, the losses. To be called once, if live_continues(), before
 * anything that tells how things are now. Returns as live_poll().
 */
int live_catch_up(struct live *s, record_fn fn, void *ctx);

/*
 * Detach, unless what is attached is pinned, then yield the rest of the ring, a
 * snapshot of every outage and the losses. Returns as live_poll().
 */
int live_finish(struct live *s, record_fn fn, void *ctx);

/* How many programs are attached. */
unsigned int live_attached(const struct live *s);

/* The i-th program; -ENOENT behind the last. */
int live_program(const struct live *s, unsigned int i, struct live_program *p);

/* Are the events the series' own? If not, kprobes in an unpatched driver make them. */
bool live_has_series(const struct live *s);

/*
 * What can be learned of an unpatched driver, once it is loaded; NULL: of one with the series, or
 * nothing could be looked at. And the facts that cannot, a bit for each (enum mpath_fact).
 */
const struct stock_plan *live_plan(const struct live *s);
__u32 live_missing(const struct live *s);

/* Names of the series' tracepoints, NULL behind the last; needs no source. */
const char *live_tracepoint(unsigned int i);

/* Text of the last error, "" if none; no newline. */
const char *live_error(const struct live *s);

/* NULL and half-built are fine. */
void live_free(struct live *s);

#endif /* LIVE_LIVE_H */
