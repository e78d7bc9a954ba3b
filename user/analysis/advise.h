/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which delayed_removal_secs would have been enough. Pure: it knows only how
 * long heads had to wait for their namespace (what_if_needed()), and what of that
 * is a fact and what a bound.
 */
#ifndef ANALYSIS_ADVISE_H
#define ANALYSIS_ADVISE_H

#include "model/types.h"

#define ADVISE_MAX_SETTING	4294967ULL	/* seconds */

/* What is known of the waits of one head. */
struct advise;

/* NULL when memory is short. */
struct advise *advise_new(void);
void advise_free(struct advise *a);	/* NULL is fine */

/* Take a window into account. Returns 0 or -ENOMEM. */
int advise_add(struct advise *a, const struct model_window *w);

/**
 * struct advice - what follows from the waits
 * @windows:	that the advice rests on: @returned + @not_returned
 * @returned:	the namespace came back, after @shortest_ns .. @longest_ns
 * @not_returned: it did not as long as was recorded, at least @watched_ns in each case
 * @unknown:	windows of which that is not known, as of one that was still open when the recording
 *		ended, and had not waited longer than @longest_ns; they are left out
 * @quantile_ns: the wait that the wanted share of the windows did not exceed
 * @possible:	there is such a wait: enough namespaces came back
 * @setting_s:	with the guard, whole seconds, more than the quantile; of what is not possible:
 *		what would have saved all that came back
 * @saved:	windows that it would have saved for certain
 * @needed:	windows that a statement about this share takes; 0: there are enough
 */
struct advice {
	__u64	windows, returned, not_returned, unknown;
	__u64	shortest_ns, longest_ns, watched_ns;
	bool	possible;
	__u64	quantile_ns;
	__u64	setting_s;
	__u64	saved;
	__u64	needed;
};

/**
 * advise_ask() - the smallest setting that would have saved a share of the windows
 * @permille:	the share, 1 .. 1000
 * @guard:	so much more, percent
 */
void advise_ask(struct advise *a, unsigned int permille, unsigned int guard, struct advice *advice);

/* Of the windows that an advice rests on: how many another setting would have saved. */
__u64 advise_saved(const struct advise *a, __u64 setting_s);

/*
 * So many windows it takes that with 95 % certainty at least one was among the
 * longest 1000 - @permille thousandths. 0 for all of them (1000): what was seen is then
 * all that is claimed.
 */
__u64 advise_windows_needed(unsigned int permille);

#endif /* ANALYSIS_ADVISE_H */
