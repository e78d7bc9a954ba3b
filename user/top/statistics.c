// SPDX-License-Identifier: GPL-2.0-only
/* A round of readings: the statistics of the heads of a model, and of their paths. */
#include "model/model.h"
#include "top/statistics.h"

static int read_paths(struct statistics *s, const struct model_head *h, struct stats *to)
{
	struct disk_stat d;
	int err = 0;
	size_t i;

	for (i = 0; i < h->nr_paths && !err; i++)
		if (!h->paths[i].gone && !statistics_disk(s, h->paths[i].name, &d))
			err = stats_put(to, h->paths[i].name, &d);
	return err;
}

int top_statistics_read(struct statistics *s, const struct model *m,
			const struct model_head *detail, struct stats *to, __u64 time_ns)
{
	const struct model_head *h;
	struct disk_stat d;
	int err = 0;
	size_t i;

	stats_begin(to, time_ns);
	for (i = 0; (h = model_head(m, i)) && !err; i++) {
		bool counts = false, busy = false;

		if (h->gone)
			continue;
		if (!statistics_disk(s, h->name, &d)) {
			counts = disk_stat_used(&d);
			busy = d.in_flight;
			err = stats_put(to, h->name, &d);
		}
		/* what is in flight may be stuck in a path */
		if (!err && (!counts || busy || h == detail))
			err = read_paths(s, h, to);
	}
	stats_end(to);
	return err;
}
