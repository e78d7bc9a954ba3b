// SPDX-License-Identifier: GPL-2.0-only
/* Reading the log-linear stall histogram of mpath_event.h. */
#include <errno.h>

#include "record/histogram.h"

#define SUBS	(1U << MPATH_HIST_SUB_SHIFT)

__u64 hist_lower(__u32 bucket)
{
	__u32 octave = MPATH_HIST_MIN_SHIFT + (bucket >> MPATH_HIST_SUB_SHIFT);

	if (!bucket)
		return 0;
	return (__u64)(SUBS + (bucket & (SUBS - 1))) << (octave - MPATH_HIST_SUB_SHIFT);
}

__u64 hist_upper(__u32 bucket)
{
	__u32 next = bucket + 1;
	__u32 octave = MPATH_HIST_MIN_SHIFT + (next >> MPATH_HIST_SUB_SHIFT);

	if (next >= MPATH_HIST_BUCKETS)
		return ~0ULL;
	return (__u64)(SUBS + (next & (SUBS - 1))) << (octave - MPATH_HIST_SUB_SHIFT);
}

__u64 hist_count(const __u32 stall[MPATH_HIST_BUCKETS])
{
	__u64 count = 0;
	__u32 i;

	for (i = 0; i < MPATH_HIST_BUCKETS; i++)
		count += stall[i];
	return count;
}

__u64 hist_of_op(const struct mpath_outage *s, unsigned int op, __u32 stall[MPATH_HIST_BUCKETS])
{
	__u64 known;
	__u32 i;

	for (i = 0; i < MPATH_HIST_BUCKETS; i++) {
		if (op < MPATH_OP_OTHER) {
			stall[i] = s->stall_op[op][i];
			continue;
		}
		/* counted one after the other, so a copy may have one without the other */
		known = (__u64)s->stall_op[MPATH_OP_READ][i] + s->stall_op[MPATH_OP_WRITE][i];
		stall[i] = known < s->stall[i] ? (__u32)(s->stall[i] - known) : 0;
	}
	return hist_count(stall);
}

int hist_quantile(const __u32 stall[MPATH_HIST_BUCKETS], unsigned int permille, __u64 max_ns,
		  __u64 *ns)
{
	__u64 count = hist_count(stall), rank, seen = 0, lower, middle;
	__u32 i;

	if (!count)
		return -ENOENT;
	/* nearest rank: the smallest value that permille/1000 of all do not exceed */
	rank = count / 1000 * permille + (count % 1000 * permille + 999) / 1000;
	if (!rank)
		rank = 1;
	if (rank >= count) {
		*ns = max_ns;
		return 0;
	}
	for (i = 0; i < MPATH_HIST_BUCKETS; i++) {
		seen += stall[i];
		if (seen >= rank)
			break;
	}
	/* the first bucket takes all that is below its range, too */
	lower = i ? hist_lower(i) : 1ULL << MPATH_HIST_MIN_SHIFT;
	middle = lower + (hist_upper(i) - lower) / 2;
	if (i == MPATH_HIST_BUCKETS - 1 || middle > max_ns)
		middle = max_ns;
	*ns = middle;
	return 0;
}
