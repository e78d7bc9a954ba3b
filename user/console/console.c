// SPDX-License-Identifier: GPL-2.0-only
/* The console: keys, the lines below the views, and which view is drawn. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/units.h"
#include "console/internal.h"
#include "model/model.h"

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
		c->view == CONSOLE_WINDOWS ? console_windows_columns() :
					     0;

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
	static const struct {
		int key;
		__s64 seconds;
	} seeks[] = {
		{ '[', -10 }, { ']', 10 },	 { '{', -60 },
		{ '}', 60 },  { CKEY_LEFT, -1 }, { CKEY_RIGHT, 1 },
	};
	size_t i;

	if (key == '*' && c->speed < 10)
		c->speed++;
	if ((key == '%' || key == '\\') && c->speed > -4)
		c->speed--;
	for (i = 0; i < ARRAY_SIZE(seeks); i++)
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
	case CKEY_UP:
	case 'k':
		move(c, -1);
		break;
	case CKEY_DOWN:
	case 'j':
		move(c, 1);
		break;
	case CKEY_PAGE_UP:
		move(c, -c->page);
		break;
	case CKEY_PAGE_DOWN:
	case ' ':
		move(c, c->page);
		break;
	case CKEY_HOME:
	case 'g':
		move(c, -SCREEN_MAX);
		break;
	case CKEY_END:
	case 'G':
		move(c, SCREEN_MAX);
		break;
	case CKEY_ENTER:
		enter(c);
		break;
	case CKEY_ESC:
		escape(c);
		break;
	case CKEY_TAB:
		show(c, (c->view + 1) % CONSOLE_VIEWS);
		break;
	case CKEY_BACKTAB:
		show(c, (c->view + CONSOLE_VIEWS - 1) % CONSOLE_VIEWS);
		break;
	case '1':
	case '2':
	case '3':
	case '4':
		show(c, (enum console_view)(key - '1'));
		break;
	case '/':
		prompt_begin(c, PROMPT_FILTER);
		break;
	case 'd':
		prompt_begin(c, PROMPT_INTERVAL);
		break;
	case 's':
	case '>':
		sort_by(c, 1);
		break;
	case '<':
		sort_by(c, -1);
		break;
	case 'r':
		c->reverse[c->view] = !c->reverse[c->view];
		break;
	case 'p':
		c->paused = !c->paused;
		break;
	case '+':
		c->zoom -= c->zoom > 0;
		break;
	case '-':
		c->zoom += c->zoom < ZOOMS - 1;
		break;
	case 'q':
		c->quit = true;
		break;
	case 'h':
	case '?':
	case CKEY_F1:
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

/* ---- drawing ---- */

static void draw_prompt(const struct console *c, struct screen *s)
{
	char text[FMT_LEN];
	int col;

	if (c->prompt == PROMPT_FILTER)
		col = screen_text(s, s->rows - 1, 0, INK_PROMPT,
				  "Filter (Enter keeps, Esc drops it): ");
	else
		col = screen_printf(s, s->rows - 1, 0, INK_PROMPT, "Refresh every (now %s): ",
				    fmt_duration(text, sizeof(text), c->interval_ns));
	col = screen_text(s, s->rows - 1, col, INK_BOLD, c->input);
	screen_char(s, s->rows - 1, col, INK_SELECTED, ' ');
}

static void draw_keys(const struct console *c, struct screen *s)
{
	static const struct {
		const char *key, *label;
		int view;
		bool replay;
	} keys[] = {
		{ "1", "Heads", CONSOLE_HEADS, false },
		{ "2", "Head", CONSOLE_HEAD, false },
		{ "3", "Windows", CONSOLE_WINDOWS, false },
		{ "4", "Events", CONSOLE_EVENTS, false },
		{ "/", "Filter", -1, false },
		{ "s", "Sort", -1, false },
		{ "p", "Pause", -1, false },
		{ "q", "Quit", -1, false },
		{ "[]", "Seek", -1, true },
		{ "\\*", "Speed", -1, true },
		{ "r", "Reverse", -1, false },
		{ "d", "Delay", -1, false },
		{ "+-", "Zoom", -1, false },
	};
	int row = s->rows - 1, col;
	size_t i;

	screen_fill(s, row, 0, s->cols, INK_LABEL, ' ');
	col = screen_text(s, row, 0, INK_KEY, "h");
	col = screen_text(s, row, col, INK_LABEL, "Help ");
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].replay && !c->replay)
			continue;
		if (col + screen_width(keys[i].key) + screen_width(keys[i].label) > s->cols)
			break;
		col = screen_text(s, row, col, INK_KEY, keys[i].key);
		col = screen_text(s, row, col,
				  keys[i].view == (int)c->view ? INK_SELECTED : INK_LABEL,
				  keys[i].label);
		col = screen_text(s, row, col, INK_LABEL, " ");
	}
}

/* Without any head: why. Returns whether there is something to say. */
static bool draw_nothing(const struct console_data *d, struct screen *s, int from, int to)
{
	int row = console_absences(d, s, from + 3, 2, s->cols - 4, to - from - 3, true);

	if (row > from + 3)
		screen_text(s, from + 1, 2, INK_BOLD, "No NVMe multipath head.");
	else if (d->empty)
		console_lines(s, from + 1, 2, s->cols - 4, INK_NORMAL, d->empty);
	return row > from + 3 || d->empty;
}

int console_draw(struct console *c, const struct console_data *d, struct screen *s)
{
	int from, to = s->rows - 1, err = 0;

	screen_clear(s);
	from = console_header(c, d, s, s->rows >= 20);
	c->page = to - from - 1 > 1 ? to - from - 1 : 1;
	if (c->help)
		console_draw_help(c, s, from, to);
	else if (!model_head(d->m, 0) && c->view != CONSOLE_EVENTS && draw_nothing(d, s, from, to))
		;
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
