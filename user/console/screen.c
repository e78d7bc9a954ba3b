// SPDX-License-Identifier: GPL-2.0-only
/* A grid of cells. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "console/screen.h"

int screen_resize(struct screen *s, int rows, int cols)
{
	struct cell *cells;

	rows = rows < 1 ? 1 : rows > SCREEN_MAX ? SCREEN_MAX : rows;
	cols = cols < 1 ? 1 : cols > SCREEN_MAX_COLS ? SCREEN_MAX_COLS : cols;
	if (!s->cells || rows != s->rows || cols != s->cols) {
		cells = realloc(s->cells, (size_t)rows * (size_t)cols * sizeof(*cells));
		if (!cells)
			return -ENOMEM;
		s->cells = cells;
		s->rows = rows;
		s->cols = cols;
	}
	screen_clear(s);
	return 0;
}

void screen_free(struct screen *s)
{
	free(s->cells);
	s->cells = NULL;
}

void screen_clear(struct screen *s)
{
	size_t i, n = (size_t)s->rows * (size_t)s->cols;

	for (i = 0; i < n; i++)
		s->cells[i] = (struct cell) { .ch = ' ', .ink = INK_NORMAL };
}

/* What stands for a character where there is only ASCII. */
static __u32 plain(__u32 ch)
{
	static const struct {
		__u32 ch;
		char plain;
	} table[] = {
		{ 0x00b7, '-' }, { 0x2588, '#' }, { 0x2591, '.' }, { 0x2592, '%' }, { 0x2593, '%' },
		{ 0x2501, '=' }, { 0x2500, '-' }, { 0x2504, '~' }, { 0x2502, '|' }, { 0x2503, '|' },
		{ 0x2506, ':' }, { 0x2595, '[' }, { 0x258f, ']' }, { 0x251c, '|' }, { 0x2524, '|' },
		{ 0x253c, '+' }, { 0x2191, '^' }, { 0x2193, 'v' }, { 0x2022, '*' }, { 0x2573, 'x' },
		{ 0x25bc, 'v' }, { 0x25b2, '^' }, { 0x00d7, 'x' }, { 0x2514, '`' },
	};
	size_t i;

	if (ch < 0x7f)
		return ch;
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].ch == ch)
			return (__u32)table[i].plain;
	/* blocks of one to seven eighths: half of one or more counts */
	if (ch >= 0x2589 && ch <= 0x258e)
		return ch <= 0x258c ? '#' : '.';
	return '?';
}

int screen_char(struct screen *s, int row, int col, enum ink ink, __u32 ch)
{
	struct cell *c;

	if (row < 0 || row >= s->rows || col < 0 || col >= s->cols)
		return col + 1;
	c = screen_cell(s, row, col);
	c->ch = ch < 0x20 || (ch >= 0x7f && ch < 0xa0) ? '?' : s->ascii ? plain(ch) : ch;
	c->ink = ink;
	return col + 1;
}

/* The next character of a text, which is moved behind it; what is no UTF-8 is "?". */
static __u32 next_char(const char **text)
{
	const unsigned char *p = (const unsigned char *)*text;
	int more = *p < 0x80 ? 0 : (*p & 0xe0) == 0xc0 ? 1 : (*p & 0xf0) == 0xe0 ? 2 : -1;
	__u32 ch = more == 0 ? *p : more == 1 ? *p & 0x1fU : *p & 0x0fU;

	p++;
	if (more < 0) {
		*text = (const char *)p;
		return '?';
	}
	for (; more; more--, p++) {
		if ((*p & 0xc0) != 0x80) {
			*text = (const char *)p;
			return '?';
		}
		ch = ch << 6 | (*p & 0x3fU);
	}
	*text = (const char *)p;
	return ch;
}

int screen_text(struct screen *s, int row, int col, enum ink ink, const char *text)
{
	while (*text)
		col = screen_char(s, row, col, ink, next_char(&text));
	return col;
}

int screen_printf(struct screen *s, int row, int col, enum ink ink, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return screen_text(s, row, col, ink, buf);
}

int screen_width(const char *text)
{
	int n = 0;

	for (; *text; n++)
		next_char(&text);
	return n;
}

void screen_field(struct screen *s, int row, int col, int width, bool right, enum ink ink,
		  const char *text)
{
	int need = screen_width(text), i;

	if (need < width && right)
		col += width - need;
	for (i = 0; i < width && *text; i++)
		col = screen_char(s, row, col, ink, next_char(&text));
}

void screen_fill(struct screen *s, int row, int col, int width, enum ink ink, __u32 ch)
{
	for (; width > 0; width--)
		col = screen_char(s, row, col, ink, ch);
}

void screen_ink(struct screen *s, int row, int col, int width, enum ink ink)
{
	if (row < 0 || row >= s->rows)
		return;
	for (; width > 0 && col < s->cols; width--, col++)
		if (col >= 0)
			screen_cell(s, row, col)->ink = ink;
}

void screen_copy(struct screen *to, int row, const struct screen *from, int from_row, int rows)
{
	int cols = to->cols < from->cols ? to->cols : from->cols;

	for (; rows > 0; rows--, row++, from_row++) {
		if (row < 0 || row >= to->rows || from_row < 0 || from_row >= from->rows)
			continue;
		memcpy(screen_cell(to, row, 0), screen_cell(from, from_row, 0),
		       (size_t)cols * sizeof(struct cell));
	}
}

const char *screen_utf8(char *buf, __u32 ch)
{
	int n = 0;

	if (ch < 0x80) {
		buf[n++] = (char)ch;
	} else if (ch < 0x800) {
		buf[n++] = (char)(0xc0 | ch >> 6);
		buf[n++] = (char)(0x80 | (ch & 0x3f));
	} else {
		buf[n++] = (char)(0xe0 | (ch >> 12 & 0x0f));
		buf[n++] = (char)(0x80 | (ch >> 6 & 0x3f));
		buf[n++] = (char)(0x80 | (ch & 0x3f));
	}
	buf[n] = '\0';
	return buf;
}

int screen_print(const struct screen *s, FILE *out)
{
	int row, col, end;
	char buf[5];

	for (row = 0; row < s->rows; row++) {
		for (end = s->cols; end > 0 && screen_cell(s, row, end - 1)->ch == ' '; end--)
			;
		for (col = 0; col < end; col++)
			fputs(screen_utf8(buf, screen_cell(s, row, col)->ch), out);
		fputc('\n', out);
	}
	return ferror(out) ? -EIO : 0;
}
