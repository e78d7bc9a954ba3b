// SPDX-License-Identifier: GPL-2.0-only
/* The view of all heads, a row each; also as lines, for the batch mode. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "console/internal.h"
#include "model/model.h"
#include "record/histogram.h"
#include "report/absence.h"

#define UNKNOWN		(-HUGE_VAL)	/* sorts last */
#define EVENTS_ROWS	5		/* with less room below the heads there are no events */

struct cell_text {
	char		text[160];
	enum ink	ink;
};

/* ---- columns ---- */

static void text_head(const struct console_data *d, const struct model_head *h, struct cell_text *t)
{
	(void)d;
	fmt_text(t->text, sizeof(t->text), h->name);
	t->ink = INK_BOLD;
}

static const char *name_head(const struct model_head *h)
{
	return h->name;
}

static void text_state(const struct console_data *d, const struct model_head *h,
		       struct cell_text *t)
{
	int state = model_head_state(h);

	(void)d;
	strcpy(t->text, console_state_text(state));
	t->ink = console_state_ink(state);
}

/* Most urgent first; of open windows the one that ends next. */
static double key_state(const struct console_data *d, const struct model_head *h)
{
	static const double urgency[HEAD_STATES] = {
		[HEAD_HEALTHY] = 0,	   [HEAD_DEGRADED] = 2, [HEAD_REMOVED] = 3,
		[HEAD_NO_USABLE_PATH] = 4, [HEAD_GRACE] = 5,
	};
	int state = model_head_state(h);
	__u64 total;
	__s64 left;

	if (state < 0)
		return 1;
	if (!console_left(h, d->now_ns, &left, &total))
		return urgency[state];
	return urgency[state] + 1 / (2 + (left > 0 ? (double)left / NS_PER_S : 0));
}

static void text_paths(const struct console_data *d, const struct model_head *h,
		       struct cell_text *t)
{
	int usable = model_head_usable(h);

	(void)d;
	if (h->paths_listed < 0)
		return;
	if (usable < 0)
		snprintf(t->text, sizeof(t->text), "?/%d", h->paths_listed);
	else
		snprintf(t->text, sizeof(t->text), "%d/%d", usable, h->paths_listed);
	t->ink = h->gone		  ? INK_DIM :
		 !usable		  ? INK_BAD :
		 usable >= 0 && usable + model_head_standby(h) < h->paths_listed ? INK_WARN :
										   INK_NORMAL;
}

static double key_paths(const struct console_data *d, const struct model_head *h)
{
	(void)d;
	return h->paths_listed < 0 ? UNKNOWN : -model_head_usable(h);
}

/* Without an open window: how the last one ended. The countdown is drawn by itself. */
static void text_window(const struct console_data *d, const struct model_head *h,
			struct cell_text *t)
{
	const struct model_window *w = h->window;
	char left[FMT_LEN];

	(void)d;
	if (!w)
		return;
	t->ink = outcome_row(w->outcome)->severity == SEVERITY_BAD ? INK_BAD : INK_DIM;
	if (w->outcome == MODEL_RECOVERED && w->margin_known && w->margin_ns >= 0)
		snprintf(t->text, sizeof(t->text), "recovered %s left",
			 fmt_compact_time(left, sizeof(left), (__u64)w->margin_ns));
	else
		strcpy(t->text, console_outcome_text(w->outcome));
}

static double key_window(const struct console_data *d, const struct model_head *h)
{
	__u64 total;
	__s64 left;

	return console_left(h, d->now_ns, &left, &total) ? -(double)left : UNKNOWN;
}

static void text_setting(const struct console_data *d, const struct model_head *h,
			 struct cell_text *t)
{
	(void)d;
	if (h->setting_known && h->setting_s != TOPO_NO_SETTING)
		snprintf(t->text, sizeof(t->text), "%llds", (long long)h->setting_s);
}

static double key_setting(const struct console_data *d, const struct model_head *h)
{
	(void)d;
	return h->setting_known && h->setting_s != TOPO_NO_SETTING ? (double)h->setting_s : UNKNOWN;
}

static double key_parked(const struct console_data *d, const struct model_head *h)
{
	__u64 depth;

	(void)d;
	return console_parked(h, &depth) ? (double)depth : UNKNOWN;
}

static void text_parked(const struct console_data *d, const struct model_head *h,
			struct cell_text *t)
{
	__u64 depth;

	(void)d;
	if (!console_parked(h, &depth))
		return;
	fmt_compact_count(t->text, sizeof(t->text), (double)depth);
	t->ink = depth ? INK_BAD : INK_NORMAL;
}

static double key_oldest(const struct console_data *d, const struct model_head *h)
{
	bool at_most;
	__u64 age;

	return console_oldest(d, h, &age, &at_most) ? (double)age : UNKNOWN;
}

static void text_oldest(const struct console_data *d, const struct model_head *h,
			struct cell_text *t)
{
	char buf[FMT_LEN];
	bool at_most;
	__u64 age;

	if (!console_oldest(d, h, &age, &at_most))
		return;
	snprintf(t->text, sizeof(t->text), "%s%s", at_most ? "<" : "",
		 fmt_compact_time(buf, sizeof(buf), age));
	t->ink = INK_BAD;
}

static double key_iops(const struct console_data *d, const struct model_head *h)
{
	struct disk_rate r;

	return console_head_rate(d, h, &r) ? r.iops : UNKNOWN;
}

static void text_iops(const struct console_data *d, const struct model_head *h, struct cell_text *t)
{
	struct disk_rate r;

	if (console_head_rate(d, h, &r))
		fmt_compact_count(t->text, sizeof(t->text), r.iops);
}

static double key_bytes(const struct console_data *d, const struct model_head *h)
{
	struct disk_rate r;

	return console_head_rate(d, h, &r) ? r.bytes : UNKNOWN;
}

static void text_bytes(const struct console_data *d, const struct model_head *h,
		       struct cell_text *t)
{
	struct disk_rate r;

	if (console_head_rate(d, h, &r))
		fmt_compact_count(t->text, sizeof(t->text), r.bytes / 1e6);
}

static double key_latency(const struct console_data *d, const struct model_head *h)
{
	struct disk_rate r;

	return console_head_rate(d, h, &r) && r.latency_known ? (double)r.latency_ns : UNKNOWN;
}

static void text_latency(const struct console_data *d, const struct model_head *h,
			 struct cell_text *t)
{
	struct disk_rate r;

	if (console_head_rate(d, h, &r) && r.latency_known)
		fmt_compact_time(t->text, sizeof(t->text), r.latency_ns);
}

/* Stalls of the last outage. */
static bool stall(const struct model_head *h, unsigned int permille, __u64 *ns)
{
	return h->outage &&
	       !hist_quantile(h->outage->s.stall, permille, h->outage->s.stall_max_ns, ns);
}

#define STALL_COLUMN(name, permille) \
	static double key_##name(const struct console_data *d, const struct model_head *h) \
	{ \
		__u64 ns; \
\
		(void)d; \
		return stall(h, permille, &ns) ? (double)ns : UNKNOWN; \
	} \
\
	static void text_##name(const struct console_data *d, const struct model_head *h, \
				struct cell_text *t) \
	{ \
		__u64 ns; \
\
		(void)d; \
		if (stall(h, permille, &ns)) \
			fmt_compact_time(t->text, sizeof(t->text), ns); \
	}

STALL_COLUMN(p50, 500)
STALL_COLUMN(p99, 990)
STALL_COLUMN(max, 1000)

static double key_failovers(const struct console_data *d, const struct model_head *h)
{
	double rate;

	return d->history && history_failovers(d->history, h, d->now_ns, &rate) ? rate : UNKNOWN;
}

static void text_failovers(const struct console_data *d, const struct model_head *h,
			   struct cell_text *t)
{
	double rate = key_failovers(d, h);

	if (rate >= 0)
		fmt_compact_count(t->text, sizeof(t->text), rate);
}

static double key_failed(const struct console_data *d, const struct model_head *h)
{
	(void)d;
	return h->outage ? (double)(h->outage->s.failed + h->outage->s.failed_unparked) : UNKNOWN;
}

static void text_failed(const struct console_data *d, const struct model_head *h,
			struct cell_text *t)
{
	double n = key_failed(d, h);

	if (n < 0)
		return;
	fmt_compact_count(t->text, sizeof(t->text), n);
	t->ink = n > 0 ? INK_BAD : INK_NORMAL;
}

static double key_windows(const struct console_data *d, const struct model_head *h)
{
	__u64 n = 0;
	int i;

	(void)d;
	for (i = 0; i < MODEL_OUTCOMES; i++)
		n += h->windows[i];
	return (double)n;
}

static void text_windows(const struct console_data *d, const struct model_head *h,
			 struct cell_text *t)
{
	fmt_compact_count(t->text, sizeof(t->text), key_windows(d, h));
}

static void text_nqn(const struct console_data *d, const struct model_head *h, struct cell_text *t)
{
	(void)d;
	if (*h->nqn)
		fmt_nqn(t->text, sizeof(t->text), h->nqn, 36);
	t->ink = INK_DIM;
}

static const char *name_subsystem(const struct model_head *h)
{
	return h->nqn;
}

/* In the order in which "s" goes through them; the first is what is sorted by. */
enum column_id {
	COL_STATE,
	COL_HEAD,
	COL_PATHS,
	COL_WINDOW,
	COL_SETTING,
	COL_QUEUED,
	COL_OLDEST,
	COL_IOPS,
	COL_BYTES,
	COL_LATENCY,
	COL_STALL50,
	COL_STALL99,
	COL_MAX,
	COL_FAILOVERS,
	COL_FAILED,
	COL_WINDOWS,
	COL_SUBSYSTEM,
	NR_COLUMNS,
};

/*
 * A column without a key is sorted by its @name. @help is what the help says of it, NULL if
 * its title says it all, or if the help of another column does; that has a @help_title of
 * its own. @help_more is a second line.
 */
static const struct column {
	struct console_column	c;
	void (*text)(const struct console_data *, const struct model_head *, struct cell_text *);
	double			(*key)(const struct console_data *, const struct model_head *);
	const char		*(*name)(const struct model_head *);
	const char		*help_title, *help, *help_more;
} columns[NR_COLUMNS] = {
	[COL_STATE] = { { "STATE", 8, 0, false }, .text = text_state, .key = key_state },
	[COL_HEAD] = { { "HEAD", 10, 0, false }, .text = text_head, .name = name_head },
	[COL_PATHS] = { { "PATHS", 5, 0, true },
			.text = text_paths,
			.key = key_paths,
			.help = "usable / all" },
	[COL_WINDOW] = { { "WINDOW", 19, 0, false }, .text = text_window, .key = key_window },
	[COL_SETTING] = { { "SET", 5, 3, true },
			  .text = text_setting,
			  .key = key_setting,
			  .help = "delayed_removal_secs" },
	[COL_QUEUED] = { { "QUEUED", 6, 1, true },
			 .text = text_parked,
			 .key = key_parked,
			 .help = "I/Os that wait for a path" },
	[COL_OLDEST] = { { "OLDEST", 6, 1, true },
			 .text = text_oldest,
			 .key = key_oldest,
			 .help = "age of the oldest of them (<: at most)" },
	[COL_IOPS] = { { "IOPS", 6, 2, true },
		       .text = text_iops,
		       .key = key_iops,
		       .help_title = "IOPS, MB/s, LATENCY",
		       .help = "of I/O that ended, from sysfs:",
		       .help_more = "what waits for a path is not in them" },
	[COL_BYTES] = { { "MB/s", 6, 5, true }, .text = text_bytes, .key = key_bytes },
	[COL_LATENCY] = { { "LATENCY", 7, 6, true }, .text = text_latency, .key = key_latency },
	[COL_STALL50] = { { "STALL50", 7, 8, true },
			  .text = text_p50,
			  .key = key_p50,
			  .help_title = "STALL, MAX",
			  .help = "how long I/Os of the last outage waited" },
	[COL_STALL99] = { { "STALL99", 7, 7, true }, .text = text_p99, .key = key_p99 },
	[COL_MAX] = { { "MAX", 6, 4, true }, .text = text_max, .key = key_max },
	[COL_FAILOVERS] = { { "FAILOVER/s", 10, 9, true },
			    .text = text_failovers,
			    .key = key_failovers },
	[COL_FAILED] = { { "FAILED", 6, 4, true }, .text = text_failed, .key = key_failed },
	[COL_WINDOWS] = { { "WINDOWS", 7, 10, true }, .text = text_windows, .key = key_windows },
	[COL_SUBSYSTEM] = { { "SUBSYSTEM", 36, 11, false },
			    .text = text_nqn,
			    .name = name_subsystem },
};

/* The name of the head stands first on the screen, the others in their order behind it. */
static int column_at(int place)
{
	if (!place)
		return COL_HEAD;
	return place <= COL_HEAD ? place - 1 : place;
}

bool console_heads_help(int line, char *buf, size_t size)
{
	const struct column *k;

	for (k = columns; k < columns + NR_COLUMNS; k++) {
		const char *title = k->help_title ? k->help_title : k->c.title;

		if (k->help && !line--) {
			snprintf(buf, size, strlen(title) < 15 ? "  %-15s%s" : "  %s   %s", title,
				 k->help);
			return true;
		}
		if (k->help_more && !line--) {
			snprintf(buf, size, "  %-15s%s", "", k->help_more);
			return true;
		}
	}
	return false;
}

int console_heads_columns(void)
{
	return NR_COLUMNS;
}

/* What is left over makes names longer and the bar more exact. */
static void layout(int cols, int *width)
{
	int left = console_layout(columns, sizeof(columns[0]), NR_COLUMNS, cols, width);

	if (left > 0)
		width[COL_HEAD] += left > 4 ? 4 : left;
	if (left > 4)
		width[COL_WINDOW] += left - 4 > 40 ? 40 : left - 4;
}

/* ---- rows ---- */

static bool wanted(const struct console *c, const struct model_head *h)
{
	char nqn[SHOWN_NAME * 8];

	if (!*c->filter)
		return true;
	return console_matches(c, h->name) || console_matches(c, h->model) ||
	       console_matches(c, console_state_text(model_head_state(h))) ||
	       console_matches(c, fmt_text(nqn, sizeof(nqn), h->nqn));
}

struct sorted {
	const struct model_head	*h;
	const char		*text;
	double			key;
	size_t			place;
};

/* nvme2n1 comes before nvme10n1. */
static int compare_names(const struct model_head *a, const struct model_head *b)
{
	return strverscmp(a->name, b->name);
}

static int compare(const void *pa, const void *pb, void *ctx)
{
	const struct sorted *a = pa, *b = pb;
	const bool *reverse = ctx;
	int order;

	if (a->text && b->text)
		order = strverscmp(a->text, b->text);
	else
		order = a->key < b->key ? 1 : a->key > b->key ? -1 : 0;
	if (*reverse)
		order = -order;
	if (!order)
		order = compare_names(a->h, b->h);
	return order ? order : a->place < b->place ? -1 : 1;
}

/* The heads that are shown, sorted, in c->rows. Returns how many, or -ENOMEM. */
static long collect(struct console *c, const struct console_data *d)
{
	const struct column *by = &columns[c->sort[CONSOLE_HEADS]];
	const struct model_head *h;
	struct sorted *list;
	size_t nr = 0, i;

	for (i = 0; model_head(d->m, i); i++)
		;
	if (console_room(c, i))
		return -ENOMEM;
	list = malloc((i + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (i = 0; (h = model_head(d->m, i)); i++) {
		if (!wanted(c, h))
			continue;
		list[nr].h = h;
		list[nr].key = by->key ? by->key(d, h) : 0;
		list[nr].text = by->key ? NULL : by->name(h);
		list[nr].place = nr;
		nr++;
	}
	qsort_r(list, nr, sizeof(*list), compare, &c->reverse[CONSOLE_HEADS]);
	for (i = 0; i < nr; i++)
		c->rows[i] = list[i].h;
	free(list);
	return (long)nr;
}

static void draw_titles(const struct console *c, struct screen *s, int row, const int *width)
{
	int i, col = 0;

	screen_fill(s, row, 0, s->cols, INK_COLUMNS, ' ');
	for (i = 0; i < NR_COLUMNS; i++) {
		int n = column_at(i);

		col = console_title(s, row, col, width[n], &columns[n].c,
				    n == c->sort[CONSOLE_HEADS], c->reverse[CONSOLE_HEADS]);
	}
}

static void draw_row(const struct console_data *d, struct screen *s, int row,
		     const struct model_head *h, const int *width)
{
	__u64 total;
	__s64 left;
	int i, col = 0;

	for (i = 0; i < NR_COLUMNS; i++) {
		const int n = column_at(i);
		const struct column *k = &columns[n];
		struct cell_text t = { .text = "-", .ink = INK_NORMAL };

		if (!width[n])
			continue;
		if (n == COL_WINDOW && console_left(h, d->now_ns, &left, &total)) {
			console_countdown(s, row, col, width[n], left, total);
		} else {
			k->text(d, h, &t);
			screen_field(s, row, col, width[n], k->c.right,
				     !strcmp(t.text, "-") ? INK_DIM : t.ink, t.text);
		}
		col += width[n] + 1;
	}
}

/* The row of the selected head, or as near as it was. */
static void place_cursor(struct console *c, size_t nr, int page)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (console_is_head(&c->head, c->rows[i]))
			break;
	if (i < nr)
		c->heads.at = i;
	else if (!c->heads.moved && !c->head.set)
		c->heads.at = 0;
	console_cursor(&c->heads, nr, page);
	/* until a key is pressed the top is what matters, whatever is there */
	if (nr && (c->heads.moved || c->head.set))
		console_set_head(&c->head, c->rows[c->heads.at]);
	c->heads.moved = false;
}

int console_draw_heads(struct console *c, const struct console_data *d, struct screen *s, int from,
		       int to)
{
	int width[NR_COLUMNS], row;
	long nr = collect(c, d);
	size_t i;

	if (nr < 0)
		return (int)nr;
	layout(s->cols, width);
	draw_titles(c, s, from++, width);
	place_cursor(c, (size_t)nr, to - from);
	for (row = from, i = c->heads.top; row < to && i < (size_t)nr; row++, i++) {
		draw_row(d, s, row, c->rows[i], width);
		if (i == c->heads.at)
			screen_ink(s, row, 0, width[COL_HEAD], INK_SELECTED);
	}
	if (!nr)
		screen_text(s, from, 2, INK_DIM, "no head matches the filter");
	row += row == from;
	if (to - row > 2) {
		int below = console_stuck_paths(d, s, row + 1, (to - row) / 3);

		below = console_absences(d, s, below, 0, s->cols, (to - row) / 3, false);
		row = below > row + 1 ? below : row;
	}
	/* room that is left over shows what happened last */
	return to - row > EVENTS_ROWS ? console_last_events(c, d, s, row + 1, to) : 0;
}

const struct model_head *console_first_head(struct console *c, const struct console_data *d)
{
	return collect(c, d) > 0 ? c->rows[0] : NULL;
}

int console_batch(struct console *c, const struct console_data *d, FILE *out, int cols)
{
	struct screen s = { .ascii = true };
	int width[NR_COLUMNS], err;
	long nr = collect(c, d), i;

	if (nr < 0)
		return (int)nr;
	err = screen_resize(&s, 8, cols);
	if (err)
		return err;
	layout(cols, width);
	s.rows = console_header(c, d, &s, true);
	screen_print(&s, out);
	err = screen_resize(&s, 1, cols);
	if (!err && !model_head(d->m, 0) &&
	    view_put_absences(out, model_topology_last(d->m), "No NVMe multipath head.\n", "",
			      true))
		;
	else if (!err && !model_head(d->m, 0) && d->empty)
		fprintf(out, "%s\n", d->empty);
	else if (!err)
		draw_titles(c, &s, 0, width);
	for (i = -1; !err && i < nr && model_head(d->m, 0); i++) {
		if (i >= 0) {
			screen_clear(&s);
			draw_row(d, &s, 0, c->rows[i], width);
		}
		err = screen_print(&s, out);
	}
	if (!err)
		console_put_stuck(out, d);
	if (!err && model_head(d->m, 0))
		view_put_absences(out, model_topology_last(d->m), "\n", "", false);
	screen_free(&s);
	fputc('\n', out);
	return err ? err : ferror(out) ? -EIO : 0;
}
