// SPDX-License-Identifier: GPL-2.0-only
/* The report for people. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/stream.h"
#include "model/model.h"
#include "record/facts.h"
#include "record/reader.h"
#include "report/absence.h"
#include "report/text.h"

/* Lines that begin, not end, with a newline. */
static void put_stalls(FILE *out, const struct model_outage *o)
{
	fputs("\nstall ", out);
	view_put_stalls(out, &o->s);
	view_put_stalls_by_op(out, "\n", o);
	if (o->nr_who) {
		fputs("\nwaiting I/O by unit  ", out);
		view_put_who(out, o);
	}
}

int view_text_window(FILE *out, const struct model_window *w, const struct view_opts *vo)
{
	__u64 from = w->lost_ns ? w->lost_ns : w->armed_ns, duration = model_window_duration(w);
	char buf[FMT_LEN];

	view_put_head(out, w->head, w->name);
	if (w->number)
		fprintf(out, "  window %u", w->number);
	else
		fputs("  no window", out);
	if (w->missing & MISSING_ALL) {
		fputs("\nUNKNOWN: nothing of it was seen\n", out);
		return stream_status(out);
	}
	fputs("   ", out);
	view_put_period(out, w->session, from, w->end_ns, vo);
	if (duration)
		fprintf(out, "  %s", fmt_duration(buf, sizeof(buf), duration));
	fputc('\n', out);
	view_put_outcome(out, w);
	fputc('\n', out);
	view_put_phases(out, w);
	if (w->nr_losses) {
		fputs("\ncause ", out);
		view_put_causes(out, w);
	}
	fputs("\nI/Os ", out);
	if (w->counters)
		view_put_bios(out, &w->counters->s, model_session_missing(w->session));
	else
		fputs(w->missing ? "not counted" : "none seen", out);
	if (w->counters)
		put_stalls(out, w->counters);
	fputs("\ndata ", out);
	view_put_data(out, w);
	fputc('\n', out);
	if (vo->what_if) {
		view_put_what_if(out, w, vo->setting_ns);
		fputc('\n', out);
	}
	return stream_status(out);
}

/* ---- summary ---- */

static void put_session(FILE *out, const struct model_session *s, __u64 first,
			const struct view_opts *vo)
{
	const struct rec_host *host = model_session_host(s);
	char name[96], kernel[96], machine[96], tool[64], took[FMT_LEN];
	__u64 last = model_session_last(s);
	char facts[512];

	fprintf(out, "host     %s, kernel %s %s, by %s\n",
		*host->name ? fmt_text(name, sizeof(name), host->name) : "-",
		*host->kernel ? fmt_text(kernel, sizeof(kernel), host->kernel) : "-",
		fmt_text(machine, sizeof(machine), host->machine),
		*host->tool ? fmt_text(tool, sizeof(tool), host->tool) : "-");
	fputs("period   ", out);
	view_put_period(out, s, first, last, vo);
	fprintf(out, "  %s%s\n", fmt_duration(took, sizeof(took), last - first),
		model_session_ended(s) ? "" : ", without an end");
	if (model_session_missing(s))
		fprintf(out, "missing  %s: that kernel had no place to see it\n",
			facts_text(facts, sizeof(facts), model_session_missing(s)));
}

static void put_outcomes(FILE *out, const __u64 count[MODEL_OUTCOMES])
{
	const char *before = ": ";
	int i;

	for (i = 0; i < MODEL_OUTCOMES; i++) {
		enum model_outcome o = outcome_at(i);

		if (!count[o])
			continue;
		fprintf(out, "%s%llu %s", before, (unsigned long long)count[o],
			outcome_row(o)->word);
		before = ", ";
	}
}

static void put_counts(FILE *out, const struct view_input *in, size_t nr,
		       const struct view_opts *vo)
{
	unsigned long long lost = 0, forgotten = 0, outages = 0;
	char buf[FMT_LEN];
	struct view_tally sum;
	size_t i;

	view_count(in, nr, vo, &sum);
	for (i = 0; i < nr; i++) {
		lost += model_events_lost(in[i].m);
		forgotten += in[i].forgotten ? in[i].forgotten->windows : 0;
		outages += model_outages_forgotten(in[i].m);
	}
	fprintf(out, "windows  %llu", (unsigned long long)sum.windows);
	put_outcomes(out, sum.count);
	fputc('\n', out);
	if (vo->what_if) {
		fprintf(out, "with     %s",
			view_setting(buf, sizeof(buf), (__u64)vo->setting_ns / 1000000));
		sum.would[MODEL_UNKNOWN] += sum.would[MODEL_PENDING];
		sum.would[MODEL_PENDING] = 0;
		put_outcomes(out, sum.would);
		fprintf(out, "; %llu would have ended otherwise\n",
			(unsigned long long)sum.would_change);
	}
	if (forgotten || outages)
		fprintf(out,
			"shown    the newest: %llu windows and %llu failovers before them are "
			"only counted (--windows)\n",
			forgotten, outages);
	fprintf(out, "events   %llu lost\n", lost);
}

/* What the windows shown cost, a line for each head that has some. */
static void put_cost(FILE *out, const struct model_head *h, size_t input,
		     const struct view_window *list, size_t count, const char **before)
{
	struct view_cost c = { 0 };
	char buf[FMT_LEN];
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i].input == input && list[i].w->head == h)
			view_cost_add(&c, list[i].w);
	if (!c.windows)
		return;
	fputs(*before, out);
	*before = "         ";
	view_put_head(out, h, h->name);
	fprintf(out, "  no usable path for %s in all · I/Os waited %llu",
		fmt_duration(buf, sizeof(buf), c.outage_ns), (unsigned long long)c.parked);
	if (c.max_ns)
		fprintf(out, ", %s at most", fmt_duration(buf, sizeof(buf), c.max_ns));
	fprintf(out, " · failed %llu%s\n", (unsigned long long)c.failed,
		c.partly ? "; at least, data is incomplete" : "");
}

static void put_costs(FILE *out, const struct view_input *in, size_t nr,
		      const struct view_window *list, size_t count)
{
	const char *before = "cost     ";
	const struct model_head *h;
	size_t i, k;

	for (i = 0; i < nr; i++)
		for (k = 0; (h = model_head(in[i].m, k)); k++)
			put_cost(out, h, i, list, count, &before);
}

static void put_remarks(FILE *out, const struct view_input *in, const struct view_opts *vo,
			bool several)
{
	const struct model_remark *r;
	size_t i;

	view_put_damage(out, in, several);
	for (i = 0; (r = model_remark(in->m, i)); i++) {
		if (!view_wants_remark(vo, r))
			continue;
		fputs("remark   ", out);
		view_put_where(out, r->session, several);
		view_put_remark(out, r, vo);
		fputc('\n', out);
	}
	if (model_remarks_dropped(in->m))
		fprintf(out, "remark   and %llu more\n",
			(unsigned long long)model_remarks_dropped(in->m));
}

static void put_outage(FILE *out, const struct model_outage *o, const struct view_opts *vo,
		       bool several)
{
	fputc('\n', out);
	view_put_where(out, o->session, several);
	view_put_head(out, o->head, o->name);
	fputs("  failovers without a window   ", out);
	view_put_period(out, o->session, o->s.start_ns, o->s.drained_ns, vo);
	fputs("\nI/Os ", out);
	view_put_bios(out, &o->s, model_session_missing(o->session));
	put_stalls(out, o);
	fputc('\n', out);
}

/* Outages without a window that are not shown yet, those of each input in their order. */
struct outages {
	const struct view_input	*in;
	size_t			nr;
	size_t			*next;		/* of each */
};

/* Wall time of the first that is left of an input; what has none comes first. */
static const struct model_outage *first_left(struct outages *os, size_t i,
					     const struct view_opts *vo, __s64 *real_ns)
{
	const struct model_outage *o;

	while ((o = model_outage(os->in[i].m, os->next[i])) && !view_wants_outage(vo, o))
		os->next[i]++;
	if (o && model_wall_ns(o->session, o->s.start_ns, real_ns))
		*real_ns = 0;
	return o;
}

/* Those that began before a window did; NULL: all that are left. */
static void put_outages(FILE *out, struct outages *os, const struct view_opts *vo,
			const struct model_window *w)
{
	const struct model_outage *o, *first;
	__s64 until = INT64_MAX, at, earliest;
	size_t i, which;

	if (w && (!view_window_from(w) || model_wall_ns(w->session, view_window_from(w), &until)))
		return;
	do {
		first = NULL;
		which = 0;
		earliest = until;
		for (i = 0; i < os->nr; i++) {
			o = first_left(os, i, vo, &at);
			if (!o || at >= earliest)
				continue;
			first = o;
			which = i;
			earliest = at;
		}
		if (first) {
			os->next[which]++;
			put_outage(out, first, vo, os->nr > 1);
		}
	} while (first);
}

static void put_all(FILE *out, const struct view_input *in, size_t nr, const struct view_opts *vo,
		    const struct view_window *list, size_t count, size_t *next)
{
	struct outages os = { .in = in, .nr = nr, .next = next };
	size_t i;

	for (i = 0; i < count; i++) {
		put_outages(out, &os, vo, list[i].w);
		fputc('\n', out);
		view_put_where(out, list[i].w->session, nr > 1);
		view_text_window(out, list[i].w, vo);
	}
	put_outages(out, &os, vo, NULL);
}

static void put_input(FILE *out, const struct view_input *in, const struct view_opts *vo)
{
	const struct model_session *s;
	char shown[1024];
	size_t i;

	fprintf(out, "%-8s %s\n", view_input_kind(in), fmt_text(shown, sizeof(shown), in->name));
	if (in->skipped)
		fprintf(out, "         without %d older file%s, which --since makes unnecessary\n",
			in->skipped, in->skipped == 1 ? "" : "s");
	view_put_part(out, in, "         ", "\n");
	for (i = 0; (s = model_session(in->m, i)); i++)
		put_session(out, s, view_session_from(in, i), vo);
}

int view_text_report(FILE *out, const struct view_input *in, size_t nr, const struct view_opts *vo)
{
	size_t i, count, *next = calloc(nr, sizeof(*next));
	struct view_window *list;
	int err;

	err = next ? view_windows(in, nr, vo, &list, &count) : -ENOMEM;
	if (err) {
		free(next);
		return err;
	}
	for (i = 0; i < nr; i++)
		put_input(out, &in[i], vo);
	put_counts(out, in, nr, vo);
	put_costs(out, in, nr, list, count);
	for (i = 0; i < nr; i++) {
		put_remarks(out, &in[i], vo, nr > 1);
		view_put_absences(out, model_topology_last(in[i].m), "absent   ", "         ",
				  true);
	}
	put_all(out, in, nr, vo, list, count, next);
	free(next);
	free(list);
	return stream_status(out);
}
