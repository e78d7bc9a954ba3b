/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the metrics share. The structures with "saved" in their comment are in the
 * state file. Functions stand here from the bottom up; metrics/text.c and metrics/state.c are
 * above them all.
 */
#ifndef METRICS_INTERNAL_H
#define METRICS_INTERNAL_H

#include "metrics/metrics.h"

#define NS_PER_MS	1000000ULL
#define NS_PER_S	1000000000ULL

/* Upper edges of all histograms: grace windows are of seconds to minutes. */
#define METRICS_EDGES	14
struct metrics_edge {
	__u64		ns;
	const char	*le;
};
extern const struct metrics_edge metrics_edges[METRICS_EDGES];

/* Saved. Values of each bucket; the last one is beyond all edges. */
struct metrics_hist {
	__u64	bucket[METRICS_EDGES + 1];
	__u64	sum_ns;
};

/* Of failovers, by enum mpath_status_class; the last one for recordings that do not tell. */
#define METRICS_CLASSES	(MPATH_STATUS_CLASSES + 1)

enum metrics_phase { PHASE_NAMESPACE, PHASE_PATH, PHASE_FIRST_IO, PHASE_DRAIN, PHASES };

/* Saved. What a snapshot of an outage counts. */
struct metrics_bios {
	__u64			parked[MPATH_PARK_REASONS];
	__u64			completed;
	__u64			failed;
	__u64			failed_unparked;
	__u64			failovers[METRICS_CLASSES];
	struct metrics_hist	stall;
};

/* Saved. The counters of a pair of labels. */
struct metrics_counts {
	char			device[MPATH_NAME_LEN];
	__s32			subsys;
	__u32			open;		/* windows that were open in the state, until its boot is known */
	__u64			changed;	/* order of the last change, to forget the oldest */
	__u64			windows[MODEL_OUTCOMES];
	__u64			close;
	__u64			incomplete;
	struct metrics_hist	window, margin, outage;
	struct metrics_bios	bios;
	__u64			losses[MODEL_CAUSES];
	__u64			phase_sum_ns[PHASES];
	__u64			phase_count[PHASES];
};

/* Saved. What was counted of an outage that may have another snapshot. */
struct metrics_snapshot {
	__u32			head_id, outage;
	char			device[MPATH_NAME_LEN];	/* of the head when it began */
	__s32			subsys;
	__u32			pad;
	__u64			drained_ns;	/* 0: not yet */
	struct metrics_bios	bios;
};

/* Saved. Windows of a head disk up to this one are counted. */
struct metrics_counted {
	__u32	head_id;
	__u32	number;
	__u32	not_armed;	/* and its removal without a window is */
};

/* Saved. */
struct metrics_totals {
	__u64	attachment;	/* that last_snapshots and counted_up_to are about */
	__s64	since_real_ns;	/* 0: not known */
	__u64	changed;	/* highest metrics_counts.changed */
	__u64	events;
	__u64	events_lost;	/* by earlier collectors */
	__u64	records_lost;
	__u64	dropped;	/* pairs of labels beyond METRICS_HEADS */
	char	boot_id[40];	/* as in struct rec_host; "": not known */
};

struct metrics_entry {
	struct metrics_counts	c;
	const struct model_head	*head;		/* that has these names now, or had them last; NULL */
	__u64			gone_ns;	/* since when no head has them; 0: one has */
	bool			gauges;		/* to be shown */
	__u32			open;		/* windows, when metrics_save() looked */
	char			labels[224];	/* device="..",subsystem=".." */
};

/*
 * A window that ended and is not settled: its outcome may still be another, and
 * its head have other names before that.
 */
struct metrics_uncounted {
	const struct model_window	*w;
	__u32				head_id;
	__s32				subsys;
	bool				counted;
};

/* A path that was lost a moment ago: more may become known of why. */
struct metrics_loss {
	char			device[MPATH_NAME_LEN];
	__s32			subsys;
	enum model_cause	cause;
	char			path[MPATH_NAME_LEN];
	__u64			lost_ns;
	bool			counted;
};

struct metrics {
	struct model		*m;
	struct metrics_totals	t;
	struct metrics_entry	**entries;	/* by device, then subsystem */
	size_t			nr_entries;
	struct metrics_snapshot	*last_snapshots;
	size_t			nr_last_snapshots;
	struct metrics_counted	*counted_up_to;	/* the newest last */
	size_t			nr_counted_up_to;
	struct metrics_uncounted *uncounted_windows;
	size_t			nr_uncounted_windows;
	struct metrics_loss	*losses;	/* in the order of their times */
	size_t			nr_losses;
	__u32			programs;
	bool			started;	/* there was a REC_START */
	__u64			changes;
	int			err;		/* -ENOMEM from inside a callback */
};

/* ---- metrics/series.c ---- */

/* Counters of these labels, made if needed. NULL: no memory (x->err is set). */
struct metrics_entry *metrics_entry_get(struct metrics *x, const char *device, __s32 subsys);

/* The same, to be changed. */
struct metrics_entry *metrics_touch(struct metrics *x, const char *device, __s32 subsys);

/* Which head has which labels now. @now_ns: CLOCK_BOOTTIME. No memory: x->err is set. */
void metrics_look(struct metrics *x, __u64 now_ns);

/* ---- lost paths: metrics/losses.c ---- */

/* From now on the model reports them to @x. */
void metrics_loss_begin(struct metrics *x);

/* Count those of which nothing more will become known; @all: every one that is not counted yet. */
void metrics_loss_flush(struct metrics *x, bool all);

/* ---- metrics/metrics.c ---- */

/*
 * Count the windows that have ended and the paths that were lost, if nothing of
 * them may still change; @all: even then, because nothing more will come.
 */
void metrics_flush(struct metrics *x, bool all);

#endif /* METRICS_INTERNAL_H */
