/* SPDX-License-Identifier: GPL-2.0-only */
/* What the views share: options, and the parts of a window in words. */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "model.h"
#include "record.h"

/**
 * struct view_opts - how to show
 * @utc:	wall times in UTC, else in local time
 * @head:	only the head of this name, NULL: all
 */
struct view_opts {
	bool		utc;
	const char	*head;
};

/* Is this head, or the window of it, to be shown? NULL heads are, without a filter. */
bool view_wants_head(const struct view_opts *vo, const struct model_head *h);
bool view_wants_window(const struct view_opts *vo, const struct model_window *w);

/*
 * Parts of a line, written to @out without a newline; a part that has nothing
 * to say writes what is then true ("no counters"). Errors stay in @out.
 */
void view_put_time(FILE *out, const struct model_session *s, __u64 boot_ns,
		   const struct view_opts *vo);
void view_put_outcome(FILE *out, const struct model_window *w);	/* RECOVERED with 2.6 s ... */
void view_put_phases(FILE *out, const struct model_window *w);	/* lost 0.000 · armed 0.004 ... */
void view_put_bios(FILE *out, const struct mpath_outage *s);	/* parked 5 (at most 2 ... */
void view_put_stalls(FILE *out, const struct mpath_outage *s);	/* p50 13.1 s · p99 ... */
/* @before, "reads 3: p50 ...; writes 5: ..."; nothing unless there are two kinds of them */
void view_put_stalls_by_op(FILE *out, const char *before, const struct model_outage *o);
void view_put_data(FILE *out, const struct model_window *w);	/* complete (0 events lost) */
void view_put_remark(FILE *out, const struct model_remark *r, const struct view_opts *vo);
void view_put_remark_what(FILE *out, const struct model_remark *r);	/* without time and head */

/* 0, or -EIO if writing to @out has failed. */
int view_status(FILE *out);

#endif /* VIEW_H */
