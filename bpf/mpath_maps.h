/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values of the maps that the BPF programs keep and user space reads or
 * sweeps. Internal to one build of the tool, unlike mpath_event.h: both sides
 * come from the same tree, nothing of this is stored.
 */
#ifndef MPATH_MAPS_H
#define MPATH_MAPS_H

#include "mpath_event.h"

/* Limits, all settable at load. Bios: see bpf/README.md on preallocation. */
#define MPATH_RING_BYTES	(1U << 20)
#define MPATH_MAX_HEADS		1024
#define MPATH_MAX_BIOS		65536
#define MPATH_MAX_OUTAGES	1024
#define MPATH_MAX_WHO		4096	/* cgroups, over all outages not yet read */

struct mpath_outage_key {
	__u32	head_id;
	__u32	outage;
};

struct mpath_who_key {
	__u32	head_id;
	__u32	outage;
	__u64	cgroup;
};

/*
 * mpath_outage_state.gate keeps an outage open. It can be closed only by a
 * compare-and-swap from 0, so nobody can enter an outage that is over and
 * nobody can end one that somebody has entered.
 */
#define MPATH_GATE_DEPTH	0xffffffffULL	/* bios parked now */
#define MPATH_GATE_WINDOW	(1ULL << 32)	/* the removal work is armed */
#define MPATH_GATE_WAIT		(1ULL << 33)	/* no path became usable since */
#define MPATH_GATE_PENDING	(1ULL << 34)	/* opened by a failover, its bios not parked yet */
#define MPATH_GATE_CLOSED	(1ULL << 63)

#define MPATH_SAMPLED(what)	(1U << (what))	/* enum mpath_bio_what */
#define MPATH_SAMPLED_FAILOVER	(1U << 0)

struct mpath_outage_state {
	struct mpath_outage o;		/* o.depth is not kept: it is in the gate */
	__u64	gate;
	__u32	sampled;		/* events of this outage already sent */
	__u32	nameless;		/* parked now, but not in the map of bios */
};

/* A bio on the requeue list, or in the slot of its head's requeue work. */
struct mpath_parked {
	__u64	first_ns;		/* parked first; a failed-over request: started */
	__u64	sector;
	__u32	head_id;
	__u32	outage;
	__u32	bytes;
	__u8	op;			/* enum req_op */
	__u8	reason;			/* enum mpath_park_reason */
	__u8	untimed;		/* first_ns is not known */
	__u8	pad;
};

/* The bio that the requeue work resubmitted last; bio == 0: none. */
struct mpath_slot {
	__u64	bio;
	__u64	unpark_ns;
	__u64	task;			/* of the requeue work */
	struct mpath_parked parked;
};

struct mpath_head {
	__u32	id;			/* mpath_event.head_id */
	__s32	subsys;
	__u32	nsid;
	__u32	window;			/* number last seen */
	__u32	outage;			/* current one; 0: none */
	__u32	last_outage;		/* number given last */
	__u32	window_outage;		/* the one that holds the armed window */
	__u32	finished;		/* a requeue round ended after the removal */
	__u32	nameless;		/* as in its outages, over all of them */
	__u32	nameless_outage;	/* no outage before this one has any */
	__u64	gone_ns;		/* removal began; 0: alive */
	/* of the armed window; 0: not known, or the kernel tells it */
	__u64	deadline_ns;
	__u64	delay_ms;		/* it was armed with, as deadline_ns */
	char	name[MPATH_NAME_LEN];
	struct mpath_slot slot;
	/* resubmitted last, and nobody saw it parked; by this task */
	__u64	late_bio, late_task;
};

/* What sysfs says of a head, to mpath_heal() */
#define MPATH_HEAL_LISTED	(1U << 0)	/* it has a path: no window is open */
#define MPATH_HEAL_USABLE	(1U << 1)	/* which can be used */
#define MPATH_HEAL_EMPTY	(1U << 2)	/* for long enough that nothing waits any more */

/*
 * What a later collector must know of pinned programs before it takes them
 * over; written by the one that pinned them.
 */
struct mpath_meta {
	__u64	layout;			/* hash of these structures and of all maps */
	__u64	attachment;		/* rec_start.attachment */
	__u32	abi_version;		/* MPATH_ABI_VERSION */
	__u32	pid;			/* of the collector that had them last */
	__u64	module;			/* nvme_core that they are attached to: module_load_id() */
	__u32	stock;			/* probes in a driver without the series */
	__u32	pad;
	char	tool[40];		/* version that attached them */
};

/* A function of the kernel, see user/live/stock_probes.c. */
struct mpath_text {
	__u32	len;			/* 0: it could not be read */
	__u8	code[8192];
};

#endif /* MPATH_MAPS_H */
