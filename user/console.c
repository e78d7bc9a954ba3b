// SPDX-License-Identifier: GPL-2.0-only
/* The console: keys, what surrounds the views, help. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "console_priv.h"
#include "opts.h"

#define NS_PER_S	1000000000ULL
#define INTERVAL_MIN	100000000ULL
#define INTERVAL_MAX	(3600 * NS_PER_S)
#define ZOOMS		8

struct console *console_new(bool replay)
{
	struct console *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->replay = replay;
	c->interval_ns = NS_PER_S;
	c->zoom = 1;
	c->page = 10;
	return c;
}

void console_free(struct console *c)
{
	if (!c)
		return;
	free(c->rows);
	free(c->keys);
	screen_free(&c->tall);
	free(c);
}

bool console_quit(const struct console *c)
{
	return c->quit;
}

bool console_paused(const struct console *c)
{
	return c->paused;
}

__u64 console_interval(const struct console *c)
{
	return c->interval_ns;
}

void console_set_interval(struct console *c, __u64 ns)
{
	c->interval_ns = ns;
}

void console_set_filter(struct console *c, const char *text)
{
	snprintf(c->filter, sizeof(c->filter), "%s", text);
}

int console_speed(const struct console *c)
{
	return c->speed;
}

__s64 console_take_seek(struct console *c)
{
	__s64 ns = c->seek_ns;

	c->seek_ns = 0;
	return ns;
}

const struct model_head *console_head_wanted(const struct console *c, const struct model *m)
{
	return c->view == CONSOLE_HEAD ? console_find_head(&c->head, m) : NULL;
}

/* ---- keys ---- */

static void prompt_end(struct console *c, bool accept)
{
	__u64 ns;

	if (c->prompt == PROMPT_FILTER && !accept)
		strcpy(c->filter, c->filter_before);
	if (c->prompt == PROMPT_INTERVAL && accept && !parse_duration(c->input, &ns) &&
	    ns >= INTERVAL_MIN && ns <= INTERVAL_MAX)
		c->interval_ns = ns;
	c->prompt = PROMPT_NONE;
}

static void prompt_key(struct console *c, int key)
{
	size_t len = strlen(c->input);

	if (key == CKEY_ENTER || key == CKEY_ESC) {
		prompt_end(c, key == CKEY_ENTER);
		return;
	}
	if (key == CKEY_BACKSPACE && len)
		c->input[len - 1] = '\0';
	else if (key == 'U' - '@')		/* Ctrl-U, as in a shell */
		c->input[0] = '\0';
	else if (key >= ' ' && key < 0x7f && len + 1 < sizeof(c->input)) {
		c->input[len] = (char)key;
		c->input[len + 1] = '\0';
	}
	if (c->prompt == PROMPT_FILTER)
		strcpy(c->filter, c->input);
}

static void prompt_begin(struct console *c, enum prompt prompt)
{
	c->prompt = prompt;
	c->input[0] = '\0';
	if (prompt != PROMPT_FILTER)
		return;
	strcpy(c->filter_before, c->filter);
	strcpy(c->input, c->filter);
}

/* Rows up or down, in whatever the view scrolls. */
static void move(struct console *c, long rows)
{
	switch (c->view) {
	case CONSOLE_HEADS:
		c->heads.move += rows;
		c->heads.moved = true;
		break;
	case CONSOLE_WINDOWS:
		c->windows.move += rows;
		c->windows.moved = true;
		break;
	case CONSOLE_EVENTS:
		if (rows < 0)
			c->events_back += (size_t)-rows;
		else
			c->events_back -= c->events_back < (size_t)rows ? c->events_back :
					  (size_t)rows;
		break;
	default:
		c->scroll += rows;
		if (c->scroll < 0)
			c->scroll = 0;
		break;
	}
}

static void show(struct console *c, enum console_view view)
{
	c->view = view;
	c->scroll = 0;
}

static void sort_by(struct console *c, int step)
{
	int n = c->view == CONSOLE_HEADS ? console_heads_columns() :
		c->view == CONSOLE_WINDOWS ? console_windows_columns() : 0;

	if (n)
		c->sort[c->view] = (c->sort[c->view] + step + n) % n;
}

static void enter(struct console *c)
{
	if (c->view == CONSOLE_HEADS)
		show(c, CONSOLE_HEAD);
	else if (c->view == CONSOLE_WINDOWS)
		c->window_open = !c->window_open;
}

static void escape(struct console *c)
{
	if (c->view == CONSOLE_WINDOWS && c->window_open)
		c->window_open = false;
	else if (*c->filter)
		c->filter[0] = '\0';
	else
		show(c, CONSOLE_HEADS);
}

static void replay_key(struct console *c, int key)
{
	static const struct { int key; __s64 seconds; } seeks[] = {
		{ '[', -10 }, { ']', 10 }, { '{', -60 }, { '}', 60 }, { CKEY_LEFT, -1 }, { CKEY_RIGHT, 1 },
	};
	size_t i;

	if (key == '*' && c->speed < 10)
		c->speed++;
	if ((key == '%' || key == '\\') && c->speed > -4)
		c->speed--;
	for (i = 0; i < sizeof(seeks) / sizeof(seeks[0]); i++)
		if (seeks[i].key == key)
			c->seek_ns += seeks[i].seconds * (__s64)NS_PER_S;
}

static void help_key(struct console *c, int key)
{
	switch (key) {
	case CKEY_UP:
	case 'k':
		c->scroll -= c->scroll > 0;
		break;
	case CKEY_DOWN:
	case 'j':
		c->scroll++;
		break;
	case CKEY_PAGE_UP:
		c->scroll = c->scroll > c->page ? c->scroll - c->page : 0;
		break;
	case CKEY_PAGE_DOWN:
		c->scroll += c->page;
		break;
	case 'q':
	default:
		c->help = false;
		c->scroll = 0;
		break;
	}
}

static void view_key(struct console *c, int key)
{
	switch (key) {
	case CKEY_UP: case 'k':		move(c, -1); break;
	case CKEY_DOWN: case 'j':	move(c, 1); break;
	case CKEY_PAGE_UP:		move(c, -c->page); break;
	case CKEY_PAGE_DOWN: case ' ':	move(c, c->page); break;
	case CKEY_HOME: case 'g':	move(c, -SCREEN_MAX); break;
	case CKEY_END: case 'G':	move(c, SCREEN_MAX); break;
	case CKEY_ENTER:		enter(c); break;
	case CKEY_ESC:			escape(c); break;
	case CKEY_TAB:			show(c, (c->view + 1) % CONSOLE_VIEWS); break;
	case CKEY_BACKTAB:		show(c, (c->view + CONSOLE_VIEWS - 1) % CONSOLE_VIEWS); break;
	case '1': case '2': case '3': case '4':
		show(c, (enum console_view)(key - '1'));
		break;
	case '/':			prompt_begin(c, PROMPT_FILTER); break;
	case 'd':			prompt_begin(c, PROMPT_INTERVAL); break;
	case 's': case '>':		sort_by(c, 1); break;
	case '<':			sort_by(c, -1); break;
	case 'r':			c->reverse[c->view] = !c->reverse[c->view]; break;
	case 'p':			c->paused = !c->paused; break;
	case '+':			c->zoom -= c->zoom > 0; break;
	case '-':			c->zoom += c->zoom < ZOOMS - 1; break;
	case 'q':			c->quit = true; break;
	case 'h': case '?': case CKEY_F1:
		c->help = true;
		c->scroll = 0;
		break;
	default:
		if (c->replay)
			replay_key(c, key);
		break;
	}
}

bool console_key(struct console *c, int key)
{
	if (key == CKEY_NONE)
		return false;
	if (c->prompt)
		prompt_key(c, key);
	else if (c->help)
		help_key(c, key);
	else
		view_key(c, key);
	return true;
}

/* ---- what surrounds the views ---- */

static int put_counts(struct screen *s, int row, const struct console_data *d)
{
	/* in the order of their urgency */
	static const int order[] = { HEAD_GRACE, HEAD_NO_USABLE_PATH, HEAD_REMOVED, HEAD_DEGRADED,
				     -1, HEAD_HEALTHY };
	size_t count[HEAD_STATES + 1] = { 0 }, i, k;
	const struct model_head *h;
	bool first = true;
	int col;

	for (i = 0; (h = model_head(d->m, i)); i++)
		count[model_head_state(h) + 1]++;
	col = screen_printf(s, row, 0, INK_BOLD, "Heads %zu", i);
	for (k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		size_t n = count[order[k] + 1];

		if (!n)
			continue;
		col = screen_text(s, row, col, INK_DIM, first ? ": " : " · ");
		first = false;
		col = screen_printf(s, row, col, console_state_ink(order[k]), "%zu %s", n,
				    console_state_text(order[k]));
	}
	return col;
}

static int put_windows(struct screen *s, int row, int col, const struct console_data *d)
{
	static const enum ink inks[MODEL_OUTCOMES] = {
		[MODEL_PENDING] = INK_BAD, [MODEL_RECOVERED] = INK_GOOD,
		[MODEL_LATE_RESCUE] = INK_WARN, [MODEL_REMOVED] = INK_BAD, [MODEL_NOT_ARMED] = INK_BAD,
	};
	bool first = true;
	__u64 sum = 0;
	int i;

	for (i = 0; i < MODEL_OUTCOMES; i++)
		sum += model_count(d->m, i);
	if (!sum && d->alert)		/* none would have been seen */
		return screen_text(s, row, col, INK_BOLD, "Windows -");
	col = screen_printf(s, row, col, INK_BOLD, "Windows %llu", (unsigned long long)sum);
	for (i = 0; i < MODEL_OUTCOMES; i++) {
		__u64 n = model_count(d->m, i);

		if (!n)
			continue;
		col = screen_text(s, row, col, INK_DIM, first ? ": " : " · ");
		first = false;
		col = screen_printf(s, row, col, inks[i], "%llu %s", (unsigned long long)n,
				    console_outcome_text(i));
	}
	return col;
}

static int put_queue(struct screen *s, int row, int col, const struct console_data *d)
{
	__u64 depth, sum = 0, age, oldest = 0, lost = model_events_lost(d->m);
	const struct model_head *h;
	char buf[FMT_LEN];
	bool at_most, known = false;
	size_t i;

	for (i = 0; (h = model_head(d->m, i)); i++) {
		if (!console_parked(h, &depth))
			continue;
		known = true;
		sum += depth;
		if (console_oldest(d, h, &age, &at_most) && age > oldest)
			oldest = age;
	}
	col = screen_text(s, row, col, INK_BOLD, "Queued ");
	if (known)
		col = screen_printf(s, row, col, sum ? INK_BAD : INK_GOOD, "%llu",
				    (unsigned long long)sum);
	else
		col = screen_text(s, row, col, INK_DIM, "-");
	if (oldest)
		col = screen_printf(s, row, col, INK_NORMAL, ", oldest %s",
				    fmt_compact_time(buf, sizeof(buf), oldest));
	col = screen_text(s, row, col + 3, INK_BOLD, "Lost events ");
	if (!lost && d->alert)
		return screen_text(s, row, col, INK_DIM, "-");
	return screen_printf(s, row, col, lost ? INK_BAD : INK_GOOD, "%llu",
			     (unsigned long long)lost);
}

int console_header(const struct console *c, const struct console_data *d, struct screen *s,
		   bool full)
{
	const struct model_session *session = model_current(d->m);
	const struct rec_host *host = session ? model_session_host(session) : NULL;
	char clock[FMT_TIME_LEN], shown[300], right[160];
	int col, row = 0, width;

	col = screen_text(s, row, 0, INK_TITLE, "nvme-mpathtop");
	if (host && *host->name) {
		col = screen_text(s, row, col + 2, INK_BOLD,
				  fmt_text(shown, sizeof(shown), host->name));
		if (s->cols >= 76)
			col = screen_text(s, row, col + 1, INK_DIM,
					  fmt_text(shown, sizeof(shown), host->kernel));
	}
	console_clock(clock, sizeof(clock), session, d->now_ns, d->utc, s->cols >= 100);
	clock[strcspn(clock, ".")] = '\0';
	snprintf(right, sizeof(right), "%s  %s%s", d->source, clock, d->utc ? "Z" : "");
	width = screen_width(right);
	if (c->paused) {
		screen_text(s, row, s->cols - width - 9, INK_ALARM, " PAUSED ");
		width += 9;
	}
	/* the time matters more than the host */
	screen_fill(s, row, s->cols - screen_width(right) - 1, screen_width(right) + 1, INK_NORMAL, ' ');
	screen_text(s, row, s->cols - screen_width(right), INK_BOLD, right);
	put_counts(s, ++row, d);
	if (full) {
		col = put_windows(s, ++row, 0, d);
		if (s->cols >= col + 40) {
			put_queue(s, row, col + 3, d);
		} else {
			put_queue(s, ++row, 0, d);
		}
	}
	row++;
	if (d->alert)
		screen_text(s, row++, 0, INK_ALARM, d->alert);
	if (*c->filter || c->prompt == PROMPT_FILTER) {
		col = screen_text(s, row, 0, INK_PROMPT, "filter: ");
		screen_text(s, row++, col, INK_BOLD, fmt_text(shown, sizeof(shown), c->filter));
	} else if (full && !d->alert) {
		row++;
	}
	return row;
}

static void draw_prompt(const struct console *c, struct screen *s)
{
	char text[FMT_LEN];
	int col;

	if (c->prompt == PROMPT_FILTER)
		col = screen_text(s, s->rows - 1, 0, INK_PROMPT, "Filter (Enter keeps, Esc drops it): ");
	else
		col = screen_printf(s, s->rows - 1, 0, INK_PROMPT, "Refresh every (now %s): ",
				    fmt_duration(text, sizeof(text), c->interval_ns));
	col = screen_text(s, s->rows - 1, col, INK_BOLD, c->input);
	screen_char(s, s->rows - 1, col, INK_SELECTED, ' ');
}

static void draw_keys(const struct console *c, struct screen *s)
{
	static const struct { const char *key, *label; int view; bool replay; } keys[] = {
		{ "1", "Heads", CONSOLE_HEADS, false }, { "2", "Head", CONSOLE_HEAD, false },
		{ "3", "Windows", CONSOLE_WINDOWS, false }, { "4", "Events", CONSOLE_EVENTS, false },
		{ "/", "Filter", -1, false }, { "s", "Sort", -1, false }, { "p", "Pause", -1, false },
		{ "q", "Quit", -1, false }, { "[]", "Seek", -1, true }, { "\\*", "Speed", -1, true },
		{ "r", "Reverse", -1, false }, { "d", "Delay", -1, false }, { "+-", "Zoom", -1, false },
	};
	int row = s->rows - 1, col;
	size_t i;

	screen_fill(s, row, 0, s->cols, INK_LABEL, ' ');
	col = screen_text(s, row, 0, INK_KEY, "h");
	col = screen_text(s, row, col, INK_LABEL, "Help ");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].replay && !c->replay)
			continue;
		if (col + screen_width(keys[i].key) + screen_width(keys[i].label) > s->cols)
			break;
		col = screen_text(s, row, col, INK_KEY, keys[i].key);
		col = screen_text(s, row, col, keys[i].view == (int)c->view ? INK_SELECTED :
				  INK_LABEL, keys[i].label);
		col = screen_text(s, row, col, INK_LABEL, " ");
	}
}

int console_draw(struct console *c, const struct console_data *d, struct screen *s)
{
	int from, to = s->rows - 1, err = 0;

	screen_clear(s);
	from = console_header(c, d, s, s->rows >= 20);
	c->page = to - from - 1 > 1 ? to - from - 1 : 1;
	if (c->help)
		console_draw_help(c, s, from, to);
	else if (!model_head(d->m, 0) && d->empty && c->view != CONSOLE_EVENTS)
		console_lines(s, from + 1, 2, s->cols - 4, INK_NORMAL, d->empty);
	else if (c->view == CONSOLE_HEADS)
		err = console_draw_heads(c, d, s, from, to);
	else if (c->view == CONSOLE_HEAD)
		err = console_draw_head(c, d, s, from, to);
	else if (c->view == CONSOLE_WINDOWS)
		err = console_draw_windows(c, d, s, from, to);
	else
		err = console_draw_events(c, d, s, from, to);
	screen_fill(s, to, 0, s->cols, INK_NORMAL, ' ');
	if (c->prompt)
		draw_prompt(c, s);
	else
		draw_keys(c, s);
	return err;
}

/* ---- help ---- */

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
	int nr = (int)(sizeof(help) / sizeof(help[0])), i;

	if (c->scroll > nr - (to - from))
		c->scroll = nr > to - from ? nr - (to - from) : 0;
	for (i = (int)c->scroll; i < nr && from < to; i++, from++)
		screen_text(s, from, 1, help[i][0] && help[i][0] != ' ' ? INK_BOLD : INK_NORMAL,
			    help[i]);
}
