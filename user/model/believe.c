// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whom to believe, sysfs or events. Events know sooner and exactly; but a program may not run, an
 * event may be lost, and of some things no event tells on some kernels. So what sysfs says is
 * believed where no event has a say, and where it stays so although no event explains it. That is
 * a contradiction, which is counted: what else was not seen?
 */
#include <string.h>

#include "model/internal.h"
#include "record/facts.h"
#include "record/names.h"

void believe_anew(struct head *h)
{
	h->gone_doubt_ns = MODEL_NONE;
	h->came_doubt_ns = MODEL_NONE;
	h->paths_told_ns = MODEL_NONE;
	h->listed_ns = MODEL_NONE;
}

static void contradiction(struct model *m, struct head *h, enum model_contradiction what,
			  __u64 time_ns)
{
	struct model_session *s = m->session;

	m->contradictions++;
	model_remark_add(m, &(struct model_remark) {
				    .kind = REMARK_CONTRADICTION,
				    .head = &h->pub,
				    .time_ns = time_ns,
				    .a = what,
			    });
	window_add_missing(m, MISSING_EVENTS, 0, time_ns);
	if (time_ns > s->lacks_ns)
		s->lacks_ns = time_ns;
}

/* Only the events of a session can be contradicted. */
static bool has_events(const struct model *m)
{
	return m->session->has_start && !m->topologies_only;
}

/* ---- paths ---- */

/* The state of a path is what sysfs says. */
static void take(struct model *m, struct head *h, struct model_path *p, __u64 time_ns)
{
	p->ctrl_state = p->doubt_ctrl;
	if (p->doubt_ana >= 0)
		p->ana_state = p->doubt_ana;
	p->by_sysfs = true;
	p->doubt_ns = MODEL_NONE;
	if (p->doubt == PATH_GONE)
		path_gone_unseen(m, h, p, time_ns);
	else if (path_is_usable(p->doubt))
		path_gained_unseen(m, h, p, time_ns);
	else
		path_lost_unseen(m, h, p, time_ns);
}

static void doubt(struct model *m, struct model_path *p, enum path_state state, __u64 time_ns)
{
	if (!p->doubt_ns || p->doubt != state)
		p->doubt_ns = time_ns;
	p->doubt = state;
	m->conflict = true;
}

/*
 * Has no event a say? Of what sysfs alone told before; or it is ANA alone that makes the
 * difference, and no event tells of that here.
 */
static bool is_mute(const struct model *m, const struct model_path *p)
{
	return p->by_sysfs ||
	       (m->session->missing_facts & FACT(ANA) && p->doubt_ctrl == MPATH_CTRL_LIVE &&
		p->doubt_ana >= 0 && p->doubt_ana != p->ana_state);
}

static void believe_path(struct model *m, struct head *h, struct model_path *p,
			 const struct topo_path *tp, __u64 time_ns)
{
	enum path_state state = topo_path_state(tp);

	if (!has_events(m) || time_ns <= p->told_ns)
		return;
	if (state == PATH_UNKNOWN || path_is_usable(state) == path_is_usable(p->state)) {
		p->doubt_ns = MODEL_NONE;
		return;
	}
	p->doubt_ctrl = names_ctrl_state(tp->state);
	p->doubt_ana = names_ana_state(tp->ana);
	doubt(m, p, state, time_ns);
	if (is_mute(m, p))
		take(m, h, p, time_ns);
}

/* The first path after a loss has an event that says when: it ends an outage. */
static void wait_for_event(struct model *m, struct head *h, struct model_path *p,
			   const struct topo_path *tp, __u64 time_ns)
{
	enum path_state state = p->state;

	p->state = PATH_UNUSABLE;
	p->by_sysfs = false;
	believe_path(m, h, p, tp, time_ns);
	if (!p->doubt_ns)
		p->state = state;
}

static bool is_later(__u64 told_ns, __u64 time_ns, bool repeat)
{
	return !repeat && time_ns > told_ns;
}

int path_topology(struct model *m, struct head *h, const struct topo_path *tp, __u64 time_ns,
		  bool repeat)
{
	struct model_path *p = path_get(m, h, tp->name);
	bool revived;

	if (!p)
		return 0;
	p->listed = m->topo_nr;
	revived = p->gone && !repeat && time_ns > p->removed_ns;
	memcpy(p->transport, tp->transport, sizeof(p->transport));
	memcpy(p->address, tp->address, sizeof(p->address));
	if (p->gone && !revived)
		return 0;
	p->gone = false;
	p->ctrl = tp->ctrl;
	/* events know better, and sooner; where they have no say, it has */
	if (p->state == PATH_UNKNOWN || revived) {
		p->state = topo_path_state(tp);
		p->by_sysfs = true;
		if (h->pub.lost_ns && path_is_usable(p->state) && !repeat)
			wait_for_event(m, h, p, tp, time_ns);
	} else if (!repeat) {
		believe_path(m, h, p, tp, time_ns);
	}
	if (p->ctrl_state < 0 || (is_later(p->ctrl_told_ns, time_ns, repeat) && *tp->state))
		p->ctrl_state = names_ctrl_state(tp->state);
	/* without ANA sysfs has no state, while events tell the one that it amounts to */
	if (p->ana_state < 0 || (is_later(p->told_ns, time_ns, repeat) && *tp->ana))
		p->ana_state = names_ana_state(tp->ana);
	if (p->state == PATH_UNUSABLE && !p->lost_ns)
		p->standby = ana_reserves(names_ana_state(tp->ana));
	path_by_ana(p);
	return 1;
}

void believe_unlisted(struct model *m, struct head *h, __u64 time_ns)
{
	size_t i;

	for (i = 0; has_events(m) && i < h->pub.nr_paths; i++) {
		struct model_path *p = &h->paths[i];

		if (p->gone || p->listed == m->topo_nr || time_ns <= p->told_ns)
			continue;
		p->doubt_ctrl = -1;
		p->doubt_ana = -1;
		doubt(m, p, PATH_GONE, time_ns);
		/* no event told that it came; or a reading in the midst of it has it still */
		if (p->by_sysfs || !p->told_ns || p->removed_ns)
			take(m, h, p, time_ns);
	}
	if (h->listed_paths != h->pub.paths_listed)
		m->conflict = true;
}

/*
 * A path that is listed and live may not be ready yet, which sysfs does not show: that it is ready
 * has an event. Unless something was lost since, it is waited for.
 */
static __u64 patience(const struct model *m, const struct model_path *p)
{
	if (!path_is_usable(p->doubt) || m->session->lacks_ns >= p->told_ns)
		return MODEL_RESOLVE_NS;
	return MODEL_READY_NS;
}

static enum model_contradiction kind_of(const struct model_path *p)
{
	if (p->doubt == PATH_GONE)
		return CONTRADICTION_PATH_GONE;
	return path_is_usable(p->doubt) ? CONTRADICTION_PATH_BACK : CONTRADICTION_PATH_LOST;
}

static bool resolve_paths(struct model *m, struct head *h)
{
	bool left = false;
	size_t i;

	for (i = 0; i < h->pub.nr_paths; i++) {
		struct model_path *p = &h->paths[i];

		if (!p->doubt_ns || p->gone)
			continue;
		if (m->now <= p->doubt_ns + patience(m, p)) {
			left = true;
			continue;
		}
		contradiction(m, h, kind_of(p), p->doubt_ns);
		take(m, h, p, p->doubt_ns);
	}
	return left;
}

/* ---- heads ---- */

void believe_head_gone(struct model *m, struct head *h, __u64 time_ns)
{
	h->came_doubt_ns = MODEL_NONE;
	if (!has_events(m) || h->pub.gone)
		return;
	h->gone_doubt_ns = time_ns;
	m->conflict = true;
}

void believe_head_came(struct model *m, struct head *h, __u64 time_ns)
{
	h->gone_doubt_ns = MODEL_NONE;
	if (!has_events(m) || !m->session->listed)
		return;
	h->came_doubt_ns = time_ns;
	m->conflict = true;
}

/* 1: it is time, and @doubt_ns is forgotten; 0: there is no doubt; -1: not yet */
static int is_due(const struct model *m, __u64 *doubt_ns)
{
	if (!*doubt_ns)
		return 0;
	if (m->now <= *doubt_ns + MODEL_RESOLVE_NS)
		return -1;
	*doubt_ns = MODEL_NONE;
	return 1;
}

bool believe_resolve(struct model *m, struct head *h)
{
	__u64 gone_ns = h->gone_doubt_ns, came_ns = h->came_doubt_ns;
	int gone = is_due(m, &h->gone_doubt_ns), came = is_due(m, &h->came_doubt_ns);
	bool left = resolve_paths(m, h) || gone < 0 || came < 0;

	if (gone > 0)
		contradiction(m, h, CONTRADICTION_HEAD_GONE, gone_ns);
	if (came > 0)
		contradiction(m, h, CONTRADICTION_HEAD_CAME, came_ns);
	if (h->pub.gone || h->listed_ns <= h->paths_told_ns ||
	    h->listed_paths == h->pub.paths_listed)
		return left;
	if (m->now <= h->listed_ns + MODEL_RESOLVE_NS)
		return true;
	h->pub.paths_listed = h->listed_paths;
	return left;
}
