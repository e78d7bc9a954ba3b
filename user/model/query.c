// SPDX-License-Identifier: GPL-2.0-only
/* Looking at the model: lists, sessions, derived values. */
#include <errno.h>

#include "model/internal.h"

static const void *list_get(const struct list *list, size_t i)
{
	return i < list->nr ? list->items[i] : NULL;
}

const struct model_head *model_head(const struct model *m, size_t i)
{
	return list_get(&m->heads, i);
}

const struct model_window *model_window(const struct model *m, size_t i)
{
	return list_get(&m->windows, i);
}

const struct model_outage *model_outage(const struct model *m, size_t i)
{
	return list_get(&m->outages, i);
}

const struct model_session *model_session(const struct model *m, size_t i)
{
	return list_get(&m->sessions, i);
}

const struct model_remark *model_remark(const struct model *m, size_t i)
{
	return i < m->nr_remarks ? &m->remarks[i] : NULL;
}

__u64 model_remarks_dropped(const struct model *m)
{
	return m->remarks_dropped;
}

enum path_state model_path_state(const struct model_path *p)
{
	return p->gone ? PATH_GONE : p->state;
}

int model_head_usable(const struct model_head *h)
{
	int usable = 0;
	size_t i;

	for (i = 0; i < h->nr_paths; i++) {
		if (h->paths[i].gone)
			continue;
		if (h->paths[i].state == PATH_UNKNOWN)
			return -1;
		usable += path_is_usable(h->paths[i].state);
	}
	return h->paths_listed < 0 ? -1 : usable;
}

bool model_path_is_standby(const struct model_path *p)
{
	return !p->gone && p->state == PATH_UNUSABLE && p->standby &&
	       p->ctrl_state == MPATH_CTRL_LIVE;
}

int model_head_standby(const struct model_head *h)
{
	int n = 0;
	size_t i;

	for (i = 0; i < h->nr_paths; i++)
		n += model_path_is_standby(&h->paths[i]);
	return n;
}

/* Left the head since a path was last gained: less than it had. */
static bool any_left(const struct model_head *h)
{
	size_t i;

	for (i = 0; h->first_lost_ns && i < h->nr_paths; i++)
		if (h->paths[i].gone && h->paths[i].removed_ns >= h->first_lost_ns)
			return true;
	return false;
}

int model_head_state(const struct model_head *h)
{
	const struct model_window *w = h->window;
	int usable = model_head_usable(h);

	if (h->gone)
		return HEAD_REMOVED;
	if (w && w->number && !w->ended)
		return HEAD_GRACE;
	if (h->lost_ns || !usable)
		return HEAD_NO_USABLE_PATH;
	if (usable < 0)
		return -1;
	return any_left(h) || usable + model_head_standby(h) < h->paths_listed ? HEAD_DEGRADED :
										 HEAD_HEALTHY;
}

__u64 model_count(const struct model *m, enum model_outcome outcome)
{
	return m->count[outcome];
}

__u64 model_events_lost(const struct model *m)
{
	return m->events_lost;
}

__u64 model_contradictions(const struct model *m)
{
	return m->contradictions;
}

__u64 model_runs_skipped(const struct model *m)
{
	return m->runs_skipped;
}

__u64 model_reloads(const struct model *m)
{
	return m->reloads;
}

bool model_outage_has_window(const struct model_outage *o)
{
	return ((const struct outage *)o)->linked;
}

__u64 model_outage_parked(const struct model_outage *o)
{
	return o->s.parked[MPATH_PARK_NO_USABLE_PATH] + o->s.parked[MPATH_PARK_FAILOVER];
}

__u64 model_outage_who_other(const struct model_outage *o)
{
	__u64 parked = model_outage_parked(o), known = 0;
	size_t i;

	for (i = 0; i < o->nr_who; i++)
		known += o->who[i].parked;
	return parked > known ? parked - known : 0;
}

__u64 model_window_duration(const struct model_window *w)
{
	if (!w->armed_ns || w->end_ns < w->armed_ns)
		return MODEL_NONE;
	return w->end_ns - w->armed_ns;
}

__u64 model_outage_duration(const struct model_window *w)
{
	__u64 end = w->usable_ns ? w->usable_ns : w->removed_ns;

	return w->lost_ns && end > w->lost_ns ? end - w->lost_ns : MODEL_NONE;
}

bool model_window_is_near_miss(const struct model_window *w)
{
	__u64 setting = w->setting_ms * NS_PER_MS;

	if (w->outcome != MODEL_RECOVERED || !w->margin_known || !w->setting_known)
		return false;
	return w->margin_ns < 0 || (__u64)w->margin_ns < setting / 10;
}

const struct rec_host *model_session_host(const struct model_session *s)
{
	return &s->host;
}

__u64 model_session_first(const struct model_session *s)
{
	return s->first_ns;
}

__u64 model_session_seen(const struct model_session *s)
{
	return s->seen_ns ? s->seen_ns : s->first_ns;
}

__u64 model_session_last(const struct model_session *s)
{
	return s->last_ns;
}

__u64 model_session_numbering(const struct model_session *s)
{
	if (!s->own_numbers)
		return 0;
	return s->attachment ? s->attachment : s->start_ns;
}

__u32 model_session_missing(const struct model_session *s)
{
	return s ? s->missing_facts : 0;
}

bool model_session_ended(const struct model_session *s)
{
	return s->ended;
}

int model_error(const struct model *m)
{
	return m->err;
}

const struct topo *model_topology(const struct model *m)
{
	return m->listed ? m->topo : NULL;
}

const struct topo *model_topology_last(const struct model *m)
{
	return m->topo;
}

const struct model_session *model_current(const struct model *m)
{
	return m->session;
}

__u64 model_now(const struct model *m)
{
	return m->now;
}

int model_wall_ns(const struct model_session *s, __u64 boot_ns, __s64 *real_ns)
{
	size_t i;

	if (!s || !s->nr_clocks)
		return -ENOENT;
	for (i = s->nr_clocks - 1; i && s->clocks[i].boottime_ns > boot_ns; i--)
		;
	*real_ns = (__s64)((__u64)s->clocks[i].realtime_ns + (boot_ns - s->clocks[i].boottime_ns));
	return 0;
}
