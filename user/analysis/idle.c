// SPDX-License-Identifier: GPL-2.0-only
/* Is nothing going on? */
#include <stdlib.h>

#include "analysis/idle.h"

#define SETTLE_NS	2000000000ULL	/* longer than the model lets events wait */

struct idle {
	struct model	*m;
	__u64		event_ns;	/* of the last event */
};

static int on_record_after(void *ctx, const struct model *m, const struct record *rec)
{
	struct idle *idle = ctx;

	(void)m;
	if (rec->type == REC_EVENT)
		idle->event_ns = rec->time_ns;
	return 0;
}

struct idle *idle_new(struct model *m)
{
	struct idle *idle = calloc(1, sizeof(*idle));
	const struct model_listener listener = { .record_after = on_record_after, .ctx = idle };

	if (!idle)
		return NULL;
	idle->m = m;
	if (!model_listen(m, &listener))
		return idle;
	free(idle);
	return NULL;
}

void idle_free(struct idle *idle)
{
	if (idle)
		model_unlisten(idle->m, idle);
	free(idle);
}

bool idle_at(const struct idle *idle, __u64 now_ns)
{
	const struct model *m = idle->m;
	const struct model_head *h;
	size_t i;

	if (model_error(m) || !model_current(m) || now_ns < idle->event_ns + SETTLE_NS)
		return false;
	for (i = 0; (h = model_head(m, i)); i++) {
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
