// SPDX-License-Identifier: GPL-2.0-only
/* What is now, of a head, a path, and the collector. Nothing is written of what is not known. */
#include <stdio.h>

#include "metrics/gauges.h"

/* ---- heads: what is now ---- */

void metrics_put_info(struct metrics_out *o, const char *name, const struct metrics_entry *e)
{
	const struct model_head *h = e->head;
	char nsid[16];

	snprintf(nsid, sizeof(nsid), "%u", h->nsid);
	out_text(o, name);
	putc_unlocked('{', o->f);
	out_text(o, e->labels);
	out_label(o, "nsid", nsid);
	out_label(o, "nqn", h->nqn);
	out_label(o, "uuid", h->uuid);
	out_label(o, "wwid", h->wwid);
	out_label(o, "model", h->model);
	out_label(o, "serial", h->serial);
	out_text(o, "} 1\n");
}

void metrics_put_state(struct metrics_out *o, const char *name, const struct metrics_entry *e)
{
	int state = model_head_state(e->head), i;

	for (i = 0; i < HEAD_STATES && state >= 0; i++)
		out_sample(o, name, "", e->labels, "state",
			   model_head_state_name((enum model_head_state)i), i == state);
}

void metrics_put_paths(struct metrics_out *o, const char *name, const struct metrics_entry *e)
{
	if (e->head->paths_listed >= 0)
		out_sample(o, name, "", e->labels, NULL, NULL, (__u64)e->head->paths_listed);
}

void metrics_put_usable(struct metrics_out *o, const char *name, const struct metrics_entry *e)
{
	int usable = model_head_usable(e->head);

	if (usable >= 0)
		out_sample(o, name, "", e->labels, NULL, NULL, (__u64)usable);
}

void metrics_put_standby(struct metrics_out *o, const char *name, const struct metrics_entry *e)
{
	if (model_head_usable(e->head) >= 0)
		out_sample(o, name, "", e->labels, NULL, NULL, (__u64)model_head_standby(e->head));
}

void metrics_put_setting(struct metrics_out *o, const char *name, const struct metrics_entry *e)
{
	if (e->head->setting_known && e->head->setting_s >= 0)
		out_sample(o, name, "", e->labels, NULL, NULL, (__u64)e->head->setting_s);
}

static const struct model_window *open_window(const struct metrics_entry *e)
{
	const struct model_window *w = e->head->window;

	return w && w->number && !w->ended ? w : NULL;
}

void metrics_put_deadline(struct metrics_out *o, const char *name, const struct metrics_entry *e)
{
	const struct model_window *w = open_window(e);

	if (w)
		out_sample_time(o, name, e->labels, w->session, w->deadline_ns);
}

void metrics_put_lost_since(struct metrics_out *o, const char *name, const struct metrics_entry *e)
{
	if (!e->head->gone)
		out_sample_time(o, name, e->labels, e->head->session, e->head->lost_ns);
}

/* The outage whose bios wait, NULL if none do. */
static const struct model_outage *waiting(const struct metrics_entry *e)
{
	const struct model_outage *outage = e->head->outage;

	if (!outage || outage->session != e->head->session || !outage->s.depth)
		return NULL;
	return outage;
}

void metrics_put_depth(struct metrics_out *o, const char *name, const struct metrics_entry *e)
{
	const struct model_outage *outage = waiting(e);

	if (o->x->started)
		out_sample(o, name, "", e->labels, NULL, NULL, outage ? outage->s.depth : 0);
}

void metrics_put_waiting_since(struct metrics_out *o, const char *name,
			       const struct metrics_entry *e)
{
	const struct model_outage *outage = waiting(e);

	if (outage)
		out_sample_time(o, name, e->labels, outage->session, outage->s.start_ns);
}

/* ---- paths ---- */

void metrics_put_path_info(struct metrics_out *o, const char *name, const char *labels,
			   const struct model_path *p)
{
	out_text(o, name);
	putc_unlocked('{', o->f);
	out_text(o, labels);
	out_label(o, "transport", p->transport);
	out_label(o, "address", p->address);
	out_text(o, "} 1\n");
}

void metrics_put_path_usable(struct metrics_out *o, const char *name, const char *labels,
			     const struct model_path *p)
{
	if (p->state != PATH_UNKNOWN)
		out_sample(o, name, "", labels, NULL, NULL, path_is_usable(p->state));
}

void metrics_put_path_ana(struct metrics_out *o, const char *name, const char *labels,
			  const struct model_path *p)
{
	if (p->ana_state > 0)
		out_sample(o, name, "", labels, NULL, NULL, (__u64)p->ana_state);
}

void metrics_put_path_inflight(struct metrics_out *o, const char *name, const char *labels,
			       const struct model_path *p)
{
	const struct disk_stat *d = o->self->live ? stats_last(o->self->stats, p->name) : NULL;

	if (d)
		out_sample(o, name, "", labels, NULL, NULL, d->in_flight);
}

void metrics_put_path_stuck(struct metrics_out *o, const char *name, const char *labels,
			    const struct model_path *p)
{
	__u64 since, now = o->self->now_ns;

	if (!o->self->live || !stats_stuck(o->self->stats, p->name, &since) || since > now)
		return;
	out_sample_seconds(o, name, "", labels, NULL, NULL,
			   (__u64)o->self->now_real_ns - (now - since));
}

/* ---- the collector ---- */

void metrics_put_build(struct metrics_out *o, const char *name)
{
	char buf[128];

	if (!o->self->live)
		return;
	out_series(o, name, "", "", "version", out_quote(buf, sizeof(buf), o->self->version));
	out_text(o, "1\n");
}

void metrics_put_start(struct metrics_out *o, const char *name)
{
	if (o->self->live)
		out_sample_seconds(o, name, "", "", NULL, NULL, (__u64)o->self->start_real_ns);
}

void metrics_put_written(struct metrics_out *o, const char *name)
{
	if (o->self->live)
		out_sample_seconds(o, name, "", "", NULL, NULL, (__u64)o->self->now_real_ns);
}

void metrics_put_since(struct metrics_out *o, const char *name)
{
	if (o->x->t.since_real_ns > 0)
		out_sample_seconds(o, name, "", "", NULL, NULL, (__u64)o->x->t.since_real_ns);
}

void metrics_put_interval(struct metrics_out *o, const char *name)
{
	if (o->self->live)
		out_sample_seconds(o, name, "", "", NULL, NULL, o->self->interval_ns);
}

void metrics_put_running(struct metrics_out *o, const char *name)
{
	if (o->self->live)
		out_sample(o, name, "", "", NULL, NULL, o->self->running);
}

void metrics_put_cpu(struct metrics_out *o, const char *name)
{
	if (o->self->live)
		out_sample_seconds(o, name, "", "", NULL, NULL, o->self->cpu_ns);
}

void metrics_put_write_errors(struct metrics_out *o, const char *name)
{
	if (o->self->live)
		out_sample(o, name, "", "", NULL, NULL, o->self->write_errors);
}

void metrics_put_programs(struct metrics_out *o, const char *name)
{
	if (o->x->started)
		out_sample(o, name, "", "", NULL, NULL, o->x->programs);
}

void metrics_put_events_lost(struct metrics_out *o, const char *name)
{
	out_sample(o, name, "", "", NULL, NULL, o->x->t.events_lost + model_events_lost(o->x->m));
}
