// SPDX-License-Identifier: GPL-2.0-only
/* The counters as bytes: a header with sizes and a CRC, then arrays of structures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "metrics/internal.h"
#include "record/validate.h"

#define MAGIC		"NVMEMPS\n"	/* 8 bytes, no NUL */
#define VERSION		4
#define MAX_SEEN	65536

struct header {
	char			magic[8];
	__u32			version;
	__u32			crc;		/* CRC32C of all of it, with this 0 */
	/* the sizes of the structures: their meaning belongs to the version */
	__u32			counts_size, seen_size, top_size, edges;
	__u32			nr_counts, nr_seen, nr_tops, pad;
	struct metrics_totals	t;
};

/* A change of these is a new VERSION. */
_Static_assert(sizeof(struct metrics_totals) == 96, "state format");
_Static_assert(sizeof(struct metrics_counts) == 864, "state format");
_Static_assert(sizeof(struct metrics_snapshot) == 264, "state format");
_Static_assert(sizeof(struct metrics_counted) == 12, "state format");

/* The windows that are open now. */
static void find_open(struct metrics *x)
{
	const struct model_head *h;
	struct metrics_entry *e;
	size_t i;

	for (i = 0; i < x->nr_entries; i++)
		x->entries[i]->open = 0;
	for (i = 0; (h = model_head(x->m, i)); i++) {
		if (!h->window || h->window->outcome != MODEL_PENDING)
			continue;
		e = metrics_entry_get(x, h->window->name, h->subsys);
		if (e)
			e->open++;
	}
}

int metrics_save(struct metrics *x, void **buf, size_t *len)
{
	struct header h = {
		.magic = MAGIC,
		.version = VERSION,
		.counts_size = sizeof(struct metrics_counts),
		.seen_size = sizeof(struct metrics_snapshot),
		.top_size = sizeof(struct metrics_counted),
		.edges = METRICS_EDGES,
		.nr_seen = (__u32)x->nr_last_snapshots,
	};
	struct metrics_counts c;
	char *bytes, *p;
	size_t i;

	metrics_flush(x, false);
	find_open(x);
	h.t = x->t;
	h.t.events_lost += model_events_lost(x->m);
	h.nr_counts = (__u32)x->nr_entries;
	h.nr_tops = (__u32)x->nr_counted_up_to;
	*len = sizeof(h) + x->nr_entries * sizeof(struct metrics_counts) +
	       x->nr_last_snapshots * sizeof(*x->last_snapshots) +
	       x->nr_counted_up_to * sizeof(*x->counted_up_to);
	bytes = malloc(*len);
	if (!bytes || x->err) {
		free(bytes);
		return -ENOMEM;
	}
	p = bytes + sizeof(h);
	for (i = 0; i < x->nr_entries; i++, p += sizeof(c)) {
		c = x->entries[i]->c;
		c.open += x->entries[i]->open;
		memcpy(p, &c, sizeof(c));
	}
	if (x->nr_last_snapshots)
		memcpy(p, x->last_snapshots, x->nr_last_snapshots * sizeof(*x->last_snapshots));
	p += x->nr_last_snapshots * sizeof(*x->last_snapshots);
	if (x->nr_counted_up_to)
		memcpy(p, x->counted_up_to, x->nr_counted_up_to * sizeof(*x->counted_up_to));
	memcpy(bytes, &h, sizeof(h));
	h.crc = crc32c(0, bytes, *len);
	memcpy(bytes, &h, sizeof(h));
	*buf = bytes;
	return 0;
}

static int check(const struct header *h, const void *buf, size_t len)
{
	struct header zeroed = *h;
	__u32 crc;

	if (memcmp(h->magic, MAGIC, sizeof(h->magic)))
		return -EBADMSG;
	zeroed.crc = 0;
	crc = crc32c(0, &zeroed, sizeof(zeroed));
	crc = crc32c(crc, (const char *)buf + sizeof(zeroed), len - sizeof(zeroed));
	if (crc != h->crc)
		return -EBADMSG;
	if (h->version != VERSION || h->counts_size != sizeof(struct metrics_counts) ||
	    h->seen_size != sizeof(struct metrics_snapshot) ||
	    h->top_size != sizeof(struct metrics_counted) || h->edges != METRICS_EDGES)
		return -EPROTONOSUPPORT;
	if (h->nr_counts > METRICS_HEADS || h->nr_seen > MAX_SEEN || h->nr_tops > MAX_SEEN ||
	    len != sizeof(*h) + (size_t)h->nr_counts * h->counts_size +
			    (size_t)h->nr_seen * h->seen_size + (size_t)h->nr_tops * h->top_size)
		return -EBADMSG;
	return 0;
}

static int copy_array(void *to, const char **from, size_t nr, size_t size)
{
	void *copy = nr ? malloc(nr * size) : NULL;

	if (nr && !copy)
		return -ENOMEM;
	if (nr)
		memcpy(copy, *from, nr * size);
	*from += nr * size;
	memcpy(to, &copy, sizeof(copy));
	return 0;
}

static int load_counts(struct metrics *x, const char **from, size_t nr)
{
	struct metrics_counts c;
	struct metrics_entry *e;
	size_t i;

	for (i = 0; i < nr; i++, *from += sizeof(c)) {
		memcpy(&c, *from, sizeof(c));
		if (!record_text_ok(c.device, sizeof(c.device)))
			return -EBADMSG;
		e = metrics_entry_get(x, c.device, c.subsys);
		if (!e)
			return -ENOMEM;
		e->c = c;
	}
	return 0;
}

int metrics_load(struct metrics *x, const void *buf, size_t len)
{
	const char *from = (const char *)buf + sizeof(struct header);
	struct header h;
	size_t i;
	int err;

	if (len < sizeof(h))
		return -EBADMSG;
	memcpy(&h, buf, sizeof(h));
	err = check(&h, buf, len);
	if (!err)
		err = load_counts(x, &from, h.nr_counts);
	if (!err)
		err = copy_array(&x->last_snapshots, &from, h.nr_seen, sizeof(*x->last_snapshots));
	if (!err)
		err = copy_array(&x->counted_up_to, &from, h.nr_tops, sizeof(*x->counted_up_to));
	if (err)
		return err;
	if (!record_text_ok(h.t.boot_id, sizeof(h.t.boot_id)))
		return -EBADMSG;
	x->t = h.t;
	x->nr_last_snapshots = h.nr_seen;
	for (i = 0; i < x->nr_last_snapshots; i++)
		if (!record_text_ok(x->last_snapshots[i].device,
				    sizeof(x->last_snapshots[i].device)))
			return -EBADMSG;
	x->nr_counted_up_to = h.nr_tops;
	return 0;
}
