// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lanes and events.
 *
 * A head is found by its namespace, as in the model, and by its name until that
 * is known: the model may drop an object for another one that is the same head.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "console/history.h"
#include "model/model.h"
#include "record/validate.h"
#include "report/event.h"
#include "report/report.h"

#define LANES		48		/* of a head */
#define CHANGES		256		/* of a lane that are remembered: the newest */
#define KEY_LEN		320

struct change {
	__u64	time_ns;
	__u8	state;
};

struct own_lane {
	struct history_lane	pub;		/* first: it is a lane */
	struct change	*changes;
	size_t		nr;
	bool		seen;		/* in this round */
};

struct head_history {
	char		key[KEY_LEN];
	struct own_lane	*lanes[LANES];
	size_t		nr;
	__u64		parked_ns;
	__u32		parked_outage;
	__u32		outage;		/* that the last counter snapshot was of */
	__u64		failovers, snapshot_ns;
	double		failover_rate;
};

struct history {
	struct model		*m;
	void			*tree;		/* of struct head_history, by key */
	struct head_history	**heads;
	size_t			nr_heads;
	__u64			last_ns;
	struct history_event	events[HISTORY_EVENTS];
	__u64			total;
	/* total, when the event of this record was the last; 0: none */
	__u64			own;
};

/* ---- heads ---- */

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct head_history *)a)->key, ((const struct head_history *)b)->key);
}

static struct head_history *find_key(const struct history *h, const char *key)
{
	struct head_history like, **node;

	snprintf(like.key, sizeof(like.key), "%s", key);
	node = tfind(&like, &h->tree, by_key);
	return node ? *node : NULL;
}

static void key_of(char *key, const struct model_head *head)
{
	if (*head->nqn)
		snprintf(key, KEY_LEN, "%u %s %s", head->nsid, head->uuid, head->nqn);
	else
		snprintf(key, KEY_LEN, "%s", head->name);
}

static struct head_history *find(const struct history *h, const struct model_head *head)
{
	char key[KEY_LEN];
	struct head_history *hh;

	key_of(key, head);
	hh = find_key(h, key);
	return hh || !*head->nqn ? hh : find_key(h, head->name);
}

static struct head_history *insert(struct history *h, struct head_history *hh, const char *key)
{
	snprintf(hh->key, sizeof(hh->key), "%s", key);
	return tsearch(hh, &h->tree, by_key) ? hh : NULL;
}

static struct head_history *get(struct history *h, const struct model_head *head)
{
	struct head_history *hh = find(h, head), **more;
	char key[KEY_LEN];

	key_of(key, head);
	if (hh && strcmp(hh->key, key)) {	/* now its namespace is known */
		tdelete(hh, &h->tree, by_key);
		return insert(h, hh, key);
	}
	if (hh)
		return hh;
	more = array_more(h->heads, h->nr_heads, sizeof(*more));
	if (!more)
		return NULL;
	h->heads = more;
	hh = calloc(1, sizeof(*hh));
	if (hh)
		more[h->nr_heads++] = hh;
	return hh ? insert(h, hh, key) : NULL;
}

/* ---- lanes ---- */

static void lane_free(struct own_lane *l)
{
	if (l)
		free(l->changes);
	free(l);
}

static int lane_put(struct own_lane *l, __u64 time_ns, int state)
{
	struct change *more;

	l->seen = true;
	if (l->nr && l->changes[l->nr - 1].state == state)
		return 0;
	if (l->nr == CHANGES) {
		l->nr -= CHANGES / 4;
		memmove(l->changes, l->changes + CHANGES / 4, l->nr * sizeof(*more));
	}
	more = array_more(l->changes, l->nr, sizeof(*more));
	if (!more)
		return -ENOMEM;
	l->changes = more;
	l->changes[l->nr++] = (struct change) { .time_ns = time_ns, .state = (__u8)state };
	l->pub.last_ns = time_ns;
	return 0;
}

int history_worst(const struct history_lane *lane, __u64 from_ns, __u64 to_ns)
{
	const struct own_lane *l = (const struct own_lane *)lane;
	size_t i = l->nr;
	int worst = PATH_UNKNOWN;

	while (i--) {
		if (l->changes[i].time_ns >= to_ns)
			continue;
		if (l->changes[i].state > worst)
			worst = l->changes[i].state;
		if (l->changes[i].time_ns <= from_ns)
			break;
	}
	return worst;
}

/* The lane of a name; the one that changed longest ago makes room. */
static struct own_lane *lane_get(struct head_history *hh, const char *name, bool own)
{
	size_t i, oldest = 1;
	struct own_lane *l;

	for (i = own ? 0 : 1; i < hh->nr; i++)
		if (own || !strcmp(hh->lanes[i]->pub.name, name))
			return hh->lanes[i];
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	snprintf(l->pub.name, sizeof(l->pub.name), "%s", name);
	if (hh->nr < LANES) {
		hh->lanes[hh->nr++] = l;
		return l;
	}
	for (i = 2; i < hh->nr; i++)
		if (hh->lanes[i]->pub.last_ns < hh->lanes[oldest]->pub.last_ns)
			oldest = i;
	lane_free(hh->lanes[oldest]);
	memmove(&hh->lanes[oldest], &hh->lanes[oldest + 1],
		(hh->nr - oldest - 1) * sizeof(hh->lanes[0]));
	hh->lanes[hh->nr - 1] = l;
	return l;
}

static int put_head(struct history *h, const struct model_head *head, __u64 now)
{
	struct head_history *hh = get(h, head);
	struct own_lane *l = hh ? lane_get(hh, "", true) : NULL;
	size_t i;
	int err;

	if (!l)
		return -ENOMEM;
	memcpy(l->pub.name, head->name, sizeof(l->pub.name));
	err = lane_put(l, now, 1 + model_head_state(head));
	for (i = 1; i < hh->nr; i++)
		hh->lanes[i]->seen = false;
	for (i = 0; i < head->nr_paths && !err; i++) {
		l = lane_get(hh, head->paths[i].name, false);
		err = l ? lane_put(l, now, model_path_state(&head->paths[i])) : -ENOMEM;
	}
	/* a path that the model does not have any more is not there */
	for (i = 1; i < hh->nr && !err; i++)
		if (!hh->lanes[i]->seen)
			err = lane_put(hh->lanes[i], now, PATH_GONE);
	return err;
}

static int put_all(struct history *h, const struct model *m)
{
	const struct model_head *head;
	int err = 0;
	size_t i;

	for (i = 0; (head = model_head(m, i)) && !err; i++)
		err = put_head(h, head, model_now(m));
	return err;
}

const struct history_lane *history_lane(const struct history *h, const struct model_head *head,
					size_t i)
{
	const struct head_history *hh = find(h, head);

	return hh && i < hh->nr ? &hh->lanes[i]->pub : NULL;
}

__u64 history_parked_since(const struct history *h, const struct model_head *head)
{
	const struct head_history *hh = find(h, head);

	return hh && head->outage && head->outage->s.outage == hh->parked_outage ? hh->parked_ns :
										   0;
}

/* ---- failovers ---- */

#define SNAPSHOT_OLD_NS	2500000000ULL	/* while an outage is open there is one a second */

static void record_outage(struct history *h, const struct model *m, const struct record *rec)
{
	const struct mpath_outage *s = rec->data;
	const struct mpath_event like = { .head_id = rec->len >= MPATH_OUTAGE_LEN_1 ? s->head_id :
										      0 };
	const struct model_head *head = model_head_of(m, &like);
	struct head_history *hh = head ? find(h, head) : NULL;
	__u64 since, before = 0;

	if (!hh)
		return;
	since = s->start_ns;
	if (hh->outage == s->outage && hh->snapshot_ns) {
		since = hh->snapshot_ns;
		before = hh->failovers;
	}
	hh->failover_rate = s->failovers >= before && rec->time_ns > since ?
				    (double)(s->failovers - before) * 1e9 /
					    (double)(rec->time_ns - since) :
				    0;
	hh->outage = s->outage;
	hh->failovers = s->failovers;
	hh->snapshot_ns = rec->time_ns;
}

bool history_failovers(const struct history *h, const struct model_head *head, __u64 now_ns,
		       double *rate)
{
	const struct head_history *hh = find(h, head);

	if (!hh || !hh->snapshot_ns)
		return false;
	*rate = now_ns > hh->snapshot_ns + SNAPSHOT_OLD_NS ? 0 : hh->failover_rate;
	return true;
}

/* ---- events ---- */

static struct history_event *event_at(struct history *h, __u64 number)
{
	return &h->events[number % HISTORY_EVENTS];
}

static struct history_event *event_add(struct history *h, const struct model *m, __u64 time_ns)
{
	struct history_event *e = event_at(h, h->total++);

	free(e->text);
	memset(e, 0, sizeof(*e));
	e->time_ns = time_ns;
	e->session = model_current(m);
	return e;
}

static bool is_event(const struct record *rec)
{
	return view_event_wanted(rec) && (rec->type == REC_EVENT || !(rec->flags & RECORD_REPEAT));
}

/* Before what comes of it: windows that it ends follow. */
static int on_record_before(void *ctx, const struct model *m, const struct record *rec)
{
	struct history *h = ctx;
	struct history_event *e;

	h->own = 0;
	if (!is_event(rec))
		return 0;
	e = event_add(h, m, rec->time_ns);
	h->own = h->total;
	e->type = rec->type;
	memcpy(e->bytes, rec->data, rec->len < sizeof(e->bytes) ? rec->len : sizeof(e->bytes));
	if (rec->type != REC_EVENT)
		return 0;
	/* readers go by the length */
	if (e->ev.len > sizeof(e->bytes))
		e->ev.len = sizeof(e->bytes);
	memcpy(e->name, e->ev.head, sizeof(e->name));
	if (e->ev.type == MPATH_EV_CTRL_STATE)
		snprintf(e->name, sizeof(e->name), "nvme%d",
			 ((const struct mpath_ev_ctrl_state *)rec->data)->ctrl);
	return 0;
}

static int on_window(void *ctx, const struct model *m, enum model_change what,
		     const struct model_window *w)
{
	struct history *h = ctx;
	struct history_event *e;
	size_t size;
	FILE *out;

	if (what != MODEL_ENDED)
		return 0;
	e = event_add(h, m, w->end_ns ? w->end_ns : model_now(m));
	memcpy(e->name, w->name, sizeof(e->name));
	out = open_memstream(&e->text, &size);
	if (!out)
		return -ENOMEM;
	if (w->number)
		fprintf(out, "window %u ", w->number);
	view_put_outcome(out, w);
	return fclose(out) ? -ENOMEM : 0;
}

size_t history_events(const struct history *h)
{
	return h->total < HISTORY_EVENTS ? (size_t)h->total : HISTORY_EVENTS;
}

__u64 history_total(const struct history *h)
{
	return h->total;
}

const struct history_event *history_event(const struct history *h, size_t i)
{
	size_t nr = history_events(h);

	return i < nr ? &h->events[(h->total - nr + i) % HISTORY_EVENTS] : NULL;
}

char *history_text(const struct history_event *e)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	if (e->text)
		return strdup(e->text);
	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	view_put_event(out, e->type, e->bytes);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* ---- records ---- */

static int record_event(struct history *h, const struct model *m, const struct record *rec)
{
	const struct mpath_event *ev = record_check_event(rec);
	const struct mpath_ev_bio *bio = (const void *)ev;
	const struct model_head *head;
	struct head_history *hh;
	int err;

	if (!ev || ev->type == MPATH_EV_CTRL_STATE)
		return 0;		/* what it means for the paths comes as their events */
	head = model_head_of(m, ev);
	if (!head)
		return 0;		/* it waits for an event that is missing before it */
	err = put_head(h, head, ev->time_ns);
	hh = err || ev->type != MPATH_EV_BIO || bio->what != MPATH_BIO_FIRST ? NULL : find(h, head);
	if (hh) {
		hh->parked_outage = ev->outage;
		hh->parked_ns = ev->time_ns - bio->stall_ns;
	}
	return err;
}

static void clear_heads(struct history *h)
{
	struct head_history *hh;
	size_t i, k;

	for (i = 0; i < h->nr_heads; i++) {
		hh = h->heads[i];
		tdelete(hh, &h->tree, by_key);
		for (k = 0; k < hh->nr; k++)
			lane_free(hh->lanes[k]);
		free(hh);
	}
	free(h->heads);
	h->heads = NULL;
	h->nr_heads = 0;
}

static int on_record_after(void *ctx, const struct model *m, const struct record *rec)
{
	struct history *h = ctx;

	/* the record may have begun a session */
	if (h->own && h->total < h->own + HISTORY_EVENTS)
		event_at(h, h->own - 1)->session = model_current(m);
	/* another boot: its clock starts anew, and with it the lanes */
	if (rec->type == REC_HOST && rec->time_ns < h->last_ns && !(rec->flags & RECORD_REPEAT))
		clear_heads(h);
	if (rec->type == REC_HOST || rec->time_ns > h->last_ns)
		h->last_ns = rec->time_ns;
	switch (rec->type) {
	case REC_EVENT:
		return record_event(h, m, rec);
	case REC_START:
	case REC_END:
	case REC_UNLOADED:
	case REC_GAP:
	case REC_LOSSES:
	case REC_TOPOLOGY:
		return put_all(h, m);
	case REC_OUTAGE:
		record_outage(h, m, rec);
		return 0;
	default:
		return 0;
	}
}

struct history *history_new(struct model *m)
{
	struct history *h = calloc(1, sizeof(*h));
	const struct model_listener listener = {
		.record_before = on_record_before,
		.window = on_window,
		.record_after = on_record_after,
		.ctx = h,
	};

	if (!h)
		return NULL;
	h->m = m;
	if (!model_listen(m, &listener))
		return h;
	free(h);
	return NULL;
}

void history_free(struct history *h)
{
	size_t i;

	if (!h)
		return;
	model_unlisten(h->m, h);
	clear_heads(h);
	for (i = 0; i < HISTORY_EVENTS; i++)
		free(h->events[i].text);
	free(h);
}
