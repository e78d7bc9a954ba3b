/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing HTML: tags go to html.out as they are, every text goes to html.text,
 * which escapes whatever is written to it. So what the other views have in
 * words can be used here, and nothing that was read gets out as a tag.
 */
#ifndef REPORT_HTML_WRITER_H
#define REPORT_HTML_WRITER_H

#include <stdio.h>

struct html {
	FILE	*out;
	FILE	*text;
};

/* 0 or -ENOMEM. @out stays the caller's. */
int html_open(struct html *h, FILE *out);
void html_close(struct html *h);

/* <tag>escaped text</tag>; @tag may have attributes */
void html_element(struct html *h, const char *tag, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * A table whose columns name themselves in every cell as well: on a narrow
 * screen it becomes a list. The first column is the header of its row.
 */
struct html_column {
	const char	*name;		/* "": it needs none */
	const char	*class;		/* NULL, or a class of the style */
};

struct html_table {
	struct html			*h;
	const struct html_column	*columns;	/* ends with a NULL name */
	unsigned int			column;
};

void html_table_begin(struct html_table *t, struct html *h, const struct html_column *columns,
		      const char *caption);
void html_table_end(struct html_table *t);
void html_row_begin(struct html_table *t);
void html_row_end(struct html_table *t);

/* Between these two the content is written; or all at once. */
void html_cell_begin(struct html_table *t);
void html_cell_end(struct html_table *t);
void html_cell(struct html_table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif /* REPORT_HTML_WRITER_H */
