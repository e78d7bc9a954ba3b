/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Prometheus is told: counters of the model's heads that only ever rise,
 * and the text of all metrics. Pure like the model: no clock, no file.
 *
 * A counter belongs to a pair of labels, device and subsystem, for as long as
 * the state is kept, whatever disk has these names: so no two series have the
 * same labels and none falls. Which disk it is, nvme_mpath_head_info says.
 *
 * Counters go on over a restart by metrics_save() and metrics_load(). Windows
 * and outages of pinned programs that both collectors see count once.
 */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

#include "base/disk_stats.h"
#include "model/model.h"

#define METRICS_HEADS	4096		/* pairs of labels with counters, at most */
#define METRICS_PATHS	32		/* of a head that are shown, at most */
#define METRICS_KEEP_S	600		/* a removed head has its gauges so long */

struct metrics;

/**
 * struct metrics_self - what only the process knows
 * @version:	of the tool
 * @live:	false, for a recording: the rest means nothing and is not shown
 * @now_real_ns: wall time
 * @now_ns:	CLOCK_BOOTTIME
 * @start_real_ns: when the collector was started
 * @interval_ns: of the writes
 * @cpu_ns:	processor time used so far
 * @write_errors: files that could not be written
 * @stats:	of the paths, rounds by CLOCK_BOOTTIME; NULL: not known
 * @running:	false: this is the last file, the collector ends
 */
struct metrics_self {
	const char	*version;
	bool		live;
	__s64		now_real_ns;
	__u64		now_ns;
	__s64		start_real_ns;
	__u64		interval_ns;
	__u64		cpu_ns;
	__u64		write_errors;
	bool		running;
	const struct stats *stats;
};

/* They listen to @m, which outlives them. NULL when memory is short. */
struct metrics *metrics_new(struct model *m);
void metrics_free(struct metrics *x);	/* NULL is fine */

/* Records that the recording lacks, counted from the start of the collector. */
void metrics_records_lost(struct metrics *x, __u64 records);

/* Grows whenever something is shown that was not, or otherwise. */
__u64 metrics_changes(const struct metrics *x);

/**
 * metrics_write() - the text exposition format, version 0.0.4
 * Returns 0, or -ENOMEM. Errors of writing stay in @out.
 */
int metrics_write(struct metrics *x, const struct metrics_self *self, FILE *out);

/**
 * metrics_end() - nothing follows
 *
 * Counts losses and windows that wait for more events by what is known of them. Before the last
 * metrics_save(): otherwise the next collector would count less than this one has shown.
 */
void metrics_end(struct metrics *x);

/* ---- state over restarts: metrics/state.c ---- */

/* When the counters were 0, nanoseconds since the epoch; for a state that is new. */
void metrics_begin(struct metrics *x, __s64 real_ns);

/**
 * metrics_save() - all counters as bytes
 * @buf:	set to memory to be freed; @len: its length
 */
int metrics_save(struct metrics *x, void **buf, size_t *len);

/**
 * metrics_load() - the opposite, for untrusted bytes and metrics that are new
 *
 * Returns 0, -ENOMEM, -EBADMSG for bytes that are damaged, -EPROTONOSUPPORT
 * for those of another version.
 */
int metrics_load(struct metrics *x, const void *buf, size_t len);

#endif /* METRICS_METRICS_H */
