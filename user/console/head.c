// SPDX-License-Identifier: GPL-2.0-only
/* The view of one head: its window, its paths, swim lanes, stalls. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "console/internal.h"
#include "model/model.h"
#include "record/names.h"
#include "report/report.h"

#define GONE_SHOWN	8		/* paths that are gone: the newest */
#define PATHS_SHOWN	256
#define SIDE_BY_SIDE	132		/* columns from which on the stalls are beside the lanes */
#define STALLS_WIDTH	48

/* ---- paths ---- */

struct path_row {
	const struct model_path		*p;
	const struct path_attrs		*a;	/* NULL: not known */
	const struct disk_rate		*r;	/* likewise */
};

static void text_name(const struct path_row *row, char *buf, size_t size)
{
	fmt_text(buf, size, row->p->name);
}

static void text_state(const struct path_row *row, char *buf, size_t size)
{
	const struct model_path *p = row->p;

	snprintf(buf, size, "%s", p->gone ? "gone" : fmt_ctrl_state(p->ctrl_state));
}

static void text_usable(const struct path_row *row, char *buf, size_t size)
{
	snprintf(buf, size, "%s",
		 row->p->state == PATH_UNKNOWN ? "?" :
		 path_is_usable(row->p->state)	   ? "yes" :
		 model_path_is_standby(row->p)	   ? "spare" :
		 !row->p->lost_ns && !row->p->gone ? "never" :
						     "NO");
}

static void text_why(const struct path_row *row, char *buf, size_t size)
{
	if (row->p->state == PATH_UNUSABLE && row->p->lost_ns && row->p->cause)
		snprintf(buf, size, "%s", view_cause(row->p->cause));
}

static void text_ana(const struct path_row *row, char *buf, size_t size)
{
	snprintf(buf, size, "%s", fmt_ana_state(row->p->ana_state));
}

static void text_transport(const struct path_row *row, char *buf, size_t size)
{
	if (*row->p->transport)
		fmt_text(buf, size, row->p->transport);
}

static void text_address(const struct path_row *row, char *buf, size_t size)
{
	if (*row->p->address)
		fmt_text(buf, size, row->p->address);
}

static void text_link(const struct path_row *row, char *buf, size_t size)
{
	if (row->a && *row->a->link)
		fmt_text(buf, size, row->a->link);
}

static void text_numa(const struct path_row *row, char *buf, size_t size)
{
	if (row->a && row->a->numa >= 0)
		snprintf(buf, size, "%d", row->a->numa);
}

static void text_in_flight(const struct path_row *row, char *buf, size_t size)
{
	if (row->r)
		fmt_compact_count(buf, size, (double)row->r->in_flight);
}

static void text_iops(const struct path_row *row, char *buf, size_t size)
{
	if (row->r)
		fmt_compact_count(buf, size, row->r->iops);
}

static void text_bytes(const struct path_row *row, char *buf, size_t size)
{
	if (row->r)
		fmt_compact_count(buf, size, row->r->bytes / 1e6);
}

static void text_latency(const struct path_row *row, char *buf, size_t size)
{
	if (row->r && row->r->latency_known)
		fmt_compact_time(buf, size, row->r->latency_ns);
}

static void put_counter(char *buf, size_t size, const struct path_attrs *a, __s64 value)
{
	if (a && value >= 0)
		fmt_compact_count(buf, size, (double)value);
}

static void text_failovers(const struct path_row *row, char *buf, size_t size)
{
	put_counter(buf, size, row->a, row->a ? row->a->failovers : -1);
}

static void text_retries(const struct path_row *row, char *buf, size_t size)
{
	put_counter(buf, size, row->a, row->a ? row->a->retries : -1);
}

static void text_errors(const struct path_row *row, char *buf, size_t size)
{
	put_counter(buf, size, row->a, row->a ? row->a->errors : -1);
}

enum path_column_id {
	COL_PATH,
	COL_USABLE,
	COL_CONTROLLER,
	COL_WHY,
	COL_ANA,
	COL_VIA,
	COL_ADDRESS,
	COL_IOPS,
	COL_BYTES,
	COL_LATENCY,
	COL_FLIGHT,
	COL_FAILOVERS,
	COL_RETRIES,
	COL_ERRORS,
	COL_NUMA,
	COL_LINK,
	NR_COLUMNS,
};

static const struct path_column {
	struct console_column	c;
	void			(*text)(const struct path_row *row, char *buf, size_t size);
	bool			by_state;	/* in the ink of the path's state */
} columns[NR_COLUMNS] = {
	[COL_PATH] = { { "PATH", 11, 0, false }, .text = text_name, .by_state = true },
	[COL_USABLE] = { { "USABLE", 6, 0, false }, .text = text_usable, .by_state = true },
	[COL_CONTROLLER] = { { "CONTROLLER", 10, 0, false }, .text = text_state, .by_state = true },
	[COL_WHY] = { { "WHY NOT", 21, 2, false }, .text = text_why },
	[COL_ANA] = { { "ANA", 13, 3, false }, .text = text_ana },
	[COL_VIA] = { { "VIA", 4, 4, false }, .text = text_transport },
	[COL_ADDRESS] = { { "ADDRESS", 14, 5, false }, .text = text_address },
	[COL_IOPS] = { { "IOPS", 6, 1, true }, .text = text_iops },
	[COL_BYTES] = { { "MB/s", 6, 6, true }, .text = text_bytes },
	[COL_LATENCY] = { { "LATENCY", 7, 1, true }, .text = text_latency },
	[COL_FLIGHT] = { { "FLIGHT", 6, 7, true }, .text = text_in_flight },
	[COL_FAILOVERS] = { { "FAILOVERS", 9, 8, true }, .text = text_failovers },
	[COL_RETRIES] = { { "RETRIES", 7, 9, true }, .text = text_retries },
	[COL_ERRORS] = { { "ERRORS", 6, 8, true }, .text = text_errors },
	[COL_NUMA] = { { "NUMA", 4, 10, true }, .text = text_numa },
	[COL_LINK] = { { "LINK", 30, 11, false }, .text = text_link },
};

static int by_presence(const void *pa, const void *pb)
{
	const struct model_path *a = *(const struct model_path *const *)pa;
	const struct model_path *b = *(const struct model_path *const *)pb;

	if (a->gone != b->gone)
		return a->gone - b->gone;
	if (a->gone && a->removed_ns != b->removed_ns)
		return a->removed_ns < b->removed_ns ? 1 : -1;
	return strverscmp(a->name, b->name);
}

/* Those that are there by name, then those that are gone, the newest first. */
static size_t list_paths(const struct model_head *h, const struct model_path **list)
{
	size_t i, n = 0, gone = 0;

	for (i = 0; i < h->nr_paths && n < PATHS_SHOWN; i++)
		list[n++] = &h->paths[i];
	qsort(list, n, sizeof(list[0]), by_presence);
	for (i = 0; i < n; i++)
		if (list[i]->gone && ++gone > GONE_SHOWN)
			return i;
	return n;
}

static const struct path_attrs *attrs_of(const struct console_data *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->nr_attrs; i++)
		if (!strcmp(d->attrs[i].path, name))
			return &d->attrs[i].a;
	return NULL;
}

static enum ink path_ink(const struct model_path *p)
{
	static const enum ink inks[PATH_STATES] = {
		[PATH_UNKNOWN] = INK_NORMAL,	 [PATH_USABLE] = INK_GOOD,
		[PATH_NON_OPTIMIZED] = INK_WARN, [PATH_UNUSABLE] = INK_BAD,
		[PATH_GONE] = INK_DIM,
	};

	return model_path_is_standby(p) ? INK_NORMAL : inks[model_path_state(p)];
}

static int draw_paths(const struct console_data *d, struct screen *s, int row,
		      const struct model_path **list, size_t nr)
{
	int width[NR_COLUMNS], left, col = 0, i;
	size_t k;

	left = console_layout(columns, sizeof(columns[0]), NR_COLUMNS, s->cols, width);
	if (left > 0 && width[COL_ADDRESS])
		width[COL_ADDRESS] += left > 40 ? 40 : left;
	screen_fill(s, row, 0, s->cols, INK_COLUMNS, ' ');
	for (i = 0; i < NR_COLUMNS; i++) {
		if (!width[i])
			continue;
		screen_field(s, row, col, width[i], columns[i].c.right, INK_COLUMNS,
			     columns[i].c.title);
		col += width[i] + 1;
	}
	row++;
	for (k = 0; k < nr; k++, row++) {
		struct path_row p = {
			.p = list[k],
			.a = attrs_of(d, list[k]->name),
			.r = list[k]->gone ? NULL : stats_rate(d->stats, list[k]->name),
		};

		for (i = 0, col = 0; i < NR_COLUMNS; i++) {
			char text[320] = "-";

			if (!width[i])
				continue;
			columns[i].text(&p, text, sizeof(text));
			screen_field(s, row, col, width[i], columns[i].c.right,
				     columns[i].by_state ? path_ink(p.p) :
				     p.p->gone		 ? INK_DIM :
							   INK_NORMAL,
				     text);
			col += width[i] + 1;
		}
	}
	if (!nr)
		screen_text(s, row++, 2, INK_DIM, "no path is known");
	return row;
}

/* ---- swim lanes ---- */

static const struct {
	__u64 ns;
	const char *name;
} zooms[] = {
	{ 30 * NS_PER_S, "30 s" },	{ 60 * NS_PER_S, "minute" },
	{ 120 * NS_PER_S, "2 min" },	{ 300 * NS_PER_S, "5 min" },
	{ 900 * NS_PER_S, "15 min" },	{ 3600 * NS_PER_S, "hour" },
	{ 6 * 3600 * NS_PER_S, "6 h" }, { 24 * 3600 * NS_PER_S, "24 h" },
};

struct glyph {
	__u32		ch;
	char		plain;		/* where there is only ASCII */
	enum ink	ink;
};

static const struct glyph path_glyphs[PATH_STATES] = {
	[PATH_UNKNOWN] = { ' ', ' ', INK_DIM },
	[PATH_USABLE] = { 0x2501, '=', INK_GOOD },
	[PATH_NON_OPTIMIZED] = { 0x2504, '~', INK_WARN },
	[PATH_UNUSABLE] = { 0x2573, 'x', INK_BAD },
	[PATH_GONE] = { 0x00b7, '.', INK_DIM },
};

static const struct glyph head_glyphs[1 + HEAD_STATES] = {
	[0] = { ' ', ' ', INK_DIM },
	[1 + HEAD_HEALTHY] = { 0x2501, '=', INK_GOOD },
	[1 + HEAD_DEGRADED] = { 0x2592, '!', INK_WARN },
	[1 + HEAD_NO_USABLE_PATH] = { 0x2573, 'x', INK_BAD },
	[1 + HEAD_GRACE] = { 0x2588, 'G', INK_BAD },
	[1 + HEAD_REMOVED] = { 0x00b7, 'r', INK_DIM },
};

static void draw_lane(struct screen *s, int row, int col, int width, const struct history_lane *l,
		      const struct glyph *glyphs, int nr, __u64 now, __u64 span)
{
	const struct glyph *g;
	__u64 from, to;
	int i, state;

	for (i = 0; i < width; i++) {
		__u64 back = span / (__u64)width * (__u64)(width - i);

		if (back > now)
			continue;
		from = now - back;
		to = from + span / (__u64)width;
		state = history_worst(l, from, i == width - 1 ? now + 1 : to);
		if (state < 0 || state >= nr)
			continue;
		g = &glyphs[state];
		screen_char(s, row, col + i, g->ink, s->ascii ? (__u32)g->plain : g->ch);
	}
}

static const struct history_lane *find_lane(const struct console_data *d,
					    const struct model_head *h, const char *name)
{
	const struct history_lane *l;
	size_t i;

	for (i = 1; (l = history_lane(d->history, h, i)); i++)
		if (!strcmp(l->name, name))
			return l;
	return NULL;
}

static int draw_lanes(const struct console *c, const struct console_data *d, struct screen *s,
		      int row, int cols, const struct model_head *h, const struct model_path **list,
		      size_t nr)
{
	const int label = 12, width = cols - label;
	const struct history_lane *l;
	char name[SHOWN_NAME];
	size_t i;

	if (!d->history || width < 10)
		return row;
	screen_fill(s, row, 0, cols, INK_COLUMNS, ' ');
	screen_printf(s, row, 0, INK_COLUMNS, "LAST %s (+ -)", zooms[c->zoom].name);
	screen_field(s, row, cols - 4, 3, true, INK_COLUMNS, "now");
	row++;
	l = history_lane(d->history, h, 0);
	screen_field(s, row, 0, label - 1, false, INK_BOLD, fmt_text(name, sizeof(name), h->name));
	if (l)
		draw_lane(s, row, label, width, l, head_glyphs, 1 + HEAD_STATES, d->now_ns,
			  zooms[c->zoom].ns);
	row++;
	for (i = 0; i < nr; i++, row++) {
		l = find_lane(d, h, list[i]->name);
		screen_field(s, row, 0, label - 1, false, list[i]->gone ? INK_DIM : INK_NORMAL,
			     fmt_text(name, sizeof(name), list[i]->name));
		if (l)
			draw_lane(s, row, label, width, l, path_glyphs, PATH_STATES, d->now_ns,
				  zooms[c->zoom].ns);
	}
	return row;
}

/* ---- stalls ---- */

static int draw_stalls(struct screen *s, int row, int col, int width, const struct model_head *h)
{
	screen_fill(s, row, col, width, INK_COLUMNS, ' ');
	screen_text(s, row, col, INK_COLUMNS, "STALLS OF THE LAST OUTAGE, from .. on");
	return console_histogram(s, row + 1, col, width, 12, &h->outage->s);
}

/* ---- all of it ---- */

static int draw_identity(struct screen *s, int row, const struct model_head *h)
{
	char name[SHOWN_NAME], nqn[256], model[200], serial[100];
	int state = model_head_state(h), col;

	col = screen_text(s, row, 0, INK_BOLD, fmt_text(name, sizeof(name), h->name));
	col = screen_printf(s, row, col + 1, console_state_ink(state), " %s ",
			    console_state_text(state));
	if (!h->setting_known)
		col = screen_text(s, row, col + 1, INK_DIM, "setting not known");
	else if (h->setting_s == TOPO_NO_SETTING)
		col = screen_text(s, row, col + 1, INK_DIM, "no delayed_removal_secs");
	else
		col = screen_printf(s, row, col + 1, INK_NORMAL, "setting %lld s",
				    (long long)h->setting_s);
	col = screen_printf(s, row, col + 2, INK_DIM, "nsid %u", h->nsid);
	if (*h->nqn) {
		fmt_nqn(nqn, sizeof(nqn), h->nqn, s->cols > 120 ? 60 : 34);
		if (col + 2 + screen_width(nqn) > s->cols)
			screen_text(s, ++row, 0, INK_DIM, nqn);
		else
			col = screen_text(s, row, col + 2, INK_DIM, nqn);
	}
	fmt_text(model, sizeof(model), h->model);
	fmt_text(serial, sizeof(serial), h->serial);
	if (*model && col + 4 + screen_width(model) + screen_width(serial) < s->cols)
		screen_printf(s, row, col + 2, INK_DIM, "%s %s", model, serial);
	return row + 1;
}

static int draw_window(const struct console_data *d, struct screen *s, int row,
		       const struct model_head *h)
{
	const struct mpath_outage *o = h->outage ? &h->outage->s : NULL;
	__u32 missing = o ? model_session_missing(h->outage->session) : 0;
	char *text = NULL, of[FMT_LEN];
	__u64 total;
	__s64 left;
	int width;

	if (console_left(h, d->now_ns, &left, &total)) {
		width = s->cols - 10 > 100 ? 100 : s->cols - 10;
		console_countdown(s, row, 0, width, left, total);
		screen_printf(s, row++, width, INK_NORMAL, " of %s",
			      fmt_compact_time(of, sizeof(of), total));
	}
	/* the countdown has said it all, but that the deadline was moved */
	if (h->window && (h->window->ended || h->window->moves)) {
		if (CONSOLE_TEXT(text, view_put_outcome(out, h->window)))
			row = console_lines(s, row, 0, s->cols, console_outcome_ink(h->window),
					    text);
		free(text);
	}
	if (o) {
		text = NULL;
		if (CONSOLE_TEXT(text, fputs("I/Os ", out); view_put_bios(out, o, missing);
				 fputs("; stall ", out); view_put_stalls(out, o)))
			row = console_lines(s, row, 0, s->cols, INK_NORMAL, text);
		free(text);
	}
	if (o && h->outage->nr_who) {
		text = NULL;
		if (CONSOLE_TEXT(text, fputs("waiting I/O by unit ", out);
				 view_put_who(out, h->outage)))
			row = console_lines(s, row, 0, s->cols, INK_NORMAL, text);
		free(text);
	}
	return row;
}

static int draw_all(const struct console *c, const struct console_data *d, struct screen *s,
		    const struct model_head *h)
{
	const struct model_path *list[PATHS_SHOWN];
	size_t nr = list_paths(h, list);
	bool beside = s->cols >= SIDE_BY_SIDE && h->outage;
	int row, end = 0;

	row = draw_identity(s, 0, h);
	row = draw_window(d, s, row, h);
	row = draw_paths(d, s, row + 1, list, nr) + 1;
	if (beside)
		end = draw_stalls(s, row, s->cols - STALLS_WIDTH, STALLS_WIDTH, h);
	row = draw_lanes(c, d, s, row, beside ? s->cols - STALLS_WIDTH - 2 : s->cols, h, list, nr);
	if (!beside && h->outage)
		row = draw_stalls(s, row + 1, 0, s->cols, h);
	return row > end ? row : end;
}

int console_draw_head(struct console *c, const struct console_data *d, struct screen *s, int from,
		      int to)
{
	const struct model_head *h = console_find_head(&c->head, d->m);
	int rows, err;

	if (!h && !c->head.set) {	/* nobody has chosen: the most urgent one */
		h = console_first_head(c, d);
		if (h)
			console_set_head(&c->head, h);
	}
	if (!h) {
		screen_text(s, from, 2, INK_DIM, "no such head; 1 shows all");
		return 0;
	}
	c->tall.ascii = s->ascii;
	err = screen_resize(&c->tall, 60 + 2 * (int)h->nr_paths, s->cols);
	if (err)
		return err;
	rows = draw_all(c, d, &c->tall, h);
	if (c->scroll > rows - (to - from))
		c->scroll = rows > to - from ? rows - (to - from) : 0;
	screen_copy(s, from, &c->tall, (int)c->scroll, to - from);
	if (c->scroll + (to - from) < rows)
		screen_field(s, to - 1, s->cols - 8, 8, true, INK_KEY, "more ↓");
	return 0;
}
