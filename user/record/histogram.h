/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading the log-linear stall histogram of mpath_event.h. */
#ifndef RECORD_HISTOGRAM_H
#define RECORD_HISTOGRAM_H

#include <linux/types.h>

#include "bpf/mpath_hist.h"

/* Values of a bucket: lower <= value < upper, ns. Of the last one upper is ~0. */
__u64 hist_lower(__u32 bucket);
__u64 hist_upper(__u32 bucket);

/* Number of values in all buckets. */
__u64 hist_count(const __u32 stall[MPATH_HIST_BUCKETS]);

/**
 * hist_quantile() - a quantile, by nearest rank
 * @stall:	the buckets
 * @permille:	500 for the median, 990 for p99; 1000 and more gives @max_ns
 * @max_ns:	the exact maximum, which no quantile exceeds
 * @ns:		set to the middle of the bucket the quantile lies in: at most
 *		1/16 of the value away from it, for values from 2^MPATH_HIST_MIN_SHIFT ns on
 *
 * Returns 0, or -ENOENT for an empty histogram.
 */
int hist_quantile(const __u32 stall[MPATH_HIST_BUCKETS], unsigned int permille, __u64 max_ns,
		  __u64 *ns);

/**
 * hist_of_op() - the stalls of one kind of operation
 * @s:		counters that hold them (see struct model_outage, whole)
 * @op:		enum mpath_op; what is neither read nor write is what these two leave of s->stall
 * @stall:	the buckets
 *
 * Returns how many there are.
 */
__u64 hist_of_op(const struct mpath_outage *s, unsigned int op, __u32 stall[MPATH_HIST_BUCKETS]);

#endif /* RECORD_HISTOGRAM_H */
