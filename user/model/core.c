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

int model_listen(struct model *m, const struct model_listener *listener)
{
	struct model_listener *more = array_more(m->listeners, m->nr_listeners, sizeof(*more));

	if (!more)
		return -ENOMEM;
	m->listeners = more;
	more[m->nr_listeners++] = *listener;
	return 0;
}

void model_unlisten(struct model *m, const void *ctx)
{
	size_t i, n = 0;

	for (i = 0; i < m->nr_listeners; i++)
		if (m->listeners[i].ctx != ctx)
			m->listeners[n++] = m->listeners[i];
	m->nr_listeners = n;
}

/* All have to hear of it: an error of one is no reason for a hole in the state of another. */
#define TELL(m, function, ...) \
	do { \
		const struct model_listener *l = (m)->listeners; \
		const struct model_listener *end = l + (m)->nr_listeners; \
		for (; l < end; l++) { \
			int err = l->function ? l->function(l->ctx, m, __VA_ARGS__) : 0; \
			if (err && !(m)->told) \
				(m)->told = err; \
		} \
	} while (0)

void model_record_comes(struct model *m, const struct record *rec)
{
	TELL(m, record_before, rec);
}

void model_window_changed(struct model *m, enum model_change what, const struct window *w)
{
	TELL(m, window, what, &w->pub);
}

void model_outage_over(struct model *m, const struct head *h, __u64 from_ns, __u64 to_ns)
{
	TELL(m, outage, &h->pub, from_ns, to_ns);
}

void model_path_lost(struct model *m, const struct head *h, const struct model_path *p, bool first)
{
	if (p->lost_ns)
		TELL(m, loss, &h->pub, p, first);
}

void model_record_understood(struct model *m, const struct record *rec)
{
	TELL(m, record_after, rec);
}
