// SPDX-License-Identifier: GPL-2.0-only
/*
 * A state of version 4, which was arrays of structures: as it was, and what of it goes where today.
 * Nothing here changes any more, but for the right sides of the assignments.
 */
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "metrics/internal.h"

struct hist_4 {
	__u64	bucket[15];
	__u64	sum_ns;
};

struct bios_4 {
	__u64		parked[2];
	__u64		completed;
	__u64		failed[2];
	__u64		failovers[5];
	struct hist_4	stall;
};

struct counts_4 {
	char		device[32];
	__s32		subsys;
	__u32		open;
	__u64		changed;
	__u64		windows[7];
	__u64		close;
	__u64		incomplete;
	struct hist_4	window, margin, outage;
	struct bios_4	bios;
	__u64		losses[11];
	__u64		phase_sum_ns[4];
	__u64		phase_count[4];
};

struct snapshot_4 {
	__u32		head_id, outage;
	char		device[32];
	__s32		subsys;
	__u32		pad;
	__u64		drained_ns;
	struct bios_4	bios;
};

struct counted_4 {
	__u32	head_id;
	__u32	number;
	__u32	not_armed;
};

struct header_4 {
	char	magic[8];
	__u32	version, crc;
	__u32	counts_size, snapshot_size, counted_size, edges;
	__u32	nr_counts, nr_snapshots, nr_counted, pad;
	__u64	attachment;
	__s64	since_real_ns;
	__u64	changed, events, events_lost, records_lost, dropped;
	char	boot_id[40];
};

_Static_assert(sizeof(struct counts_4) == 864, "state format");
_Static_assert(sizeof(struct snapshot_4) == 264, "state format");
_Static_assert(sizeof(struct counted_4) == 12, "state format");
_Static_assert(sizeof(struct header_4) == 144, "state format");
/* Values of labels only come last: the first ones are still those of version 4. */
_Static_assert(MPATH_PARK_REASONS >= 2 && METRICS_CLASSES >= 5 && MODEL_OUTCOMES >= 7 &&
		       MODEL_CAUSES >= 11 && PHASES >= 4,
	       "state format");

static const __u64 edges_4[] = {
	NS_PER_MS,     10 * NS_PER_MS, 100 * NS_PER_MS, 500 * NS_PER_MS, NS_PER_S,
	2 * NS_PER_S,  5 * NS_PER_S,   10 * NS_PER_S,	20 * NS_PER_S,	 30 * NS_PER_S,
	60 * NS_PER_S, 120 * NS_PER_S, 300 * NS_PER_S,	600 * NS_PER_S,	 ~0ULL,
};

static void take_hist(struct metrics_hist *to, const struct hist_4 *from)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(edges_4); i++)
		*metrics_bucket(to, edges_4[i]) += from->bucket[i];
	to->sum_ns = from->sum_ns;
}

static void take_bios(struct metrics_bios *to, const struct bios_4 *from)
{
	memcpy(to->parked, from->parked, sizeof(from->parked));
	to->completed = from->completed;
	memcpy(to->failed, from->failed, sizeof(from->failed));
	memcpy(to->failovers, from->failovers, sizeof(from->failovers));
	take_hist(&to->stall, &from->stall);
}

static int take_counts(struct metrics *x, const char *at)
{
	struct metrics_counts c = {};
	struct counts_4 old;
	size_t i;

	memcpy(&old, at, sizeof(old));
	memcpy(c.device, old.device, sizeof(c.device));
	c.subsys = old.subsys;
	c.open = old.open;
	c.changed = old.changed;
	memcpy(c.windows, old.windows, sizeof(old.windows));
	c.near_miss = old.close;
	c.incomplete = old.incomplete;
	take_hist(&c.window, &old.window);
	take_hist(&c.margin, &old.margin);
	take_hist(&c.outage, &old.outage);
	take_bios(&c.bios, &old.bios);
	memcpy(c.losses, old.losses, sizeof(old.losses));
	for (i = 0; i < ARRAY_SIZE(old.phase_count); i++)
		c.phases[i] = (struct metrics_sum) { old.phase_sum_ns[i], old.phase_count[i] };
	return metrics_restore_counts(x, &c);
}

static int take_snapshot(struct metrics *x, const char *at)
{
	struct metrics_snapshot s = {};
	struct snapshot_4 old;

	memcpy(&old, at, sizeof(old));
	s.head_id = old.head_id;
	s.outage = old.outage;
	memcpy(s.device, old.device, sizeof(s.device));
	s.subsys = old.subsys;
	s.drained_ns = old.drained_ns;
	take_bios(&s.bios, &old.bios);
	return metrics_restore_snapshot(x, &s);
}

static int take_counted(struct metrics *x, const char *at)
{
	struct counted_4 old;

	memcpy(&old, at, sizeof(old));
	return metrics_restore_counted(x, &(struct metrics_counted) {
						  .head_id = old.head_id,
						  .number = old.number,
						  .not_armed = old.not_armed,
					  });
}

static int take_totals(struct metrics *x, const struct header_4 *h)
{
	struct metrics_totals t = {
		.attachment = h->attachment,
		.since_real_ns = h->since_real_ns,
		.changed = h->changed,
		.events = h->events,
		.events_lost = h->events_lost,
		.records_lost = h->records_lost,
		.dropped = h->dropped,
	};

	memcpy(t.boot_id, h->boot_id, sizeof(t.boot_id));
	return metrics_restore_totals(x, &t);
}

/* @nr structures from *at on, of which one is taken by @take. */
static int take_all(struct metrics *x, const char **at, __u32 nr, size_t size,
		    int (*take)(struct metrics *x, const char *at))
{
	int err = 0;

	for (; nr && !err; nr--, *at += size)
		err = take(x, *at);
	return err;
}

int metrics_load_4(struct metrics *x, const void *buf, size_t len)
{
	const char *at = (const char *)buf + sizeof(struct header_4);
	struct header_4 h;
	int err;

	if (len < sizeof(h))
		return -EBADMSG;
	memcpy(&h, buf, sizeof(h));
	if (h.counts_size != sizeof(struct counts_4) ||
	    h.snapshot_size != sizeof(struct snapshot_4) ||
	    h.counted_size != sizeof(struct counted_4) || h.edges != ARRAY_SIZE(edges_4) - 1)
		return -EPROTONOSUPPORT;
	if (len != sizeof(h) + (size_t)h.nr_counts * h.counts_size +
			   (size_t)h.nr_snapshots * h.snapshot_size +
			   (size_t)h.nr_counted * h.counted_size)
		return -EBADMSG;
	err = take_totals(x, &h);
	if (!err)
		err = take_all(x, &at, h.nr_counts, h.counts_size, take_counts);
	if (!err)
		err = take_all(x, &at, h.nr_snapshots, h.snapshot_size, take_snapshot);
	if (!err)
		err = take_all(x, &at, h.nr_counted, h.counted_size, take_counted);
	return err;
}
