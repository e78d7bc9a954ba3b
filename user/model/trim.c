// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forgetting: the oldest windows with their outages, and outages without a
 * window, for a collector that runs for months and a report of months. What
 * goes is selected; pointers to it are turned before it is freed.
 */
#include <stdlib.h>

#include "model/internal.h"

void model_set_limit(struct model *m, const struct model_limit *limit)
{
	m->limit = *limit;
}

__u64 model_outages_forgotten(const struct model *m)
{
	return m->outages_forgotten;
}

static void select_window(struct model *m, struct window *w)
{
	w->forget = true;
	if (w->outage)
		w->outage->forget = true;
	if (m->limit.forget)
		m->limit.forget(m->limit.ctx, &w->pub);
}

/*
 * Select up to @surplus windows, the oldest first; @all: also those that are
 * wanted. Returns how many are still too many.
 */
static size_t select_windows(struct model *m, size_t surplus, bool all)
{
	const struct model_limit *l = &m->limit;
	size_t i;

	for (i = 0; i < m->windows.nr && surplus; i++) {
		struct window *w = m->windows.items[i];

		if (!w->pub.settled || w == w->head->window || w->forget ||
		    (!all && (!l->wanted || l->wanted(l->ctx, &w->pub))))
			continue;
		select_window(m, w);
		surplus--;
	}
	return surplus;
}

static bool outage_over(const struct model *m, const struct outage *o)
{
	return o->pub.s.drained_ns || o->pub.session != m->session;
}

/* The same for outages of which no window has the counters. */
static void select_outages(struct model *m, size_t surplus)
{
	size_t i;

	for (i = 0; i < m->outages.nr && surplus; i++) {
		struct outage *o = m->outages.items[i];

		if (o->linked || !outage_over(m, o) || &o->pub == o->pub.head->outage)
			continue;
		o->forget = true;
		m->outages_forgotten++;
		surplus--;
	}
}

/* The nearest before it that stays. */
static struct window *window_that_stays(struct window *w)
{
	while (w && w->forget)
		w = w->before;
	return w;
}

static struct outage *outage_that_stays(struct outage *o)
{
	while (o && o->forget)
		o = o->before;
	return o;
}

static void turn_pointers(struct model *m)
{
	size_t i;

	for (i = 0; i < m->windows.nr; i++) {
		struct window *w = m->windows.items[i];

		if (!w->forget)
			w->before = window_that_stays(w->before);
	}
	for (i = 0; i < m->outages.nr; i++) {
		struct outage *o = m->outages.items[i];

		/* a head's last one may be that of a window that goes */
		if (&o->pub == o->pub.head->outage)
			o->forget = false;
		if (!o->forget)
			o->before = outage_that_stays(o->before);
	}
	for (i = 0; i < m->heads.nr; i++) {
		struct head *h = m->heads.items[i];

		h->outage = outage_that_stays(h->outage);
	}
}

static void free_selected(struct model *m)
{
	size_t i, n;

	for (i = 0, n = 0; i < m->windows.nr; i++) {
		struct window *w = m->windows.items[i];

		if (w->forget)
			free(w);
		else
			m->windows.items[n++] = w;
	}
	m->windows.nr = n;
	for (i = 0, n = 0; i < m->outages.nr; i++) {
		struct outage *o = m->outages.items[i];

		if (o->forget)
			outage_free(o);
		else
			m->outages.items[n++] = o;
	}
	m->outages.nr = n;
}

/* Keep so many windows, with their outages, and as many outages without one. */
void model_trim(struct model *m, size_t keep)
{
	size_t with = 0, i, surplus;

	if (m->windows.nr > keep) {
		surplus = select_windows(m, m->windows.nr - keep, false);
		select_windows(m, surplus, true);
	}
	for (i = 0; i < m->outages.nr; i++)
		with += ((const struct outage *)m->outages.items[i])->linked;
	if (m->outages.nr - with > keep)
		select_outages(m, m->outages.nr - with - keep);
	turn_pointers(m);
	free_selected(m);
}

/* Windows that are over but for counters that did not come so far: far behind, they never will. */
static void give_up_old(struct model *m, size_t keep)
{
	size_t i;

	for (i = 0; i + keep < m->windows.nr; i++)
		if (m->windows.items[i] != ((struct window *)m->windows.items[i])->head->window)
			window_give_up(m, m->windows.items[i]);
}

void model_keep_limit(struct model *m)
{
	size_t limit = m->limit.windows, slack = limit / 4 + 1;

	/* now and then only: it looks at all of them, and may find little that can go */
	if (!limit || (m->windows.nr <= m->stayed + limit + slack &&
		       m->outages.nr <= m->stayed + 2 * (limit + slack)))
		return;
	give_up_old(m, limit);
	model_trim(m, limit);
	m->stayed = m->windows.nr > limit ? m->windows.nr - limit : 0;
}
