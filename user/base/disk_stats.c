// SPDX-License-Identifier: GPL-2.0-only
/* Statistics of disks: readings by name, rates between two of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/disk_stats.h"
#include "base/units.h"

#define SECTOR		512

struct reading {
	char			name[40];	/* first: the key of the tree */
	unsigned int		round;		/* in which it was read last */
	__u64			time_ns;
	struct disk_stat	stat;
	__u64			still_ns;	/* no I/O ended since, and some are in flight */
	bool			rated;
	struct disk_rate	rate;
};

struct stats {
	void		*tree;			/* of entries, by name */
	struct reading	**entries;
	size_t		nr;
	unsigned int	round;
	__u64		time_ns;
};

/* ---- rates ---- */

int disk_stat_parse(const char *text, struct disk_stat *d)
{
	unsigned long long ios[2], sectors[2], ticks[2], in_flight;

	if (sscanf(text, "%llu %*u %llu %llu %llu %*u %llu %llu %llu", &ios[STATS_READ],
		   &sectors[STATS_READ], &ticks[STATS_READ], &ios[STATS_WRITE],
		   &sectors[STATS_WRITE], &ticks[STATS_WRITE], &in_flight) != 7)
		return -EINVAL;
	d->ios[STATS_READ] = ios[STATS_READ];
	d->ios[STATS_WRITE] = ios[STATS_WRITE];
	d->sectors[STATS_READ] = sectors[STATS_READ];
	d->sectors[STATS_WRITE] = sectors[STATS_WRITE];
	d->ticks_ms[STATS_READ] = ticks[STATS_READ];
	d->ticks_ms[STATS_WRITE] = ticks[STATS_WRITE];
	d->in_flight = in_flight;
	return 0;
}

bool disk_stat_used(const struct disk_stat *d)
{
	return d->ios[STATS_READ] || d->ios[STATS_WRITE];
}

bool disk_rate(const struct disk_stat *a, __u64 a_ns, const struct disk_stat *b, __u64 b_ns,
	       struct disk_rate *r)
{
	__u64 ios = 0, sectors = 0, ticks = 0;
	double seconds;
	int i;

	if (a->id != b->id || b_ns <= a_ns)
		return false;
	for (i = 0; i < STATS_DIRS; i++) {
		if (b->ios[i] < a->ios[i] || b->sectors[i] < a->sectors[i] ||
		    b->ticks_ms[i] < a->ticks_ms[i])
			return false;
		ios += b->ios[i] - a->ios[i];
		sectors += b->sectors[i] - a->sectors[i];
		ticks += b->ticks_ms[i] - a->ticks_ms[i];
	}
	seconds = (double)(b_ns - a_ns) / (double)NS_PER_S;
	r->iops = (double)ios / seconds;
	r->bytes = (double)sectors * SECTOR / seconds;
	r->latency_known = ios != 0;
	r->latency_ns = ios ? (__u64)((double)ticks * NS_PER_MS / (double)ios) : 0;
	r->in_flight = b->in_flight;
	return true;
}

void disk_rate_add(struct disk_rate *sum, const struct disk_rate *r)
{
	double iops = sum->iops + r->iops;

	if (iops > 0)
		sum->latency_ns = (__u64)(((double)sum->latency_ns * sum->iops +
					   (double)r->latency_ns * r->iops) /
					  iops);
	sum->latency_known |= r->latency_known;
	sum->iops = iops;
	sum->bytes += r->bytes;
	sum->in_flight += r->in_flight;
}

/* ---- readings ---- */

struct stats *stats_new(void)
{
	return calloc(1, sizeof(struct stats));
}

static void keep(void *node)
{
	(void)node;		/* the array owns the entries */
}

void stats_free(struct stats *s)
{
	size_t i;

	if (!s)
		return;
	tdestroy(s->tree, keep);
	for (i = 0; i < s->nr; i++)
		free(s->entries[i]);
	free(s->entries);
	free(s);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct reading *)a)->name, ((const struct reading *)b)->name);
}

static struct reading *find(const struct stats *s, const char *name)
{
	struct reading key, **node;

	if (strlen(name) >= sizeof(key.name))
		return NULL;
	strcpy(key.name, name);
	node = tfind(&key, &s->tree, by_name);
	return node ? *node : NULL;
}

static struct reading *add(struct stats *s, const char *name)
{
	struct reading **more = array_more(s->entries, s->nr, sizeof(*more)), *e;

	if (!more)
		return NULL;
	s->entries = more;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	strcpy(e->name, name);
	if (!tsearch(e, &s->tree, by_name)) {
		free(e);
		return NULL;
	}
	more[s->nr++] = e;
	return e;
}

void stats_begin(struct stats *s, __u64 time_ns)
{
	s->round++;
	s->time_ns = time_ns;
}

int stats_put(struct stats *s, const char *name, const struct disk_stat *d)
{
	struct reading *e = find(s, name);

	if (strlen(name) >= sizeof(e->name))
		return 0;		/* no disk has such a name */
	if (!e)
		e = add(s, name);
	if (!e)
		return -ENOMEM;
	/* without a reading in the round before it may have been away meanwhile */
	e->rated = e->round == s->round - 1 &&
		   disk_rate(&e->stat, e->time_ns, d, s->time_ns, &e->rate);
	if (e->round != s->round - 1 || e->stat.id != d->id || !e->stat.in_flight ||
	    !d->in_flight || e->stat.ios[STATS_READ] != d->ios[STATS_READ] ||
	    e->stat.ios[STATS_WRITE] != d->ios[STATS_WRITE])
		e->still_ns = s->time_ns;
	e->stat = *d;
	e->time_ns = s->time_ns;
	e->round = s->round;
	return 0;
}

void stats_end(struct stats *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->nr; i++) {
		if (s->entries[i]->round == s->round) {
			s->entries[n++] = s->entries[i];
			continue;
		}
		tdelete(s->entries[i], &s->tree, by_name);
		free(s->entries[i]);
	}
	/* add() grows at powers of two: the array may stay larger than it has to be */
	if (n != s->nr) {
		size_t room = 1;
		struct reading **less;

		while (room < n)
			room *= 2;
		less = realloc(s->entries, room * sizeof(*less));
		if (less)
			s->entries = less;
		s->nr = n;
	}
}

const struct disk_rate *stats_rate(const struct stats *s, const char *name)
{
	const struct reading *e = s ? find(s, name) : NULL;

	return e && e->rated && e->round == s->round ? &e->rate : NULL;
}

const struct disk_stat *stats_last(const struct stats *s, const char *name)
{
	const struct reading *e = s ? find(s, name) : NULL;

	return e && e->round == s->round ? &e->stat : NULL;
}

bool stats_stuck(const struct stats *s, const char *name, __u64 *since_ns)
{
	const struct reading *e = s ? find(s, name) : NULL;

	if (!e || e->round != s->round || !e->stat.in_flight || e->still_ns == e->time_ns)
		return false;
	*since_ns = e->still_ns;
	return true;
}
