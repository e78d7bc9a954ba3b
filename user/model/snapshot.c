// SPDX-License-Identifier: GPL-2.0-only
/* Counter snapshots: each goes to its outage, and to the window that the outage belongs to. */
#include <string.h>

#include "model/internal.h"

/* A recording of an older version has less of it, one of a newer version more. */
static void take_snapshot(struct model_outage *o, const struct record *rec)
{
	size_t len = rec->len < sizeof(o->s) ? rec->len : sizeof(o->s);

	memset(&o->s, 0, sizeof(o->s));
	memcpy(&o->s, rec->data, len);
	o->whole = len >= MPATH_OUTAGE_LEN_2;
	o->time_ns = rec->time_ns;
}

void outage_snapshot(struct model *m, const struct record *rec)
{
	const struct mpath_outage *s = rec->data;
	struct head *h = head_of_id(m, s->head_id);
	int left = MODEL_LOOKBACK;
	struct window *w;
	struct outage *o;

	if (!h) {
		m->bad[REC_OUTAGE]++;
		return;
	}
	o = outage_get(m, h, s);
	if (!o)
		return;
	take_snapshot(&o->pub, rec);
	for (w = h->window; w && left-- && w->pub.session == m->session; w = w->before) {
		if (w->pub.settled || !window_matches(w, &o->pub))
			continue;
		window_take_counters(m, w, o);
		break;
	}
}
