// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's way in and its end: each record goes to the file of its type, losses and gaps are
 * noted here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/internal.h"
#include "record/types.h"

struct model *model_new(void)
{
	return calloc(1, sizeof(struct model));
}

void model_free(struct model *m)
{
	size_t i;

	if (!m)
		return;
	for (i = 0; i < m->sessions.nr; i++) {
		struct model_session *s = m->sessions.items[i];

		order_free(s);
		free(s->clocks);
		free(s->refs);
		free(s);
	}
	for (i = 0; i < m->heads.nr; i++)
		head_free(m->heads.items[i]);
	for (i = 0; i < m->windows.nr; i++)
		free(m->windows.items[i]);
	for (i = 0; i < m->outages.nr; i++)
		outage_free(m->outages.items[i]);
	free(m->sessions.items);
	free(m->heads.items);
	free(m->windows.items);
	free(m->outages.items);
	free(m->remarks);
	free(m->listeners);
	topo_free(m->topo);
	cause_forget(m);
	free(m);
}

static void full_map(struct model *m, __u64 which, __u64 now, __u64 before, __u32 missing)
{
	if (now <= before)
		return;
	model_remark_add(m, &(struct model_remark) {
				    .kind = REMARK_MAPS_FULL,
				    .time_ns = m->now,
				    .a = which,
				    .b = now - before,
			    });
	window_add_missing(m, missing, 0, m->session->losses_ns);
}

/* A run that the kernel skipped would have taken a number, if any: there is no hole. */
static void runs_skipped(struct model *m, __u64 runs)
{
	struct model_session *s = m->session;
	__u64 from_ns = s->losses_ns ? s->losses_ns : s->first_ns;

	if (!runs)
		return;
	m->runs_skipped += runs;
	model_remark_add(m, &(struct model_remark) {
				    .kind = REMARK_SKIPPED,
				    .time_ns = from_ns,
				    .until_ns = m->now,
				    .a = runs,
			    });
	s->lacks_ns = m->now;
	window_add_missing(m, MISSING_EVENTS, 0, from_ns);
}

/* Events that found the ring full leave holes and are remarked there, or at the end. */
static void feed_losses(struct model *m, const struct record *rec)
{
	struct mpath_losses now = {}, *l = &now;
	struct model_session *s = m->session;

	memcpy(&now, rec->data, rec->len < sizeof(now) ? rec->len : sizeof(now));
	if (!s->has_losses && !s->fresh)
		s->losses = *l;
	if (!s->has_losses)
		s->base = s->losses;
	s->has_losses = true;
	full_map(m, 0, l->head_map_full, s->losses.head_map_full, MISSING_MAPS);
	full_map(m, 1, l->outage_map_full, s->losses.outage_map_full, MISSING_MAPS);
	full_map(m, 2, l->bio_map_full, s->losses.bio_map_full, 0);
	if (l->skipped > s->losses.skipped)
		runs_skipped(m, l->skipped - s->losses.skipped);
	s->losses = *l;
	s->losses_ns = m->now;
}

static void feed_gap(struct model *m, const struct rec_gap *gap)
{
	model_remark_add(m, &(struct model_remark) {
				    .kind = REMARK_GAP,
				    .time_ns = gap->from_ns,
				    .until_ns = gap->to_ns,
				    .a = gap->records,
				    .b = gap->error,
			    });
	if (gap->to_ns > m->session->hole_ns)
		m->session->hole_ns = gap->to_ns;
	window_add_missing(m, MISSING_GAP, 0, gap->from_ns);
}

static int feed_topology(struct model *m, const struct record *rec)
{
	struct topo *t;
	int err;

	err = topo_decode(rec->data, rec->len, &t);
	if (err == -EBADMSG)
		m->bad[REC_TOPOLOGY]++;
	if (err)
		return err == -EBADMSG ? 0 : err;
	topo_free(m->topo);
	m->topo = t;
	m->topo_ns = rec->time_ns;
	m->listed = true;
	if (m->topologies_only && !(rec->flags & RECORD_REPEAT))
		head_forget_topologies(m);
	reconcile_topology(m, t, rec->time_ns, rec->flags & RECORD_REPEAT);
	return 0;
}

static int feed_checked(struct model *m, const struct record *rec)
{
	/* no default: the compiler warns of a type that is missing here */
	switch ((enum record_type)rec->type) {
	case REC_HOST:
		return 0;		/* model_feed() took it, before there was a session */
	case REC_START:
		return session_start(m, rec);
	case REC_CLOCK:
		return session_clock(m, rec->data);
	case REC_TOPOLOGY:
		return feed_topology(m, rec);
	case REC_EVENT:
		return order_feed(m, rec->data);
	case REC_OUTAGE:
		outage_snapshot(m, rec);
		return 0;
	case REC_LOSSES:
		feed_losses(m, rec);
		return 0;
	case REC_GAP:
		feed_gap(m, rec->data);
		return 0;
	case REC_WHO:
		outage_who(m, rec->data);
		return 0;
	case REC_UNLOADED:
		session_unloaded(m, rec->time_ns);
		return 0;
	case REC_END:
		/* the next collector may bring what is missing */
		if (!m->session->attachment)
			order_flush(m);
		m->session->ended = true;
		return 0;
	case REC_INDEX:
	case REC_TYPES:
		return 0;
	}
	return 0;
}

/*
 * Was the ring read before this record was made? A topology may take seconds to read while
 * controllers are reset, and the event that is missing lies in the ring meanwhile.
 */
static bool follows_ring(const struct record *rec)
{
	return rec->type != REC_TOPOLOGY && rec->type != REC_CLOCK;
}

static int understand(struct model *m, const struct record *rec)
{
	const struct record_type_info *info = record_type_info(rec->type);
	struct model_session *s;
	int err = 0;

	if (!info || info->index)
		return 0;
	if (!record_ok(rec)) {
		m->bad[rec->type]++;
		return 0;
	}
	if (rec->type == REC_HOST)
		err = session_host(m, rec);
	else if (!m->session)
		err = session_begin(m, rec->time_ns, NULL);
	if (err)
		return err;
	s = m->session;
	if (!(rec->flags & RECORD_REPEAT)) {
		if (rec->time_ns > m->now)
			m->now = rec->time_ns;
		if (rec->time_ns > s->last_ns) {
			s->before_ns = s->last_ns;
			s->last_ns = rec->time_ns;
		}
	}
	err = feed_checked(m, rec);
	s = m->session;
	if (!s->seen_ns && !(rec->flags & RECORD_REPEAT))
		s->seen_ns = rec->time_ns;
	if (!err && s->nr_held && m->now - s->held_since > MODEL_HOLD_NS && follows_ring(rec))
		order_give_up(m);
	reconcile_resolve(m, false);
	model_keep_limit(m);
	return err;
}

int model_feed(struct model *m, const struct record *rec)
{
	int err;

	m->told = 0;
	m->listed = false;
	model_record_comes(m, rec);
	err = understand(m, rec);
	if (err)
		m->err = err;
	if (m->err)
		return m->err;
	model_record_understood(m, rec);
	return m->told;
}

int model_finish(struct model *m)
{
	struct model_session *s = m->session;
	__u64 full;
	size_t i;

	if (m->finished)
		return m->err;
	m->finished = true;
	m->told = 0;
	if (s) {
		order_flush(m);
		/* the ring was full, and no later event shows the hole */
		full = s->losses.ring_full - s->base.ring_full;
		if (full > s->events_lost)
			order_note_lost(m, full - s->events_lost, s->event_ns, s->last_ns);
		if (!s->ended)
			model_remark_add(m, &(struct model_remark) {
						    .kind = REMARK_NO_END,
						    .time_ns = s->last_ns,
					    });
	}
	reconcile_resolve(m, true);
	window_finish(m);
	for (i = 0; i < REC_TYPES; i++)
		if (m->bad[i])
			model_remark_add(m, &(struct model_remark) {
						    .kind = REMARK_BAD_RECORD,
						    .a = i,
						    .b = m->bad[i],
					    });
	return m->err ? m->err : m->told;
}

void model_topologies_only(struct model *m)
{
	m->topologies_only = true;
	if (m->session)
		m->session->resuming = false;
}

void model_set_damaged(struct model *m)
{
	window_add_missing(m, MISSING_DAMAGE, 0, m->now);
}
