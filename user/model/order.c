// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of events: they are taken by rising sequence number. Those behind a hole wait for it to
 * be filled; a hole that stays is a loss.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/internal.h"

/* Take what waits and is next now. */
static void take_held(struct model *m)
{
	struct model_session *s = m->session;

	while (s->nr_held && s->held[0]->seq <= s->next_seq) {
		struct mpath_event *ev = s->held[0];

		if (ev->seq == s->next_seq)
			s->next_seq++;
		memmove(s->held, s->held + 1, --s->nr_held * sizeof(s->held[0]));
		event_take(m, ev);
		free(ev);
		s->held_since = m->now;
	}
}

void order_note_lost(struct model *m, __u64 events, __u64 from_ns, __u64 to_ns)
{
	struct model_session *s = m->session;

	model_remark_add(m, &(struct model_remark) {
				    .kind = REMARK_EVENTS_LOST,
				    .time_ns = from_ns,
				    .until_ns = to_ns,
				    .a = events,
			    });
	s->events_lost += events;
	m->events_lost += events;
	s->hole_ns = to_ns;
	if (to_ns > s->lacks_ns)
		s->lacks_ns = to_ns;
	window_add_missing(m, MISSING_EVENTS, events, from_ns);
}

/* The programs count what finds the ring full: if they had counted it, it was lost by then. */
static __u64 lost_until(const struct model_session *s, __u64 events, __u64 from_ns, __u64 to_ns)
{
	bool counted = s->losses.ring_full - s->base.ring_full >= s->events_lost + events;

	return counted && s->losses_ns >= from_ns && s->losses_ns < to_ns ? s->losses_ns : to_ns;
}

void order_give_up(struct model *m)
{
	struct model_session *s = m->session;
	const struct mpath_event *ev = s->held[0];
	__u64 from_ns = s->event_ns ? s->event_ns : s->first_ns, events = ev->seq - s->next_seq;

	order_note_lost(m, events, from_ns, lost_until(s, events, from_ns, ev->time_ns));
	s->next_seq = ev->seq;
	take_held(m);
}

void order_flush(struct model *m)
{
	while (m->session && m->session->nr_held)
		order_give_up(m);
}

static int hold_event(struct model *m, const struct mpath_event *ev)
{
	struct model_session *s = m->session;
	struct mpath_event *copy;
	size_t at;

	if (s->nr_held == MODEL_HELD)
		order_give_up(m);
	copy = malloc(ev->len);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, ev, ev->len);
	if (!s->nr_held)
		s->held_since = m->now;
	for (at = s->nr_held; at && s->held[at - 1]->seq > ev->seq; at--)
		s->held[at] = s->held[at - 1];
	s->held[at] = copy;
	s->nr_held++;
	take_held(m);
	return 0;
}

int order_feed(struct model *m, const struct mpath_event *ev)
{
	struct model_session *s = m->session;

	if (!s->seq_known) {
		/* they count from 1, unless we come in later */
		s->next_seq = s->fresh && ev->seq ? 1 : ev->seq;
		s->seq_known = true;
	}
	/* a collector that was killed had recorded it, but not yet taken it off the ring */
	if (s->resumed && ev->seq == s->last_seq)
		return 0;
	s->resumed = false;
	s->last_seq = ev->seq;
	if (ev->seq > s->next_seq)
		return hold_event(m, ev);
	if (ev->seq == s->next_seq)
		s->next_seq++;
	event_take(m, ev);
	take_held(m);
	return 0;
}

void order_free(struct model_session *s)
{
	while (s->nr_held)
		free(s->held[--s->nr_held]);
}
