/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command top does, once its options are known. */
#ifndef TOP_TOP_H
#define TOP_TOP_H

#include <stdbool.h>
#include <linux/types.h>

/**
 * struct top_opts - how
 * @replay:	the recording that is shown; NULL: this host
 * @record:	a recording to begin with; NULL: none
 * @head:	the filter to begin with; NULL: none
 * @interval_ns: between two refreshes
 * @count:	batch: refreshes, 0: no limit
 * @speed:	replay so many times as fast
 * @batch:	lines instead of a screen
 */
struct top_opts {
	const char	*replay, *record, *head;
	__u64		interval_ns, count, speed;
	bool		batch, no_color, utc, verbose;
};

/*
 * Returns 0 or -ECANCELED when it came to its end, -EPIPE or -EIO when the reader
 * or the terminal went away, -EINVAL after a message on stderr, or another -errno.
 */
int top_run(const struct top_opts *opts);

#endif /* TOP_TOP_H */
