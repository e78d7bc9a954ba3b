// SPDX-License-Identifier: GPL-2.0-only
/* The view of all windows, and the phases of one of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/units.h"
#include "console/internal.h"
#include "model/model.h"
#include "record/histogram.h"
#include "report/report.h"

#define UNKNOWN		(-HUGE_VAL)
#define DETAIL_ROWS	13

/* ---- columns ---- */

static void text_time(const struct console_data *d, const struct model_window *w, char *buf,
		      size_t size)
{
	console_clock(buf, size, w->session, view_window_from(w), d->utc, true);
}

/* Where there is little room, a date without its year and a time without its fractions. */
static void shorten_time(char *text)
{
	size_t len = strlen(text);

	if (len < sizeof("2026-11-23 21:38:58") - 1)
		return;
	memmove(text, text + 5, 14);
	text[14] = '\0';
}

/* Newest first; the order in which they began holds over boots, too. */
static double key_time(const struct model_window *w)
{
	return (double)w->index;
}

static void text_head(const struct console_data *d, const struct model_window *w, char *buf,
		      size_t size)
{
	(void)d;
	fmt_text(buf, size, w->name);
}

static void text_number(const struct console_data *d, const struct model_window *w, char *buf,
			size_t size)
{
	(void)d;
	if (w->number)
		snprintf(buf, size, "%u", w->number);
}

static void text_outcome(const struct console_data *d, const struct model_window *w, char *buf,
			 size_t size)
{
	(void)d;
	snprintf(buf, size, "%s%s", console_outcome_text(w->outcome),
		 model_window_is_near_miss(w) ? "!" : "");
}

/* The worst first. */
static double key_outcome(const struct model_window *w)
{
	return outcome_row(w->outcome)->urgency + (model_window_is_near_miss(w) ? 0.5 : 0);
}

/* Without any usable path, so far. */
static __u64 length(const struct console_data *d, const struct model_window *w)
{
	__u64 ns = model_outage_duration(w);

	if (!ns)
		ns = model_window_duration(w);
	if (!w->ended && w->lost_ns && d->now_ns > w->lost_ns)
		ns = d->now_ns - w->lost_ns;
	return ns;
}

static void text_length(const struct console_data *d, const struct model_window *w, char *buf,
			size_t size)
{
	__u64 ns = length(d, w);

	if (ns)
		fmt_compact_time(buf, size, ns);
}

static double key_length(const struct model_window *w)
{
	__u64 ns = model_outage_duration(w);

	return ns ? (double)ns : UNKNOWN;
}

static void text_margin(const struct console_data *d, const struct model_window *w, char *buf,
			size_t size)
{
	char text[FMT_LEN];

	(void)d;
	if (w->margin_known)
		snprintf(buf, size, "%s%s", w->margin_ns < 0 ? "-" : "",
			 fmt_compact_time(text, sizeof(text),
					  w->margin_ns < 0 ? 0 - (__u64)w->margin_ns :
							     (__u64)w->margin_ns));
}

static double key_margin(const struct model_window *w)
{
	return w->margin_known ? -(double)w->margin_ns : UNKNOWN;	/* the closest first */
}

static void text_setting(const struct console_data *d, const struct model_window *w, char *buf,
			 size_t size)
{
	(void)d;
	if (w->setting_known)
		fmt_compact_time(buf, size,
				 w->setting_ms < ~0ULL / NS_PER_MS ? w->setting_ms * NS_PER_MS :
								     ~0ULL);
}

static __u64 parked(const struct mpath_outage *o)
{
	return o->parked[MPATH_PARK_NO_USABLE_PATH] + o->parked[MPATH_PARK_FAILOVER];
}

static void text_parked(const struct console_data *d, const struct model_window *w, char *buf,
			size_t size)
{
	(void)d;
	if (w->counters)
		fmt_compact_count(buf, size, (double)parked(&w->counters->s));
}

static double key_parked(const struct model_window *w)
{
	return w->counters ? (double)parked(&w->counters->s) : UNKNOWN;
}

static __u64 failed(const struct mpath_outage *o)
{
	return o->failed + o->failed_unparked;
}

static void text_failed(const struct console_data *d, const struct model_window *w, char *buf,
			size_t size)
{
	(void)d;
	if (w->counters)
		fmt_compact_count(buf, size, (double)failed(&w->counters->s));
}

static double key_failed(const struct model_window *w)
{
	return w->counters ? (double)failed(&w->counters->s) : UNKNOWN;
}

static void put_stall(const struct model_window *w, unsigned int permille, char *buf, size_t size)
{
	__u64 ns;

	if (w->counters &&
	    !hist_quantile(w->counters->s.stall, permille, w->counters->s.stall_max_ns, &ns))
		fmt_compact_time(buf, size, ns);
}

static void text_p50(const struct console_data *d, const struct model_window *w, char *buf,
		     size_t size)
{
	(void)d;
	put_stall(w, 500, buf, size);
}

static void text_p99(const struct console_data *d, const struct model_window *w, char *buf,
		     size_t size)
{
	(void)d;
	put_stall(w, 990, buf, size);
}

static void text_max(const struct console_data *d, const struct model_window *w, char *buf,
		     size_t size)
{
	(void)d;
	put_stall(w, 1000, buf, size);
}

static double key_max(const struct model_window *w)
{
	return w->counters ? (double)w->counters->s.stall_max_ns : UNKNOWN;
}

static void text_data(const struct console_data *d, const struct model_window *w, char *buf,
		      size_t size)
{
	(void)d;
	snprintf(buf, size, "%s", w->missing ? "INCOMPLETE" : "complete");
}

static double key_data(const struct model_window *w)
{
	return w->missing ? 1 : 0;
}

enum window_column_id {
	COL_TIME,
	COL_HEAD,
	COL_NUMBER,
	COL_OUTCOME,
	COL_LENGTH,
	COL_LEFT,
	COL_OF,
	COL_QUEUED,
	COL_FAILED,
	COL_STALL50,
	COL_STALL99,
	COL_MAX,
	COL_DATA,
	NR_COLUMNS,
};

static const struct window_column {
	struct console_column	c;
	void (*text)(const struct console_data *d, const struct model_window *w, char *buf,
		     size_t size);
	double			(*key)(const struct model_window *w);	/* NULL: not sorted by it */
} columns[NR_COLUMNS] = {
	[COL_TIME] = { { "BEGAN", 23, 0, false }, text_time, key_time },
	[COL_HEAD] = { { "HEAD", 9, 0, false }, text_head, NULL },
	[COL_NUMBER] = { { "NR", 4, 5, true }, text_number, NULL },
	[COL_OUTCOME] = { { "OUTCOME", 11, 0, false }, text_outcome, key_outcome },
	[COL_LENGTH] = { { "LENGTH", 6, 0, true }, text_length, key_length },
	[COL_LEFT] = { { "LEFT", 6, 1, true }, text_margin, key_margin },
	[COL_OF] = { { "OF", 5, 2, true }, text_setting, NULL },
	[COL_QUEUED] = { { "QUEUED", 6, 3, true }, text_parked, key_parked },
	[COL_FAILED] = { { "FAILED", 6, 3, true }, text_failed, key_failed },
	[COL_STALL50] = { { "STALL50", 7, 6, true }, text_p50, NULL },
	[COL_STALL99] = { { "STALL99", 7, 6, true }, text_p99, NULL },
	[COL_MAX] = { { "MAX", 6, 4, true }, text_max, key_max },
	[COL_DATA] = { { "DATA", 10, 7, false }, text_data, key_data },
};
#define WIDE		100	/* columns from which on times are whole */
#define SHORT_TIME	14

int console_windows_columns(void)
{
	return NR_COLUMNS;
}

static void layout(int cols, int *width)
{
	int less = columns[COL_TIME].c.width - SHORT_TIME;

	console_layout(columns, sizeof(columns[0]), NR_COLUMNS, cols + (cols < WIDE ? less : 0),
		       width);
	if (cols < WIDE)
		width[COL_TIME] = SHORT_TIME;
}

/* ---- rows ---- */

static bool wanted(const struct console *c, const struct model_window *w)
{
	return console_matches(c, w->name) || console_matches(c, w->head->nqn) ||
	       console_matches(c, console_outcome_text(w->outcome));
}

struct sorted {
	const struct model_window	*w;
	double				key;
};

static int compare(const void *pa, const void *pb, void *ctx)
{
	const struct sorted *a = pa, *b = pb;
	const struct console *c = ctx;
	const struct window_column *by = &columns[c->sort[CONSOLE_WINDOWS]];
	int order;

	if (by->key)
		order = a->key < b->key ? 1 : a->key > b->key ? -1 : 0;
	else
		order = strverscmp(a->w->name, b->w->name);
	if (c->reverse[CONSOLE_WINDOWS])
		order = -order;
	return order ? order : a->w->index > b->w->index ? -1 : 1;
}

static long collect(struct console *c, const struct console_data *d)
{
	const struct window_column *by = &columns[c->sort[CONSOLE_WINDOWS]];
	const struct model_window *w;
	struct sorted *list;
	size_t nr = 0, i;

	for (i = 0; model_window(d->m, i); i++)
		;
	list = malloc((i + 1) * sizeof(*list));
	if (!list || console_room(c, i)) {
		free(list);
		return -ENOMEM;
	}
	for (i = 0; (w = model_window(d->m, i)); i++)
		if (wanted(c, w))
			list[nr++] = (struct sorted) { .w = w, .key = by->key ? by->key(w) : 0 };
	qsort_r(list, nr, sizeof(*list), compare, c);
	for (i = 0; i < nr; i++)
		c->rows[i] = list[i].w;
	free(list);
	return (long)nr;
}

static void draw_titles(const struct console *c, struct screen *s, int row, const int *width)
{
	int i, col = 0;

	screen_fill(s, row, 0, s->cols, INK_COLUMNS, ' ');
	for (i = 0; i < NR_COLUMNS; i++)
		col = console_title(s, row, col, width[i], &columns[i].c,
				    i == c->sort[CONSOLE_WINDOWS], c->reverse[CONSOLE_WINDOWS]);
}

static void draw_row(const struct console_data *d, struct screen *s, int row,
		     const struct model_window *w, const int *width)
{
	int i, col = 0;

	for (i = 0; i < NR_COLUMNS; i++) {
		char text[SHOWN_NAME] = "-";
		enum ink ink = i == COL_OUTCOME ? console_outcome_ink(w) : INK_NORMAL;

		if (!width[i])
			continue;
		columns[i].text(d, w, text, sizeof(text));
		if (i == COL_TIME && width[i] == SHORT_TIME)
			shorten_time(text);
		screen_field(s, row, col, width[i], columns[i].c.right,
			     strcmp(text, "-") ? ink : INK_DIM, text);
		col += width[i] + 1;
	}
}

/* ---- one window ---- */

/* Where on the timeline a time is. */
static int place(__u64 from, __u64 to, int width, __u64 at)
{
	return (int)((double)(at - from) / (double)(to - from) * (width - 1) + 0.5);
}

/* Of two marks on one place the later one is seen; what each means is said below. */
static void draw_marks(struct screen *s, int row, int width, __u64 from, __u64 to,
		       const struct model_window *w)
{
	const struct {
		char mark;
		__u64 at;
		const char *text;
	} marks[] = {
		{ 'D', w->deadline_ns, "deadline" }, { 'F', w->first_lost_ns, "first lost" },
		{ 'L', w->lost_ns, "last lost" }, { 'A', w->armed_ns, "armed" },
		{ 'E', w->drained_ns, "empty" }, { 'B', w->back_ns, "back" },
		{ 'U', w->usable_ns, "usable" }, { 'R', w->removed_ns, "removed" },
	};
	int col = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(marks); i++) {
		if (!marks[i].at || marks[i].at < from || marks[i].at > to)
			continue;
		screen_char(s, row, place(from, to, width, marks[i].at), INK_BOLD,
			    (__u32)marks[i].mark);
		col = screen_printf(s, row + 1, col, INK_BOLD, "%c", marks[i].mark);
		col = screen_printf(s, row + 1, col, INK_DIM, " %s  ", marks[i].text);
	}
}

static int draw_timeline(const struct console_data *d, struct screen *s, int row,
			 const struct model_window *w)
{
	__u64 from = view_window_from(w), to = view_window_to(w), end;
	int width = s->cols > 120 ? 120 : s->cols;

	if (w->deadline_ns > to)
		to = w->deadline_ns;
	if (!w->ended && d->now_ns > to)
		to = d->now_ns;
	if (!from || to <= from)
		return row;
	screen_fill(s, row, 0, width, INK_DIM, 0x2500);
	end = w->usable_ns  ? w->usable_ns :
	      w->removed_ns ? w->removed_ns :
	      w->ended	    ? w->end_ns :
			      d->now_ns;
	if (w->lost_ns >= from && end >= w->lost_ns) {
		int a = place(from, to, width, w->lost_ns);

		screen_fill(s, row, a, place(from, to, width, end) - a + 1, INK_BAD, 0x2588);
	}
	draw_marks(s, row, width, from, to, w);
	return row + 2;
}

static int put_text(struct screen *s, int row, int width, enum ink ink, char *text)
{
	if (text)
		row = console_lines(s, row, 0, width, ink, text);
	free(text);
	return row;
}

static void draw_detail(const struct console_data *d, struct screen *s, int row,
			const struct model_window *w)
{
	const struct model_outage *o = w->counters;
	bool beside = s->cols >= 132 && o;
	int width = beside ? s->cols - 50 : s->cols;
	char name[SHOWN_NAME], *text = NULL;

	screen_fill(s, row, 0, s->cols, INK_COLUMNS, ' ');
	fmt_text(name, sizeof(name), w->name);
	if (w->number)
		screen_printf(s, row++, 0, INK_COLUMNS, "%s window %u", name, w->number);
	else
		screen_printf(s, row++, 0, INK_COLUMNS, "%s no window", name);
	if (beside)
		console_histogram(s, row, s->cols - 48, 48, s->rows - 2 - row, &o->s);
	row = put_text(s, row, width, console_outcome_ink(w),
		       CONSOLE_TEXT(text, view_put_outcome(out, w)));
	text = NULL;
	row = put_text(s, row, width, INK_NORMAL, CONSOLE_TEXT(text, view_put_phases(out, w)));
	if (!beside)
		row = draw_timeline(d, s, row, w);
	text = NULL;
	if (w->nr_losses)
		row = put_text(s, row, width, INK_NORMAL,
			       CONSOLE_TEXT(text, fputs("cause ", out); view_put_causes(out, w)));
	text = NULL;
	if (o)
		row = put_text(s, row, width, INK_NORMAL,
			       CONSOLE_TEXT(text, fputs("I/Os ", out);
					    view_put_bios(out, &o->s,
							  model_session_missing(o->session));
					    fputs("; stall ", out); view_put_stalls(out, &o->s);
					    view_put_stalls_by_op(out, "; ", o)));
	text = NULL;
	if (o && o->nr_who)
		row = put_text(s, row, width, INK_NORMAL,
			       CONSOLE_TEXT(text, fputs("waiting I/O by unit ", out);
					    view_put_who(out, o)));
	text = NULL;
	row = put_text(s, row, width, w->missing ? INK_WARN : INK_DIM,
		       CONSOLE_TEXT(text, fputs("data ", out); view_put_data(out, w)));
	if (beside)
		draw_timeline(d, s, row, w);
}

/* The selected window, or the place where it was. */
static void place_cursor(struct console *c, size_t nr, int page)
{
	size_t i;

	for (i = 0; c->window_set && i < nr; i++)
		if (((const struct model_window *)c->rows[i])->index == c->window) {
			c->windows.at = i;
			break;
		}
	console_cursor(&c->windows, nr, page);
	if (nr && (c->windows.moved || c->window_set || c->window_open)) {
		c->window = ((const struct model_window *)c->rows[c->windows.at])->index;
		c->window_set = true;
	}
	c->windows.moved = false;
}

int console_draw_windows(struct console *c, const struct console_data *d, struct screen *s,
			 int from, int to)
{
	int width[NR_COLUMNS], row, end = to, detail;
	long nr = collect(c, d);
	size_t i;

	if (nr < 0)
		return (int)nr;
	if (c->window_open && nr) {
		detail = to - from > 2 * DETAIL_ROWS ? DETAIL_ROWS : (to - from) * 2 / 3;
		end = to - detail;
	}
	layout(s->cols, width);
	draw_titles(c, s, from++, width);
	place_cursor(c, (size_t)nr, end - from);
	for (row = from, i = c->windows.top; row < end && i < (size_t)nr; row++, i++) {
		draw_row(d, s, row, c->rows[i], width);
		if (i == c->windows.at)
			screen_ink(s, row, 0, width[0], INK_SELECTED);
	}
	if (!nr)
		screen_text(s, from, 2, INK_DIM,
			    *c->filter ? "no window matches the filter" :
					 "no window was seen yet: no head has lost all its paths");
	else if (c->window_open)
		draw_detail(d, s, end, c->rows[c->windows.at]);
	return 0;
}
