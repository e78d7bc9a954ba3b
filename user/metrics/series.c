// SPDX-License-Identifier: GPL-2.0-only
/* The counters of each pair of labels, and which head has these labels. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/internal.h"

static int compare(const struct metrics_entry *e, const char *device, __s32 subsys)
{
	int order = strncmp(e->c.device, device, sizeof(e->c.device));

	return order ? order : (e->c.subsys > subsys) - (e->c.subsys < subsys);
}

/* Where it is, or would be. */
static size_t find(const struct metrics *x, const char *device, __s32 subsys, bool *there)
{
	size_t lo = 0, hi = x->nr_entries;

	*there = false;
	while (lo < hi && !*there) {
		size_t mid = (lo + hi) / 2;
		int order = compare(x->entries[mid], device, subsys);

		*there = !order;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return *there ? hi : lo;
}

/* Too many: the counters of the names that no head has, unchanged for longest, go. */
static void drop_oldest(struct metrics *x)
{
	size_t i, oldest = x->nr_entries;

	for (i = 0; i < x->nr_entries; i++) {
		const struct metrics_entry *e = x->entries[i];

		if (!e->gauges &&
		    (oldest == x->nr_entries || e->c.changed < x->entries[oldest]->c.changed))
			oldest = i;
	}
	if (oldest == x->nr_entries)
		return;
	free(x->entries[oldest]);
	memmove(&x->entries[oldest], &x->entries[oldest + 1],
		(--x->nr_entries - oldest) * sizeof(*x->entries));
	x->t.dropped++;
}

struct metrics_entry *metrics_entry_get(struct metrics *x, const char *device, __s32 subsys)
{
	struct metrics_entry *e, **more;
	bool there;
	size_t at = find(x, device, subsys, &there);

	if (there)
		return x->entries[at];
	if (x->nr_entries >= METRICS_HEADS) {
		drop_oldest(x);
		at = find(x, device, subsys, &there);
	}
	e = calloc(1, sizeof(*e));
	more = e ? realloc(x->entries, (x->nr_entries + 1) * sizeof(*more)) : NULL;
	if (!more) {
		free(e);
		x->err = -ENOMEM;
		return NULL;
	}
	x->entries = more;
	memmove(&more[at + 1], &more[at], (x->nr_entries++ - at) * sizeof(*more));
	more[at] = e;
	topo_text(e->c.device, sizeof(e->c.device), device);
	e->c.subsys = subsys;
	return e;
}

struct metrics_entry *metrics_touch(struct metrics *x, const char *device, __s32 subsys)
{
	struct metrics_entry *e = metrics_entry_get(x, device, subsys);

	if (e)
		e->c.changed = ++x->t.changed;
	x->changes++;
	return e;
}

void metrics_look(struct metrics *x, __u64 now_ns)
{
	const struct model_head *h;
	size_t i;

	for (i = 0; i < x->nr_entries; i++)
		x->entries[i]->head = NULL;
	for (i = 0; (h = model_head(x->m, i)); i++) {
		struct metrics_entry *e = metrics_entry_get(x, h->name, h->subsys);

		/* of two, that one which was seen first later is there now */
		if (e && (!h->gone || !e->head || e->head->gone))
			e->head = h;
	}
	for (i = 0; i < x->nr_entries; i++) {
		struct metrics_entry *e = x->entries[i];

		if (e->head && !e->head->gone)
			e->gone_ns = 0;
		else if (!e->gone_ns)
			e->gone_ns = now_ns;
		e->gauges = e->head && (!e->gone_ns || now_ns < e->gone_ns ||
					now_ns - e->gone_ns <= METRICS_KEEP_S * NS_PER_S);
	}
}
