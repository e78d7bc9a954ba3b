// SPDX-License-Identifier: GPL-2.0-only
/* What the views of the console share: states in words, countdowns, a histogram, cursors, texts. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/units.h"
#include "console/internal.h"
#include "model/model.h"
#include "record/histogram.h"
#include "report/absence.h"

/* ---- lists ---- */

int console_room(struct console *c, size_t nr)
{
	const void **rows;
	double *keys;

	if (nr <= c->room)
		return 0;
	nr += nr / 4 + 16;
	rows = realloc(c->rows, nr * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	c->rows = rows;
	keys = realloc(c->keys, nr * sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	c->keys = keys;
	c->room = nr;
	return 0;
}

void console_cursor(struct cursor *cur, size_t nr, int page)
{
	size_t rows = page > 0 ? (size_t)page : 1;
	long at = (long)cur->at + cur->move;

	cur->move = 0;
	if (at >= (long)nr)
		at = (long)nr - 1;
	cur->at = at < 0 ? 0 : (size_t)at;
	if (cur->at < cur->top)
		cur->top = cur->at;
	if (cur->at >= cur->top + rows)
		cur->top = cur->at - rows + 1;
	if (cur->top + rows > nr)
		cur->top = nr > rows ? nr - rows : 0;
}

int console_title(struct screen *s, int row, int col, int width, const struct console_column *k,
		  bool by, bool reverse)
{
	char title[24];

	if (!width)
		return col;
	/* which one it is sorted by must be seen without colours as well */
	snprintf(title, sizeof(title), "%s%s", k->title, !by ? "" : reverse ? "▲" : "▼");
	screen_field(s, row, col, width + (by && !k->right), k->right,
		     by ? INK_SORTED : INK_COLUMNS,
		     screen_width(title) > width + 1 ? k->title : title);
	return col + width + 1;
}

bool console_matches(const struct console *c, const char *text)
{
	return !*c->filter || strcasestr(text, c->filter);
}

bool console_is_head(const struct head_id *id, const struct model_head *h)
{
	if (!id->set)
		return false;
	if (*id->nqn && *h->nqn)
		return id->nsid == h->nsid && !strcmp(id->nqn, h->nqn);
	return !strcmp(id->name, h->name);
}

void console_set_head(struct head_id *id, const struct model_head *h)
{
	id->set = true;
	id->nsid = h->nsid;
	memcpy(id->name, h->name, sizeof(id->name));
	memcpy(id->nqn, h->nqn, sizeof(id->nqn));
}

const struct model_head *console_find_head(const struct head_id *id, const struct model *m)
{
	const struct model_head *h;
	size_t i;

	for (i = 0; (h = model_head(m, i)); i++)
		if (console_is_head(id, h))
			return h;
	return NULL;
}

/* ---- words ---- */

const char *console_state_text(int state)
{
	static const char *const texts[HEAD_STATES] = {
		[HEAD_HEALTHY] = "healthy", [HEAD_DEGRADED] = "degraded",
		[HEAD_NO_USABLE_PATH] = "NO PATH", [HEAD_GRACE] = "GRACE",
		[HEAD_REMOVED] = "removed",
	};

	return state < 0 ? "unknown" : texts[state];
}

enum ink console_state_ink(int state)
{
	static const enum ink inks[HEAD_STATES] = {
		[HEAD_HEALTHY] = INK_GOOD, [HEAD_DEGRADED] = INK_WARN,
		[HEAD_NO_USABLE_PATH] = INK_BAD, [HEAD_GRACE] = INK_ALARM,
		[HEAD_REMOVED] = INK_DIM,
	};

	return state < 0 ? INK_DIM : inks[state];
}

const char *console_outcome_text(enum model_outcome o)
{
	return outcome_row(o)->cell;
}

enum ink console_outcome_ink(const struct model_window *w)
{
	static const enum ink inks[OUTCOME_SEVERITIES] = {
		[SEVERITY_GOOD] = INK_GOOD,    [SEVERITY_WARN] = INK_WARN,
		[SEVERITY_BAD] = INK_BAD,      [SEVERITY_INTENDED] = INK_DIM,
		[SEVERITY_OPEN] = INK_ALARM,   [SEVERITY_UNKNOWN] = INK_DIM,
	};

	return model_window_is_near_miss(w) ? INK_WARN : inks[outcome_row(w->outcome)->severity];
}

enum ink console_outcomes_ink(enum model_outcome o)
{
	static const enum ink inks[OUTCOME_SEVERITIES] = {
		[SEVERITY_GOOD] = INK_GOOD,    [SEVERITY_WARN] = INK_WARN,
		[SEVERITY_BAD] = INK_BAD,      [SEVERITY_INTENDED] = INK_NORMAL,
		[SEVERITY_OPEN] = INK_BAD,     [SEVERITY_UNKNOWN] = INK_NORMAL,
	};

	return inks[outcome_row(o)->severity];
}

/* ---- countdown ---- */

bool console_left(const struct model_head *h, __u64 now_ns, __s64 *left_ns, __u64 *total_ns)
{
	const struct model_window *w = h->window;

	if (model_head_state(h) != HEAD_GRACE || !w->deadline_ns)
		return false;
	*left_ns = (__s64)(w->deadline_ns - now_ns);
	*total_ns = w->armed_ns && w->deadline_ns > w->armed_ns ? w->deadline_ns - w->armed_ns :
		    w->setting_known				? w->setting_ms * NS_PER_MS :
								  0;
	return true;
}

void console_bar(struct screen *s, int row, int col, int width, enum ink ink, double part)
{
	int eighths, i;

	if (width <= 0)
		return;
	part = part < 0 ? 0 : part > 1 ? 1 : part;
	eighths = (int)(part * 8 * width + 0.5);
	for (i = 0; i < width; i++, eighths -= 8)
		screen_char(s, row, col + i, ink,
			    eighths >= 8 ? 0x2588 :
			    eighths > 0	 ? 0x2590 - (__u32)eighths :
					   ' ');
}

void console_countdown(struct screen *s, int row, int col, int width, __s64 left_ns, __u64 total_ns)
{
	double part = total_ns ? (double)left_ns / (double)total_ns : 0;
	enum ink ink = part > 0.5 ? INK_GOOD : part > 0.2 ? INK_WARN : INK_BAD;
	char left[FMT_LEN], text[FMT_LEN + 8];

	if (left_ns < 0)
		snprintf(text, sizeof(text), "-%s",
			 fmt_compact_time(left, sizeof(left), 0 - (__u64)left_ns));
	else
		snprintf(text, sizeof(text), "%s",
			 fmt_compact_time(left, sizeof(left), (__u64)left_ns));
	screen_field(s, row, col + width - 5, 5, true, INK_BOLD, text);
	width -= 8;
	if (width < 3)
		return;
	screen_char(s, row, col, INK_DIM, 0x2595);
	console_bar(s, row, col + 1, width, ink, part);
	screen_char(s, row, col + 1 + width, INK_DIM, 0x258f);
}

/* ---- histogram ---- */

/* Buckets to a row, as a power of two: as few as there are rows for. */
static int hist_shift(const struct mpath_outage *o, int max_rows, int *first, int *last)
{
	int shift, i;

	*first = -1;
	for (i = 0; i < MPATH_HIST_BUCKETS; i++) {
		if (!o->stall[i])
			continue;
		*first = *first < 0 ? i : *first;
		*last = i;
	}
	if (*first < 0)
		return 0;
	for (shift = 0; (*last >> shift) - (*first >> shift) >= max_rows; shift++)
		;
	return shift;
}

int console_histogram(struct screen *s, int row, int col, int width, int max_rows,
		      const struct mpath_outage *o)
{
	int first, last, shift = hist_shift(o, max_rows > 1 ? max_rows : 1, &first, &last), i, k;
	__u64 count[MPATH_HIST_BUCKETS] = { 0 }, most = 0;
	char from[FMT_LEN], n[FMT_LEN];

	if (first < 0) {
		screen_text(s, row, col, INK_DIM, "no stall has ended");
		return row + 1;
	}
	for (i = first; i <= last; i++) {
		k = i >> shift;
		count[k] += o->stall[i];
		most = count[k] > most ? count[k] : most;
	}
	for (k = first >> shift; k <= last >> shift; k++, row++) {
		screen_field(s, row, col, 7, true, INK_NORMAL,
			     fmt_compact_time(from, sizeof(from), hist_lower((__u32)k << shift)));
		console_bar(s, row, col + 8, width - 16, INK_WARN, (double)count[k] / (double)most);
		screen_field(s, row, col + width - 7, 7, true, INK_NORMAL,
			     fmt_compact_count(n, sizeof(n), (double)count[k]));
	}
	return row;
}

/* ---- values ---- */

bool console_parked(const struct model_head *h, __u64 *depth)
{
	const struct model_outage *o = h->outage;

	/* a snapshot of an earlier session or an earlier outage says nothing about now */
	if (!o || o->session != h->session)
		return false;
	if (h->window && !h->window->ended && h->window->counters != o)
		return false;
	*depth = o->s.depth;
	return true;
}

bool console_oldest(const struct console_data *d, const struct model_head *h, __u64 *age_ns,
		    bool *at_most)
{
	__u64 depth, since;

	if (!console_parked(h, &depth) || !depth)
		return false;
	since = d->history ? history_parked_since(d->history, h) : 0;
	/* its counters begin with the first bio or with the window */
	*at_most = !since || h->outage->s.completed || h->outage->s.failed;
	if (!since)
		since = h->outage->s.start_ns;
	if (!since || since > d->now_ns)
		return false;
	*age_ns = d->now_ns - since;
	return true;
}

bool console_head_rate(const struct console_data *d, const struct model_head *h,
		       struct disk_rate *r)
{
	const struct disk_stat *own = d->stats ? stats_last(d->stats, h->name) : NULL;
	const struct disk_rate *rate;
	bool any = false;
	size_t i;

	if (!own)
		return false;
	rate = stats_rate(d->stats, h->name);
	if (disk_stat_used(own)) {
		if (rate)
			*r = *rate;
		return rate;
	}
	*r = (struct disk_rate) { 0 };
	for (i = 0; i < h->nr_paths; i++) {
		if (h->paths[i].gone)
			continue;
		rate = stats_rate(d->stats, h->paths[i].name);
		if (!rate)
			return false;
		disk_rate_add(r, rate);
		any = true;
	}
	if (!any && stats_rate(d->stats, h->name))
		*r = *stats_rate(d->stats, h->name);
	return any || stats_rate(d->stats, h->name);
}

/* ---- tables ---- */

static const struct console_column *column(const void *columns, size_t size, int i)
{
	return (const void *)((const char *)columns + (size_t)i * size);
}

int console_layout(const void *columns, size_t size, int nr, int cols, int *width)
{
	int used = 0, priority = 0, most = 0, i;

	for (i = 0; i < nr; i++) {
		width[i] = 0;
		if (column(columns, size, i)->priority > most)
			most = column(columns, size, i)->priority;
	}
	for (; priority <= most; priority++)
		for (i = 0; i < nr; i++) {
			const struct console_column *k = column(columns, size, i);

			if (k->priority != priority)
				continue;
			/* those that must be there are cut by the edge of the screen */
			if (priority && used + k->width > cols)
				return cols - used + 1;
			width[i] = k->width;
			used += k->width + 1;
		}
	return cols - used + 1;
}

/* ---- texts ---- */

const char *console_clock(char *buf, size_t size, const struct model_session *s, __u64 boot_ns,
			  bool utc, bool date)
{
	char text[FMT_TIME_LEN];
	__s64 real_ns;

	if (!boot_ns)
		snprintf(buf, size, "-");
	else if (!s || model_wall_ns(s, boot_ns, &real_ns))
		snprintf(buf, size, "+%s", fmt_seconds(text, sizeof(text), (__s64)boot_ns));
	else
		snprintf(buf, size, "%s",
			 fmt_wall(text, sizeof(text), real_ns, utc) + (date ? 0 : 11));
	return buf;
}

/* Bytes of the longest start of a text that fits and ends at a blank. */
static size_t line_bytes(const char *text, int width)
{
	size_t best = 0, i;
	int cols = 0;

	for (i = 0; text[i] && text[i] != '\n'; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80 && cols++ >= width)
			return best ? best : i;
		if (text[i] == ' ')
			best = i;
	}
	return i;
}

int console_lines(struct screen *s, int row, int col, int width, enum ink ink, const char *text)
{
	size_t n;
	int i;

	if (width < 1)
		return row;
	while (*text) {
		n = line_bytes(text, width);
		char line[n + 1];

		memcpy(line, text, n);
		line[n] = '\0';
		i = screen_text(s, row++, col, ink, line);
		(void)i;
		text += n;
		if (*text == '\n' || *text == ' ')
			text++;
	}
	return row;
}

int console_absences(const struct console_data *d, struct screen *s, int row, int col, int width,
		     int max, bool minor)
{
	char *text = NULL, *line, *at;
	int last = row + max;

	CONSOLE_TEXT(text, view_put_absences(out, model_topology_last(d->m), "", "", minor));
	at = text;
	while (text && row < last && (line = strsep(&at, "\n")) && *line)
		row = console_lines(s, row, col, width, INK_WARN, line);
	free(text);
	return row;
}

bool console_stuck(const struct console_data *d, const struct model_path *p, __u64 *age_ns,
		   __u64 *in_flight)
{
	__u64 since;

	if (p->gone || !d->stats || !stats_stuck(d->stats, p->name, &since) ||
	    d->now_ns < since + STUCK_NS)
		return false;
	*age_ns = d->now_ns - since;
	*in_flight = stats_last(d->stats, p->name)->in_flight;
	return true;
}

void console_put_stuck(FILE *out, const struct console_data *d)
{
	char path[SHOWN_NAME], head[SHOWN_NAME], text[FMT_LEN];
	const struct model_head *h;
	__u64 age, n;
	size_t i, k;

	for (i = 0; (h = model_head(d->m, i)); i++)
		for (k = 0; k < h->nr_paths; k++)
			if (console_stuck(d, &h->paths[k], &age, &n))
				fprintf(out,
					"%s: %s has %llu I/O%s in flight, and none ended for %s\n",
					fmt_text(head, sizeof(head), h->name),
					fmt_text(path, sizeof(path), h->paths[k].name),
					(unsigned long long)n, n == 1 ? "" : "s",
					fmt_duration(text, sizeof(text), age));
}

static int put_lines(struct screen *s, int row, int max, enum ink ink, char *text)
{
	char *line, *at = text;
	int last = row + max;

	while (text && row < last && (line = strsep(&at, "\n")) && *line)
		row = console_lines(s, row, 0, s->cols, ink, line);
	free(text);
	return row;
}

int console_stuck_paths(const struct console_data *d, struct screen *s, int row, int max)
{
	char *text = NULL;

	CONSOLE_TEXT(text, console_put_stuck(out, d));
	return put_lines(s, row, max, INK_BAD, text);
}
