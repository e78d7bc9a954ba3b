// SPDX-License-Identifier: GPL-2.0-only
/* When paths could be used and how deep queues were, for pictures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/timeline.h"
#include "base/array.h"
#include "model/model.h"
#include "record/validate.h"

#define MAX_TRACKS	4096
#define MAX_CHANGES	1024		/* of a path */
#define MAX_WHERE	32		/* of a path */
#define MAX_QUEUES	8192
#define MAX_POINTS	512		/* of a queue */
#define CHAINS		1024
#define NO_TRACK		((size_t)-1)

struct timeline {
	struct model			*m;
	struct timeline_track		*tracks;
	size_t			nr, chain[CHAINS];
	struct timeline_queue	*queues;
	size_t			nr_queues;
};

void timeline_free(struct timeline *tl)
{
	size_t i;

	if (!tl)
		return;
	model_unlisten(tl->m, tl);
	for (i = 0; i < tl->nr; i++) {
		free(tl->tracks[i].changes);
		free(tl->tracks[i].where);
	}
	for (i = 0; i < tl->nr_queues; i++)
		free(tl->queues[i].points);
	free(tl->tracks);
	free(tl->queues);
	free(tl);
}

const struct timeline_track *timeline_track(const struct timeline *tl, size_t i)
{
	return i < tl->nr ? &tl->tracks[i] : NULL;
}

const struct timeline_queue *timeline_queue(const struct timeline *tl, const struct model_outage *o)
{
	size_t i;

	/* the newest first: numbers may come again in another session only */
	for (i = tl->nr_queues; i--;)
		if (tl->queues[i].session == o->session && tl->queues[i].outage == o->s.outage &&
		    tl->queues[i].head_id == o->s.head_id)
			return &tl->queues[i];
	return NULL;
}

size_t timeline_after(const struct timeline_track *track, __u64 time_ns)
{
	size_t i = track->nr;

	while (i && track->changes[i - 1].time_ns > time_ns)
		i--;
	return i;
}

bool timeline_is_there(const struct timeline_track *track, __u64 from, __u64 to)
{
	size_t i = timeline_after(track, from);

	if (i && track->changes[i - 1].state != PATH_GONE)
		return true;
	for (; i < track->nr && track->changes[i].time_ns <= to; i++)
		if (track->changes[i].state != PATH_GONE)
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

/* *@track stays NULL when there are too many. 0 or -ENOMEM. */
static int find_track(struct timeline *tl, const struct model_session *session, const char *head,
		      const char *path, struct timeline_track **track)
{
	size_t h = hash(path, hash(head, 0)) % CHAINS, i;
	struct timeline_track *more;

	for (i = tl->chain[h]; i != NO_TRACK; i = tl->tracks[i].next) {
		*track = &tl->tracks[i];
		if ((*track)->session == session && !strcmp((*track)->path, path) &&
		    !strcmp((*track)->head, head))
			return 0;
	}
	*track = NULL;
	if (tl->nr == MAX_TRACKS)
		return 0;
	more = array_more(tl->tracks, tl->nr, sizeof(*more));
	if (!more)
		return -ENOMEM;
	tl->tracks = more;
	*track = &tl->tracks[tl->nr];
	**track = (struct timeline_track) { .session = session, .next = tl->chain[h] };
	TOPO_TEXT((*track)->head, head);
	TOPO_TEXT((*track)->path, path);
	tl->chain[h] = tl->nr++;
	return 0;
}

static int set_state(struct timeline_track *track, __u64 time_ns, enum path_state state)
{
	struct timeline_change *more;
	size_t i;

	if (track->nr == MAX_CHANGES) {
		track->nr = MAX_CHANGES / 2;
		memmove(track->changes, track->changes + MAX_CHANGES - track->nr,
			track->nr * sizeof(*track->changes));
	}
	i = timeline_after(track, time_ns);
	if (i && track->changes[i - 1].state == state)
		return 0;
	if (i && track->changes[i - 1].time_ns == time_ns) {
		track->changes[i - 1].state = state;
		return 0;
	}
	more = array_more(track->changes, track->nr, sizeof(*more));
	if (!more)
		return -ENOMEM;
	track->changes = more;
	memmove(more + i + 1, more + i, (track->nr - i) * sizeof(*more));
	more[i] = (struct timeline_change) { .time_ns = time_ns, .state = state };
	track->nr++;
	return 0;
}

static int feed_path(struct timeline *tl, const struct model_session *session,
		     const struct mpath_ev_path *ev, enum path_state state)
{
	struct timeline_track *track;
	int err = find_track(tl, session, ev->h.head, ev->path, &track);

	/* what joins was not there before */
	if (!err && track && !track->nr && ev->h.type == MPATH_EV_PATH_ADD)
		err = set_state(track, 0, PATH_GONE);
	return err || !track ? err : set_state(track, ev->h.time_ns, state);
}

/* With the head go its paths. */
static int feed_removal(struct timeline *tl, const struct model_session *session,
			const struct mpath_event *ev)
{
	size_t i;
	int err = 0;

	for (i = 0; i < tl->nr && !err; i++)
		if (tl->tracks[i].session == session && !strcmp(tl->tracks[i].head, ev->head))
			err = set_state(&tl->tracks[i], ev->time_ns, PATH_GONE);
	return err;
}

static int feed_event(struct timeline *tl, const struct model_session *session,
		      const struct record *rec)
{
	const struct mpath_event *ev = record_check_event(rec);
	const struct mpath_ev_path *path = (const void *)ev;

	switch (ev ? ev->type : 0) {
	case MPATH_EV_PATH_ADD:
		return feed_path(tl, session, path, PATH_UNUSABLE);
	case MPATH_EV_PATH_LIVE:
		return feed_path(tl, session, path, path->usable ? PATH_USABLE : PATH_UNUSABLE);
	case MPATH_EV_PATH_REMOVE:
		return feed_path(tl, session, path, PATH_GONE);
	case MPATH_EV_HEAD_REMOVE:
		return feed_removal(tl, session, ev);
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
static __u64 joined(const struct timeline_track *track, __u64 time_ns)
{
	size_t i = timeline_after(track, time_ns);

	/* sysfs may have it a moment before the event */
	if (i && track->changes[i - 1].state == PATH_GONE)
		return time_ns;
	while (i-- > 1)
		if (track->changes[i - 1].state == PATH_GONE)
			return track->changes[i].time_ns;
	return 0;
}

/* A topology read at @time_ns says where it is: so since it joined. */
static int set_where(struct timeline_track *track, __u64 time_ns, const struct topo_path *p)
{
	struct timeline_where w = { .since_ns = track->nr_where ? joined(track, time_ns) : 0 };
	struct timeline_where *last = track->nr_where ? &track->where[track->nr_where - 1] : NULL,
			      *more;

	TOPO_TEXT(w.transport, p->transport);
	TOPO_TEXT(w.address, p->address);
	if (last && !strcmp(last->address, w.address) && !strcmp(last->transport, w.transport))
		return 0;
	if (last && last->since_ns >= w.since_ns) {
		w.since_ns = last->since_ns;
		*last = w;
		return 0;
	}
	if (track->nr_where == MAX_WHERE) {
		/* NOLINTNEXTLINE: there is a list of MAX_WHERE */
		memmove(track->where, track->where + 1, --track->nr_where * sizeof(w));
	} else {
		more = array_more(track->where, track->nr_where, sizeof(w));
		if (!more)
			return -ENOMEM;
		track->where = more;
	}
	track->where[track->nr_where++] = w;
	return 0;
}

/*
 * A topology names transports and addresses; it is later than the events, so
 * of a path's state it tells only what no event has told yet.
 */
static int feed_topology(struct timeline *tl, const struct model_session *session,
			 const struct topo *t, __u64 time_ns)
{
	size_t i;
	int err = 0;

	for (i = 0; t && i < t->nr_paths && !err; i++) {
		const struct topo_path *p = &t->paths[i];
		struct timeline_track *track;

		err = find_track(tl, session, p->head, p->name, &track);
		if (err || !track)
			continue;
		err = set_where(track, time_ns, p);
		if (!err && !track->nr)
			err = set_state(track, time_ns, topo_state(p));
	}
	return err;
}

/* ---- queues ---- */

static int find_queue(struct timeline *tl, const struct model_session *session,
		      const struct mpath_outage *o, struct timeline_queue **queue)
{
	struct timeline_queue *more, *q;
	size_t i, k;

	for (i = tl->nr_queues; i--;) {
		q = &tl->queues[i];
		*queue = q;
		if (q->session == session && q->head_id == o->head_id && q->outage == o->outage)
			return 0;
	}
	if (tl->nr_queues == MAX_QUEUES) {
		k = MAX_QUEUES / 2;
		for (i = 0; i < k; i++)
			free(tl->queues[i].points);
		tl->nr_queues -= k;
		memmove(tl->queues, tl->queues + k, tl->nr_queues * sizeof(*tl->queues));
	}
	more = array_more(tl->queues, tl->nr_queues, sizeof(*more));
	if (!more)
		return -ENOMEM;
	tl->queues = more;
	*queue = &more[tl->nr_queues++];
	**queue = (struct timeline_queue) {
		.session = session,
		.head_id = o->head_id,
		.outage = o->outage,
	};
	return 0;
}

/* Half as many points, of each two the deeper. */
static void thin_out(struct timeline_queue *q)
{
	size_t i;

	for (i = 0; i < q->nr / 2; i++)
		q->points[i] =
			q->points[2 * i + (q->points[2 * i + 1].depth > q->points[2 * i].depth)];
	q->nr /= 2;
}

static int add_depth(struct timeline_queue *q, __u64 time_ns, __u64 depth)
{
	struct timeline_depth *more;

	if (q->nr && q->points[q->nr - 1].time_ns > time_ns)
		return 0;
	if (q->nr == MAX_POINTS)
		thin_out(q);
	more = array_more(q->points, q->nr, sizeof(*more));
	if (!more)
		return -ENOMEM;
	q->points = more;
	more[q->nr++] = (struct timeline_depth) { .time_ns = time_ns, .depth = depth };
	return 0;
}

/* A drained queue was empty when it drained, whenever that was read. */
static int feed_outage(struct timeline *tl, const struct model_session *session,
		       const struct record *rec)
{
	struct timeline_queue *q;
	struct mpath_outage o = { 0 };
	int err;

	if (rec->len < MPATH_OUTAGE_LEN_1)
		return 0;
	memcpy(&o, rec->data, MPATH_OUTAGE_LEN_1);
	err = find_queue(tl, session, &o, &q);
	if (!err && !q->nr && o.start_ns && o.start_ns < rec->time_ns)
		err = add_depth(q, o.start_ns, 0);
	if (err)
		return err;
	return add_depth(q,
			 o.drained_ns && o.drained_ns < rec->time_ns ? o.drained_ns : rec->time_ns,
			 o.depth);
}

static int on_record_after(void *ctx, const struct model *m, const struct record *rec)
{
	const struct model_session *session = model_current(m);
	struct timeline *tl = ctx;

	if (!session)
		return 0;
	switch (rec->type) {
	case REC_EVENT:
		return feed_event(tl, session, rec);
	case REC_TOPOLOGY:
		return feed_topology(tl, session, model_topology(m), rec->time_ns);
	case REC_OUTAGE:
		return feed_outage(tl, session, rec);
	default:
		return 0;
	}
}

struct timeline *timeline_new(struct model *m)
{
	struct timeline *tl = calloc(1, sizeof(*tl));
	const struct model_listener listener = { .record_after = on_record_after, .ctx = tl };
	size_t i;

	if (!tl)
		return NULL;
	tl->m = m;
	for (i = 0; i < CHAINS; i++)
		tl->chain[i] = NO_TRACK;
	if (!model_listen(m, &listener))
		return tl;
	free(tl);
	return NULL;
}
