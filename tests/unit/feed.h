/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes records concisely for tests: a head with its present window, outage
 * and time, from which one call makes one record.
 */
#ifndef FEED_H
#define FEED_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/model.h"

#define MS	1000000ULL
#define SEC	1000000000ULL
#define SCENE_NQN "nqn.2014-08.org.nvmexpress:uuid:subsys0"
#define REAL0	1789182245000000000LL	/* 2026-09-12 03:04:05 UTC */

struct feed {
	int	(*put)(void *ctx, const struct record *rec);
	void	*ctx;
	__u64	now;		/* ns */
	__u64	seq;		/* of the last event */
	__u32	head_id;
	__u32	window, outage;
	__s32	subsys;
	__u32	nsid;
	char	head[MPATH_NAME_LEN];
};

/* A feed of head nvme0n1 into whatever takes records; into a model: feed_model.c. */
struct feed feed_to(int (*put)(void *ctx, const struct record *rec), void *ctx);
struct feed feed_model(struct model *m);

/* Set the time, ms after boot. */
void at(struct feed *f, __u64 ms);

void put_record(struct feed *f, __u16 type, const void *data, __u32 len);
void put_host(struct feed *f, const char *boot_id);
void put_clock(struct feed *f);		/* realtime = REAL0 + boottime */
void put_start_stock(struct feed *f);	/* the same where windows are numbered by the programs */
void put_start(struct feed *f);		/* and begins seq anew */
/* Of pinned programs; a collector that @continues them does not begin seq anew. */
void put_start_pinned(struct feed *f, __u64 attachment, bool continues);
void put_end(struct feed *f);
void put_gap(struct feed *f, __u64 from_ms, __u64 to_ms, __u64 records);
void put_losses(struct feed *f, __u64 ring_full, __u64 heads_full);
/* Head and paths nvme0c0n1, nvme0c1n1 .. of one subsystem; @paths < 0: no head at all. */
void put_topology(struct feed *f, const char *nqn, int paths, __s64 setting_s);
/* The one that follows a new disk: it is the namespace of scene_two_paths(). */
void put_whose(struct feed *f);

void ev_add(struct feed *f, const char *path, int ctrl, __u32 paths, __s64 ms_left);
void ev_live(struct feed *f, const char *path, int ctrl, bool usable);
/* What ANA says of it, as in the log page; the controller stays live. */
void ev_ana(struct feed *f, const char *path, int ctrl, __u8 ana);
void ev_remove(struct feed *f, const char *path, int ctrl, __u32 left);
void ev_work(struct feed *f, __u8 action, __u64 delay_ms, __s64 ms_left, __u8 result);
void ev_gone(struct feed *f, __u32 reason);
void ev_bio(struct feed *f, __u8 what, __u64 stall_ns);
void ev_drained(struct feed *f);
void ev_ctrl(struct feed *f, int ctrl, __u8 from, __u8 to);
/* With the functions that did it: "nvme_remove [nvme]<pci_device_remove". */
void ev_ctrl_by(struct feed *f, int ctrl, __u8 from, __u8 to, const char *callers);
void ev_path(struct feed *f, __u16 type, struct mpath_ev_path *ev, const char *path, int ctrl);

/* A snapshot whose numbers add up: what is not completed or failed is queued. */
struct mpath_outage outage(const struct feed *f, __u64 parked, __u64 completed, __u64 failed);
void put_outage(struct feed *f, const struct mpath_outage *o);
/* Whose bios it parked; @pid 0: nobody was seen. */
void put_who(struct feed *f, __u64 cgroup, const char *path, __u64 parked, __u32 pid,
	     const char *comm);

/*
 * Scenes: both paths go at @ms and the next window is armed for 30 s; path 0
 * comes back @ms later as nvme0cXn1 and everything drains.
 */
void scene_two_paths(struct feed *f);
void scene_lose(struct feed *f, __u64 ms);
void scene_return(struct feed *f, __u64 ms, int ctrl);

#endif /* FEED_H */
