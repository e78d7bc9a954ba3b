// SPDX-License-Identifier: GPL-2.0-only
/* The view of events: the newest at the bottom, filtered, scrolled. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "console/internal.h"

static enum ink event_ink(const struct history_event *e)
{
	const struct mpath_ev_path *path = (const void *)&e->ev;

	if (e->text)
		return INK_BOLD;
	if (e->type == REC_LOSSES || e->type == REC_GAP)
		return INK_ALARM;
	if (e->type != REC_EVENT)
		return INK_DIM;
	switch (e->ev.type) {
	case MPATH_EV_REMOVE_WORK:
		return INK_WARN;
	case MPATH_EV_HEAD_REMOVE:
		return INK_BAD;
	case MPATH_EV_PATH_REMOVE:
		return path->last ? INK_BAD : INK_WARN;
	case MPATH_EV_PATH_LIVE:
		return path->usable ? INK_GOOD : INK_WARN;
	case MPATH_EV_PATH_ADD:
		return INK_GOOD;
	default:
		return INK_NORMAL;
	}
}

static bool wanted(const struct console *c, const struct history_event *e)
{
	char *text;
	bool yes;

	if (!*c->filter || console_matches(c, e->name))
		return true;
	text = history_text(e);
	yes = text && console_matches(c, text);
	free(text);
	return yes;
}

/* Those that are shown, oldest first, in c->rows. */
static long collect(struct console *c, const struct console_data *d)
{
	size_t nr = 0, i, all = history_events(d->history);

	if (console_room(c, all))
		return -ENOMEM;
	for (i = 0; i < all; i++)
		if (wanted(c, history_event(d->history, i)))
			c->rows[nr++] = history_event(d->history, i);
	return (long)nr;
}

/*
 * What does not fit is cut in its middle: who did it is at the begin, what came of it at the end.
 */
static void put_text(struct screen *s, int row, int col, enum ink ink, const char *text)
{
	int width = s->cols - col, tail = width / 3, len = (int)strlen(text);

	screen_field(s, row, col, width, false, ink, text);
	if (screen_width(text) <= width || width < 20)
		return;
	while (tail > 0 && ((unsigned char)text[len - tail] & 0xc0) == 0x80)
		tail--;
	screen_text(s, row, col + width - tail - 2, ink, "..");
	screen_text(s, row, col + width - tail, ink, text + len - tail);
}

static void draw_event(const struct console_data *d, struct screen *s, int row,
		       const struct history_event *e)
{
	char time[FMT_TIME_LEN], name[SHOWN_NAME], *text = history_text(e);
	int col = s->cols >= 100 ? 25 : 14;

	screen_text(s, row, 0, INK_DIM,
		    console_clock(time, sizeof(time), e->session, e->time_ns, d->utc,
				  s->cols >= 100));
	fmt_text(name, sizeof(name), *e->name ? e->name : "-");
	screen_field(s, row, col, 9, false, INK_BOLD, name);
	if (text)	/* it is escaped part by part */
		put_text(s, row, col + 10, event_ink(e), text);
	free(text);
}

static void draw_list(struct console *c, const struct console_data *d, struct screen *s, int from,
		      int to, size_t nr, size_t back)
{
	size_t rows, i;
	int row;

	screen_fill(s, from, 0, s->cols, INK_COLUMNS, ' ');
	screen_text(s, from, 0, INK_COLUMNS, "TIME");
	screen_text(s, from, s->cols >= 100 ? 25 : 14, INK_COLUMNS, "HEAD      EVENT");
	if (back)
		screen_printf(s, from, s->cols - 22, INK_COLUMNS, "%6zu newer, End ↓", back);
	from++;
	rows = to > from ? (size_t)(to - from) : 1;
	i = nr > rows + back ? nr - rows - back : 0;
	for (row = from; i < nr && row < to; i++, row++)
		draw_event(d, s, row, c->rows[i]);
}

int console_draw_events(struct console *c, const struct console_data *d, struct screen *s, int from,
			int to)
{
	size_t rows = to > from + 1 ? (size_t)(to - from - 1) : 1, most;
	long nr;

	if (!d->history)
		return 0;
	nr = collect(c, d);
	if (nr < 0)
		return (int)nr;
	/* who scrolled back stays where he is while more comes */
	if (c->events_back && history_total(d->history) > c->events_total)
		c->events_back += (size_t)(history_total(d->history) - c->events_total);
	c->events_total = history_total(d->history);
	most = (size_t)nr > rows ? (size_t)nr - rows : 0;
	if (c->events_back > most)
		c->events_back = most;
	draw_list(c, d, s, from, to, (size_t)nr, c->events_back);
	if (!nr)
		screen_text(s, from + 1, 2, INK_DIM,
			    *c->filter ? "no event matches the filter" :
					 "nothing has happened yet");
	return 0;
}

int console_last_events(struct console *c, const struct console_data *d, struct screen *s, int from,
			int to)
{
	long nr = d->history ? collect(c, d) : 0;

	if (nr > 0)
		draw_list(c, d, s, from, to, (size_t)nr, 0);
	return nr < 0 ? (int)nr : 0;
}
