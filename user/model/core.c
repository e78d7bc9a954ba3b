// SPDX-License-Identifier: GPL-2.0-only
/* What every file of the model stands on: lists, remarks, times, listeners. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/array.h"
#include "model/internal.h"

int list_add(struct list *list, void *item)
{
	void **more = array_more(list->items, list->nr, sizeof(*more));

	if (!more)
		return -ENOMEM;
	list->items = more;
	more[list->nr++] = item;
	return 0;
}

void model_remark_add(struct model *m, const struct model_remark *remark)
{
	struct model_remark *more;

	if (m->nr_remarks == MODEL_REMARKS) {
		m->remarks_dropped++;
		return;
	}
	more = array_more(m->remarks, m->nr_remarks, sizeof(*more));
	if (!more) {
		m->err = -ENOMEM;
		return;
	}
	m->remarks = more;
	more[m->nr_remarks] = *remark;
	more[m->nr_remarks++].session = m->session;
}

__u64 time_add_ms(__u64 ns, __s64 ms)
{
	__u64 delta;

	if (ms < 0) {
		if (__builtin_mul_overflow(0 - (__u64)ms, NS_PER_MS, &delta) || delta >= ns)
			return 1;
		return ns - delta;
	}
	if (__builtin_mul_overflow((__u64)ms, NS_PER_MS, &delta) ||
	    __builtin_add_overflow(ns, delta, &delta) || delta > (__u64)INT64_MAX)
		return (__u64)INT64_MAX;
	return delta;
}

void model_window_changed(struct model *m, enum model_change what, const struct window *w)
{
	if (m->change)
		m->change(m->ctx, m, what, &w->pub);
}

void model_path_lost(const struct model *m, const struct head *h, const struct model_path *p,
		     bool first)
{
	if (m->loss && p->lost_ns)
		m->loss(m->loss_ctx, &h->pub, p, first);
}

void model_set_callback(struct model *m, model_change_fn fn, void *ctx)
{
	m->change = fn;
	m->ctx = ctx;
}

void model_set_outage_callback(struct model *m, model_outage_fn fn, void *ctx)
{
	m->outage = fn;
	m->outage_ctx = ctx;
}

void model_set_loss_callback(struct model *m, model_loss_fn fn, void *ctx)
{
	m->loss = fn;
	m->loss_ctx = ctx;
}
