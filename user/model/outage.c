// SPDX-License-Identifier: GPL-2.0-only
/*
 * Outages: the last counter snapshot of each, and who parked. An outage has at most one window, a
 * window one outage; the window knows of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/internal.h"

static bool is_outage(const struct model *m, const struct outage *o, const struct mpath_outage *s)
{
	return o->pub.session == m->session && o->pub.s.head_id == s->head_id &&
	       o->pub.s.outage == s->outage;
}

struct outage *outage_get(struct model *m, struct head *h, const struct mpath_outage *s)
{
	struct outage *o = s->head_id == h->pub.head_id && s->outage > h->last_outage_number ?
				   NULL :
				   h->outage;

	/* numbers rise, so one above the highest is new */
	while (o && !is_outage(m, o, s))
		o = o->before;
	if (o)
		return o;
	o = calloc(1, sizeof(*o));
	if (!o || list_add(&m->outages, o)) {
		free(o);
		m->err = -ENOMEM;
		return NULL;
	}
	o->pub.session = m->session;
	o->pub.head = &h->pub;
	memcpy(o->pub.name, h->pub.name, sizeof(o->pub.name));
	o->before = h->outage;
	h->outage = o;
	h->pub.outage = &o->pub;
	if (s->head_id == h->pub.head_id && s->outage > h->last_outage_number)
		h->last_outage_number = s->outage;
	return o;
}

void outage_merge(struct head *from, struct head *to)
{
	struct outage *o;

	for (o = from->outage; o; o = o->before) {
		o->pub.head = &to->pub;
		if (!o->before) {
			o->before = to->outage;
			break;
		}
	}
	if (from->outage)
		to->outage = from->outage;
	to->last_outage_number = from->last_outage_number;
}

/* ---- who ---- */

void outage_free(struct outage *o)
{
	if (o)
		free(o->who);
	free(o);
}

static struct outage *outage_find(const struct model *m, const struct mpath_who *w)
{
	const struct mpath_outage of = { .head_id = w->head_id, .outage = w->outage };
	const struct head *h = head_of_id(m, w->head_id);
	struct outage *o = h ? h->outage : NULL;

	while (o && !is_outage(m, o, &of))
		o = o->before;
	return o;
}

static struct model_who *who_get(struct model *m, struct outage *o, __u64 cgroup)
{
	struct model_who *more;
	size_t i, nr = o->pub.nr_who;

	for (i = 0; i < nr; i++)
		if (o->who[i].cgroup == cgroup)
			return &o->who[i];
	if (nr == MODEL_WHO)
		return NULL;	/* it is among the others */
	more = array_more(o->who, nr, sizeof(*more));
	if (!more) {
		m->err = -ENOMEM;
		return NULL;
	}
	o->who = more;
	o->pub.who = more;
	o->pub.nr_who++;
	memset(&more[nr], 0, sizeof(*more));
	return &more[nr];
}

/* Comes after the first snapshot of its outage, and again when there are more. */
void outage_who(struct model *m, const struct rec_who *rec)
{
	struct outage *o = outage_find(m, &rec->w);
	struct model_who *w = o ? who_get(m, o, rec->w.cgroup) : NULL;

	/* of a recording without its beginning the snapshot may be gone */
	if (!o && m->session->fresh)
		m->bad[REC_WHO]++;
	if (!w)
		return;
	w->cgroup = rec->w.cgroup;
	w->parked = rec->w.parked;
	w->pid = rec->w.pid;
	w->several = rec->w.flags & MPATH_WHO_SEVERAL;
	memcpy(w->comm, rec->w.comm, sizeof(w->comm));
	/* it may be gone by now */
	if (*rec->path)
		memcpy(w->path, rec->path, sizeof(w->path));
}

bool outage_balanced(struct model *m, struct outage *o)
{
	const struct mpath_outage *s = &o->pub.s;
	__u64 parked = s->parked[MPATH_PARK_NO_USABLE_PATH] + s->parked[MPATH_PARK_FAILOVER];
	__u64 left = s->completed + s->failed + s->depth;

	if (parked == left)
		return true;
	if (!o->unbalanced)
		model_remark_add(m, &(struct model_remark) {
					    .kind = REMARK_BALANCE,
					    .head = o->pub.head,
					    .time_ns = o->pub.time_ns,
					    .a = parked,
					    .b = left,
				    });
	o->unbalanced = true;
	return false;
}
