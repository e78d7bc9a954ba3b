// SPDX-License-Identifier: GPL-2.0-only
/* The paths of a head: which of them can be used, since when none can. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/units.h"
#include "model/internal.h"

/* A path can be used again, or the head is gone. */
static void outage_over(struct model *m, struct head *h, __u64 time_ns)
{
	if (h->pub.lost_ns)
		model_outage_over(m, h, h->pub.lost_ns, time_ns);
	h->pub.first_lost_ns = MODEL_NONE;
	h->pub.lost_ns = MODEL_NONE;
}

void head_gone(struct model *m, struct head *h, __u64 time_ns)
{
	size_t i;

	outage_over(m, h, time_ns);
	h->pub.gone = true;
	h->gone_ns = time_ns;
	h->pub.paths_listed = 0;
	for (i = 0; i < h->pub.nr_paths; i++) {
		if (!h->paths[i].gone)
			h->paths[i].removed_ns = time_ns;
		h->paths[i].gone = true;
		h->paths[i].state = PATH_UNUSABLE;
	}
}

/* ---- events ---- */

/* A controller that returns has a new name: forget the oldest path that is gone. */
static void path_forget(struct head *h)
{
	size_t i, oldest = h->pub.nr_paths, gone = 0;

	for (i = h->pub.nr_paths; i--;) {
		if (!h->paths[i].gone)
			continue;
		oldest = i;
		gone++;
	}
	if (gone < MODEL_GONE && h->pub.nr_paths < MODEL_PATHS)
		return;
	if (!gone)
		oldest = h->pub.nr_paths - 1;
	memmove(&h->paths[oldest], &h->paths[oldest + 1],
		(h->pub.nr_paths - oldest - 1) * sizeof(h->paths[0]));
	h->pub.nr_paths--;
}

struct model_path *path_get(struct model *m, struct head *h, const char *name)
{
	size_t i = h->pub.nr_paths;
	struct model_path *p;

	/* the newest are last, and have most of the events */
	while (i--)
		if (!strcmp(h->paths[i].name, name))
			return &h->paths[i];
	path_forget(h);
	p = array_more(h->paths, h->pub.nr_paths, sizeof(*p));
	if (!p) {
		m->err = -ENOMEM;
		return NULL;
	}
	h->paths = p;
	h->pub.paths = p;
	p += h->pub.nr_paths++;
	memset(p, 0, sizeof(*p));
	topo_text(p->name, sizeof(p->name), name);
	p->ctrl = TOPO_NO_CTRL;
	p->state = PATH_UNKNOWN;
	p->ctrl_state = -1;
	p->ana_state = -1;
	p->doubt_ctrl = -1;
	p->doubt_ana = -1;
	return p;
}

/* Is there a path that can be used, or of which it is not known? */
static bool may_have_path(const struct head *h)
{
	size_t i;

	for (i = 0; i < h->pub.nr_paths; i++)
		if (!h->paths[i].gone && h->paths[i].state != PATH_UNUSABLE)
			return true;
	return false;
}

/* Of a path that can be used: are others better, by the latest that ANA said? */
void path_by_ana(struct model_path *p)
{
	if (path_is_usable(p->state))
		p->state = p->ana_state == 2 ? PATH_NON_OPTIMIZED : PATH_USABLE;
}

static void path_lost(struct head *h, struct model_path *p, __u64 time_ns)
{
	p->state = PATH_UNUSABLE;
	p->lost_ns = time_ns;
	if (!h->pub.first_lost_ns)
		h->pub.first_lost_ns = time_ns;
	if (!h->pub.lost_ns && !may_have_path(h))
		h->pub.lost_ns = time_ns;
}

/* ANA states, as in the log page, in which a path serves no I/O while its controller is live. */
bool ana_reserves(int ana)
{
	return ana == 3 || ana == 4 || ana == 15;
}

#define TAKE_OVER_NS	(120 * NS_PER_S)	/* between two paths that change places */

/* A path in reserve became usable: the one that ANA took away before has changed places with it. */
static void path_took_over(struct head *h, struct model_path *p, __u64 time_ns)
{
	size_t i;

	p->standby = false;
	for (i = 0; i < h->pub.nr_paths; i++) {
		struct model_path *other = &h->paths[i];

		if (other->gone || other->state != PATH_UNUSABLE || other->standby ||
		    other->cause != MODEL_CAUSE_ANA || other->lost_ns + TAKE_OVER_NS < time_ns)
			continue;
		other->standby = true;
		return;
	}
	p->took_over_ns = time_ns;
}

/* The same in the other order: was there one in reserve that is usable since a moment ago? */
static void path_in_reserve(struct head *h, struct model_path *p, __u64 time_ns)
{
	size_t i;

	for (i = 0; i < h->pub.nr_paths; i++) {
		struct model_path *other = &h->paths[i];

		if (other == p || !other->took_over_ns || other->gone ||
		    !path_is_usable(other->state) || other->took_over_ns + TAKE_OVER_NS < time_ns)
			continue;
		other->took_over_ns = MODEL_NONE;
		p->standby = true;
		return;
	}
}

static void path_gained(struct model *m, struct head *h, struct model_path *p, __u64 time_ns)
{
	if (p->lost_ns)
		h->pub.losses[p->cause]++;
	p->state = PATH_USABLE;
	if (p->standby)
		path_took_over(h, p, time_ns);
	p->lost_ns = MODEL_NONE;
	p->cause = MODEL_CAUSE_UNKNOWN;
	outage_over(m, h, time_ns);
	window_path_usable(m, h, time_ns);
}

static void path_removed(struct model *m, struct head *h, struct model_path *p,
			 const struct mpath_ev_path *ev)
{
	__u64 t = ev->h.time_ns;
	bool first = p->state != PATH_UNUSABLE;
	size_t i;

	if (first)
		path_lost(h, p, t);
	cause_path_removed(m, p, ev);
	model_path_lost(m, h, p, first);
	if (p->lost_ns && !p->gone)
		h->pub.losses[p->cause]++;
	p->gone = true;
	p->removed_ns = t;
	if (!ev->last)
		return;
	for (i = 0; i < h->pub.nr_paths; i++) {
		h->paths[i].gone = true;
		h->paths[i].state = PATH_UNUSABLE;
	}
	if (!h->pub.first_lost_ns)
		h->pub.first_lost_ns = t;
	if (!h->pub.lost_ns)
		h->pub.lost_ns = t;
}

static void path_not_usable(struct model *m, struct head *h, struct model_path *p,
			    const struct mpath_ev_path *ev)
{
	path_lost(h, p, ev->h.time_ns);
	cause_path_lost(m, p, ev);
	if (p->cause == MODEL_CAUSE_ANA)
		path_in_reserve(h, p, ev->h.time_ns);
	p->took_over_ns = MODEL_NONE;
	model_path_lost(m, h, p, true);
}

static void told(struct head *h, struct model_path *p, const struct mpath_event *ev)
{
	p->told_ns = ev->time_ns;
	p->by_sysfs = false;
	p->doubt_ns = MODEL_NONE;
	if (ev->type == MPATH_EV_PATH_LIVE)
		return;
	h->paths_told_ns = ev->time_ns;
	h->came_doubt_ns = MODEL_NONE;
}

void head_path_event(struct model *m, struct head *h, const struct mpath_ev_path *ev)
{
	struct model_path *p = path_get(m, h, ev->path);

	if (!p)
		return;
	told(h, p, &ev->h);
	p->ctrl = ev->ctrl;
	if (ev->h.type != MPATH_EV_PATH_ADD)
		p->ctrl_state = ev->ctrl_state;
	switch (ev->h.type) {
	case MPATH_EV_PATH_ADD:
		p->gone = false;
		p->standby = false;
		p->took_over_ns = MODEL_NONE;
		p->state = PATH_UNUSABLE;
		p->lost_ns = MODEL_NONE;
		p->cause = MODEL_CAUSE_UNKNOWN;
		p->removed_ns = MODEL_NONE;
		p->added_ns = ev->h.time_ns;
		h->pub.paths_listed = (int)ev->paths;
		window_path_added(h, ev);
		break;
	case MPATH_EV_PATH_LIVE:
		p->ana_state = ev->ana_state;
		if (ev->usable && !path_is_usable(p->state))
			path_gained(m, h, p, ev->h.time_ns);
		else if (!ev->usable && p->state != PATH_UNUSABLE)
			path_not_usable(m, h, p, ev);
		else if (!ev->usable && !p->lost_ns)
			p->standby = ana_reserves(p->ana_state);
		path_by_ana(p);
		break;
	case MPATH_EV_PATH_REMOVE:
		h->pub.paths_listed = (int)ev->paths;
		path_removed(m, h, p, ev);
		break;
	}
}

static void ctrl_told(struct model_path *p, const struct mpath_ev_ctrl_state *ev)
{
	p->ctrl_state = ev->new_state;
	p->ctrl_told_ns = ev->h.time_ns;
}

void head_ctrl_event(struct model *m, const struct mpath_ev_ctrl_state *ev)
{
	size_t i, k;

	for (i = 0; i < m->heads.nr; i++) {
		struct head *h = m->heads.items[i];

		for (k = 0; k < h->pub.nr_paths; k++)
			if (h->paths[k].ctrl == ev->ctrl && !h->paths[k].gone)
				ctrl_told(&h->paths[k], ev);
	}
}

/* ---- what no event told ---- */

void path_lost_unseen(struct model *m, struct head *h, struct model_path *p, __u64 time_ns)
{
	path_lost(h, p, time_ns);
	p->cause = p->ctrl_state == MPATH_CTRL_LIVE && p->ana_state > 0 && p->ana_state != 1 &&
				   p->ana_state != 2 ?
			   MODEL_CAUSE_ANA :
			   MODEL_CAUSE_UNKNOWN;
	if (p->cause == MODEL_CAUSE_ANA)
		path_in_reserve(h, p, time_ns);
	p->took_over_ns = MODEL_NONE;
	model_path_lost(m, h, p, true);
}

void path_gained_unseen(struct model *m, struct head *h, struct model_path *p, __u64 time_ns)
{
	path_gained(m, h, p, time_ns);
	path_by_ana(p);
}

void path_gone_unseen(struct model *m, struct head *h, struct model_path *p, __u64 time_ns)
{
	if (p->state != PATH_UNUSABLE)
		path_lost_unseen(m, h, p, time_ns);
	if (p->lost_ns && !p->removed_ns)
		h->pub.losses[p->cause]++;
	p->gone = true;
	p->removed_ns = time_ns;
}
