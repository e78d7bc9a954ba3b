// SPDX-License-Identifier: GPL-2.0-only
/* Is nothing going on? */
#include <stdlib.h>

#include "analysis/idle.h"
#include "model/model.h"

#define KEPT		64		/* windows; the last of each head stays anyway */
#define SETTLE_NS	2000000000ULL	/* longer than the model lets events wait */

struct quiet {
	struct model	*m;
	__u64		event_ns;	/* of the last event */
	bool		lost;		/* memory was short */
};

struct quiet *quiet_new(void)
{
	const struct model_limit limit = { .windows = KEPT };
	struct quiet *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->m = model_new();
	if (!q->m) {
		free(q);
		return NULL;
	}
	model_set_limit(q->m, &limit);
	return q;
}

void quiet_free(struct quiet *q)
{
	if (!q)
		return;
	model_free(q->m);
	free(q);
}

void quiet_feed(struct quiet *q, const struct record *rec)
{
	q->lost |= model_feed(q->m, rec) != 0;
	if (rec->type == REC_EVENT)
		q->event_ns = rec->time_ns;
}

bool quiet_at(const struct quiet *q, __u64 now_ns)
{
	const struct model_head *h;
	size_t i;

	if (q->lost || !model_current(q->m) || now_ns < q->event_ns + SETTLE_NS)
		return false;
	for (i = 0; (h = model_head(q->m, i)); i++) {
		int state = model_head_state(h);

		if (state > HEAD_HEALTHY && state != HEAD_REMOVED)
			return false;
		if (h->window && !h->window->settled)
			return false;
		if (h->outage && !h->outage->s.drained_ns)
			return false;
	}
	return true;
}
