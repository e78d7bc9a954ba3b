// SPDX-License-Identifier: GPL-2.0-only
/* Which windows of which inputs a report shows, in which order, and how many. */
#include <errno.h>
#include <stdlib.h>

#include "analysis/what_if.h"
#include "model/model.h"
#include "report/report.h"

void view_tally_add(struct view_tally *t, const struct model_window *w, const struct view_opts *vo)
{
	struct what_if would;

	t->windows++;
	t->count[w->outcome]++;
	t->incomplete += w->missing || w->outcome == MODEL_UNKNOWN;
	if (!vo->what_if)
		return;
	what_if(w, (__u64)vo->setting_ns, &would);
	t->would[would.outcome]++;
	t->would_change += would.changed;
}

void view_count(const struct view_input *in, size_t nr, const struct view_opts *vo,
		struct view_tally *sum)
{
	const struct model_window *w;
	size_t i, k, o;

	*sum = (struct view_tally) { 0 };
	for (i = 0; i < nr; i++) {
		const struct view_tally *f = in[i].forgotten;

		for (k = 0; (w = model_window(in[i].m, k)); k++)
			if (view_wants_window(vo, w))
				view_tally_add(sum, w, vo);
		if (!f)
			continue;
		sum->windows += f->windows;
		sum->incomplete += f->incomplete;
		sum->would_change += f->would_change;
		for (o = 0; o < MODEL_OUTCOMES; o++) {
			sum->count[o] += f->count[o];
			sum->would[o] += f->would[o];
		}
	}
}

void view_cost_add(struct view_cost *c, const struct model_window *w)
{
	__u64 outage = model_outage_duration(w);

	c->windows++;
	c->outage_ns += outage;
	c->partly |= w->missing || outage == MODEL_NONE;
	if (!w->counters)
		return;
	c->parked += model_outage_parked(w->counters);
	c->failed += w->counters->s.failed + w->counters->s.failed_unparked;
	c->max_ns = w->counters->s.stall_max_ns > c->max_ns ? w->counters->s.stall_max_ns :
							      c->max_ns;
}

/* Wall time of its begin; what has none comes first. */
static __s64 begin_of(const struct model_window *w)
{
	__u64 from = view_window_from(w);
	__s64 t;

	return from && !model_wall_ns(w->session, from, &t) ? t : 0;
}

static int by_time(const void *a, const void *b)
{
	const struct view_window *x = a, *y = b;
	__s64 tx = begin_of(x->w), ty = begin_of(y->w);

	if (tx != ty)
		return (tx > ty) - (tx < ty);
	if (x->input != y->input)
		return (x->input > y->input) - (x->input < y->input);
	return (x->w->index > y->w->index) - (x->w->index < y->w->index);
}

int view_windows(const struct view_input *in, size_t nr, const struct view_opts *vo,
		 struct view_window **list, size_t *count)
{
	const struct model_window *w;
	size_t i, k, room = 0;

	for (i = 0; i < nr; i++)
		for (k = 0; model_window(in[i].m, k); k++)
			room++;
	*count = 0;
	*list = calloc(room ? room : 1, sizeof(**list));
	if (!*list)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		for (k = 0; (w = model_window(in[i].m, k)); k++)
			if (view_wants_window(vo, w))
				(*list)[(*count)++] = (struct view_window) { i, w };
	if (nr > 1)
		qsort(*list, *count, sizeof(**list), by_time);
	return 0;
}
