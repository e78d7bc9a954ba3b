// SPDX-License-Identifier: GPL-2.0-only
/* When paths could be used and how deep queues were, for pictures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/timeline.h"
#include "record/validate.h"

#define MAX_LANES	4096
#define MAX_CHANGES	1024		/* of a path */
#define MAX_WHERE	32		/* of a path */
#define MAX_QUEUES	8192
#define MAX_POINTS	512		/* of a queue */
#define CHAINS		1024
#define NO_LANE		((size_t)-1)

struct lanes {
	struct lane		*lanes;
	size_t			nr, chain[CHAINS];
	struct lane_queue	*queues;
	size_t			nr_queues;
};

struct lanes *lanes_new(void)
{
	struct lanes *l = calloc(1, sizeof(*l));
	size_t i;

	for (i = 0; l && i < CHAINS; i++)
		l->chain[i] = NO_LANE;
	return l;
}

void lanes_free(struct lanes *l)
{
	size_t i;

	if (!l)
		return;
	for (i = 0; i < l->nr; i++) {
		free(l->lanes[i].changes);
		free(l->lanes[i].where);
	}
	for (i = 0; i < l->nr_queues; i++)
		free(l->queues[i].points);
	free(l->lanes);
	free(l->queues);
	free(l);
}

const struct lane *lanes_path(const struct lanes *l, size_t i)
{
	return i < l->nr ? &l->lanes[i] : NULL;
}

const struct lane_queue *lanes_queue(const struct lanes *l, const struct model_outage *o)
{
	size_t i;

	/* the newest first: numbers may come again in another session only */
	for (i = l->nr_queues; i--;)
		if (l->queues[i].session == o->session && l->queues[i].outage == o->s.outage &&
		    l->queues[i].head_id == o->s.head_id)
			return &l->queues[i];
	return NULL;
}

size_t lane_after(const struct lane *lane, __u64 time_ns)
{
	size_t i = lane->nr;

	while (i && lane->changes[i - 1].time_ns > time_ns)
		i--;
	return i;
}

bool lane_is_there(const struct lane *lane, __u64 from, __u64 to)
{
	size_t i = lane_after(lane, from);

	if (i && lane->changes[i - 1].state != PATH_GONE)
		return true;
	for (; i < lane->nr && lane->changes[i].time_ns <= to; i++)
		if (lane->changes[i].state != PATH_GONE)
			return true;
	return false;
}

/* ---- paths ---- */

static size_t hash(const char *text, size_t h)
{
	for (; *text; text++)
		h = h * 31 + (unsigned char)*text;
	return h;
}

/* Room for one more of @nr; arrays grow by doubling at powers of two. */
static void *grow(void *array, size_t nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	return realloc(array, (nr ? 2 * nr : 1) * size);
}

/* *@lane stays NULL when there are too many. 0 or -ENOMEM. */
static int find_lane(struct lanes *l, const struct model_session *session, const char *head,
		     const char *path, struct lane **lane)
{
	size_t h = hash(path, hash(head, 0)) % CHAINS, i;
	struct lane *more;

	for (i = l->chain[h]; i != NO_LANE; i = l->lanes[i].next) {
		*lane = &l->lanes[i];
		if ((*lane)->session == session && !strcmp((*lane)->path, path) &&
		    !strcmp((*lane)->head, head))
			return 0;
	}
	*lane = NULL;
	if (l->nr == MAX_LANES)
		return 0;
	more = grow(l->lanes, l->nr, sizeof(*more));
	if (!more)
		return -ENOMEM;
	l->lanes = more;
	*lane = &l->lanes[l->nr];
	**lane = (struct lane) { .session = session, .next = l->chain[h] };
	TOPO_TEXT((*lane)->head, head);
	TOPO_TEXT((*lane)->path, path);
	l->chain[h] = l->nr++;
	return 0;
}

static int set_state(struct lane *lane, __u64 time_ns, enum path_state state)
{
	struct lane_change *more;
	size_t i;

	if (lane->nr == MAX_CHANGES) {
		lane->nr = MAX_CHANGES / 2;
		memmove(lane->changes, lane->changes + MAX_CHANGES - lane->nr,
			lane->nr * sizeof(*lane->changes));
	}
	i = lane_after(lane, time_ns);
	if (i && lane->changes[i - 1].state == state)
		return 0;
	if (i && lane->changes[i - 1].time_ns == time_ns) {
		lane->changes[i - 1].state = state;
		return 0;
	}
	more = grow(lane->changes, lane->nr, sizeof(*more));
	if (!more)
		return -ENOMEM;
	lane->changes = more;
	memmove(more + i + 1, more + i, (lane->nr - i) * sizeof(*more));
	more[i] = (struct lane_change) { .time_ns = time_ns, .state = state };
	lane->nr++;
	return 0;
}

static int feed_path(struct lanes *l, const struct model_session *session,
		     const struct mpath_ev_path *ev, enum path_state state)
{
	struct lane *lane;
	int err = find_lane(l, session, ev->h.head, ev->path, &lane);

	/* what joins was not there before */
	if (!err && lane && !lane->nr && ev->h.type == MPATH_EV_PATH_ADD)
		err = set_state(lane, 0, PATH_GONE);
	return err || !lane ? err : set_state(lane, ev->h.time_ns, state);
}

/* With the head go its paths. */
static int feed_removal(struct lanes *l, const struct model_session *session,
			const struct mpath_event *ev)
{
	size_t i;
	int err = 0;

	for (i = 0; i < l->nr && !err; i++)
		if (l->lanes[i].session == session && !strcmp(l->lanes[i].head, ev->head))
			err = set_state(&l->lanes[i], ev->time_ns, PATH_GONE);
	return err;
}

static int feed_event(struct lanes *l, const struct model_session *session,
		      const struct record *rec)
{
	const struct mpath_event *ev = record_check_event(rec);
	const struct mpath_ev_path *path = (const void *)ev;

	switch (ev ? ev->type : 0) {
	case MPATH_EV_PATH_ADD:
		return feed_path(l, session, path, PATH_UNUSABLE);
	case MPATH_EV_PATH_LIVE:
		return feed_path(l, session, path, path->usable ? PATH_USABLE : PATH_UNUSABLE);
	case MPATH_EV_PATH_REMOVE:
		return feed_path(l, session, path, PATH_GONE);
	case MPATH_EV_HEAD_REMOVE:
		return feed_removal(l, session, ev);
	default:
		return 0;
	}
}

/* Pictures do not tell how good a usable path is. */
static enum path_state topo_state(const struct topo_path *p)
{
	enum path_state state = topo_path_state(p);

	return path_is_usable(state) ? PATH_USABLE : state;
}

/* When it joined last before @time_ns; 0: it was there from the beginning, or that is not known. */
static __u64 joined(const struct lane *lane, __u64 time_ns)
{
	size_t i = lane_after(lane, time_ns);

	/* sysfs may have it a moment before the event */
	if (i && lane->changes[i - 1].state == PATH_GONE)
		return time_ns;
	while (i-- > 1)
		if (lane->changes[i - 1].state == PATH_GONE)
			return lane->changes[i].time_ns;
	return 0;
}

/* A topology read at @time_ns says where it is: so since it joined. */
static int set_where(struct lane *lane, __u64 time_ns, const struct topo_path *p)
{
	struct lane_where w = { .since_ns = lane->nr_where ? joined(lane, time_ns) : 0 };
	struct lane_where *last = lane->nr_where ? &lane->where[lane->nr_where - 1] : NULL, *more;

	TOPO_TEXT(w.transport, p->transport);
	TOPO_TEXT(w.address, p->address);
	if (last && !strcmp(last->address, w.address) && !strcmp(last->transport, w.transport))
		return 0;
	if (last && last->since_ns >= w.since_ns) {
		w.since_ns = last->since_ns;
		*last = w;
		return 0;
	}
	if (lane->nr_where == MAX_WHERE) {
		memmove(lane->where, lane->where + 1, --lane->nr_where * sizeof(w));
	} else {
		more = realloc(lane->where, (lane->nr_where + 1) * sizeof(w));
		if (!more)
			return -ENOMEM;
		lane->where = more;
	}
	lane->where[lane->nr_where++] = w;
	return 0;
}

/*
 * A topology names transports and addresses; it is later than the events, so
 * of a path's state it tells only what no event has told yet.
 */
static int feed_topology(struct lanes *l, const struct model_session *session,
			 const struct record *rec)
{
	struct topo *t;
	size_t i;
	int err = topo_decode(rec->data, rec->len, &t);

	if (err)
		return err == -ENOMEM ? err : 0;
	for (i = 0; i < t->nr_paths && !err; i++) {
		const struct topo_path *p = &t->paths[i];
		struct lane *lane;

		err = find_lane(l, session, p->head, p->name, &lane);
		if (err || !lane)
			continue;
		err = set_where(lane, rec->time_ns, p);
		if (!err && !lane->nr)
			err = set_state(lane, rec->time_ns, topo_state(p));
	}
	topo_free(t);
	return err;
}

/* ---- queues ---- */

static int find_queue(struct lanes *l, const struct model_session *session,
		      const struct mpath_outage *o, struct lane_queue **queue)
{
	struct lane_queue *more, *q;
	size_t i, k;

	for (i = l->nr_queues; i--;) {
		q = &l->queues[i];
		*queue = q;
		if (q->session == session && q->head_id == o->head_id && q->outage == o->outage)
			return 0;
	}
	if (l->nr_queues == MAX_QUEUES) {
		k = MAX_QUEUES / 2;
		for (i = 0; i < k; i++)
			free(l->queues[i].points);
		l->nr_queues -= k;
		memmove(l->queues, l->queues + k, l->nr_queues * sizeof(*l->queues));
	}
	more = grow(l->queues, l->nr_queues, sizeof(*more));
	if (!more)
		return -ENOMEM;
	l->queues = more;
	*queue = &more[l->nr_queues++];
	**queue = (struct lane_queue) {
		.session = session,
		.head_id = o->head_id,
		.outage = o->outage,
	};
	return 0;
}

/* Half as many points, of each two the deeper. */
static void thin_out(struct lane_queue *q)
{
	size_t i;

	for (i = 0; i < q->nr / 2; i++)
		q->points[i] =
			q->points[2 * i + (q->points[2 * i + 1].depth > q->points[2 * i].depth)];
	q->nr /= 2;
}

static int add_depth(struct lane_queue *q, __u64 time_ns, __u64 depth)
{
	struct lane_depth *more;

	if (q->nr && q->points[q->nr - 1].time_ns > time_ns)
		return 0;
	if (q->nr == MAX_POINTS)
		thin_out(q);
	more = grow(q->points, q->nr, sizeof(*more));
	if (!more)
		return -ENOMEM;
	q->points = more;
	more[q->nr++] = (struct lane_depth) { .time_ns = time_ns, .depth = depth };
	return 0;
}

/* A drained queue was empty when it drained, whenever that was read. */
static int feed_outage(struct lanes *l, const struct model_session *session,
		       const struct record *rec)
{
	struct lane_queue *q;
	struct mpath_outage o = { 0 };
	int err;

	if (rec->len < MPATH_OUTAGE_LEN_1)
		return 0;
	memcpy(&o, rec->data, MPATH_OUTAGE_LEN_1);
	err = find_queue(l, session, &o, &q);
	if (!err && !q->nr && o.start_ns && o.start_ns < rec->time_ns)
		err = add_depth(q, o.start_ns, 0);
	if (err)
		return err;
	return add_depth(q,
			 o.drained_ns && o.drained_ns < rec->time_ns ? o.drained_ns : rec->time_ns,
			 o.depth);
}

int lanes_feed(struct lanes *l, const struct model_session *session, const struct record *rec)
{
	if (!session)
		return 0;
	switch (rec->type) {
	case REC_EVENT:
		return feed_event(l, session, rec);
	case REC_TOPOLOGY:
		return feed_topology(l, session, rec);
	case REC_OUTAGE:
		return feed_outage(l, session, rec);
	default:
		return 0;
	}
}
