// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forgetting what is long over, so that a collector may run for months. What
 * goes is marked by clearing its place in the list; pointers to it are turned
 * before it is freed.
 */
#include <stdlib.h>

#include "model_priv.h"

/* The nearest window before it that stays. */
static struct window *still_there(struct window *w)
{
	while (w && w->forget)
		w = w->before;
	return w;
}

static void squeeze(struct list *list)
{
	size_t i, n = 0;

	for (i = 0; i < list->nr; i++)
		if (list->items[i])
			list->items[n++] = list->items[i];
	list->nr = n;
}

static void trim_windows(struct model *m, size_t too_many)
{
	size_t i;

	for (i = 0; i < m->windows.nr && too_many; i++) {
		struct window *w = m->windows.items[i];

		if (!w->pub.settled || w == w->head->window)
			continue;
		w->forget = true;
		too_many--;
	}
	for (i = 0; i < m->windows.nr; i++) {
		struct window *w = m->windows.items[i];

		if (!w->forget)
			w->before = still_there(w->before);
	}
	for (i = 0; i < m->windows.nr; i++) {
		struct window *w = m->windows.items[i];

		if (!w->forget)
			continue;
		free(w);
		m->windows.items[i] = NULL;
	}
	squeeze(&m->windows);
	for (i = 0; i < m->windows.nr; i++)
		((struct window *)m->windows.items[i])->pub.index = i;
}

static void trim_outages(struct model *m, size_t too_many)
{
	size_t i;

	for (i = 0; i < m->outages.nr; i++)
		((struct outage *)m->outages.items[i])->needed = false;
	for (i = 0; i < m->windows.nr; i++) {
		struct window *w = m->windows.items[i];

		if (w->pub.counters)
			((struct outage *)w->pub.counters)->needed = true;
	}
	for (i = 0; i < m->outages.nr && too_many; i++) {
		struct outage *o = m->outages.items[i];

		if (o->needed || o->pub.head->outage == &o->pub ||
		    (!o->pub.s.drained_ns && o->pub.session == m->session))
			continue;
		free(o);
		m->outages.items[i] = NULL;
		too_many--;
	}
	squeeze(&m->outages);
}

void model_trim(struct model *m, size_t keep)
{
	if (m->windows.nr > keep)
		trim_windows(m, m->windows.nr - keep);
	if (m->outages.nr > keep)
		trim_outages(m, m->outages.nr - keep);
}
