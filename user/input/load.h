/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an offline command reads: one recording or several (hosts, boots), each
 * into a model of its own. Memory does not depend on their length.
 */
#ifndef INPUT_LOAD_H
#define INPUT_LOAD_H

#include "base/time_arg.h"
#include "report/report.h"

struct inputs;

/**
 * struct inputs_opts - what of the recordings is wanted
 * @since,@until: WHEN_NONE: no limit
 * @windows:	so many are kept in full, the newest; 0: all
 * @timeline:	keep what is drawn (analysis/timeline.h), too
 * @forget:	told of each wanted window that is not kept; NULL: nobody wants to know
 * @ctx:	handed to @forget
 */
struct inputs_opts {
	struct when	since, until;
	__u64		windows;
	bool		timeline;
	void		(*forget)(void *ctx, const struct model_window *w);
	void		*ctx;
};

/**
 * inputs_read() - read recordings
 * @paths:	segments or directories; @nr of them
 * @vo:		head and what_if are read, since and until are set; kept until inputs_free()
 * @in:		set to what was read, also on failure; inputs_free()
 *
 * Returns 0, or -errno after a message on stderr.
 */
int inputs_read(char **paths, size_t nr, const struct inputs_opts *opts, struct view_opts *vo,
		struct inputs **in);

/* Of segments of one recording there is one for all. */
size_t inputs_count(const struct inputs *in);
const struct view_input *inputs_views(const struct inputs *in);

void inputs_free(struct inputs *in);	/* NULL is fine */

#endif /* INPUT_LOAD_H */
