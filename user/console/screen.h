/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A screen as a grid of cells: what the console draws, whatever shows it. Pure.
 * Nothing that is put outside of it has any effect.
 */
#ifndef CONSOLE_SCREEN_H
#define CONSOLE_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>

/* What a cell means; the terminal decides what it looks like. */
enum ink {
	INK_NORMAL,
	INK_DIM,
	INK_BOLD,
	INK_GOOD,
	INK_WARN,
	INK_BAD,     /* green, yellow, red */
	INK_ALARM,			/* white on red */
	INK_TITLE,			/* name of the program */
	INK_COLUMNS,			/* head line of a table */
	INK_SORTED,			/* the column that it is sorted by */
	INK_SELECTED,
	INK_KEY,
	INK_LABEL, /* last line: "q", "Quit" */
	INK_PROMPT,
	INKS,
};

struct cell {
	__u32	ch;			/* Unicode, one column wide */
	__u32	ink;
};

struct screen {
	int		rows, cols;
	bool		ascii;		/* nothing but ASCII gets onto it */
	struct cell	*cells;
};

#define SCREEN_MAX	65536		/* rows; columns: SCREEN_MAX_COLS */
#define SCREEN_MAX_COLS	1024

/* Make it another size, and blank. Returns 0 or -ENOMEM (it is as before then). */
int screen_resize(struct screen *s, int rows, int cols);
void screen_free(struct screen *s);	/* of the cells */
void screen_clear(struct screen *s);

static inline struct cell *screen_cell(const struct screen *s, int row, int col)
{
	return &s->cells[(size_t)row * (size_t)s->cols + (size_t)col];
}

/* One character; returns the column behind it. */
int screen_char(struct screen *s, int row, int col, enum ink ink, __u32 ch);

/*
 * A text in UTF-8 that is fit for a terminal (fmt_text()); returns the column
 * behind it. Control characters become "?".
 */
int screen_text(struct screen *s, int row, int col, enum ink ink, const char *text);
int screen_printf(struct screen *s, int row, int col, enum ink ink, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * In a field of @width columns, to the right of it or else to the left; what does not fit is cut.
 */
void screen_field(struct screen *s, int row, int col, int width, bool right, enum ink ink,
		  const char *text);

void screen_fill(struct screen *s, int row, int col, int width, enum ink ink, __u32 ch);

/* Give what is there another ink. */
void screen_ink(struct screen *s, int row, int col, int width, enum ink ink);

/* Rows @from.. of another screen, as many as @rows, to row @row. */
void screen_copy(struct screen *to, int row, const struct screen *from, int from_row, int rows);

/* How many columns a text takes. */
int screen_width(const char *text);

/* As lines of text, without blanks at their ends. Returns 0 or -EIO. */
int screen_print(const struct screen *s, FILE *out);

/* One character as UTF-8, ended with NUL; buf: 5. */
const char *screen_utf8(char *buf, __u32 ch);

#endif /* CONSOLE_SCREEN_H */
