// SPDX-License-Identifier: GPL-2.0-only
/*
 * The terminal, by ncurses.
 *
 * What a crash has to write is made when the terminal is opened: nothing of
 * ncurses may be called in a signal handler. This is also why the state is static.
 */
#define _GNU_SOURCE
#define _XOPEN_SOURCE_EXTENDED 1
#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "base/array.h"
#include "console/keys.h"
#include "top/term.h"

static struct {
	SCREEN		*curses;
	bool		open, wide, color;
	struct screen	shown;
	struct termios	before;
	char		leave[256];		/* what makes the terminal usable again */
	size_t		leave_len;
	attr_t		attrs[INKS];
	short		pairs[INKS];
} term;

/* ---- leaving, also in a hurry ---- */

static int leave_putc(int c)
{
	if (term.leave_len < sizeof(term.leave))
		term.leave[term.leave_len++] = (char)c;
	return c;
}

static void prepare_leave(void)
{
	static const char *const names[] = { "sgr0", "op", "cnorm", "rmkx", "rmcup" };
	size_t i;

	term.leave_len = 0;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		char *text = tigetstr(names[i]);

		if (text && text != (char *)-1)
			tputs(text, 1, leave_putc);
	}
}

static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };

/* The disposition is the default again: returning or raising ends the process as it would have. */
static void on_crash(int signal)
{
	ssize_t n = write(STDOUT_FILENO, term.leave, term.leave_len);

	(void)n;
	tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
	raise(signal);
}

static void catch_crashes(void)
{
	struct sigaction sa = { .sa_handler = on_crash,
				.sa_flags = (int)(SA_RESETHAND | SA_ONSTACK) };
	static char stack[16384];	/* a stack that overflowed is no place for a handler */
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
	size_t i;

	sigaltstack(&ss, NULL);
	for (i = 0; i < ARRAY_SIZE(crashes); i++)
		sigaction(crashes[i], &sa, NULL);
}

void term_close(void)
{
	size_t i;

	if (!term.open)
		return;
	term.open = false;
	endwin();
	delscreen(term.curses);
	tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
	for (i = 0; i < ARRAY_SIZE(crashes); i++)
		signal(crashes[i], SIG_DFL);
	screen_free(&term.shown);
}

/* ---- opening ---- */

bool term_usable(void)
{
	const char *type = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && type && *type &&
	       strcmp(type, "dumb") && strcmp(type, "unknown");
}

static const struct {
	attr_t mono, attr;
	short fg, bg;
} inks[INKS] = {
	[INK_NORMAL]	= { A_NORMAL, A_NORMAL, -1, -1 },
	[INK_DIM]	= { A_DIM, A_DIM, -1, -1 },
	[INK_BOLD]	= { A_BOLD, A_BOLD, -1, -1 },
	[INK_GOOD]	= { A_NORMAL, A_NORMAL, COLOR_GREEN, -1 },
	[INK_WARN]	= { A_UNDERLINE, A_NORMAL, COLOR_YELLOW, -1 },
	[INK_BAD]	= { A_BOLD, A_BOLD, COLOR_RED, -1 },
	[INK_ALARM]	= { A_REVERSE | A_BOLD, A_BOLD, COLOR_WHITE, COLOR_RED },
	[INK_TITLE]	= { A_BOLD, A_BOLD, COLOR_CYAN, -1 },
	[INK_COLUMNS]	= { A_REVERSE, A_NORMAL, COLOR_BLACK, COLOR_GREEN },
	[INK_SORTED]	= { A_REVERSE | A_BOLD, A_NORMAL, COLOR_BLACK, COLOR_CYAN },
	[INK_SELECTED]	= { A_REVERSE, A_NORMAL, COLOR_BLACK, COLOR_CYAN },
	[INK_KEY]	= { A_BOLD, A_BOLD, -1, -1 },
	[INK_LABEL]	= { A_REVERSE, A_NORMAL, COLOR_BLACK, COLOR_CYAN },
	[INK_PROMPT]	= { A_BOLD, A_BOLD, COLOR_YELLOW, -1 },
};

static void choose_inks(bool color)
{
	bool defaults;
	int i;

	term.color = color && has_colors() && start_color() != ERR;
	defaults = term.color && use_default_colors() != ERR;
	for (i = 0; i < INKS; i++) {
		term.attrs[i] = term.color ? inks[i].attr : inks[i].mono;
		term.pairs[i] = 0;
		if (!term.color || (inks[i].fg < 0 && inks[i].bg < 0))
			continue;
		term.pairs[i] = (short)(i + 1);
		init_pair(term.pairs[i], inks[i].fg,
			  (short)(inks[i].bg < 0 && !defaults ? COLOR_BLACK : inks[i].bg));
	}
	/* the view that is shown must differ from the labels beside it */
	if (term.color)
		term.attrs[INK_SELECTED] |= A_BOLD | A_REVERSE;
}

int term_open(bool color)
{
	/* only how characters are made: numbers are the same in every locale */
	setlocale(LC_CTYPE, "");
	term.wide = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (tcgetattr(STDIN_FILENO, &term.before))
		return -ENOTTY;
	/* the size is asked for when it changes: not that of the environment at the start */
	use_env(FALSE);
	use_tioctl(TRUE);
	term.curses = newterm(NULL, stdout, stdin);
	if (!term.curses)
		return -ENOTTY;
	term.open = true;
	prepare_leave();
	catch_crashes();
	cbreak();
	noecho();
	nonl();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	choose_inks(color);
	return 0;
}

bool term_wide(void)
{
	return term.wide;
}

void term_size(int *rows, int *cols)
{
	*rows = LINES;
	*cols = COLS;
}

void term_resized(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) || !ws.ws_row || !ws.ws_col)
		return;
	resizeterm(ws.ws_row, ws.ws_col);
	clear();
	screen_free(&term.shown);
}

/* ---- drawing ---- */

static void put_cell(int row, int col, const struct cell *c)
{
	wchar_t text[2] = { (wchar_t)c->ch, 0 };
	cchar_t wide;

	attr_set(term.attrs[c->ink], term.pairs[c->ink], NULL);
	if (!term.wide) {
		mvaddch(row, col,
			(chtype)c->ch | term.attrs[c->ink] | COLOR_PAIR(term.pairs[c->ink]));
		return;
	}
	setcchar(&wide, text, term.attrs[c->ink], term.pairs[c->ink], NULL);
	mvadd_wch(row, col, &wide);
}

int term_draw(const struct screen *s)
{
	size_t n = (size_t)s->rows * (size_t)s->cols;
	bool all = !term.shown.cells || term.shown.rows != s->rows || term.shown.cols != s->cols;
	int row, col, changed = all;

	if (all && screen_resize(&term.shown, s->rows, s->cols))
		return -ENOMEM;
	if (!all && !memcmp(term.shown.cells, s->cells, n * sizeof(struct cell)))
		return 0;
	for (row = 0; row < s->rows; row++)
		for (col = 0; col < s->cols; col++) {
			const struct cell *c = screen_cell(s, row, col);
			const struct cell *old = screen_cell(&term.shown, row, col);

			if (!all && c->ch == old->ch && c->ink == old->ink)
				continue;
			put_cell(row, col, c);
			changed = 1;
		}
	memcpy(term.shown.cells, s->cells, n * sizeof(struct cell));
	if (changed)
		refresh();
	return changed;
}

/* ---- keys ---- */

int term_key(void)
{
	static const struct {
		int curses, key;
	} keys[] = {
		{ KEY_UP, CKEY_UP },
		{ KEY_DOWN, CKEY_DOWN },
		{ KEY_LEFT, CKEY_LEFT },
		{ KEY_RIGHT, CKEY_RIGHT },
		{ KEY_PPAGE, CKEY_PAGE_UP },
		{ KEY_NPAGE, CKEY_PAGE_DOWN },
		{ KEY_HOME, CKEY_HOME },
		{ KEY_END, CKEY_END },
		{ KEY_ENTER, CKEY_ENTER },
		{ '\r', CKEY_ENTER },
		{ '\n', CKEY_ENTER },
		{ 27, CKEY_ESC },
		{ '\t', CKEY_TAB },
		{ KEY_BTAB, CKEY_BACKTAB },
		{ KEY_BACKSPACE, CKEY_BACKSPACE },
		{ 127, CKEY_BACKSPACE },
		{ '\b', CKEY_BACKSPACE },
		{ KEY_F(1), CKEY_F1 },
	};
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	int c = getch();
	size_t i;

	if (c == ERR) {
		if (poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR | POLLNVAL))
			return -EIO;
		return CKEY_NONE;
	}
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].curses == c)
			return keys[i].key;
	return c < 0x80 ? c : CKEY_NONE;
}
