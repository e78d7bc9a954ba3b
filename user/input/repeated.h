/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Windows and outages that were read more than once: bundles of one host overlap,
 * and files are copied. Each counts once. A window is known by boot, head, the number that
 * it had there, and its time.
 */
#ifndef INPUT_REPEATED_H
#define INPUT_REPEATED_H

#include "report/report.h"

struct repeated;

/* NULL when memory is short. */
struct repeated *repeated_new(void);
void repeated_free(struct repeated *r);		/* NULL is fine */

/**
 * repeated_forget() - a window of @m is about to be forgotten
 * @several:	there are other inputs
 *
 * Returns 1 if the same window was forgotten before, 0 if not, or -ENOMEM. Nothing is kept of an
 * input that cannot have a window twice: one of a single session.
 */
int repeated_forget(struct repeated *r, const struct model *m, const struct model_window *w,
		    bool several);

/**
 * repeated_find() - find what is to be shown once, after all was read
 * @views:	@nr inputs; their member repeated is set
 * @vo:		what is left out is known to it until repeated_free()
 *
 * Of the same window the copy that says most is shown. Returns 0 or -ENOMEM.
 */
int repeated_find(struct repeated *r, struct view_input *views, size_t nr, struct view_opts *vo);

#endif /* INPUT_REPEATED_H */
