/* SPDX-License-Identifier: GPL-2.0-only */
/* A round of readings: the statistics of the heads of a model, and of their paths. */
#ifndef TOP_STATISTICS_H
#define TOP_STATISTICS_H

#include "base/disk_stats.h"
#include "model/types.h"
#include "sysfs/statistics.h"

/**
 * top_statistics_read() - a round of readings into @to
 * @s:		where to read
 * @m:		whose heads to read
 * @detail:	its paths as well, NULL: paths of heads only where they alone count, or where I/O
 *		is in flight
 * @time_ns:	of the round, nanoseconds of a clock that is the same in every round
 *
 * Returns 0 or -ENOMEM.
 */
int top_statistics_read(struct statistics *s, const struct model *m,
			const struct model_head *detail, struct stats *to, __u64 time_ns);

#endif /* TOP_STATISTICS_H */
