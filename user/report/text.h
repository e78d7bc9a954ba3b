/* SPDX-License-Identifier: GPL-2.0-only */
/* The report for people. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include <stdio.h>

#include "report/report.h"

/* One window, one paragraph. Returns 0 or -errno of writing. */
int view_text_window(FILE *out, const struct model_window *w, const struct view_opts *vo);

/**
 * view_text_report() - summary, remarks, every window, episodes without window
 * @in:		@nr inputs; of several each window says which host it is from
 *
 * Returns 0, -ENOMEM, or -errno of writing.
 */
int view_text_report(FILE *out, const struct view_input *in, size_t nr, const struct view_opts *vo);

#endif /* REPORT_TEXT_H */
