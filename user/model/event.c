// SPDX-License-Identifier: GPL-2.0-only
/* What becomes of an event: the paths, the window or the controller that it is about. */
#include "model/internal.h"

/*
 * An event of a disk that the head had before the present one: a bio that ended late, or the
 * last words of another CPU. It is about windows of that disk alone, whatever their numbers.
 */
static void take_late(struct model *m, struct head *h, const struct mpath_event *ev)
{
	if (ev->type == MPATH_EV_BIO)
		window_bio(h, (const void *)ev);
	else if (ev->type == MPATH_EV_DRAINED)
		window_drained(m, h, ev);
}

void event_take(struct model *m, const struct mpath_event *ev)
{
	struct head *h;

	if (ev->time_ns > m->session->event_ns)
		m->session->event_ns = ev->time_ns;
	if (ev->type == MPATH_EV_CTRL_STATE) {
		head_ctrl_event(m, (const void *)ev);
		cause_ctrl_event(m, (const void *)ev);
		return;
	}
	h = head_of_event(m, ev);
	if (!h)
		return;
	if (ev->head_id < h->pub.head_id) {
		take_late(m, h, ev);
		return;
	}
	window_number(m, h, ev);
	switch (ev->type) {
	case MPATH_EV_PATH_ADD:
	case MPATH_EV_PATH_LIVE:
	case MPATH_EV_PATH_REMOVE:
		head_path_event(m, h, (const void *)ev);
		break;
	case MPATH_EV_BIO:
		window_bio(h, (const void *)ev);
		break;
	case MPATH_EV_REMOVE_WORK:
		window_work(m, h, (const void *)ev);
		break;
	case MPATH_EV_HEAD_REMOVE:
		h->gone_doubt_ns = MODEL_NONE;
		window_head_removed(m, h, (const void *)ev);
		head_gone(m, h, ev->time_ns);
		break;
	case MPATH_EV_DRAINED:
		window_drained(m, h, ev);
		break;
	default:	/* failovers are counted by the snapshot; unknown types say nothing */
		break;
	}
}
