// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows of a head disk have rising numbers: those that were not seen, and ends that were not,
 * show up by the numbers that events carry.
 */
#include "model/internal.h"

enum says { SAYS_NOTHING, SAYS_ARMED, SAYS_OPEN, SAYS_OVER };

/* What an event says about the window whose number it carries. */
static enum says event_says(const struct mpath_event *ev)
{
	const struct mpath_ev_path *path = (const void *)ev;

	switch (ev->type) {
	case MPATH_EV_PATH_ADD:
		return path->ms_left == MPATH_NO_WINDOW ? SAYS_OVER : SAYS_OPEN;
	case MPATH_EV_PATH_LIVE:
		return path->usable ? SAYS_OVER : SAYS_NOTHING;
	case MPATH_EV_PATH_REMOVE:
		return SAYS_OVER;
	case MPATH_EV_REMOVE_WORK:
		return ((const struct mpath_ev_remove_work *)ev)->action == MPATH_WORK_ARMED ?
			       SAYS_ARMED :
			       SAYS_OPEN;
	case MPATH_EV_HEAD_REMOVE:
		return ((const struct mpath_ev_head_remove *)ev)->reason == MPATH_REMOVE_IMMEDIATE ?
			       SAYS_OVER :
			       SAYS_OPEN;
	default:
		return SAYS_NOTHING;
	}
}

static void skipped_windows(struct model *m, struct head *h, __u32 first, __u32 count,
			    __u64 time_ns)
{
	struct window *w;
	__u32 i;

	h->pub.missed_windows += count;
	model_remark_add(m, &(struct model_remark) {
				    .kind = REMARK_WINDOWS_MISSED,
				    .head = &h->pub,
				    .time_ns = time_ns,
				    .a = count,
				    .b = first,
			    });
	for (i = 0; i < count && i < MODEL_SKIPPED; i++) {
		w = window_new(m, h, first + i, time_ns);
		if (!w)
			return;
		window_end_unknown(m, w, MISSING_ALL | (h->resumed ? MISSING_RESTART : 0));
		window_finalize(m, w);
	}
}

/*
 * Does an event that comes after the end of a window prove that its end was missed? Not the
 * removal of a path. Another task may look at a controller whose namespace is being added, and
 * tell that its path is usable before it joined the head: so if nothing was lost, the end
 * is still to come.
 */
static bool is_over(const struct model *m, const struct window *w, const struct mpath_event *ev)
{
	bool whole = w->pub.session == m->session && m->session->hole_ns < w->opened_ns;

	if (ev->type == MPATH_EV_PATH_REMOVE)
		return false;
	return !(ev->type == MPATH_EV_PATH_LIVE && whole);
}

/*
 * Windows have rising numbers, so one that was not seen shows up as soon as an
 * event carries a number above the highest known.
 */
void window_number(struct model *m, struct head *h, const struct mpath_event *ev)
{
	enum says says = event_says(ev);
	__u32 n = ev->window, seen = n;
	struct window *w = h->window;

	if (says == SAYS_NOTHING)
		return;
	/* the window this event is about is not among the skipped ones */
	if (n && (says == SAYS_ARMED || says == SAYS_OPEN))
		seen = n - 1;
	if (!h->last_number_known || (h->resumed && n < h->last_number)) {
		/* the first we hear of this disk: what was before is not ours */
		if (h->resumed && w && !w->pub.ended)
			window_end_unknown(m, w, MISSING_END);
		if (h->resumed)
			h->disk++;
		h->last_number = w && !w->pub.ended && w->pub.number == n ? n : seen;
		if (!h->last_number_known)
			h->pub.windows_before = h->last_number;
		h->last_number_known = true;
	}
	w = h->window;
	if (w && !w->pub.ended &&
	    (n > w->pub.number || (n == w->pub.number && says == SAYS_OVER && is_over(m, w, ev))))
		window_end_unknown(m, w, MISSING_END);
	if (seen > h->last_number)
		skipped_windows(m, h, h->last_number + 1, seen - h->last_number, ev->time_ns);
	if (n > h->last_number && says == SAYS_OPEN) {
		w = window_new(m, h, n, ev->time_ns);
		if (w) {
			w->pub.missing |= MISSING_START;
			w->pub.outage = ev->outage;
			window_take_loss_times(m, w);
			window_link_outage(m, w);
			model_window_changed(m, MODEL_OPENED, w);
		}
	}
	if (n > h->last_number)
		h->last_number = n;
	h->resumed = false;
}
