/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is nothing going on? A recording that is read from here on tells the same as
 * one that is read from its beginning. Pure.
 */
#ifndef ANALYSIS_IDLE_H
#define ANALYSIS_IDLE_H

#include "record/record.h"

struct quiet;

/* NULL when memory is short. */
struct quiet *quiet_new(void);
void quiet_free(struct quiet *q);	/* NULL is fine */

/* One more record. Short of memory it is never quiet again. */
void quiet_feed(struct quiet *q, const struct record *rec);

/*
 * At a time behind the last record: no window or outage is open, no head lacks a path that it had, and the last
 * event is long enough ago that none waits for one before it.
 */
bool quiet_at(const struct quiet *q, __u64 now_ns);

#endif /* ANALYSIS_IDLE_H */
