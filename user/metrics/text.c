// SPDX-License-Identifier: GPL-2.0-only
/* The text of the metrics: family by family, as the rows of metrics/families.c have it. */
#include <stdio.h>
#include <string.h>

#include "metrics/families.h"

static void make_labels(struct metrics_entry *e)
{
	char buf[2 * 4 * MPATH_NAME_LEN];

	if (!*e->labels)
		snprintf(e->labels, sizeof(e->labels), "device=\"%s\",subsystem=\"nvme-subsys%d\"",
			 out_quote(buf, sizeof(buf), e->c.device), e->c.subsys);
}

/* The samples of a field: @base is what its offset counts from. */
static void put_field(struct metrics_out *o, const struct metrics_family *f, const char *labels,
		      const void *base)
{
	const void *at = (const char *)base + f->offset;
	const struct metrics_sum *sums = at;
	const __u64 *numbers = at;
	size_t i;

	if (f->kind == METRICS_HISTOGRAM) {
		out_histogram(o, f->name, labels, at);
		return;
	}
	for (i = 0; i < f->nr; i++) {
		const char *label = f->label ? f->label->name : NULL;
		const char *value = f->label ? f->label->value((int)i) : NULL;

		if (label && !value)
			continue;
		if (f->kind == METRICS_COUNT) {
			out_sample(o, f->name, "", labels, label, value, numbers[i]);
			continue;
		}
		out_sample_seconds(o, f->name, "_sum", labels, label, value, sums[i].ns);
		out_sample(o, f->name, "_count", labels, label, value, sums[i].count);
	}
}

/* A head that is long gone has its counters only. */
static void put_head(struct metrics_out *o, const struct metrics_family *f,
		     const struct metrics_entry *e)
{
	if (f->kind != METRICS_NO_FIELD)
		put_field(o, f, e->labels, &e->c);
	else if (e->gauges)
		f->head(o, f->name, e);
}

static void put_paths(struct metrics_out *o, const struct metrics_family *f,
		      const struct metrics_entry *e)
{
	char labels[sizeof(e->labels) + 2 * 4 * MPATH_NAME_LEN + 64], path[2 * 4 * MPATH_NAME_LEN];
	size_t i, shown = 0;

	for (i = e->gauges ? e->head->nr_paths : 0; i-- && shown < METRICS_PATHS;) {
		const struct model_path *p = &e->head->paths[i];

		if (p->gone)
			continue;
		snprintf(labels, sizeof(labels), "%s,controller=\"nvme%d\",path=\"%s\"", e->labels,
			 p->ctrl, out_quote(path, sizeof(path), p->name));
		f->path(o, f->name, labels, p);
		shown++;
	}
}

static void put_self(struct metrics_out *o, const struct metrics_family *f)
{
	if (f->self)
		f->self(o, f->name);
	else
		put_field(o, f, "", &o->x->t);
}

static void put_family(struct metrics_out *o, const struct metrics_family *f)
{
	size_t i;

	out_text(o, "# HELP ");
	out_text(o, f->name);
	putc_unlocked(' ', o->f);
	out_text(o, f->help);
	out_text(o, "\n# TYPE ");
	out_text(o, f->name);
	putc_unlocked(' ', o->f);
	out_text(o, f->type);
	putc_unlocked('\n', o->f);
	if (f->of == METRICS_OF_COLLECTOR)
		put_self(o, f);
	for (i = 0; f->of == METRICS_OF_HEAD && i < o->x->nr_entries; i++)
		put_head(o, f, o->x->entries[i]);
	for (i = 0; f->of == METRICS_OF_PATH && i < o->x->nr_entries; i++)
		put_paths(o, f, o->x->entries[i]);
}

int metrics_write(struct metrics *x, const struct metrics_self *self, FILE *out)
{
	struct metrics_out o = { .f = out, .x = x, .self = self };
	const struct metrics_family *f;
	__u32 missing;
	size_t i;

	metrics_flush(x, !self->live || !self->running);
	metrics_look(x, self->live ? self->now_ns : model_now(x->m));
	if (x->err)
		return x->err;
	for (i = 0; i < x->nr_entries; i++)
		make_labels(x->entries[i]);
	missing = model_session_missing(model_current(x->m));
	for (f = metrics_families; f->name; f++)
		if (!(f->needs & missing))
			put_family(&o, f);
	return 0;
}
