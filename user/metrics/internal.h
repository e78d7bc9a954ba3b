/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the metrics share. The structures with "saved" in their comment are in the
 * state file, field by field: metrics/families.c and metrics/state.c have the fields. Functions
 * stand here from the bottom up; metrics/text.c and metrics/state.c are above them all.
 */
#ifndef METRICS_INTERNAL_H
#define METRICS_INTERNAL_H

#include "base/units.h"
#include "metrics/metrics.h"

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

enum metrics_failed { METRICS_FAILED_PARKED, METRICS_FAILED_AT_ONCE, METRICS_FAILED };

enum metrics_phase { PHASE_NAMESPACE, PHASE_PATH, PHASE_FIRST_IO, PHASE_DRAIN, PHASES };

/* Saved. Durations, and how many. */
struct metrics_sum {
	__u64	ns;
	__u64	count;
};

/* Fields of a later version of the state, to be saved as they are: a part of metrics.kept. */
struct metrics_kept {
	size_t	at, len;
};

struct metrics_bytes {
	char	*p;
	size_t	len, room;
};

/* Saved. What a snapshot of an outage counts. */
struct metrics_bios {
	__u64			parked[MPATH_PARK_REASONS];
	__u64			completed;
	__u64			failed[METRICS_FAILED];
	__u64			failovers[METRICS_CLASSES];
	struct metrics_hist	stall;
};

/* Saved. The counters of a pair of labels. */
struct metrics_counts {
	char			device[MPATH_NAME_LEN];
	__s32			subsys;
	__u32			open;		/* windows, as loaded, until the boot is known */
	__u64			changed;	/* order of the last change, to forget the oldest */
	__u64			windows[MODEL_OUTCOMES];
	__u64			near_miss;
	__u64			incomplete;
	struct metrics_hist	window, margin, outage;
	struct metrics_bios	bios;
	__u64			losses[MODEL_CAUSES];
	struct metrics_sum	phases[PHASES];
	struct metrics_kept	kept;
};

/* Saved. What was counted of an outage that may have another snapshot. */
struct metrics_snapshot {
	__u32			head_id, outage;
	char			device[MPATH_NAME_LEN];	/* of the head when it began */
	__s32			subsys;
	__u64			drained_ns;	/* 0: not yet */
	struct metrics_bios	bios;
	struct metrics_kept	kept;
};

/* Saved. Windows of a head disk up to this one are counted. */
struct metrics_counted {
	__u32			head_id;
	__u32			number;
	__u32			not_armed;	/* and its removal without a window is */
	struct metrics_kept	kept;
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
	__u64	contradictions;
	__u64	runs_skipped;
	__u64	reloads;
	char	boot_id[40];	/* as in struct rec_host; "": not known */
	struct metrics_kept	kept;
};

struct metrics_entry {
	struct metrics_counts	c;
	/* that has these names now, or had them last; NULL */
	const struct model_head	*head;
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

/* What the model had counted when it was looked at last. */
struct metrics_seen {
	__u64	contradictions, runs_skipped, reloads;
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
	struct metrics_bytes	kept;		/* unknown fields of elements that are known */
	struct metrics_bytes	foreign;	/* whole elements that are not */
	struct metrics_seen	seen;
	__u32			programs;
	bool			started;	/* there was a REC_START */
	__u64			changes;
	int			err;		/* -ENOMEM from inside a callback */
};

/* ---- metrics/buckets.c ---- */

/* The one that a value belongs to. */
__u64 *metrics_bucket(struct metrics_hist *h, __u64 ns);

void metrics_observe(struct metrics_hist *h, __u64 ns);

/* ---- metrics/series.c ---- */

/* Counters of these labels, made if needed. NULL: no memory (x->err is set). */
struct metrics_entry *metrics_entry_get(struct metrics *x, const char *device, __s32 subsys);

/* The same, to be changed. */
struct metrics_entry *metrics_touch(struct metrics *x, const char *device, __s32 subsys);

/* Which head has which labels now. @now_ns: CLOCK_BOOTTIME. No memory: x->err is set. */
void metrics_look(struct metrics *x, __u64 now_ns);

/* ---- lost paths: metrics/losses.c ---- */

/* The loss function of a struct model_listener; @ctx: struct metrics. */
int metrics_loss(void *ctx, const struct model *m, const struct model_head *h,
		 const struct model_path *p, bool first);

/* Count those of which nothing more will become known; @all: every one that is not counted yet. */
void metrics_loss_flush(struct metrics *x, bool all);

/* ---- metrics/metrics.c ---- */

/*
 * Count the windows that have ended and the paths that were lost, if nothing of
 * them may still change; @all: even then, because nothing more will come.
 */
void metrics_flush(struct metrics *x, bool all);

/* ---- metrics/restore.c ---- */

/*
 * What a state holds, into metrics that are new. Untrusted: returns 0, -ENOMEM, or -EBADMSG for a
 * text without an end, for labels that are there already, and beyond the limits.
 */
int metrics_restore_totals(struct metrics *x, const struct metrics_totals *t);
int metrics_restore_counts(struct metrics *x, const struct metrics_counts *c);
int metrics_restore_snapshot(struct metrics *x, const struct metrics_snapshot *s);
int metrics_restore_counted(struct metrics *x, const struct metrics_counted *c);

/* ---- metrics/state_4.c ---- */

/* A state of version 4, whose checksum is right. Returns as metrics_load(). */
int metrics_load_4(struct metrics *x, const void *buf, size_t len);

#endif /* METRICS_INTERNAL_H */
