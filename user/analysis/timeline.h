/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the model does not keep, because only a picture needs it: when each path
 * could be used, and how deep the queue was at which time. Pure as the model
 * is, and fed beside it with the same records. Memory has a bound: of a path
 * the newest changes are kept, of outages the newest.
 */
#ifndef ANALYSIS_TIMELINE_H
#define ANALYSIS_TIMELINE_H

#include "model/model.h"

struct lane_change {
	__u64		time_ns;
	enum path_state	state;		/* from then on; never PATH_NON_OPTIMIZED */
};

/* Where a controller of that number was: one that comes back has any number that is free. */
struct lane_where {
	__u64	since_ns;		/* 0: from the beginning */
	char	transport[16];		/* empty: not known */
	char	address[256];
};

/* A path of a head disk in one session. Before its first change it is unknown. */
struct lane {
	const struct model_session	*session;
	char				head[MPATH_NAME_LEN];
	char				path[MPATH_NAME_LEN];
	struct lane_where		*where;		/* rising, the newest if they are many */
	size_t				nr_where;
	struct lane_change		*changes;	/* rising */
	size_t				nr;
	size_t				next;		/* of analysis/timeline.c: chain of its table */
};

struct lane_depth {
	__u64	time_ns;
	__u64	depth;			/* bios queued then */
};

/* The queue of one outage, as the snapshots of its counters had it. */
struct lane_queue {
	const struct model_session	*session;
	__u32				head_id, outage;
	struct lane_depth		*points;	/* rising */
	size_t				nr;
};

struct lanes;

/* NULL when memory is short. */
struct lanes *lanes_new(void);
void lanes_free(struct lanes *l);	/* NULL is fine */

/**
 * lanes_feed() - one more record
 * @session:	the model's newest, after it was fed the same record; NULL: none yet
 *
 * Returns 0 or -ENOMEM. What makes no sense is passed over, the model has said so.
 */
int lanes_feed(struct lanes *l, const struct model_session *session, const struct record *rec);

/* The i-th, NULL behind the last. */
const struct lane *lanes_path(const struct lanes *l, size_t i);

/* Of these counters, NULL: nothing is known. */
const struct lane_queue *lanes_queue(const struct lanes *l, const struct model_outage *o);

/* Index of the first change after @time_ns; the state is that of the one before. */
size_t lane_after(const struct lane *lane, __u64 time_ns);

/* Is it a path of the head at any time of from..to, as far as is known? */
bool lane_is_there(const struct lane *lane, __u64 from, __u64 to);

#endif /* ANALYSIS_TIMELINE_H */
