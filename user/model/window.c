// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a grace window: armed, moved, ended in one of its outcomes,
 * settled when its counters and phases are final; and what to think when the
 * events for that were lost.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/internal.h"
#include "record/facts.h"

/*
 * The kernel counts in jiffies, and may be interrupted before the time stamp; settings are seconds.
 */
#define ROUNDING_NS	500000000ULL

static void set_outcome(struct model *m, struct window *w, enum model_outcome outcome)
{
	m->count[w->pub.outcome]--;
	w->head->pub.windows[w->pub.outcome]--;
	w->pub.outcome = outcome;
	m->count[outcome]++;
	w->head->pub.windows[outcome]++;
}

struct window *window_new(struct model *m, struct head *h, __u32 number, __u64 time_ns)
{
	struct window *w = calloc(1, sizeof(*w));

	if (!w || list_add(&m->windows, w)) {
		free(w);
		m->err = -ENOMEM;
		return NULL;
	}
	w->head = h;
	w->before = h->window;
	w->disk = h->disk;
	w->head_id = h->pub.head_id;
	w->opened_ns = time_ns;
	w->pub.head = &h->pub;
	w->pub.session = m->session;
	w->pub.index = m->opened++;
	w->pub.number = number;
	memcpy(w->pub.name, h->pub.name, sizeof(w->pub.name));
	h->window = w;
	h->pub.window = &w->pub;
	m->count[MODEL_PENDING]++;
	h->pub.windows[MODEL_PENDING]++;
	return w;
}

void window_take_loss_times(struct model *m, struct window *w)
{
	const struct window *before = w->before;
	const struct head *h = w->head;
	__u64 from;

	w->pub.lost_ns = h->pub.lost_ns;
	w->pub.first_lost_ns = h->pub.first_lost_ns ? h->pub.first_lost_ns : h->pub.lost_ns;
	w->pub.continues = before && before->pub.lost_ns && before->pub.lost_ns == w->pub.lost_ns &&
			   !before->pub.usable_ns;
	from = w->pub.first_lost_ns ? w->pub.first_lost_ns : w->opened_ns;
	if (m->session->hole_ns >= from)
		w->pub.missing |= MISSING_EVENTS;
	cause_take_losses(w);
}

/* What is known to be missing once nothing more can come. */
static void note_missing(struct model *m, struct window *w)
{
	const struct model_outage *c = w->pub.counters;

	if (!c) {
		/* nothing parked at a loss without a window makes no outage to count */
		if (w->pub.outcome != MODEL_NOT_ARMED || w->pub.outage)
			w->pub.missing |= MISSING_COUNTERS;
		return;
	}
	if (w->pub.ended && !c->s.drained_ns)
		w->pub.missing |= MISSING_LAST_COUNTERS;
	if (c->s.flags & MPATH_OUTAGE_MAP_FULL)
		w->pub.missing |= c->whole ? MISSING_STALLS : MISSING_BIOS;
	if (c->s.flags & MPATH_OUTAGE_UNSEEN)
		w->pub.missing |= MISSING_EVENTS;
	if (c->s.flags & MPATH_OUTAGE_LATE)
		w->pub.missing |= MISSING_LATE;
	if (!outage_balanced(m, w->outage))
		w->pub.missing |= MISSING_BALANCE;
}

void window_finalize(struct model *m, struct window *w)
{
	note_missing(m, w);
	w->pub.settled = true;
	model_window_changed(m, MODEL_SETTLED, w);
}

void window_try_finalize(struct model *m, struct window *w)
{
	const struct model_window *p = &w->pub;

	if (p->settled || !p->ended || !p->counters || !p->counters->s.drained_ns)
		return;
	if (outcome_saved(p->outcome) && !p->usable_ns && w == w->head->window)
		return;
	if (outcome_gone(p->outcome) && !p->removed_ns)
		return;
	window_finalize(m, w);
}

/* ---- its outage ---- */

/* Did something of the outage happen while the head had no path? */
static bool overlaps(const struct window *w, const struct mpath_outage *s)
{
	__u64 from = w->pub.first_lost_ns ? w->pub.first_lost_ns : w->pub.removed_ns;

	return s->start_ns <= w->pub.removed_ns + NS_PER_S &&
	       (!s->drained_ns || s->drained_ns >= from);
}

bool window_matches(const struct window *w, const struct model_outage *o)
{
	const struct mpath_outage *s = &o->s;

	if (w->pub.session != o->session || w->head_id != s->head_id)
		return false;
	if (w->pub.number)
		return s->window ? w->pub.number == s->window : w->pub.outage == s->outage;
	if (s->window)
		return false;
	return w->pub.outage ? w->pub.outage == s->outage : overlaps(w, s);
}

void window_take_counters(struct model *m, struct window *w, struct outage *o)
{
	const struct mpath_outage *s = &o->pub.s;

	w->outage = o;
	w->pub.counters = &o->pub;
	o->linked = true;
	if (!w->pub.outage)
		w->pub.outage = s->outage;
	if (s->first_taken_ns)
		w->pub.taken_ns = s->first_taken_ns;
	if (s->drained_ns)
		w->pub.drained_ns = s->drained_ns;
	window_try_finalize(m, w);
}

void window_link_outage(struct model *m, struct window *w)
{
	struct outage *o = w->head->outage;
	int left = MODEL_LOOKBACK;

	for (; o && left-- && o->pub.session == m->session; o = o->before) {
		if (!window_matches(w, &o->pub))
			continue;
		window_take_counters(m, w, o);
		return;
	}
}

/* ---- its end ---- */

static void window_end(struct model *m, struct window *w, enum model_outcome outcome, __u64 time_ns)
{
	w->pub.ended = true;
	w->pub.end_ns = time_ns;
	w->head->conflict = CONFLICT_NONE;
	set_outcome(m, w, outcome);
	model_window_changed(m, MODEL_ENDED, w);
	window_try_finalize(m, w);
}

void window_end_unknown(struct model *m, struct window *w, __u32 missing)
{
	w->pub.missing |= missing;
	window_end(m, w, MODEL_UNKNOWN, MODEL_NONE);
}

/* The last window of the head's present disk if it has this number. */
static struct window *last_window(struct head *h, __u32 number)
{
	struct window *w = h->window;

	return w && number && w->pub.number == number && w->disk == h->disk ? w : NULL;
}

/* ---- events ---- */

/* The kernel had no place to see them: what the events say is late. */
static bool no_margins(const struct model_window *w)
{
	return w->session && w->session->missing_facts & FACT(MARGIN);
}

static void set_margin(struct model_window *w)
{
	if (!w->back_ns || !w->deadline_ns)
		return;
	if (no_margins(w))
		return;
	w->margin_known = true;
	w->margin_ns = (__s64)(w->deadline_ns - w->back_ns);
}

/*
 * The kernel says how much is left. It rounds, but what is further off than that tells that the
 * deadline is another one: the removal's timer stands still while the system sleeps, our clock
 * does not; or an event that moved it was lost.
 */
static void correct_deadline(struct model_window *w, __u64 time_ns, __s64 ms_left)
{
	__u64 deadline_ns = time_add_ms(time_ns, ms_left);
	__u64 off_ns = deadline_ns > w->deadline_ns ? deadline_ns - w->deadline_ns :
						      w->deadline_ns - deadline_ns;

	if (!w->deadline_ns || off_ns > ROUNDING_NS)
		w->deadline_ns = deadline_ns;
}

void window_head_reappeared(struct window *w, const struct model_session *s, const char *name,
			    __u64 time_ns)
{
	if (!w || w->pub.session != s || !w->pub.removed_ns || w->pub.reappeared_ns ||
	    time_ns <= w->pub.removed_ns)
		return;
	w->pub.reappeared_ns = time_ns;
	topo_text(w->pub.reappeared_name, sizeof(w->pub.reappeared_name), name);
}

void window_path_added(struct head *h, const struct mpath_ev_path *ev)
{
	struct window *w = last_window(h, ev->h.window);

	window_head_reappeared(h->window, h->pub.session, ev->h.head, ev->h.time_ns);
	if (!w || w->pub.back_ns)
		return;
	if (w->pub.ended && w->pub.outcome != MODEL_LATE_RESCUE)
		return;
	w->pub.back_ns = ev->h.time_ns;
	if (ev->ms_left != MPATH_NO_WINDOW)
		correct_deadline(&w->pub, ev->h.time_ns, ev->ms_left);
	if (w->pub.ended)
		set_margin(&w->pub);
}

void window_path_usable(struct model *m, struct head *h, __u64 time_ns)
{
	struct window *w = h->window;

	if (!w || !w->pub.number || !w->pub.ended || w->pub.usable_ns || w->pub.settled)
		return;
	if (outcome_gone(w->pub.outcome))
		return;
	w->pub.usable_ns = time_ns;
	window_try_finalize(m, w);
}

static void window_arm(struct model *m, struct head *h, const struct mpath_ev_remove_work *ev)
{
	struct window *w = last_window(h, ev->h.window), *before = h->window;

	if (w && (w->pub.armed_ns || w->pub.ended))
		return;
	if (!w)
		w = window_new(m, h, ev->h.window, ev->h.time_ns);
	if (!w)
		return;
	if (before && before != w && before->pub.number && !before->pub.drained_ns &&
	    before->pub.ended && before->disk == w->disk)
		before->pub.lost_again = true;
	w->pub.missing &= ~(__u32)MISSING_START;
	w->pub.armed_ns = ev->h.time_ns;
	w->pub.outage = ev->h.outage;
	w->pub.armed_ms = ev->delay_ms;
	w->pub.setting_ms = ev->delay_ms;
	w->pub.setting_known = true;
	w->pub.deadline_ns = time_add_ms(ev->h.time_ns, ev->ms_left);
	window_take_loss_times(m, w);
	window_link_outage(m, w);
	model_window_changed(m, MODEL_OPENED, w);
	if (before && before != w)
		window_try_finalize(m, before);
}

static void window_cancelled(struct model *m, struct window *w,
			     const struct mpath_ev_remove_work *ev)
{
	correct_deadline(&w->pub, ev->h.time_ns, ev->ms_left);
	set_margin(&w->pub);
	if (!w->pub.margin_known && !no_margins(&w->pub)) {
		w->pub.margin_known = true;
		w->pub.margin_ns = (__s64)(time_add_ms(ev->h.time_ns, ev->ms_left) - ev->h.time_ns);
	}
	window_end(m, w, MODEL_RECOVERED, ev->h.time_ns);
}

void window_work(struct model *m, struct head *h, const struct mpath_ev_remove_work *ev)
{
	enum model_outcome outcome = MODEL_REMOVED;
	struct window *w;

	if (ev->delay_ms <= (__u64)INT64_MAX) {
		h->pub.setting_s = (__s64)(ev->delay_ms / 1000);
		h->pub.setting_known = true;
	}
	if (ev->action == MPATH_WORK_ARMED) {
		window_arm(m, h, ev);
		return;
	}
	w = last_window(h, ev->h.window);
	if (!w || w->pub.ended)
		return;
	w->pub.setting_ms = ev->delay_ms;
	w->pub.setting_known = true;
	switch (ev->action) {
	case MPATH_WORK_MOVED:
		w->pub.deadline_ns = time_add_ms(ev->h.time_ns, ev->ms_left);
		w->pub.moves++;
		model_window_changed(m, MODEL_MOVED, w);
		break;
	case MPATH_WORK_CANCELLED:
		window_cancelled(m, w, ev);
		break;
	case MPATH_WORK_RAN:
		if (ev->result == MPATH_RESULT_KEPT) {
			set_margin(&w->pub);
			outcome = MODEL_LATE_RESCUE;
		}
		window_end(m, w, outcome, ev->h.time_ns);
		break;
	}
}

static void removed_at_once(struct model *m, struct head *h, const struct mpath_ev_head_remove *ev)
{
	struct window *w = h->window;

	if (w && !w->pub.ended)
		window_end_unknown(m, w, MISSING_END);
	w = window_new(m, h, 0, ev->h.time_ns);
	if (!w)
		return;
	w->pub.outage = ev->h.outage;
	w->pub.removed_ns = ev->h.time_ns;
	window_take_loss_times(m, w);
	window_link_outage(m, w);
	window_end(m, w, MODEL_NOT_ARMED, ev->h.time_ns);
}

void window_head_removed(struct model *m, struct head *h, const struct mpath_ev_head_remove *ev)
{
	enum model_outcome outcome = MODEL_REMOVED;
	struct window *w;

	if (ev->reason == MPATH_REMOVE_IMMEDIATE) {
		removed_at_once(m, h, ev);
		return;
	}
	if (ev->reason == MPATH_REMOVE_CLOSED)
		outcome = MODEL_CLOSED;
	w = last_window(h, ev->h.window);
	if (!w || outcome_saved(w->pub.outcome))
		return;
	w->pub.removed_ns = ev->h.time_ns;
	if (!w->pub.ended)
		window_end(m, w, outcome, ev->h.time_ns);
	else if (w->pub.outcome != outcome && !w->pub.settled)
		set_outcome(m, w, outcome);
	window_try_finalize(m, w);
}

/* The window of an outage, among those of the head disk that the event is about. */
static struct window *window_of_outage(struct head *h, const struct mpath_event *ev)
{
	struct window *w = h->window;
	int left = MODEL_LOOKBACK;

	while (w && left-- && w->pub.session == h->pub.session) {
		if (ev->outage && w->head_id == ev->head_id && w->pub.outage == ev->outage)
			return w;
		w = w->before;
	}
	return NULL;
}

void window_bio(struct head *h, const struct mpath_ev_bio *ev)
{
	struct window *w = window_of_outage(h, &ev->h);

	if (w && ev->what == MPATH_BIO_TAKEN && !w->pub.taken_ns)
		w->pub.taken_ns = ev->h.time_ns;
}

void window_drained(struct model *m, struct head *h, const struct mpath_event *ev)
{
	struct window *w = window_of_outage(h, ev);

	if (!w)
		return;
	if (!w->pub.drained_ns)
		w->pub.drained_ns = ev->time_ns;
	window_try_finalize(m, w);
}

/* ---- losses and ends ---- */

void window_give_up(struct model *m, struct window *w)
{
	if (w->pub.ended && !w->pub.settled)
		window_finalize(m, w);
}

void window_new_session(struct model *m, struct window *w)
{
	if (w->pub.settled)
		return;
	w->pub.missing |= MISSING_RESTART;
	window_give_up(m, w);
}

/* Nothing of it could happen after @ns but its last counters, which say so themselves. */
static bool over_before(const struct model_window *w, __u64 ns)
{
	return w->settled ||
	       (w->end_ns && w->end_ns < ns && (!outcome_saved(w->outcome) || w->usable_ns));
}

void window_add_missing(struct model *m, __u32 missing, __u64 events, __u64 from_ns)
{
	size_t i;

	for (i = 0; i < m->windows.nr; i++) {
		struct window *w = m->windows.items[i];

		if (over_before(&w->pub, from_ns))
			continue;
		w->pub.missing |= missing;
		w->pub.events_lost += events;
	}
}

void window_finish(struct model *m)
{
	size_t i;

	for (i = 0; i < m->windows.nr; i++) {
		struct window *w = m->windows.items[i];

		if (w->pub.settled)
			continue;
		if (w->pub.ended) {
			window_finalize(m, w);
			continue;
		}
		w->pub.end_ns = m->now;
		note_missing(m, w);
		model_remark_add(m, &(struct model_remark) {
					    .kind = REMARK_OPEN_AT_END,
					    .head = &w->head->pub,
					    .time_ns = m->now,
				    });
	}
	for (i = 0; i < m->outages.nr; i++)
		outage_balanced(m, m->outages.items[i]);
}
