// SPDX-License-Identifier: GPL-2.0-only
/* Is it to be shown? By head and by time. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/model.h"
#include "report/report.h"

bool view_wants_head(const struct view_opts *vo, const struct model_head *h)
{
	return !vo->head || (h && !strcmp(vo->head, h->name));
}

static int by_address(const void *a, const void *b)
{
	const void *const *x = a, *const *y = b;

	return (*x > *y) - (*x < *y);
}

void view_hide(struct view_opts *vo, const void **hidden, size_t nr)
{
	if (nr)
		qsort(hidden, nr, sizeof(*hidden), by_address);
	vo->hidden = hidden;
	vo->nr_hidden = nr;
}

static bool is_hidden(const struct view_opts *vo, const void *it)
{
	return vo->nr_hidden &&
	       bsearch(&it, vo->hidden, vo->nr_hidden, sizeof(*vo->hidden), by_address);
}

bool view_wants_window(const struct view_opts *vo, const struct model_window *w)
{
	if (!view_wants_head(vo, w->head) && strcmp(vo->head, w->name))
		return false;
	if (is_hidden(vo, w))
		return false;
	return (!vo->has_since && !vo->has_until) ||
	       view_wants_time(vo, w->session, view_window_from(w), view_window_to(w));
}

static bool wall_time(const struct model_session *s, __u64 boot_ns, __s64 *real_ns)
{
	return boot_ns && !model_wall_ns(s, boot_ns, real_ns);
}

bool view_wants_time(const struct view_opts *vo, const struct model_session *s, __u64 from,
		     __u64 to)
{
	__s64 t;

	if (vo->has_since && wall_time(s, to ? to : from, &t) && t < vo->since)
		return false;
	return !(vo->has_until && wall_time(s, from ? from : to, &t) && t > vo->until);
}

/* First of the times that are known, or last. */
static __u64 extreme(const __u64 *times, size_t n, bool last)
{
	__u64 t = MODEL_NONE;

	for (; n--; times++)
		if (*times && (!t || (last ? *times > t : *times < t)))
			t = *times;
	return t;
}

__u64 view_window_from(const struct model_window *w)
{
	const __u64 times[] = { w->first_lost_ns, w->lost_ns, w->armed_ns,
				w->back_ns,	  w->end_ns,  w->removed_ns };

	return extreme(times, ARRAY_SIZE(times), false);
}

__u64 view_window_to(const struct model_window *w)
{
	const __u64 times[] = { w->armed_ns,  w->lost_ns,    w->end_ns,
				w->usable_ns, w->drained_ns, w->removed_ns };

	return extreme(times, ARRAY_SIZE(times), true);
}

bool view_wants_remark(const struct view_opts *vo, const struct model_remark *r)
{
	if (r->head && !view_wants_head(vo, r->head))
		return false;
	return !r->time_ns || view_wants_time(vo, r->session, r->time_ns,
					      r->until_ns > r->time_ns ? r->until_ns : r->time_ns);
}

bool view_wants_outage(const struct view_opts *vo, const struct model_outage *o)
{
	return view_wants_head(vo, o->head) && !model_outage_has_window(o) && !is_hidden(vo, o) &&
	       view_wants_time(vo, o->session, o->s.start_ns,
			       o->s.drained_ns ? o->s.drained_ns : o->time_ns);
}
