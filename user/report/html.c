// SPDX-License-Identifier: GPL-2.0-only
/* The report as a page. See report/html.h. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/format.h"
#include "base/stream.h"
#include "model/model.h"
#include "record/names.h"
#include "record/reader.h"
#include "record/facts.h"
#include "report/html.h"
#include "report/html_style.h"

#define DASH	"-"

static void put_host_names(struct html *h, const struct view_input *in, size_t nr)
{
	const char *before = NULL;
	const struct model_session *s;
	size_t i, k, n = 0;
	char name[96];

	for (i = 0; i < nr; i++)
		for (k = 0; (s = model_session(in[i].m, k)); k++) {
			const char *host = model_session_host(s)->name;

			if (!*host || (before && !strcmp(before, host)))
				continue;
			if (n++ < 5)
				fprintf(h->text, "%s%s", before ? ", " : "",
					fmt_text(name, sizeof(name), host));
			before = host;
		}
	if (n > 5)
		fputs(", ...", h->text);
	if (!n)
		fputs("an unknown host", h->text);
}

/* ".recovered,.late_rescue{...}": the outcomes of a colour. */
static void put_outcome_style(FILE *out, const char *colour)
{
	static const char *const colours[OUTCOME_SEVERITIES] = {
		[SEVERITY_GOOD] = "good",    [SEVERITY_WARN] = "good", [SEVERITY_BAD] = "bad",
		[SEVERITY_INTENDED] = "bad", [SEVERITY_OPEN] = "open", [SEVERITY_UNKNOWN] = "warn",
	};
	const char *before = "";
	int o;

	for (o = 0; o < MODEL_OUTCOMES; o++) {
		const struct outcome_row *row = outcome_row(o);

		if (strcmp(colours[row->severity], colour))
			continue;
		fprintf(out, "%s.%s", before, row->name);
		before = ",";
	}
	fprintf(out, "{border-top-color:var(--%s)!important}", colour);
}

static void put_style(FILE *out)
{
	fputs(style_begin, out);
	put_outcome_style(out, "good");
	put_outcome_style(out, "bad");
	put_outcome_style(out, "open");
	put_outcome_style(out, "warn");
	fputc('\n', out);
	fputs(style_end, out);
}

static void put_begin(struct html *h, const struct view_input *in, size_t nr)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "img-src data:; style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
	      h->out);
	fputs("NVMe multipath report: ", h->text);
	put_host_names(h, in, nr);
	/* an empty icon: else a browser asks for one */
	fputs("</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n", h->out);
	put_style(h->out);
	fputs("</style>\n</head>\n<body>\n<header>\n<h1>", h->out);
	fputs("What happened to the NVMe multipath heads of ", h->text);
	put_host_names(h, in, nr);
	fputs("</h1>\n", h->out);
}

/* ---- where it is from ---- */

static const struct html_column source_columns[] = {
	{ "host", NULL }, { "kernel", NULL }, { "period", "t" }, { "length", NULL },
	{ "by", NULL },	  { "from", NULL },   { NULL, NULL },
};

/* An untrusted text, or that it is not known. */
static const char *text_or_dash(char *buf, size_t size, const char *text)
{
	return *text ? fmt_text(buf, size, text) : DASH;
}

static void put_session(struct html_table *t, const struct view_input *in, size_t i,
			const struct view_opts *vo)
{
	const struct model_session *s = model_session(in->m, i);
	const struct rec_host *host = model_session_host(s);
	__u64 first = view_session_from(in, i), last = model_session_last(s);
	char buf[512], facts[512];

	html_row_begin(t);
	html_cell(t, "%s", text_or_dash(buf, sizeof(buf), host->name));
	fmt_text(buf, sizeof(buf), host->kernel);
	if (model_session_missing(s))
		html_cell(t, "%s, which had no place to see %s", buf,
			  facts_text(facts, sizeof(facts), model_session_missing(s)));
	else
		html_cell(t, "%s", *host->kernel ? buf : DASH);
	html_cell_begin(t);
	view_put_period(t->h->text, s, first, last, vo);
	html_cell_end(t);
	html_cell(t, "%s%s", fmt_duration(buf, sizeof(buf), last - first),
		  model_session_ended(s) ? "" : ", without an end");
	html_cell(t, "%s", text_or_dash(buf, sizeof(buf), host->tool));
	html_cell(t, "%s %s", view_input_kind(in), fmt_text(buf, sizeof(buf), in->name));
	html_row_end(t);
}

/* What is not in this input, a paragraph a line. */
static void put_part(struct html *h, const struct view_input *in, bool several)
{
	char *lines = NULL, *line, *rest, name[512];
	size_t size;
	FILE *f = open_memstream(&lines, &size);

	if (!f)
		return;
	view_put_part(f, in, "", "\n");
	fclose(f);
	for (rest = lines; (line = strsep(&rest, "\n")) && *line;)
		html_element(h, "p", "%s%s%s",
			     several ? fmt_text(name, sizeof(name), in->name) : "",
			     several ? ": " : "", line);
	free(lines);
}

static void put_sources(struct html *h, const struct view_input *in, size_t nr,
			const struct view_opts *vo)
{
	struct html_table t;
	size_t i, k;

	html_table_begin(&t, h, source_columns, "Recorded");
	for (i = 0; i < nr; i++)
		for (k = 0; model_session(in[i].m, k); k++)
			put_session(&t, &in[i], k, vo);
	html_table_end(&t);
	for (i = 0; i < nr; i++)
		put_part(h, &in[i], nr > 1);
}

/* ---- summary ---- */

static void put_card(struct html *h, const char *class, __u64 n, const char *word)
{
	fprintf(h->out, "<li class=\"%s\">", class);
	html_element(h, "b", "%llu", (unsigned long long)n);
	fprintf(h->text, " %s", word);
	fputs("</li>\n", h->out);
}

static void put_outcome_card(struct html *h, enum model_outcome outcome,
			     const struct view_tally *sum)
{
	const struct outcome_row *row = outcome_row(outcome);

	if (sum->count[outcome])
		put_card(h, row->name, sum->count[outcome], row->word);
}

static void put_cards(struct html *h, const struct view_input *in, size_t nr,
		      const struct view_opts *vo)
{
	unsigned long long lost = 0, forgotten = 0, outages = 0;
	struct view_tally sum;
	size_t i;

	view_count(in, nr, vo, &sum);
	fputs("<ul class=\"cards\">\n", h->out);
	put_card(h, "windows", sum.windows, sum.windows == 1 ? "window" : "windows");
	for (i = 0; i < MODEL_OUTCOMES; i++)
		put_outcome_card(h, outcome_at(i), &sum);
	fputs("</ul>\n", h->out);
	for (i = 0; i < nr; i++) {
		lost += model_events_lost(in[i].m);
		forgotten += in[i].forgotten ? in[i].forgotten->windows : 0;
		outages += model_outages_forgotten(in[i].m);
	}
	if (sum.incomplete || lost)
		html_element(h, "p",
			     "Of %llu windows the data is incomplete, each says why; %llu "
			     "events were lost.",
			     (unsigned long long)sum.incomplete, lost);
	if (forgotten || outages)
		html_element(h, "p",
			     "The newest are shown: %llu windows and %llu failovers before "
			     "them are only counted (--windows).",
			     forgotten, outages);
}

static void put_duration(struct html_table *t, __u64 ns, bool known)
{
	char buf[FMT_LEN];

	html_cell(t, "%s", known ? fmt_duration(buf, sizeof(buf), ns) : DASH);
}

static void put_count(struct html_table *t, __u64 n, bool known)
{
	if (known)
		html_cell(t, "%llu", (unsigned long long)n);
	else
		html_cell(t, DASH);
}

static const struct html_column order_columns[] = {
	{ "head", NULL },	   { "time", "t" },	     { "outcome", "t" },
	{ "no usable path", "n" }, { "time left", "n" },     { "I/Os that waited", "n" },
	{ "I/Os failed", "n" },	   { "longest stall", "n" }, { NULL, NULL },
};

static void put_line(struct html_table *t, const struct view_window *vw, size_t number,
		     bool several, const struct view_opts *vo)
{
	const struct model_window *w = vw->w;
	const struct mpath_outage *s = w->counters ? &w->counters->s : NULL;
	__u64 outage = model_outage_duration(w);
	char buf[FMT_LEN];

	html_row_begin(t);
	html_cell_begin(t);
	fprintf(t->h->out, "<a href=\"#w%zu\">", number);
	view_put_where(t->h->text, w->session, several);
	view_html_title(t->h, w);
	fputs("</a>", t->h->out);
	html_cell_end(t);
	html_cell_begin(t);
	view_put_time(t->h->text, w->session, view_window_from(w), vo);
	html_cell_end(t);
	html_cell(t, "%s%s", outcome_row(w->outcome)->word,
		  model_window_is_near_miss(w) ? " (near miss)" : "");
	put_duration(t, outage, outage != MODEL_NONE);
	html_cell(t, "%s",
		  w->margin_known ? fmt_duration_signed(buf, sizeof(buf), w->margin_ns) : DASH);
	put_count(t, s ? model_outage_parked(w->counters) : 0, s);
	put_count(t, s ? s->failed + s->failed_unparked : 0, s);
	put_duration(t, s ? s->stall_max_ns : 0, s && s->stall_max_ns);
	html_row_end(t);
}

static void put_order(struct html *h, const struct view_window *list, size_t count, bool several,
		      const struct view_opts *vo)
{
	struct html_table t;
	size_t i;

	if (!count)
		return;
	html_table_begin(&t, h, order_columns, "In the order in which it happened");
	for (i = 0; i < count; i++)
		put_line(&t, &list[i], i + 1, several, vo);
	html_table_end(&t);
}

/* ---- what it cost, by head ---- */

static const struct html_column cost_columns[] = {
	{ "head", NULL },
	{ "at the end", NULL },
	{ "setting", "n" },
	{ "windows", "n" },
	{ "no usable path, in all", "n" },
	{ "I/Os that waited", "n" },
	{ "I/Os failed", "n" },
	{ "longest stall", "n" },
	{ "", NULL },
	{ NULL, NULL },
};

static void put_cost(struct html_table *t, const struct model_head *head, size_t input,
		     const struct view_window *list, size_t count)
{
	int state = model_head_state(head);
	struct view_cost c = { 0 };
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i].input == input && list[i].w->head == head)
			view_cost_add(&c, list[i].w);
	html_row_begin(t);
	html_cell_begin(t);
	view_put_head(t->h->text, head, head->name);
	html_cell_end(t);
	html_cell(t, "%s", state < 0 ? DASH : model_head_state_name((enum model_head_state)state));
	if (head->setting_known && head->setting_s != TOPO_NO_SETTING)
		html_cell(t, "%lld s", (long long)head->setting_s);
	else
		html_cell(t, DASH);
	put_count(t, c.windows, true);
	put_duration(t, c.outage_ns, c.windows);
	put_count(t, c.parked, c.windows);
	put_count(t, c.failed, c.windows);
	put_duration(t, c.max_ns, c.max_ns);
	html_cell(t, "%s", c.partly ? "at least: data is incomplete" : "");
	html_row_end(t);
}

static void put_costs(struct html *h, const struct view_input *in, size_t nr,
		      const struct view_window *list, size_t count, const struct view_opts *vo)
{
	const struct model_head *head;
	bool all = true;
	struct html_table t;
	size_t i, k;

	for (i = 0; i < nr; i++)
		all &= !in[i].forgotten || !in[i].forgotten->windows;
	html_table_begin(&t, h, cost_columns,
			 all ? "What it cost, by head" :
			       "What the windows shown here cost, by head");
	for (i = 0; i < nr; i++)
		for (k = 0; (head = model_head(in[i].m, k)); k++)
			if (view_wants_head(vo, head))
				put_cost(&t, head, i, list, count);
	html_table_end(&t);
}

/* ---- remarks ---- */

static void put_remarks(struct html *h, const struct view_input *in, const struct view_opts *vo,
			bool several, size_t *n)
{
	const struct record_remark *damage;
	const struct model_remark *r;
	char name[128];
	size_t i;

	for (i = 0; in->reader && (damage = record_reader_remark(in->reader, i)); i++) {
		fputs((*n)++ ? "<li>" : "<h2>Remarks</h2>\n<ul>\n<li>", h->out);
		fprintf(h->text, "%s%s%s", several ? fmt_text(name, sizeof(name), in->name) : "",
			several ? ": " : "", damage->text);
		fputs("</li>\n", h->out);
	}
	for (i = 0; (r = model_remark(in->m, i)); i++) {
		if (!view_wants_remark(vo, r))
			continue;
		fputs((*n)++ ? "<li>" : "<h2>Remarks</h2>\n<ul>\n<li>", h->out);
		view_put_where(h->text, r->session, several);
		view_put_remark(h->text, r, vo);
		fputs("</li>\n", h->out);
	}
	if (model_remarks_dropped(in->m))
		html_element(h, "li", "and %llu more",
			     (unsigned long long)model_remarks_dropped(in->m));
}

/* ---- windows ---- */

static void put_legend(struct html *h)
{
	static const struct {
		const char *draw, *word;
	} keys[] = {
		{ "<rect class=\"usable\" y=\"5\" width=\"100\" height=\"90\"/>", "path usable" },
		{ "<rect class=\"unusable\" y=\"55\" width=\"100\" height=\"40\"/>",
		  "there, not usable" },
		{ "<rect class=\"gone\" y=\"88\" width=\"100\" height=\"7\"/>", "gone" },
		{ "<rect class=\"unknown\" y=\"35\" width=\"100\" height=\"30\"/>", "not known" },
		{ "<line class=\"lost\" x1=\"50\" x2=\"50\" y1=\"0\" y2=\"100\"/>",
		  "last usable path lost" },
		{ "<line class=\"back\" x1=\"50\" x2=\"50\" y1=\"0\" y2=\"100\"/>", "back" },
		{ "<line class=\"deadline\" x1=\"50\" x2=\"50\" y1=\"0\" y2=\"100\"/>",
		  "deadline" },
	};
	size_t i;

	fputs("<p class=\"key\">", h->out);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		fprintf(h->out,
			"<span><svg viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" "
			"aria-hidden=\"true\">%s</svg> %s</span>\n",
			keys[i].draw, keys[i].word);
	fputs("</p>\n", h->out);
}

static void term(struct html *h, const char *what)
{
	fprintf(h->out, "<dt>%s</dt><dd>", what);
}

static void put_who(struct html *h, const struct model_outage *o)
{
	if (!o->nr_who)
		return;
	term(h, "waiting I/O by unit");
	view_put_who(h->text, o);
	fputs("</dd>\n", h->out);
}

static void put_words(struct html *h, const struct model_window *w, const struct view_opts *vo)
{
	fputs("<dl>", h->out);
	term(h, "when");
	view_put_period(h->text, w->session, view_window_from(w), view_window_to(w), vo);
	fputs("</dd>\n", h->out);
	term(h, "phases");
	view_put_phases(h->text, w);
	fputs("</dd>\n", h->out);
	if (w->nr_losses) {
		term(h, "cause");
		view_put_causes(h->text, w);
		fputs("</dd>\n", h->out);
	}
	term(h, "I/Os");
	if (w->counters)
		view_put_bios(h->text, &w->counters->s, model_session_missing(w->session));
	else
		fputs(w->missing ? "not counted" : "none seen", h->text);
	fputs("</dd>\n", h->out);
	if (w->counters) {
		term(h, "stall");
		view_put_stalls(h->text, &w->counters->s);
		view_put_stalls_by_op(h->text, "; ", w->counters);
		fputs("</dd>\n", h->out);
		put_who(h, w->counters);
	}
	term(h, "data");
	view_put_data(h->text, w);
	fputs("</dd>\n", h->out);
	if (vo->what_if) {
		term(h, "what if");
		view_put_what_if(h->text, w, vo->setting_ns);
		fputs("</dd>\n", h->out);
	}
	fputs("</dl>\n", h->out);
}

static void put_window(struct html *h, const struct view_input *in, const struct model_window *w,
		       size_t number, bool several, const struct view_opts *vo)
{
	fprintf(h->out, "<article class=\"%s\" aria-labelledby=\"w%zu\">\n<h3 id=\"w%zu\">",
		outcome_row(w->outcome)->name, number, number);
	view_put_where(h->text, w->session, several);
	view_html_title(h, w);
	fputs("</h3>\n<p class=\"dim\">", h->out);
	view_put_head(h->text, w->head, w->name);
	fputs("</p>\n<p><strong>", h->out);
	view_put_outcome(h->text, w);
	fputs("</strong></p>\n", h->out);
	if (w->missing & MISSING_ALL)
		html_element(h, "p", "Nothing of it was seen.");
	else
		put_words(h, w, vo);
	view_html_window(h, in, w, number, vo);
	fputs("</article>\n", h->out);
}

static void put_outages(struct html *h, const struct view_input *in, const struct view_opts *vo,
			bool several, size_t *n)
{
	const struct model_outage *o;
	size_t i;

	for (i = 0; (o = model_outage(in->m, i)); i++) {
		if (!view_wants_outage(vo, o))
			continue;
		if (!(*n)++)
			fputs("<h2>Failovers without a window</h2>\n", h->out);
		fputs("<article><h3>", h->out);
		view_put_where(h->text, o->session, several);
		view_put_head(h->text, o->head, o->name);
		fputs("</h3>\n<dl>", h->out);
		term(h, "when");
		view_put_period(h->text, o->session, o->s.start_ns, o->s.drained_ns, vo);
		fputs("</dd>\n", h->out);
		term(h, "I/Os");
		view_put_bios(h->text, &o->s, model_session_missing(o->session));
		fputs("</dd>\n", h->out);
		term(h, "stall");
		view_put_stalls(h->text, &o->s);
		view_put_stalls_by_op(h->text, "; ", o);
		fputs("</dd>\n", h->out);
		put_who(h, o);
		fputs("</dl>\n", h->out);
		view_html_stalls(h, &o->s);
		fputs("</article>\n", h->out);
	}
}

/* ---- paths ---- */

static const struct html_column path_columns[] = {
	{ "path", NULL }, { "head", NULL }, { "transport", NULL }, { "address", NULL },
	{ "path is", NULL }, { "controller", NULL }, { "ANA state", NULL }, { NULL, NULL },
};

static void put_path(struct html_table *t, const struct model_head *head,
		     const struct model_path *p)
{
	static const char *const states[PATH_STATES] = {
		[PATH_UNKNOWN] = DASH,
		[PATH_USABLE] = "usable",
		[PATH_NON_OPTIMIZED] = "usable, not optimized",
		[PATH_UNUSABLE] = "not usable",
		[PATH_GONE] = "gone",
	};
	char buf[1024];

	html_row_begin(t);
	html_cell(t, "%s", fmt_text(buf, sizeof(buf), p->name));
	html_cell(t, "%s", fmt_text(buf, sizeof(buf), head->name));
	html_cell(t, "%s", text_or_dash(buf, sizeof(buf), p->transport));
	html_cell(t, "%s", text_or_dash(buf, sizeof(buf), p->address));
	html_cell(t, "%s", model_path_is_standby(p) ? "in reserve" : states[model_path_state(p)]);
	html_cell(t, "%s", fmt_ctrl_state(p->ctrl_state));
	html_cell(t, "%s", fmt_ana_state(p->ana_state));
	html_row_end(t);
}

static void put_paths(struct html *h, const struct view_input *in, size_t nr,
		      const struct view_opts *vo)
{
	const struct model_head *head;
	struct html_table t;
	size_t i, k, p;

	html_table_begin(&t, h, path_columns, "Paths at the end of the recording");
	for (i = 0; i < nr; i++)
		for (k = 0; (head = model_head(in[i].m, k)); k++)
			for (p = 0; view_wants_head(vo, head) && p < head->nr_paths; p++)
				put_path(&t, head, &head->paths[p]);
	html_table_end(&t);
}

static void put_page(struct html *h, const struct view_input *in, size_t nr,
		     const struct view_window *list, size_t count, const struct view_opts *vo)
{
	size_t i, n = 0;

	put_begin(h, in, nr);
	put_sources(h, in, nr, vo);
	fputs("</header>\n<main>\n", h->out);
	put_cards(h, in, nr, vo);
	put_order(h, list, count, nr > 1, vo);
	put_costs(h, in, nr, list, count, vo);
	for (i = 0; i < nr; i++)
		put_remarks(h, &in[i], vo, nr > 1, &n);
	if (n)
		fputs("</ul>\n", h->out);
	if (count) {
		fputs("<h2>Windows</h2>\n", h->out);
		put_legend(h);
	}
	for (i = 0; i < count; i++)
		put_window(h, &in[list[i].input], list[i].w, i + 1, nr > 1, vo);
	for (i = 0, n = 0; i < nr; i++)
		put_outages(h, &in[i], vo, nr > 1, &n);
	put_paths(h, in, nr, vo);
	fputs("</main>\n</body>\n</html>\n", h->out);
}

int view_html_report(FILE *out, const struct view_input *in, size_t nr, const struct view_opts *vo)
{
	struct view_window *list;
	struct html h;
	size_t count;
	int err;

	err = view_windows(in, nr, vo, &list, &count);
	if (err)
		return err;
	err = html_open(&h, out);
	if (!err)
		put_page(&h, in, nr, list, count, vo);
	html_close(&h);
	free(list);
	return err ? err : stream_status(out);
}
