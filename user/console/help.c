// SPDX-License-Identifier: GPL-2.0-only
/* The help of the console: its keys, and what its words and signs mean. */
#include "base/array.h"
#include "console/internal.h"

static const char *const help_begin[] = {
	"Views",
	"  1 2 3 4, Tab   heads, one head, windows, events",
	"  Enter          heads: this head; windows: its phases",
	"  Esc            back",
	"  arrows, PgUp, PgDn, Home, End   move, scroll",
	"",
	"What is shown",
	"  /              filter: part of a name, state, NQN, event",
	"  s > <          sort by the next, the previous column",
	"  r              the other way round",
	"  p              pause: nothing is read or drawn",
	"  d              time between refreshes, as 2 or 500ms",
	"  + -            swim lanes of a shorter, a longer time",
	"  q, Ctrl-C      quit",
	"",
	"Replay",
	"  [ ] { }        10 s back, on, a minute back, on",
	"  left, right    1 s back, on",
	"  * \\            twice, half as fast",
	"",
	"Heads, the most urgent first",
	"  GRACE          no path; removed when the bar is empty",
	"  NO PATH        no usable path, and nothing ends the wait",
	"  removed        the head is gone",
	"  degraded       paths can be used, but one was lost",
};

/* Behind it what the columns of the heads are. */
static const char *const help_end[] = {
	"  -              not known, which is not 0",
	"",
	"Swim lanes, with and without wide characters",
	"  head   █ G grace   ╳ x no usable path   ▒ ! degraded",
	"         ━ = healthy   · r removed",
	"  path   ━ = usable   ┄ ~ usable, not optimized",
	"         ╳ x not usable   · . gone",
};

static const char *help_line(int i, char *buf, size_t size)
{
	int columns = 0;

	if (i < (int)ARRAY_SIZE(help_begin))
		return help_begin[i];
	i -= (int)ARRAY_SIZE(help_begin);
	if (console_heads_help(i, buf, size))
		return buf;
	while (console_heads_help(columns, buf, size))
		columns++;
	i -= columns;
	return i < (int)ARRAY_SIZE(help_end) ? help_end[i] : NULL;
}

void console_draw_help(struct console *c, struct screen *s, int from, int to)
{
	const char *text;
	char buf[120];
	int nr = 0, i;

	while (help_line(nr, buf, sizeof(buf)))
		nr++;
	if (c->scroll > nr - (to - from))
		c->scroll = nr > to - from ? nr - (to - from) : 0;
	for (i = (int)c->scroll; from < to && (text = help_line(i, buf, sizeof(buf))); i++, from++)
		screen_text(s, from, 1, *text && *text != ' ' ? INK_BOLD : INK_NORMAL, text);
}
