/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the model does not keep, because only a picture needs it: when each path
 * could be used, and how deep the queue was at which time. Pure as the model
 * is, and a listener of it. Memory has a bound: of a path
 * the newest changes are kept, of outages the newest.
 */
#ifndef ANALYSIS_TIMELINE_H
#define ANALYSIS_TIMELINE_H

#include "model/types.h"

struct timeline_change {
	__u64		time_ns;
	enum path_state	state;		/* from then on; never PATH_NON_OPTIMIZED */
};

/* Where a controller of that number was: one that comes back has any number that is free. */
struct timeline_where {
	__u64	since_ns;		/* 0: from the beginning */
	char	transport[16];		/* empty: not known */
	char	address[256];
};

/* A path of a head disk in one session. Before its first change it is unknown. */
struct timeline_track {
	const struct model_session	*session;
	char				head[MPATH_NAME_LEN];
	char				path[MPATH_NAME_LEN];
	struct timeline_where		*where;		/* rising, the newest if they are many */
	size_t				nr_where;
	struct timeline_change		*changes;	/* rising */
	size_t				nr;
	/* of analysis/timeline.c: chain of its table */
	size_t				next;
};

struct timeline_depth {
	__u64	time_ns;
	__u64	depth;			/* bios queued then */
};

/* The queue of one outage, as the snapshots of its counters had it. */
struct timeline_queue {
	const struct model_session	*session;
	__u32				head_id, outage;
	struct timeline_depth		*points;	/* rising */
	size_t				nr;
};

struct timeline;

/* Listens to @m, which outlives it. NULL when memory is short. */
struct timeline *timeline_new(struct model *m);
void timeline_free(struct timeline *tl);	/* NULL is fine */

/* The i-th, NULL behind the last. */
const struct timeline_track *timeline_track(const struct timeline *tl, size_t i);

/* Of these counters, NULL: nothing is known. */
const struct timeline_queue *timeline_queue(const struct timeline *tl,
					    const struct model_outage *o);

/* Index of the first change after @time_ns; the state is that of the one before. */
size_t timeline_after(const struct timeline_track *track, __u64 time_ns);

/* Is it a path of the head at any time of from..to, as far as is known? */
bool timeline_is_there(const struct timeline_track *track, __u64 from, __u64 to);

#endif /* ANALYSIS_TIMELINE_H */
