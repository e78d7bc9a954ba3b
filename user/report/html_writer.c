// SPDX-License-Identifier: GPL-2.0-only
/* Writing HTML: a stream that escapes. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "report/html_writer.h"

/* Control characters have no place in a page; what is shown was escaped before, mostly. */
static void put_char(FILE *out, unsigned char c)
{
	switch (c) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	case '\'':
		fputs("&#39;", out);
		break;
	default:
		putc((c < ' ' && c != '\n') || c == 0x7f ? '?' : c, out);
	}
}

static ssize_t write_escaped(void *ctx, const char *bytes, size_t len)
{
	FILE *out = ctx;
	size_t i;

	for (i = 0; i < len; i++)
		put_char(out, (unsigned char)bytes[i]);
	return ferror(out) ? 0 : (ssize_t)len;
}

int html_open(struct html *h, FILE *out)
{
	h->out = out;
	h->text = fopencookie(out, "w", (cookie_io_functions_t) { .write = write_escaped });
	if (!h->text)
		return -ENOMEM;
	/* what is written there has to be in order with the tags */
	setvbuf(h->text, NULL, _IONBF, 0);
	return 0;
}

void html_close(struct html *h)
{
	if (h->text)
		fclose(h->text);
	h->text = NULL;
}

void html_element(struct html *h, const char *tag, const char *fmt, ...)
{
	va_list ap;

	fprintf(h->out, "<%s>", tag);
	va_start(ap, fmt);
	vfprintf(h->text, fmt, ap);
	va_end(ap);
	fprintf(h->out, "</%.*s>", (int)strcspn(tag, " "), tag);
}

/* ---- tables ---- */

void html_table_begin(struct html_table *t, struct html *h, const struct html_column *columns,
		      const char *caption)
{
	*t = (struct html_table) { .h = h, .columns = columns };
	fputs("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"", h->out);
	fputs(caption, h->text);
	fputs("\"><table>", h->out);
	html_element(h, "caption", "%s", caption);
	fputs("\n<thead><tr>", h->out);
	for (; columns->name; columns++) {
		if (!*columns->name) {
			fputs("<td></td>", h->out);
			continue;
		}
		fprintf(h->out, "<th scope=\"col\" class=\"%s\">",
			columns->class ? columns->class : "");
		fputs(columns->name, h->text);
		fputs("</th>", h->out);
	}
	fputs("</tr></thead>\n<tbody>\n", h->out);
}

void html_table_end(struct html_table *t)
{
	fputs("</tbody></table></div>\n", t->h->out);
}

void html_row_begin(struct html_table *t)
{
	t->column = 0;
	fputs("<tr>", t->h->out);
}

void html_row_end(struct html_table *t)
{
	fputs("</tr>\n", t->h->out);
}

void html_cell_begin(struct html_table *t)
{
	const struct html_column *c = &t->columns[t->column];

	if (!t->column)
		fputs("<th scope=\"row\"", t->h->out);
	else
		fprintf(t->h->out, "<td data-name=\"%s\"", c->name);
	if (c->class)
		fprintf(t->h->out, " class=\"%s\"", c->class);
	putc('>', t->h->out);
}

void html_cell_end(struct html_table *t)
{
	fputs(t->column++ ? "</td>" : "</th>", t->h->out);
}

void html_cell(struct html_table *t, const char *fmt, ...)
{
	va_list ap;

	html_cell_begin(t);
	va_start(ap, fmt);
	vfprintf(t->h->text, fmt, ap);
	va_end(ap);
	html_cell_end(t);
}
