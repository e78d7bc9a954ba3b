/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report as a page: one file, no script, nothing that is loaded from
 * elsewhere. For a screen, paper, and a screen reader: everything that is drawn
 * is also there in words.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/html_writer.h"
#include "report/report.h"

/* Writes the page of all inputs. 0, -ENOMEM, or -EIO if writing to @out has failed. */
int view_html_report(FILE *out, const struct view_input *in, size_t nr, const struct view_opts *vo);

/* ---- report/html_window.c ---- */

/* "nvme0n1 window 7" */
void view_html_title(struct html *h, const struct model_window *w);

/*
 * What is drawn of a window: its paths, its bar up to the deadline, its queue,
 * its stalls. @number counts the windows of the page and makes its ids.
 */
void view_html_window(struct html *h, const struct view_input *in, const struct model_window *w,
		      size_t number, const struct view_opts *vo);

/* Stalls by length, as a table with bars; nothing if there are none. */
void view_html_stalls(struct html *h, const struct mpath_outage *s);

#endif /* REPORT_HTML_H */
