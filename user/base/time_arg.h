/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Points in time as options take them (--since, --until). Parsing needs no
 * clock: what is relative, and a time of day without a date, are resolved
 * against the end of the recording, so that the same command gives the same
 * report whenever it is run.
 */
#ifndef BASE_TIME_ARG_H
#define BASE_TIME_ARG_H

#include <stdbool.h>
#include <linux/types.h>

enum when_kind {
	WHEN_NONE,		/* the option was not given */
	WHEN_BEFORE_END,	/* ns before the end */
	WHEN_EPOCH,		/* ns since the epoch */
	WHEN_WALL,		/* a date and time of day, local or UTC as the report is */
	WHEN_TIME_OF_DAY,	/* on the day of the end */
};

struct when {
	enum when_kind	kind;
	__s64		ns;		/* of the day for WHEN_WALL and WHEN_TIME_OF_DAY */
	int		year, month, day;
};

#define WHEN_FORMS	"-10min, 03:04, \"2026-09-12 03:04:05\", 2026-09-12T03:04:05Z, @1789182245"

/**
 * when_parse() - read one of WHEN_FORMS
 * Seconds may have up to nine decimals; "Z", "+HH:MM" or "-HH:MM" behind a
 * date and time give its zone.
 *
 * Returns 0, -EINVAL, or -ERANGE for a month 13, a 30th of February and the like.
 */
int when_parse(const char *s, struct when *w);

/**
 * when_resolve() - to wall time
 * @w:		not WHEN_NONE
 * @utc:	dates without a zone are UTC, else local time (TZ)
 * @end_ns:	what relative times count from, nanoseconds since the epoch
 *
 * Returns 0, or -ERANGE if it is no point in time that can be expressed.
 */
int when_resolve(const struct when *w, bool utc, __s64 end_ns, __s64 *real_ns);

#endif /* BASE_TIME_ARG_H */
