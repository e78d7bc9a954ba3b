/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is nothing going on? A recording that is read from here on tells the same as
 * one that is read from its beginning. Pure.
 */
#ifndef ANALYSIS_IDLE_H
#define ANALYSIS_IDLE_H

#include "model/model.h"

struct idle;

/* Listens to @m, which outlives it. NULL when memory is short. */
struct idle *idle_new(struct model *m);
void idle_free(struct idle *idle);	/* NULL is fine */

/*
 * At a time behind the last record: no window or outage is open, no head lacks a path that it had,
 * and the last event is long enough ago that none waits for one before it. Short of memory the
 * model does not know, and nothing is idle any more.
 */
bool idle_at(const struct idle *idle, __u64 now_ns);

#endif /* ANALYSIS_IDLE_H */
