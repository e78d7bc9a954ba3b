// SPDX-License-Identifier: GPL-2.0-only
/* The report for people. */
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "view_text.h"

#define NQN_WIDTH	34

/* "nvme0n1 (nqn.2014-08.org..:subsys0, nsid 1)" */
static void put_head(FILE *out, const struct model_head *h, const char *name)
{
	char buf[4 * NQN_WIDTH + 8];

	fprintf(out, "%s (", fmt_text(buf, sizeof(buf), name));
	if (*h->nqn)
		fputs(fmt_nqn(buf, sizeof(buf), h->nqn, NQN_WIDTH), out);
	else
		fprintf(out, "nvme-subsys%d", h->subsys);
	fprintf(out, ", nsid %u)", h->nsid);
}

/* "2026-09-12 03:04:11.482 .. 03:04:38.907": the day once, if it is the same */
static void put_period(FILE *out, const struct model_session *s, __u64 from, __u64 to,
		       const struct view_opts *vo)
{
	char a[FMT_TIME_LEN], b[FMT_TIME_LEN];
	__s64 real_from, real_to;

	if (from == to) {
		view_put_time(out, s, from, vo);
		return;
	}
	if (!from || !to || model_wall_ns(s, from, &real_from) || model_wall_ns(s, to, &real_to)) {
		view_put_time(out, s, from, vo);
		fputs(" .. ", out);
		view_put_time(out, s, to, vo);
		return;
	}
	fmt_wall(a, sizeof(a), real_from, vo->utc);
	fmt_wall(b, sizeof(b), real_to, vo->utc);
	fprintf(out, "%s .. %s", a, strncmp(a, b, 11) ? b : b + 11);
}

/* Lines that begin, not end, with a newline. */
static void put_stalls(FILE *out, const struct model_outage *o)
{
	fputs("\nstall ", out);
	view_put_stalls(out, &o->s);
	view_put_stalls_by_op(out, "\n", o);
}

int view_text_window(FILE *out, const struct model_window *w,
		     const struct view_opts *vo)
{
	__u64 from = w->lost_ns ? w->lost_ns : w->armed_ns, duration = model_window_duration(w);
	char buf[FMT_LEN];

	put_head(out, w->head, w->name);
	if (w->number)
		fprintf(out, "  window %u", w->number);
	else
		fputs("  no window", out);
	if (w->missing & MISSING_ALL) {
		fputs("\nUNKNOWN: nothing of it was seen\n", out);
		return view_status(out);
	}
	fputs("   ", out);
	put_period(out, w->session, from, w->end_ns, vo);
	if (duration)
		fprintf(out, "  %s", fmt_duration(buf, sizeof(buf), duration));
	fputc('\n', out);
	view_put_outcome(out, w);
	fputc('\n', out);
	view_put_phases(out, w);
	fputs("\nbios ", out);
	if (w->counters)
		view_put_bios(out, &w->counters->s);
	else
		fputs(w->missing ? "not counted" : "none seen", out);
	if (w->counters)
		put_stalls(out, w->counters);
	fputs("\ndata ", out);
	view_put_data(out, w);
	fputc('\n', out);
	return view_status(out);
}

/* ---- summary ---- */

static void put_session(FILE *out, const struct model_session *s, const struct view_opts *vo)
{
	const struct rec_host *host = model_session_host(s);
	char name[96], kernel[96], machine[96], tool[64], took[FMT_LEN];
	__u64 first = model_session_first(s), last = model_session_last(s);

	fprintf(out, "host     %s, kernel %s %s, by %s\n",
		*host->name ? fmt_text(name, sizeof(name), host->name) : "-",
		*host->kernel ? fmt_text(kernel, sizeof(kernel), host->kernel) : "-",
		fmt_text(machine, sizeof(machine), host->machine),
		*host->tool ? fmt_text(tool, sizeof(tool), host->tool) : "-");
	fputs("period   ", out);
	put_period(out, s, first, last, vo);
	fprintf(out, "  %s%s\n", fmt_duration(took, sizeof(took), last - first),
		model_session_ended(s) ? "" : ", without an end");
}

static void put_counts(FILE *out, const struct model *m, const struct view_opts *vo)
{
	static const struct { enum model_outcome outcome; const char *word; } words[] = {
		{ MODEL_RECOVERED, "recovered" }, { MODEL_LATE_RESCUE, "late rescue" },
		{ MODEL_REMOVED, "removed" }, { MODEL_CLOSED, "closed" },
		{ MODEL_NOT_ARMED, "not armed" }, { MODEL_PENDING, "pending" },
		{ MODEL_UNKNOWN, "unknown" },
	};
	unsigned long long count[MODEL_OUTCOMES] = { 0 }, total = 0;
	const struct model_window *w;
	size_t i;

	for (i = 0; (w = model_window(m, i)); i++) {
		if (!view_wants_window(vo, w))
			continue;
		count[w->outcome]++;
		total++;
	}
	fprintf(out, "windows  %llu", total);
	for (i = 0, total = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (count[words[i].outcome])
			fprintf(out, "%s%llu %s", total++ ? ", " : ": ", count[words[i].outcome],
				words[i].word);
	fprintf(out, "\nevents   %llu lost\n", (unsigned long long)model_events_lost(m));
}

static void put_remarks(FILE *out, const struct model *m, const struct record_reader *reader,
			const struct view_opts *vo)
{
	const struct record_remark *damage;
	const struct model_remark *r;
	size_t i;

	for (i = 0; reader && (damage = record_reader_remark(reader, i)); i++)
		fprintf(out, "remark   %s\n", damage->text);
	for (i = 0; (r = model_remark(m, i)); i++) {
		if (r->head && !view_wants_head(vo, r->head))
			continue;
		fputs("remark   ", out);
		view_put_remark(out, r, vo);
		fputc('\n', out);
	}
	if (model_remarks_dropped(m))
		fprintf(out, "remark   and %llu more\n",
			(unsigned long long)model_remarks_dropped(m));
}

static void put_outage(FILE *out, const struct model_outage *o, const struct view_opts *vo)
{
	fputc('\n', out);
	put_head(out, o->head, o->head->name);
	fputs("  failovers without a window   ", out);
	put_period(out, o->session, o->s.start_ns, o->s.drained_ns, vo);
	fputs("\nbios ", out);
	view_put_bios(out, &o->s);
	put_stalls(out, o);
	fputc('\n', out);
}

int view_text_report(FILE *out, const struct model *m, const char *name,
		     const struct record_reader *reader, const struct view_opts *vo)
{
	const struct model_session *s;
	const struct model_outage *o;
	const struct model_window *w;
	char shown[1024];
	size_t i;

	fprintf(out, "record   %s\n", fmt_text(shown, sizeof(shown), name));
	for (i = 0; (s = model_session(m, i)); i++)
		put_session(out, s, vo);
	put_counts(out, m, vo);
	put_remarks(out, m, reader, vo);
	for (i = 0; (w = model_window(m, i)); i++) {
		if (!view_wants_window(vo, w))
			continue;
		fputc('\n', out);
		view_text_window(out, w, vo);
	}
	for (i = 0; (o = model_outage(m, i)); i++)
		if (view_wants_head(vo, o->head) && !model_outage_has_window(m, o))
			put_outage(out, o, vo);
	return view_status(out);
}
