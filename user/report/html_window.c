// SPDX-License-Identifier: GPL-2.0-only
/* A window on the page: swim lanes, window and deadline, queue, stalls. */
#include <string.h>

#include "analysis/timeline.h"
#include "base/format.h"
#include "record/histogram.h"
#include "report/html.h"

/* Lanes are drawn so many units wide, whatever the width of the page. */
#define WIDTH		10000
#define HEIGHT		100
#define TICKS		4

/* The time that a drawing shows, boot time of its session. */
struct span {
	__u64	from, to;
};

static __u64 at(const struct span *s, __u64 time_ns)
{
	if (time_ns <= s->from)
		return 0;
	if (time_ns >= s->to)
		return WIDTH;
	return (__u64)((unsigned __int128)(time_ns - s->from) * WIDTH / (s->to - s->from));
}

/* A twentieth more on both sides; of a deadline far behind the end only some. */
static struct span span_of(const struct model_window *w)
{
	struct span s = { .from = view_window_from(w), .to = view_window_to(w) };
	__u64 length = s.to > s.from ? s.to - s.from : 0;

	if (w->deadline_ns > s.to)
		s.to = length && w->deadline_ns - s.to > 3 * length ? s.to + length :
								      w->deadline_ns;
	length = s.to - s.from;
	if (length < 1000000)
		length = 1000000;
	s.from -= s.from > length / 20 ? length / 20 : s.from;
	s.to += length / 20;
	return s;
}

/* Seconds from the loss on, as the phases count them. */
static __u64 zero_of(const struct model_window *w)
{
	return w->lost_ns ? w->lost_ns : w->armed_ns ? w->armed_ns : view_window_from(w);
}

static void put_rect(struct html *h, const struct span *s, const char *class, __u64 from, __u64 to,
		     unsigned int y, unsigned int height)
{
	__u64 x = at(s, from), end = at(s, to);

	/* what was shorter than a unit is seen all the same */
	if (end <= x)
		end = x + 20;
	fprintf(h->out, "<rect class=\"%s\" x=\"%llu\" y=\"%u\" width=\"%llu\" height=\"%u\"/>",
		class, (unsigned long long)x, y, (unsigned long long)(end - x), height);
}

static void put_line(struct html *h, const struct span *s, const char *class, __u64 time_ns)
{
	if (!time_ns || time_ns < s->from || time_ns > s->to)
		return;
	fprintf(h->out, "<line class=\"%s\" x1=\"%llu\" x2=\"%llu\" y1=\"0\" y2=\"%u\"/>", class,
		(unsigned long long)at(s, time_ns), (unsigned long long)at(s, time_ns), HEIGHT);
}

/* A row: what it is, what it says in words, and the drawing that the caller goes on with. */
static void row_begin(struct html *h)
{
	fputs("<div class=\"row\"><div class=\"label\">", h->out);
}

static void row_draw(struct html *h, const char *what)
{
	fprintf(h->out,
		"</div><svg class=\"lane\" viewBox=\"0 0 %u %u\" "
		"preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
		WIDTH, HEIGHT);
	fputs(what, h->text);
}

static void row_end(struct html *h, const struct span *s, const struct model_window *w)
{
	put_line(h, s, "lost", zero_of(w));
	put_line(h, s, "back", w->usable_ns ? w->usable_ns : w->back_ns);
	fputs("</svg></div>\n", h->out);
}

/* ---- paths ---- */

static const struct {
	const char *class, *word;
	unsigned int y, height;
} states[PATH_STATES] = {
	/* also told apart by height: on paper, and by who sees no colours */
	[PATH_UNKNOWN] = { "unknown", "not known", 35, 30 },
	[PATH_USABLE] = { "usable", "usable", 5, 90 },
	[PATH_NON_OPTIMIZED] = { "usable", "usable", 5, 90 },
	[PATH_UNUSABLE] = { "unusable", "not usable", 55, 40 },
	[PATH_GONE] = { "gone", "gone", 88, 7 },
};

/* Calls @put with each stretch of one state. */
static void for_each_stretch(const struct timeline_track *lane, const struct span *s,
			     struct html *h, const struct model_window *w,
			     void (*put)(struct html *h, const struct span *s,
					 const struct model_window *w, enum path_state state,
					 __u64 from, __u64 to))
{
	size_t i = timeline_after(lane, s->from);
	enum path_state state = i ? lane->changes[i - 1].state : PATH_UNKNOWN;
	__u64 from = s->from;

	for (; i < lane->nr && lane->changes[i].time_ns < s->to; i++) {
		put(h, s, w, state, from, lane->changes[i].time_ns);
		from = lane->changes[i].time_ns;
		state = lane->changes[i].state;
	}
	put(h, s, w, state, from, s->to);
}

static void say_stretch(struct html *h, const struct span *s, const struct model_window *w,
			enum path_state state, __u64 from, __u64 to)
{
	char buf[FMT_LEN];

	(void)to;
	if (from == s->from)
		fputs(states[state].word, h->text);
	else
		fprintf(h->text, ", %s from %s s on", states[state].word,
			fmt_seconds(buf, sizeof(buf), (__s64)(from - zero_of(w))));
}

static void draw_stretch(struct html *h, const struct span *s, const struct model_window *w,
			 enum path_state state, __u64 from, __u64 to)
{
	(void)w;
	put_rect(h, s, states[state].class, from, to, states[state].y, states[state].height);
}

/* Where it was in this time, or one after the other. */
static void put_where(struct html *h, const struct timeline_track *lane, const struct span *s)
{
	char transport[64], address[4 * 64];
	const struct timeline_where *w;
	size_t i, n = 0;

	for (i = 0; i < lane->nr_where; i++) {
		w = &lane->where[i];
		if ((i && w->since_ns > s->to) || (!*w->transport && !*w->address) ||
		    (i + 1 < lane->nr_where && lane->where[i + 1].since_ns <= s->from))
			continue;
		html_element(h, "small", "%s%s %s", n++ ? "then " : "",
			     fmt_text(transport, sizeof(transport), w->transport),
			     fmt_text(address, sizeof(address), w->address));
	}
}

static void put_lane(struct html *h, const struct timeline_track *lane, const struct span *s,
		     const struct model_window *w)
{
	char path[4 * MPATH_NAME_LEN];

	fmt_text(path, sizeof(path), lane->path);
	row_begin(h);
	html_element(h, "b", "%s", path);
	put_where(h, lane, s);
	row_draw(h, "path ");
	fprintf(h->text, "%s: ", path);
	for_each_stretch(lane, s, h, w, say_stretch);
	fputs("\">", h->out);
	for_each_stretch(lane, s, h, w, draw_stretch);
	row_end(h, s, w);
}

static void put_lanes(struct html *h, const struct timeline *timeline, const struct span *s,
		      const struct model_window *w)
{
	const struct timeline_track *lane;
	size_t i, n = 0;

	for (i = 0; timeline && (lane = timeline_track(timeline, i)); i++) {
		if (lane->session != w->session || strcmp(lane->head, w->name) ||
		    !timeline_is_there(lane, s->from, s->to))
			continue;
		put_lane(h, lane, s, w);
		n++;
	}
	if (!n)
		html_element(h, "p class=\"none\"", "Nothing is known of its paths in this time.");
}

/* ---- window ---- */

static void put_window_bar(struct html *h, const struct span *s, const struct model_window *w)
{
	static const char *const fates[] = {
		[FATE_UNDECIDED] = "undecided",
		[FATE_SAVED] = "saved",
		[FATE_GONE] = "lapsed",
	};
	char a[FMT_LEN], b[FMT_LEN];

	if (!w->armed_ns || !w->end_ns)
		return;
	row_begin(h);
	html_element(h, "b", "grace window");
	html_element(h, "small", " bar: open; line at its end: deadline");
	row_draw(h, "grace window: ");
	fprintf(h->text, "open for %s",
		fmt_duration(a, sizeof(a), w->end_ns > w->armed_ns ? w->end_ns - w->armed_ns : 0));
	if (w->deadline_ns)
		fprintf(h->text, ", deadline at %s s%s",
			fmt_seconds(b, sizeof(b), (__s64)(w->deadline_ns - zero_of(w))),
			w->deadline_ns > s->to ? ", beyond the right edge" : "");
	fputs("\">", h->out);
	if (w->deadline_ns > w->end_ns)
		put_rect(h, s, "left", w->end_ns, w->deadline_ns, 30, 40);
	put_rect(h, s, fates[outcome_row(w->outcome)->fate], w->armed_ns, w->end_ns, 15, 70);
	put_line(h, s, "deadline", w->deadline_ns);
	row_end(h, s, w);
}

/* ---- queue ---- */

static void put_queue(struct html *h, const struct timeline *timeline, const struct span *s,
		      const struct model_window *w)
{
	const struct timeline_queue *q = timeline && w->counters ?
						 timeline_queue(timeline, w->counters) :
						 NULL;
	unsigned long long max = w->counters ? w->counters->s.depth_max : 0, y = HEIGHT;
	char buf[FMT_LEN];
	size_t i;

	if (!q || !max)
		return;
	row_begin(h);
	html_element(h, "b", "queued I/O");
	html_element(h, "small", " at most %llu", max);
	row_draw(h, "queued I/Os: ");
	for (i = 0; i < q->nr; i++)
		if (i < 40)
			fprintf(h->text, "%s%llu at %s s", i ? ", " : "",
				(unsigned long long)q->points[i].depth,
				fmt_seconds(buf, sizeof(buf),
					    (__s64)(q->points[i].time_ns - zero_of(w))));
	fprintf(h->text, "; at most %llu", max);
	fprintf(h->out, "\"><path class=\"queue\" d=\"M%llu %u",
		(unsigned long long)at(s, q->nr ? q->points[0].time_ns : s->from), HEIGHT);
	for (i = 0; i < q->nr; i++) {
		/* it was read at these times, and once a second while it changed */
		y = q->points[i].depth >= max ? 4 :
						HEIGHT - q->points[i].depth * (HEIGHT - 4) / max;
		fprintf(h->out, "H%llu V%llu", (unsigned long long)at(s, q->points[i].time_ns), y);
	}
	fprintf(h->out, "V%u Z\"/>", HEIGHT);
	row_end(h, s, w);
}

static void put_axis(struct html *h, const struct span *s, const struct model_window *w)
{
	char buf[FMT_LEN];
	unsigned int i;

	fputs("<div class=\"row axis\" aria-hidden=\"true\"><div class=\"label\">", h->out);
	fputs("seconds since the loss", h->text);
	fputs("</div><div class=\"ticks\">", h->out);
	for (i = 0; i <= TICKS; i++)
		html_element(h, "span", "%s",
			     fmt_seconds(buf, sizeof(buf),
					 (__s64)(s->from + (s->to - s->from) / TICKS * i -
						 zero_of(w))));
	fputs("</div></div>\n", h->out);
}

/* ---- stalls ---- */

/* By powers of two: bucket b of the histogram is of octave b >> MPATH_HIST_SUB_SHIFT. */
static void count_octaves(const __u32 *stall, __u64 count[MPATH_HIST_OCTAVES])
{
	unsigned int i;

	memset(count, 0, MPATH_HIST_OCTAVES * sizeof(*count));
	for (i = 0; i < MPATH_HIST_BUCKETS; i++)
		count[i >> MPATH_HIST_SUB_SHIFT] += stall[i];
}

static void put_octave(struct html *h, unsigned int octave, __u64 n, __u64 most)
{
	__u32 first = octave << MPATH_HIST_SUB_SHIFT;
	__u64 upper = hist_upper(first + (1U << MPATH_HIST_SUB_SHIFT) - 1);
	char a[FMT_LEN], b[FMT_LEN];

	fputs("<tr><th scope=\"row\">", h->out);
	fputs(fmt_duration(a, sizeof(a), hist_lower(first)), h->text);
	if (upper == ~0ULL)
		fputs(" and longer", h->text);
	else
		fprintf(h->text, " \xe2\x80\x93 %s", fmt_duration(b, sizeof(b), upper));
	fprintf(h->out,
		"</th><td>%llu</td><td class=\"bar\"><svg viewBox=\"0 0 %u %u\" "
		"preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"stall\" x=\"0\" "
		"y=\"10\" width=\"%llu\" height=\"80\"/></svg></td></tr>\n",
		(unsigned long long)n, WIDTH, HEIGHT, (unsigned long long)(n * WIDTH / most));
}

void view_html_stalls(struct html *h, const struct mpath_outage *s)
{
	__u64 count[MPATH_HIST_OCTAVES], most = 0;
	unsigned int i, first = MPATH_HIST_OCTAVES, last = 0;

	count_octaves(s->stall, count);
	for (i = 0; i < MPATH_HIST_OCTAVES; i++) {
		if (!count[i])
			continue;
		first = i < first ? i : first;
		last = i;
		most = count[i] > most ? count[i] : most;
	}
	if (!most)
		return;
	fputs("<table class=\"stalls\"><caption>How long I/Os stalled</caption><thead><tr>"
	      "<th scope=\"col\">stall</th><th "
	      "scope=\"col\">I/Os</th><td></td></tr></thead><tbody>\n",
	      h->out);
	for (i = first; i <= last; i++)
		put_octave(h, i, count[i], most);
	fputs("</tbody></table>\n", h->out);
}

void view_html_title(struct html *h, const struct model_window *w)
{
	char name[4 * MPATH_NAME_LEN];

	fputs(fmt_text(name, sizeof(name), w->name), h->text);
	if (w->number)
		fprintf(h->text, " window %u", w->number);
	else
		fputs(", no window", h->text);
}

void view_html_window(struct html *h, const struct view_input *in, const struct model_window *w,
		      size_t number, const struct view_opts *vo)
{
	struct span s;

	(void)vo;
	if (!view_window_from(w))
		return;
	s = span_of(w);
	fprintf(h->out, "<div class=\"lanes\" role=\"group\" aria-labelledby=\"w%zu\">\n", number);
	put_lanes(h, in->timeline, &s, w);
	put_window_bar(h, &s, w);
	put_queue(h, in->timeline, &s, w);
	put_axis(h, &s, w);
	fputs("</div>\n", h->out);
	if (w->counters)
		view_html_stalls(h, &w->counters->s);
}
