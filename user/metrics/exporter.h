/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Prometheus textfile and its state file, written when something changed
 * and at least every interval. A failure to write is told once and tried again;
 * it never ends the collector.
 */
#ifndef METRICS_EXPORTER_H
#define METRICS_EXPORTER_H

#include <stdbool.h>

#include "model/model.h"

#define EXPORT_INTERVAL_NS	15000000000ULL	/* default */
/* that its model has to keep, see struct model_limit */
#define EXPORT_WINDOWS		256

struct export;

/**
 * struct export_opts - what to write where
 * @textfile:	must end with ".prom"
 * @state:	where the counters are kept; NULL: they begin at 0
 * @interval_ns: a file is written at least this often; 0: only when asked for,
 *		with the times of the records
 * @stats:	reads those of the heads and their paths, called with @ctx before a file is
 *		written; NULL: there are none
 */
struct export_opts {
	const char	*textfile;
	const char	*state;
	__u64		interval_ns;
	const struct stats *(*stats)(void *ctx, __u64 now_ns);
	void		*ctx;
};

/* NULL when memory or descriptors are short. */
struct export *export_new(void);

/*
 * Lock and read the state, see whether files can be made in the directory, listen to @m from
 * now on, which outlives the export. A damaged state is put aside, told, and the counters begin at
 * 0. Returns 0, or -errno after a message on stderr.
 */
int export_open(struct export *x, struct model *m, const struct export_opts *opts);

/*
 * The records happened at another time: @delta_ns is their CLOCK_BOOTTIME less
 * the present one. To be called before the first record.
 */
void export_shift(struct export *x, __s64 delta_ns);

/* Readable when export_poll() has something to do. */
int export_fd(const struct export *x);

/* Records that the recording lacks. */
void export_records_lost(struct export *x, __u64 records);

/* The time has come. Returns 0 or -ENOMEM. */
int export_poll(struct export *x);

/*
 * Write once more: the collector ends, or the recording is read. Returns 0, or
 * -errno if it could not be written (which was told).
 */
int export_finish(struct export *x);

/* NULL is fine. */
void export_free(struct export *x);

#endif /* METRICS_EXPORTER_H */
