// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sysfs against events: what a topology says of heads, and where it does not fit what events said
 * before, which are the better witnesses.
 */
#include <string.h>

#include "model/internal.h"

static void topology_names(struct head *h, const struct topo_head *th, const struct topo_subsys *ts,
			   bool repeat)
{
	memcpy(h->pub.name, th->name, sizeof(h->pub.name));
	topo_text(h->pub.nqn, sizeof(h->pub.nqn), ts ? ts->nqn : "");
	if (ts) {
		memcpy(h->pub.model, ts->model, sizeof(h->pub.model));
		memcpy(h->pub.serial, ts->serial, sizeof(h->pub.serial));
	}
	if (*th->uuid)
		memcpy(h->pub.uuid, th->uuid, sizeof(h->pub.uuid));
	if (*th->wwid)
		memcpy(h->pub.wwid, th->wwid, sizeof(h->pub.wwid));
	h->pub.subsys = th->subsys;
	h->pub.nsid = th->nsid;
	if (!repeat || !h->pub.setting_known)
		h->pub.setting_s = th->setting_s;
	h->pub.setting_known = true;
}

/*
 * A topology that does not fit an open window means that its end was not seen,
 * unless the event for it is still on the way: reconcile_resolve() decides later.
 */
static void topology_conflicts(struct model *m, struct head *h, enum conflict conflict,
			       __u64 time_ns)
{
	if (!h->window || h->window->pub.ended || time_ns < h->window->opened_ns)
		conflict = CONFLICT_NONE;
	if (h->conflict != conflict)
		h->conflict_ns = time_ns;
	h->conflict = conflict;
	m->conflict |= conflict != CONFLICT_NONE;
}

static void topology_lists(struct model *m, const struct topo *t, const struct topo_head *th,
			   struct head *h, __u64 time_ns, bool repeat)
{
	int paths = 0;
	size_t i;

	for (i = 0; i < t->nr_paths; i++)
		if (!strcmp(t->paths[i].head, th->name))
			paths += path_topology(m, h, &t->paths[i], time_ns, repeat);
	if (repeat)
		return;
	if (paths && h->pub.gone) {
		h->pub.gone = false;
		h->found = true;
		h->since_ns = h->gone_ns;
		believe_head_came(m, h, time_ns);
	}
	h->listed_paths = paths;
	h->listed_ns = time_ns;
	believe_unlisted(m, h, time_ns);
	if (h->pub.paths_listed < 0)
		h->pub.paths_listed = paths;
	topology_conflicts(m, h, paths ? CONFLICT_PATHS : CONFLICT_NONE, time_ns);
}

void reconcile_topology(struct model *m, const struct topo *t, __u64 time_ns, bool repeat)
{
	size_t i;

	m->topo_nr++;
	for (i = 0; i < t->nr_heads; i++) {
		const struct topo_head *th = &t->heads[i];
		const struct topo_subsys *ts = topo_find_subsys(t, th->subsys);
		struct head *h = head_of_topology(m, th, ts ? ts->nqn : "", time_ns);

		if (!h)
			continue;
		if (!h->listed && !repeat && !h->pub.head_id)
			believe_head_came(m, h, time_ns);
		h->listed = m->topo_nr;
		if (head_is_newer(h, time_ns))
			continue;
		topology_names(h, th, ts, repeat);
		topology_lists(m, t, th, h, time_ns, repeat);
	}
	for (i = 0; !repeat && i < m->heads.nr; i++) {
		struct head *h = m->heads.items[i];

		if (h->listed == m->topo_nr || head_is_newer(h, time_ns))
			continue;
		topology_conflicts(m, h, CONFLICT_GONE, time_ns);
		if (!h->pub.gone && (!h->window || h->window->pub.ended)) {
			believe_head_gone(m, h, time_ns);
			head_gone(m, h, time_ns);
		}
	}
	if (!repeat)
		m->session->listed = true;
}

void reconcile_resolve(struct model *m, bool all)
{
	bool left = false;
	size_t i;

	for (i = 0; m->conflict && i < m->heads.nr; i++) {
		struct head *h = m->heads.items[i];

		left |= believe_resolve(m, h);
		if (h->conflict == CONFLICT_NONE)
			continue;
		if (!all && m->now <= h->conflict_ns + MODEL_RESOLVE_NS) {
			left = true;
			continue;
		}
		if (h->conflict == CONFLICT_GONE && !h->pub.gone) {
			believe_head_gone(m, h, h->conflict_ns);
			head_gone(m, h, h->conflict_ns);
			left |= believe_resolve(m, h);
		}
		h->conflict = CONFLICT_NONE;
		if (h->window && !h->window->pub.ended)
			window_end_unknown(m, h->window, MISSING_END);
	}
	m->conflict = left;
}
