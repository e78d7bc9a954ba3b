/* SPDX-License-Identifier: GPL-2.0-only */
/* The report for people. */
#ifndef VIEW_TEXT_H
#define VIEW_TEXT_H

#include <stdio.h>

#include "view.h"

/* One window, one paragraph. Returns 0 or -errno of writing. */
int view_text_window(FILE *out, const struct model_window *w,
		     const struct view_opts *vo);

/**
 * view_text_report() - summary, remarks, every window, episodes without window
 * @name:	of the recording, as the user gave it
 * @reader:	for its remarks; NULL: none
 *
 * Returns 0 or -errno of writing.
 */
int view_text_report(FILE *out, const struct model *m, const char *name,
		     const struct record_reader *reader, const struct view_opts *vo);

#endif /* VIEW_TEXT_H */
