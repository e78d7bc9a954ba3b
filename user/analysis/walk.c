// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is not there although something before it is.
 *
 * Each step looks at the one before: a controller that is live should be scanned, a namespace that
 * was scanned should be a path, paths should have a head, and a subsystem that is reached by a
 * fabric should be reached twice. A fact of a controller is told once, however many heads it
 * concerns.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/walk.h"
#include "base/array.h"

#define DISCOVERY_NQN	"nqn.2014-08.org.nvmexpress.discovery"

struct walk {
	const struct topo	*t;
	struct absence		*list;
	size_t			nr;
	__u32			*paths;		/* of each controller, that belong to a head */
	__u32			*waiting;	/* of each controller, whose head is not there */
	int			err;
};

static struct absence *add(struct walk *w, enum absence_kind kind, enum absence_reason reason)
{
	struct absence *more = array_more(w->list, w->nr, sizeof(*more));

	if (!more) {
		w->err = -ENOMEM;
		return NULL;
	}
	w->list = more;
	more += w->nr++;
	memset(more, 0, sizeof(*more));
	more->kind = kind;
	more->reason = reason;
	more->subsys = TOPO_NO_SUBSYS;
	more->ctrl = TOPO_NO_CTRL;
	return more;
}

static void add_of_ctrl(struct walk *w, enum absence_kind kind, enum absence_reason reason,
			const struct topo_ctrl *c, __u32 count)
{
	struct absence *a = add(w, kind, reason);

	if (!a)
		return;
	a->subsys = c->subsys;
	a->ctrl = c->ctrl;
	a->count = count;
	TOPO_TEXT(a->state, c->state);
	if (c->refused > TOPO_REFUSED_NOT && c->refused < TOPO_REFUSALS)
		a->refused = (enum topo_refusal)c->refused;
	a->nsid = c->refused_nsid;
}

static bool is_live(const char *state)
{
	return !strcmp(state, "live");
}

/* It goes: what it had is to go, too. */
static bool is_leaving(const struct topo_ctrl *c)
{
	return !strncmp(c->state, "deleting", 8);
}

static bool is_discovery(const struct topo *t, const struct topo_ctrl *c)
{
	const struct topo_subsys *s = topo_find_subsys(t, c->subsys);

	if (*c->type)
		return !strcmp(c->type, "discovery");
	return s && !strcmp(s->nqn, DISCOVERY_NQN);
}

/* Does it have namespaces at all? */
static bool has_io(const struct topo *t, const struct topo_ctrl *c)
{
	return !is_discovery(t, c) && strcmp(c->type, "admin") && !is_leaving(c);
}

static enum absence_reason reason_of(const struct topo_ctrl *c)
{
	if (c->refused > TOPO_REFUSED_NOT && c->refused < TOPO_REFUSALS)
		return ABSENT_REFUSED;
	if (!is_live(c->state))
		return ABSENT_BY_STATE;
	if (c->queues == 0 || c->queues == 1)
		return ABSENT_BY_QUEUES;
	return ABSENT_NOT_KNOWN;
}

/* ---- namespaces without a disk ---- */

/* Paths @from.. up to, but not, @to are of one head, which is not there. */
static void disk(struct walk *w, size_t from, size_t to)
{
	enum absence_reason reason = ABSENT_BY_STATE;
	const struct topo_path *shown = &w->t->paths[from], *p;
	const struct topo_ctrl *c;
	struct absence *a;
	size_t i;

	for (i = from; i < to; i++) {
		p = &w->t->paths[i];
		if (!is_live(p->state))
			continue;
		/* the worst of what is live: one that could be used should have made the disk */
		if (path_is_usable(topo_path_state(p))) {
			reason = ABSENT_SHORTLY;
			shown = p;
			break;
		}
		if (reason == ABSENT_BY_STATE)
			shown = p;
		reason = ABSENT_BY_ANA;
	}
	a = add(w, ABSENT_DISK, reason);
	if (!a)
		return;
	c = topo_find_ctrl(w->t, shown->ctrl);
	a->subsys = c ? c->subsys : TOPO_NO_SUBSYS;
	a->ctrl = shown->ctrl;
	a->count = (__u32)(to - from);
	TOPO_TEXT(a->head, shown->head);
	TOPO_TEXT(a->path, shown->name);
	TOPO_TEXT(a->state, shown->state);
	TOPO_TEXT(a->ana, shown->ana);
}

static size_t place_of(const struct topo *t, __s32 ctrl)
{
	const struct topo_ctrl *c = topo_find_ctrl(t, ctrl);

	return c ? (size_t)(c - t->ctrls) : t->nr_ctrls;
}

/* Paths are sorted by head. Also counts those of each controller. */
static void disks(struct walk *w)
{
	const struct topo *t = w->t;
	size_t from, to, i, at;
	bool there;

	for (from = 0; from < t->nr_paths; from = to) {
		there = topo_find_head(t, t->paths[from].head);
		for (to = from; to < t->nr_paths; to++)
			if (strcmp(t->paths[to].head, t->paths[from].head))
				break;
		for (i = from; i < to; i++) {
			at = place_of(t, t->paths[i].ctrl);
			if (at < t->nr_ctrls)
				(there ? w->paths : w->waiting)[at]++;
		}
		if (!there)
			disk(w, from, to);
	}
}

/* ---- a subsystem and its controllers ---- */

struct members {
	size_t			heads;		/* of the subsystem */
	size_t			ctrls;		/* of it that have namespaces */
	size_t			live;
	__u64			reached;	/* paths of its heads */
	const struct topo_ctrl	*some;		/* live, with paths, but not of each head */
	const struct topo_ctrl	*one;
};

static bool reaches(const struct topo *t, const struct topo_ctrl *c, const char *head)
{
	size_t i;

	for (i = 0; i < t->nr_paths; i++)
		if (t->paths[i].ctrl == c->ctrl && !strcmp(t->paths[i].head, head))
			return true;
	return false;
}

static void some(struct walk *w, const struct topo_subsys *s, const struct members *m)
{
	struct absence *a = add(w, ABSENT_SOME, ABSENT_NOT_KNOWN);
	const struct topo *t = w->t;
	size_t i;

	if (!a)
		return;
	a->minor = true;
	a->subsys = s->instance;
	a->ctrl = m->some->ctrl;
	a->count = (__u32)(m->heads * m->live - m->reached);
	TOPO_TEXT(a->state, m->some->state);
	for (i = 0; i < t->nr_heads; i++)
		if (t->heads[i].subsys == s->instance && !reaches(t, m->some, t->heads[i].name))
			break;
	if (i < t->nr_heads)
		TOPO_TEXT(a->head, t->heads[i].name);
}

static void ctrl(struct walk *w, const struct topo_ctrl *c, struct members *m)
{
	size_t at = (size_t)(c - w->t->ctrls);
	enum absence_reason reason = reason_of(c);

	m->ctrls++;
	m->one = c;
	if (w->paths[at] && is_live(c->state)) {
		m->live++;
		m->reached += w->paths[at];
		if (w->paths[at] < m->heads && !m->some)
			m->some = c;
	}
	if (w->paths[at] || w->waiting[at] || c->disks) {
		/* what it has is fine, what it could not have is not */
		if (reason == ABSENT_REFUSED)
			add_of_ctrl(w, ABSENT_SOME, reason, c, 1);
		return;
	}
	add_of_ctrl(w, m->heads ? ABSENT_PATHS : ABSENT_NAMESPACE, reason, c, (__u32)m->heads);
}

static bool is_fabric(const struct topo_ctrl *c)
{
	return *c->transport && strcmp(c->transport, "pcie") && strcmp(c->transport, "apple-nvme");
}

static void subsystem(struct walk *w, const struct topo_subsys *s)
{
	struct members m = { 0 };
	const struct topo *t = w->t;
	struct absence *a;
	size_t i;

	for (i = 0; i < t->nr_heads; i++)
		m.heads += t->heads[i].subsys == s->instance;
	for (i = 0; i < t->nr_ctrls; i++)
		if (t->ctrls[i].subsys == s->instance && has_io(t, &t->ctrls[i]))
			ctrl(w, &t->ctrls[i], &m);
	if (m.some)
		some(w, s, &m);
	if (!m.heads || m.ctrls != 1 || !is_fabric(m.one))
		return;
	add_of_ctrl(w, ABSENT_SECOND, ABSENT_BY_CONNECTION, m.one, (__u32)m.heads);
	a = w->err ? NULL : &w->list[w->nr - 1];
	if (a)
		a->minor = true;
}

/* Controllers that belong to no subsystem: they never answered, or were sent away. */
static void strangers(struct walk *w)
{
	const struct topo *t = w->t;
	size_t i;

	for (i = 0; i < t->nr_ctrls; i++)
		if (t->ctrls[i].subsys == TOPO_NO_SUBSYS && has_io(t, &t->ctrls[i]) &&
		    !w->paths[i] && !w->waiting[i] && !t->ctrls[i].disks)
			add_of_ctrl(w, ABSENT_NAMESPACE, reason_of(&t->ctrls[i]), &t->ctrls[i], 0);
}

static void discovery_only(struct walk *w)
{
	const struct topo *t = w->t;
	size_t i;

	for (i = 0; i < t->nr_ctrls; i++)
		if (!is_discovery(t, &t->ctrls[i]))
			return;
	if (!t->nr_ctrls)
		return;
	add_of_ctrl(w, ABSENT_SUBSYSTEM, ABSENT_BY_CONNECTION, &t->ctrls[0], (__u32)t->nr_ctrls);
	if (!w->err)
		w->list[w->nr - 1].minor = true;
}

int walk(const struct topo *t, struct absence **list, size_t *nr)
{
	struct walk w = { .t = t };
	size_t i;

	w.paths = calloc(t->nr_ctrls + 1, sizeof(*w.paths));
	w.waiting = calloc(t->nr_ctrls + 1, sizeof(*w.waiting));
	if (!w.paths || !w.waiting)
		w.err = -ENOMEM;
	else
		disks(&w);
	for (i = 0; !w.err && i < t->nr_subsys; i++)
		subsystem(&w, &t->subsys[i]);
	if (!w.err) {
		strangers(&w);
		discovery_only(&w);
	}
	free(w.paths);
	free(w.waiting);
	if (w.err) {
		free(w.list);
		return w.err;
	}
	*list = w.list;
	*nr = w.nr;
	return 0;
}
