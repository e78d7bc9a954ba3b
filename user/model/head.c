// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heads: who is who. What becomes of their paths is in model/path.c.
 *
 * A head is known by its namespace (subsystem NQN, NSID, UUID or WWID), which a topology tells. So
 * a disk that comes back under another name is the same head, while each gendisk of it has a
 * head_id of its own. Names and instances are used again: a new disk is nobody's until a topology
 * says whose it is, and one that was read before the disk came does not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/internal.h"

void head_free(struct head *h)
{
	if (!h)
		return;
	free(h->paths);
	free(h);
}

static struct head *head_add(struct model *m)
{
	struct head *h;

	if (m->heads.nr >= MODEL_HEADS)
		return NULL;
	h = calloc(1, sizeof(*h));
	if (!h || list_add(&m->heads, h)) {
		free(h);
		m->err = -ENOMEM;
		return NULL;
	}
	h->pub.setting_s = TOPO_NO_SETTING;
	h->pub.paths_listed = -1;
	h->pub.session = m->session;
	h->passing = m->topologies_only;
	return h;
}

/* ---- identity ---- */

static bool same_id(const char *a, const char *b)
{
	return !*a || !*b || !strcmp(a, b);
}

static struct head *find_namespace(const struct model *m, const char *nqn,
				   const struct topo_head *th)
{
	size_t i;

	if (!*nqn)
		return NULL;
	for (i = 0; i < m->heads.nr; i++) {
		struct head *h = m->heads.items[i];

		if (h->pub.nsid == th->nsid && !strcmp(h->pub.nqn, nqn) &&
		    same_id(h->pub.uuid, th->uuid) && same_id(h->pub.wwid, th->wwid))
			return h;
	}
	return NULL;
}

static bool is_named(const struct head *h, const char *name, int subsys, __u32 nsid)
{
	return h->pub.nsid == nsid && h->pub.subsys == subsys && !strcmp(h->pub.name, name);
}

/* Is its disk there, and no event of it was seen by this session? */
static bool awaits_events(const struct model *m, const struct head *h)
{
	return !h->pub.gone && (h->found || !h->pub.head_id || h->pub.session != m->session);
}

bool head_is_newer(const struct head *h, __u64 topo_ns)
{
	return topo_ns < (h->pub.gone ? h->gone_ns : h->since_ns);
}

/* The head whose disk @ev may be about, the first event of its head_id; NULL: none that we know. */
static struct head *find_disk(const struct model *m, const struct mpath_event *ev)
{
	const struct topo_subsys *ts = m->topo ? topo_find_subsys(m->topo, ev->subsys) : NULL;
	const struct topo_head *th = m->topo ? topo_find_head(m->topo, ev->head) : NULL;
	size_t i = m->heads.nr;
	struct head *h;

	if (th && ts && th->subsys == ev->subsys && th->nsid == ev->nsid) {
		h = find_namespace(m, ts->nqn, th);
		if (h && (awaits_events(m, h) || m->topo_ns >= ev->time_ns ||
			  (h->pub.gone && !head_is_newer(h, m->topo_ns))))
			return h;
	}
	while (i--) {
		h = m->heads.items[i];
		/* without any topology all we have are names */
		if (is_named(h, ev->head, ev->subsys, ev->nsid) &&
		    (awaits_events(m, h) || (!m->topo && !*h->pub.nqn)))
			return h;
	}
	return NULL;
}

/* The head that a topology read at @time_ns knows by this name only. */
static struct head *find_unnamed(const struct model *m, const struct topo_head *th, bool nqn,
				 __u64 time_ns)
{
	size_t i = m->heads.nr;

	while (i--) {
		struct head *h = m->heads.items[i];

		if (is_named(h, th->name, th->subsys, th->nsid) && !head_is_newer(h, time_ns) &&
		    !(nqn && (*h->pub.nqn || h->pub.gone)))
			return h;
	}
	return NULL;
}

/* Everything that points to a head points to another one, its windows come last there. */
static void merge_references(struct model *m, struct head *from, struct head *to)
{
	struct model_session *s = m->session;
	struct window *w;
	size_t i;

	for (i = 0; i < s->nr_refs; i++)
		if (s->refs[i].head == from)
			s->refs[i].head = to;
	outage_merge(from, to);
	for (i = 0; i < m->nr_remarks; i++)
		if (m->remarks[i].head == &from->pub)
			m->remarks[i].head = &to->pub;
	if (to->window && !to->window->pub.ended)
		window_end_unknown(m, to->window, MISSING_END);
	for (i = 0; i < from->pub.nr_paths && !from->window; i++)
		window_head_reappeared(to->window, from->pub.session, from->pub.name,
				       from->paths[i].added_ns);
	for (w = from->window; w; w = w->before) {
		w->head = to;
		w->disk += to->disk + 1;
		w->pub.head = &to->pub;
		if (!w->before) {
			w->before = to->window;
			break;
		}
	}
	if (from->window)
		to->window = from->window;
	for (i = 0; i < MODEL_OUTCOMES; i++)
		to->pub.windows[i] += from->pub.windows[i];
}

/* A head turns out to be another one that is known already: that one takes over. */
static void head_merge(struct model *m, struct head *from, struct head *to)
{
	size_t i;

	merge_references(m, from, to);
	free(to->paths);
	to->paths = from->paths;
	from->paths = NULL;
	to->disk += from->disk + 1;
	to->last_number = from->last_number;
	to->last_number_known = from->last_number_known;
	memcpy(to->pub.name, from->pub.name, sizeof(to->pub.name));
	to->pub.subsys = from->pub.subsys;
	to->pub.gone = from->pub.gone;
	to->gone_ns = from->gone_ns;
	to->found = from->found;
	to->since_ns = from->since_ns;
	to->passing &= from->passing;
	to->pub.head_id = from->pub.head_id;
	to->pub.session = from->pub.session;
	to->pub.nr_paths = from->pub.nr_paths;
	to->pub.paths = to->paths;
	to->pub.paths_listed = from->pub.paths_listed;
	to->pub.first_lost_ns = from->pub.first_lost_ns;
	to->pub.lost_ns = from->pub.lost_ns;
	to->pub.window = to->window ? &to->window->pub : NULL;
	if (from->pub.outage)
		to->pub.outage = from->pub.outage;
	to->pub.missed_windows += from->pub.missed_windows;
	for (i = 0; i < m->heads.nr; i++)
		if (m->heads.items[i] == from)
			break;
	memmove(m->heads.items + i, m->heads.items + i + 1,
		(m->heads.nr - i - 1) * sizeof(m->heads.items[0]));
	m->heads.nr--;
	head_free(from);
}

/* The head disk of this object is a new one. */
static void head_new_disk(struct model *m, struct head *h)
{
	if (h->window && !h->window->pub.ended)
		window_end_unknown(m, h->window, MISSING_END);
	h->disk++;
	h->last_number_known = false;
	h->last_number = 0;
	h->conflict = CONFLICT_NONE;
	believe_anew(h);
	h->since_ns = 0;
	h->found = false;
	h->pub.gone = false;
	h->pub.first_lost_ns = MODEL_NONE;
	h->pub.lost_ns = MODEL_NONE;
	h->pub.nr_paths = 0;
	h->pub.paths_listed = -1;
}

/* The kernel does not number windows, and programs attached anew begin with 1: not the old ones. */
static void new_numbers(struct model *m, struct head *h)
{
	if (h->window && !h->window->pub.ended)
		window_end_unknown(m, h->window, MISSING_END);
	h->disk++;
	h->last_number_known = false;
	h->last_number = 0;
}

struct head *head_of_event(struct model *m, const struct mpath_event *ev)
{
	struct head *h = head_of_id(m, ev->head_id);
	bool is_new;

	if (h) {
		if (ev->type == MPATH_EV_PATH_ADD && ev->head_id == h->pub.head_id)
			h->pub.gone = false;
		return h;
	}
	if (!ev->head_id)
		return NULL;
	h = find_disk(m, ev);
	is_new = !h || !awaits_events(m, h);
	if (!h)
		h = head_add(m);
	if (!h || head_ref_add(m->session, ev->head_id, h))
		return NULL;
	if (!awaits_events(m, h))
		head_new_disk(m, h);
	else if (m->session->own_numbers)
		new_numbers(m, h);
	else
		h->resumed = h->last_number_known;
	memcpy(h->pub.name, ev->head, sizeof(h->pub.name));
	h->pub.subsys = ev->subsys;
	h->pub.nsid = ev->nsid;
	h->pub.head_id = ev->head_id;
	h->pub.session = m->session;
	h->since_ns = is_new && m->topo ? ev->time_ns : 0;
	h->found = false;
	h->last_outage_number = 0;
	h->passing = false;
	return h;
}

struct head *head_of_topology(struct model *m, const struct topo_head *th, const char *nqn,
			      __u64 time_ns)
{
	struct head *known = find_namespace(m, nqn, th);
	struct head *named = find_unnamed(m, th, *nqn, time_ns);

	if (known && named && known != named)
		head_merge(m, named, known);
	if (!known)
		known = named ? named : head_add(m);
	return known;
}

void head_new_session(struct model *m, bool same_boot)
{
	size_t i;

	for (i = 0; i < m->heads.nr; i++) {
		struct head *h = m->heads.items[i];
		struct window *w;

		h->pub.head_id = 0;
		h->last_outage_number = 0;
		believe_anew(h);
		h->pub.nr_paths = 0;
		h->pub.paths_listed = -1;
		for (w = h->window; w; w = w->before)
			window_new_session(m, w);
		if (!same_boot)
			head_new_disk(m, h);
	}
}

/* Nothing points to a head that topologies alone told of. */
void head_forget_topologies(struct model *m)
{
	size_t i, n = 0;

	for (i = 0; i < m->heads.nr; i++) {
		struct head *h = m->heads.items[i];

		if (h->passing) {
			head_free(h);
			continue;
		}
		h->pub.nr_paths = 0;
		h->pub.paths_listed = -1;
		m->heads.items[n++] = h;
	}
	m->heads.nr = n;
}
