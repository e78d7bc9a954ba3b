// SPDX-License-Identifier: GPL-2.0-only
/* The help of the console: its keys, and what its words and signs mean. */
#include "base/array.h"
#include "console/internal.h"

static const char *const help[] = {
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
	"  PATHS          usable / all",
	"  SET            delayed_removal_secs",
	"  QUEUED         I/Os that wait for a path",
	"  OLDEST         age of the oldest of them (<: at most)",
	"  IOPS, MB/s, LATENCY   of I/O that ended, from sysfs:",
	"                 what waits for a path is not in them",
	"  STALL, MAX     how long I/Os of the last outage waited",
	"  -              not known, which is not 0",
	"",
	"Swim lanes, with and without wide characters",
	"  head   █ G grace   ╳ x no usable path   ▒ ! degraded",
	"         ━ = healthy   · r removed",
	"  path   ━ = usable   ┄ ~ usable, not optimized",
	"         ╳ x not usable   · . gone",
};

void console_draw_help(struct console *c, struct screen *s, int from, int to)
{
	int nr = (int)ARRAY_SIZE(help), i;

	if (c->scroll > nr - (to - from))
		c->scroll = nr > to - from ? nr - (to - from) : 0;
	for (i = (int)c->scroll; i < nr && from < to; i++, from++)
		screen_text(s, from, 1, help[i][0] && help[i][0] != ' ' ? INK_BOLD : INK_NORMAL,
			    help[i]);
}
