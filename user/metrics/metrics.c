// SPDX-License-Identifier: GPL-2.0-only
/* Counting for Prometheus: what the model tells, by the names of the head. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/internal.h"
#include "record/histogram.h"

#define SNAPSHOT_KEEP_NS	(60 * NS_PER_S)	/* after the drain the last snapshot came */
#define REASON_NS		(2 * NS_PER_S)
#define COUNTED_UP_TO_MAX	4096
#define UNCOUNTED_MAX		1024

/* ---- windows ---- */

/*
 * Was this window counted, perhaps by an earlier collector of the same
 * programs? From now on it is.
 */
static bool counted_before(struct metrics *x, __u32 head_id, const struct model_window *w)
{
	struct metrics_counted *counted = NULL, *more;
	size_t i = x->nr_counted_up_to;
	bool before;

	if (!head_id)
		return false;
	while (i-- && !counted)
		if (x->counted_up_to[i].head_id == head_id)
			counted = &x->counted_up_to[i];
	if (!counted) {
		if (x->nr_counted_up_to == COUNTED_UP_TO_MAX)
			memmove(x->counted_up_to, x->counted_up_to + 1,
				--x->nr_counted_up_to * sizeof(*x->counted_up_to));
		more = realloc(x->counted_up_to, (x->nr_counted_up_to + 1) * sizeof(*more));
		if (!more) {
			x->err = -ENOMEM;
			return false;
		}
		x->counted_up_to = more;
		counted = &more[x->nr_counted_up_to++];
		*counted = (struct metrics_counted) { .head_id = head_id };
	}
	before = w->number ? w->number <= counted->number : counted->not_armed;
	if (w->number > counted->number)
		counted->number = w->number;
	if (!w->number)
		counted->not_armed = 1;
	return before;
}

static void count_once(struct metrics *x, struct metrics_uncounted *uncounted)
{
	const struct model_window *w = uncounted->w;
	__u64 duration = model_window_duration(w);
	struct metrics_entry *e;

	if (uncounted->counted)
		return;
	uncounted->counted = true;
	if (counted_before(x, uncounted->head_id, w))
		return;
	e = metrics_touch(x, w->name, uncounted->subsys);
	if (!e)
		return;
	x->changes++;	/* the state has to be saved again */
	e->c.windows[w->outcome]++;
	e->c.near_miss += model_window_is_near_miss(w);
	if (w->number && duration != MODEL_NONE)
		metrics_observe(&e->c.window, duration);
	if (w->margin_known && outcome_saved(w->outcome))
		metrics_observe(&e->c.margin, w->margin_ns > 0 ? (__u64)w->margin_ns : 0);
}

/* The kernel says why a head goes a moment after it said that it goes. */
static bool may_change(const struct metrics *x, const struct model_window *w)
{
	return w->outcome == MODEL_REMOVED && !w->removed_ns && !w->settled &&
	       model_now(x->m) < w->end_ns + REASON_NS;
}

void metrics_flush(struct metrics *x, bool all)
{
	size_t i;

	for (i = 0; i < x->nr_uncounted_windows; i++)
		if (all || !may_change(x, x->uncounted_windows[i].w))
			count_once(x, &x->uncounted_windows[i]);
	metrics_loss_flush(x, all);
}

void metrics_end(struct metrics *x)
{
	metrics_flush(x, true);
}

/* The i-th is over. */
static void uncounted_remove(struct metrics *x, size_t i)
{
	count_once(x, &x->uncounted_windows[i]);
	memmove(&x->uncounted_windows[i], &x->uncounted_windows[i + 1],
		(--x->nr_uncounted_windows - i) * sizeof(*x->uncounted_windows));
}

static void window_ended(struct metrics *x, const struct model_window *w)
{
	struct metrics_uncounted *more;

	if (x->nr_uncounted_windows == UNCOUNTED_MAX)
		uncounted_remove(x, 0);
	more = realloc(x->uncounted_windows, (x->nr_uncounted_windows + 1) * sizeof(*more));
	if (!more) {
		x->err = -ENOMEM;
		return;
	}
	x->uncounted_windows = more;
	/* the number of an earlier session's window says nothing about this one's */
	more[x->nr_uncounted_windows++] = (struct metrics_uncounted) {
		.w = w,
		.subsys = w->head->subsys,
		.head_id = w->session == w->head->session ? w->head->head_id : 0,
	};
}

static void add_phase(struct metrics_counts *c, enum metrics_phase phase, __u64 from, __u64 to)
{
	if (!from || !to)
		return;
	c->phases[phase].count++;
	c->phases[phase].ns += to > from ? to - from : 0;
}

static void window_settled(struct metrics *x, const struct model_window *w)
{
	__s32 subsys = w->head->subsys;
	struct metrics_entry *e;
	size_t i = x->nr_uncounted_windows;

	/* it may be forgotten now */
	while (i--) {
		if (x->uncounted_windows[i].w != w)
			continue;
		subsys = x->uncounted_windows[i].subsys;
		uncounted_remove(x, i);
		break;
	}
	e = metrics_touch(x, w->name, subsys);
	if (!e)
		return;
	e->c.incomplete += w->missing != 0;
	if (!outcome_saved(w->outcome))
		return;
	add_phase(&e->c, PHASE_NAMESPACE, w->lost_ns, w->back_ns);
	add_phase(&e->c, PHASE_PATH, w->back_ns, w->usable_ns);
	add_phase(&e->c, PHASE_FIRST_IO, w->usable_ns, w->taken_ns);
	add_phase(&e->c, PHASE_DRAIN, w->taken_ns, w->drained_ns);
}

static int on_window(void *ctx, const struct model *m, enum model_change what,
		     const struct model_window *w)
{
	struct metrics *x = ctx;

	(void)m;
	x->changes++;
	if (what == MODEL_ENDED)
		window_ended(x, w);
	else if (what == MODEL_SETTLED)
		window_settled(x, w);
	return x->err;
}

static int on_outage(void *ctx, const struct model *m, const struct model_head *h, __u64 from_ns,
		     __u64 to_ns)
{
	struct metrics *x = ctx;
	struct metrics_entry *e = metrics_touch(x, h->name, h->subsys);

	(void)m;
	if (e)
		metrics_observe(&e->c.outage, to_ns > from_ns ? to_ns - from_ns : 0);
	return x->err;
}

/* ---- snapshots ---- */

/* What a snapshot has of the stalls, in our buckets: a value is at most 1/16 off. */
static void take_stalls(struct metrics_hist *h, const struct mpath_outage *s)
{
	size_t i, edge = 0;

	for (i = 0; i < MPATH_HIST_BUCKETS; i++) {
		while (edge < METRICS_EDGES && hist_upper((__u32)i) - 1 > metrics_edges[edge].ns)
			edge++;
		h->bucket[edge] += s->stall[i];
	}
	h->sum_ns = s->stall_sum_ns;
}

/* *total += what @now has more than *before, which becomes @now. */
static void add_rise(__u64 *total, __u64 *before, __u64 now)
{
	if (now <= *before)
		return;
	*total += now - *before;
	*before = now;
}

static void add_bios(struct metrics_bios *total, struct metrics_bios *before,
		     const struct metrics_bios *now)
{
	size_t i;

	for (i = 0; i < MPATH_PARK_REASONS; i++)
		add_rise(&total->parked[i], &before->parked[i], now->parked[i]);
	add_rise(&total->completed, &before->completed, now->completed);
	for (i = 0; i < METRICS_FAILED; i++)
		add_rise(&total->failed[i], &before->failed[i], now->failed[i]);
	for (i = 0; i < METRICS_CLASSES; i++)
		add_rise(&total->failovers[i], &before->failovers[i], now->failovers[i]);
	for (i = 0; i <= METRICS_EDGES; i++)
		add_rise(&total->stall.bucket[i], &before->stall.bucket[i], now->stall.bucket[i]);
	add_rise(&total->stall.sum_ns, &before->stall.sum_ns, now->stall.sum_ns);
}

static void forget_snapshots(struct metrics *x, __u64 now)
{
	size_t i, n = 0;

	for (i = 0; i < x->nr_last_snapshots; i++) {
		__u64 drained = x->last_snapshots[i].drained_ns;

		if (!drained || now < drained || now - drained < SNAPSHOT_KEEP_NS)
			x->last_snapshots[n++] = x->last_snapshots[i];
	}
	x->nr_last_snapshots = n;
}

static struct metrics_snapshot *snapshot_get(struct metrics *x, const struct mpath_outage *s,
					     const struct model_head *h)
{
	struct metrics_snapshot *more;
	size_t i = x->nr_last_snapshots;

	while (i--)
		if (x->last_snapshots[i].head_id == s->head_id &&
		    x->last_snapshots[i].outage == s->outage)
			return &x->last_snapshots[i];
	forget_snapshots(x, model_now(x->m));
	more = realloc(x->last_snapshots, (x->nr_last_snapshots + 1) * sizeof(*more));
	if (!more) {
		x->err = -ENOMEM;
		return NULL;
	}
	x->last_snapshots = more;
	more += x->nr_last_snapshots++;
	memset(more, 0, sizeof(*more));
	more->head_id = s->head_id;
	more->outage = s->outage;
	memcpy(more->device, h->name, sizeof(more->device));
	more->subsys = h->subsys;
	return more;
}

/* @len: of the snapshot */
static void take_failovers(__u64 *failovers, const struct mpath_outage *s, __u32 len)
{
	if (len >= MPATH_OUTAGE_LEN_2 + sizeof(s->failover_status))
		memcpy(failovers, s->failover_status, sizeof(s->failover_status));
	else
		failovers[MPATH_STATUS_CLASSES] = s->failovers;
}

static void count_outage(struct metrics *x, const struct mpath_outage *s, __u32 len)
{
	const struct mpath_event of = { .head_id = s->head_id };
	const struct model_head *h = model_head_of(x->m, &of);
	struct metrics_bios now = {
		.parked = { s->parked[0], s->parked[1] },
		.completed = s->completed,
		.failed = { s->failed, s->failed_unparked },
	};
	struct metrics_entry *e;
	struct metrics_snapshot *last;

	if (!h)
		return;
	last = snapshot_get(x, s, h);
	e = last ? metrics_touch(x, last->device, last->subsys) : NULL;
	if (!e)
		return;
	take_stalls(&now.stall, s);
	take_failovers(now.failovers, s, len);
	add_bios(&e->c.bios, &last->bios, &now);
	last->drained_ns = s->drained_ns;
}

/* ---- records ---- */

/* Numbers of heads, windows and outages begin anew, unless the same programs go on. */
static void start(struct metrics *x, const struct record *rec)
{
	struct rec_start s = {};
	size_t i;

	if (rec->len < REC_START_MIN_LEN)
		return;
	memcpy(&s, rec->data, rec->len < sizeof(s) ? rec->len : sizeof(s));
	x->programs = s.programs;
	x->started = true;
	if (rec->flags & RECORD_REPEAT)
		return;
	if (!(s.flags & REC_START_CONTINUES) || !s.attachment || s.attachment != x->t.attachment) {
		for (i = 0; i < x->nr_uncounted_windows; i++)
			count_once(x, &x->uncounted_windows[i]);
		x->nr_last_snapshots = 0;
		x->nr_counted_up_to = 0;
	}
	x->t.attachment = s.attachment;
}

/* Which boot it is: of another one, the windows that were open in the state have an unknown end. */
static void boot(struct metrics *x, const char *boot_id)
{
	bool other = *x->t.boot_id && strncmp(x->t.boot_id, boot_id, sizeof(x->t.boot_id) - 1);
	size_t i;

	if (!*boot_id)
		return;
	for (i = 0; i < x->nr_entries; i++) {
		struct metrics_counts *c = &x->entries[i]->c;

		/* of the same boot: who sees it end counts it */
		if (other && c->open) {
			metrics_touch(x, c->device, c->subsys);
			c->windows[MODEL_UNKNOWN] += c->open;
		}
		c->open = 0;
	}
	topo_text(x->t.boot_id, sizeof(x->t.boot_id), boot_id);
}

static int on_record_before(void *ctx, const struct model *m, const struct record *rec)
{
	struct metrics *x = ctx;

	(void)m;
	if (rec->type == REC_START && rec->version == RECORD_VERSION)
		start(x, rec);
	return x->err;
}

static void count_doubts(struct metrics *x, const struct model *m)
{
	const struct metrics_seen now = {
		.contradictions = model_contradictions(m),
		.runs_skipped = model_runs_skipped(m),
		.reloads = model_reloads(m),
	};

	if (!memcmp(&now, &x->seen, sizeof(now)))
		return;
	x->t.contradictions += now.contradictions - x->seen.contradictions;
	x->t.runs_skipped += now.runs_skipped - x->seen.runs_skipped;
	x->t.reloads += now.reloads - x->seen.reloads;
	x->seen = now;
	x->changes++;
}

static int on_record_after(void *ctx, const struct model *m, const struct record *rec)
{
	struct metrics *x = ctx;

	count_doubts(x, m);
	switch (rec->type) {
	case REC_UNLOADED:
		x->programs = 0;
		break;
	case REC_HOST:
		if (rec->version == RECORD_VERSION && rec->len >= sizeof(struct rec_host))
			boot(x, ((const struct rec_host *)rec->data)->boot_id);
		break;
	case REC_EVENT:
		x->t.events++;
		x->changes++;
		break;
	case REC_TOPOLOGY:
		x->changes++;
		break;
	case REC_OUTAGE:
		if (rec->version == RECORD_VERSION && rec->len >= MPATH_OUTAGE_LEN_1)
			count_outage(x, rec->data, rec->len);
		break;
	case REC_GAP:
		if (rec->version == RECORD_VERSION && rec->len >= sizeof(struct rec_gap))
			metrics_records_lost(x, ((const struct rec_gap *)rec->data)->records);
		break;
	default:
		break;
	}
	return x->err;
}

void metrics_records_lost(struct metrics *x, __u64 records)
{
	x->t.records_lost += records;
	x->changes++;
}

__u64 metrics_changes(const struct metrics *x)
{
	return x->changes;
}

void metrics_begin(struct metrics *x, __s64 real_ns)
{
	x->t.since_real_ns = real_ns;
}

struct metrics *metrics_new(struct model *m)
{
	struct metrics *x = calloc(1, sizeof(*x));
	const struct model_listener listener = {
		.record_before = on_record_before,
		.window = on_window,
		.outage = on_outage,
		.loss = metrics_loss,
		.record_after = on_record_after,
		.ctx = x,
	};

	if (!x)
		return NULL;
	x->m = m;
	if (!model_listen(m, &listener))
		return x;
	free(x);
	return NULL;
}

void metrics_free(struct metrics *x)
{
	size_t i;

	if (!x)
		return;
	model_unlisten(x->m, x);
	for (i = 0; i < x->nr_entries; i++)
		free(x->entries[i]);
	free(x->entries);
	free(x->last_snapshots);
	free(x->counted_up_to);
	free(x->uncounted_windows);
	free(x->losses);
	free(x->kept.p);
	free(x->foreign.p);
	free(x);
}
