// SPDX-License-Identifier: GPL-2.0-only
/* Points in time as options take them. See base/time_arg.h for the forms. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/parse.h"
#include "base/time_arg.h"
#include "base/units.h"

/* days before 1970 are negative */
#define SECOND_NS	((__s64)NS_PER_S)
#define DAY_NS		(86400 * SECOND_NS)

/* Exactly @n digits at *s, which is moved behind them; -1: there are none. */
static int take_digits(const char **s, int n)
{
	int v = 0;

	while (n--) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (*(*s)++ - '0');
	}
	return v;
}

/* ".123" at *s if there is one. 0 or -EINVAL. */
static int take_fraction(const char **s, __s64 *ns)
{
	__s64 scale = SECOND_NS;

	*ns = 0;
	if (**s != '.')
		return 0;
	for ((*s)++; **s >= '0' && **s <= '9' && scale > 1; (*s)++) {
		scale /= 10;
		*ns += scale * (**s - '0');
	}
	return scale == SECOND_NS ? -EINVAL : 0;
}

/* "HH:MM", "HH:MM:SS", "HH:MM:SS.fff" */
static int take_time(const char **s, __s64 *day_ns)
{
	int h = take_digits(s, 2), m, sec = 0;
	__s64 part = 0;

	if (h < 0 || *(*s)++ != ':')
		return -EINVAL;
	m = take_digits(s, 2);
	if (m < 0)
		return -EINVAL;
	if (**s == ':') {
		(*s)++;
		sec = take_digits(s, 2);
		if (sec < 0 || take_fraction(s, &part))
			return -EINVAL;
	}
	if (h > 23 || m > 59 || sec > 59)
		return -ERANGE;
	*day_ns = (h * 3600LL + m * 60 + sec) * SECOND_NS + part;
	return 0;
}

static int days_of_month(int year, int month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Wall time in UTC of a date. Years are 1970 .. 2200: inside of 64 bits of nanoseconds. */
static __s64 epoch_of(const struct when *w)
{
	struct tm tm = { .tm_year = w->year - 1900, .tm_mon = w->month - 1, .tm_mday = w->day };

	return (__s64)timegm(&tm) * SECOND_NS + w->ns;
}

/* "Z", "+01:00": then it is no local time any more. */
static int take_zone(const char **s, struct when *w)
{
	int sign = **s == '-' ? -1 : 1, h, m;

	if (**s == 'Z') {
		(*s)++;
		w->ns = epoch_of(w);
		w->kind = WHEN_EPOCH;
		return 0;
	}
	if (**s != '+' && **s != '-')
		return 0;
	(*s)++;
	h = take_digits(s, 2);
	if (h < 0 || *(*s)++ != ':')
		return -EINVAL;
	m = take_digits(s, 2);
	if (m < 0)
		return -EINVAL;
	if (h > 14 || m > 59)
		return -ERANGE;
	w->ns = epoch_of(w) - sign * (h * 3600LL + m * 60) * SECOND_NS;
	w->kind = WHEN_EPOCH;
	return 0;
}

static int parse_date(const char *s, struct when *w)
{
	int err = 0;

	w->kind = WHEN_WALL;
	w->year = take_digits(&s, 4);
	if (w->year < 0 || *s++ != '-')
		return -EINVAL;
	w->month = take_digits(&s, 2);
	if (w->month < 0 || *s++ != '-')
		return -EINVAL;
	w->day = take_digits(&s, 2);
	if (w->day < 0)
		return -EINVAL;
	if (w->year < 1970 || w->year > 2200 || w->month < 1 || w->month > 12 || w->day < 1 ||
	    w->day > days_of_month(w->year, w->month))
		return -ERANGE;
	if (*s == ' ' || *s == 'T') {
		s++;
		err = take_time(&s, &w->ns);
		if (!err)
			err = take_zone(&s, w);
	}
	return err ? err : *s ? -EINVAL : 0;
}

static int parse_epoch(const char *s, struct when *w)
{
	__s64 part, sec = 0;
	int n;

	for (n = 0; *s >= '0' && *s <= '9'; n++, s++) {
		if (n == 10)
			return -ERANGE;
		sec = sec * 10 + (*s - '0');
	}
	if (!n || take_fraction(&s, &part) || *s)
		return -EINVAL;
	if (sec > 7258118400LL)		/* 2200-01-01 */
		return -ERANGE;
	w->kind = WHEN_EPOCH;
	w->ns = sec * SECOND_NS + part;
	return 0;
}

int when_parse(const char *s, struct when *w)
{
	__u64 ns;
	int err;

	memset(w, 0, sizeof(*w));
	if (*s == '-') {
		err = parse_duration(s + 1, &ns);
		if (!err && ns > 100ULL * 366 * DAY_NS / 2)
			err = -ERANGE;
		w->kind = WHEN_BEFORE_END;
		w->ns = (__s64)ns;
		return err;
	}
	if (*s == '@')
		return parse_epoch(s + 1, w);
	if (strlen(s) > 2 && s[2] == ':') {
		w->kind = WHEN_TIME_OF_DAY;
		err = take_time(&s, &w->ns);
		return err ? err : *s ? -EINVAL : 0;
	}
	return parse_date(s, w);
}

/* A day and the time on it, in local time or in UTC. */
static int resolve_wall(struct tm *tm, __s64 day_ns, bool utc, __s64 *real_ns)
{
	__s64 s = day_ns / SECOND_NS;
	time_t t;

	tm->tm_hour = (int)(s / 3600);
	tm->tm_min = (int)(s / 60 % 60);
	tm->tm_sec = (int)(s % 60);
	tm->tm_isdst = -1;
	t = utc ? timegm(tm) : mktime(tm);
	if (t == (time_t)-1)
		return -ERANGE;
	*real_ns = (__s64)t * SECOND_NS + day_ns % SECOND_NS;
	return 0;
}

int when_resolve(const struct when *w, bool utc, __s64 end_ns, __s64 *real_ns)
{
	time_t end = (time_t)(end_ns / SECOND_NS);
	struct tm tm;

	switch (w->kind) {
	case WHEN_BEFORE_END:
		return __builtin_sub_overflow(end_ns, w->ns, real_ns) ? -ERANGE : 0;
	case WHEN_EPOCH:
		*real_ns = w->ns;
		return 0;
	case WHEN_WALL:
		memset(&tm, 0, sizeof(tm));
		tm.tm_year = w->year - 1900;
		tm.tm_mon = w->month - 1;
		tm.tm_mday = w->day;
		return resolve_wall(&tm, w->ns, utc, real_ns);
	case WHEN_TIME_OF_DAY:
		if (!(utc ? gmtime_r(&end, &tm) : localtime_r(&end, &tm)))
			return -ERANGE;
		return resolve_wall(&tm, w->ns, utc, real_ns);
	default:
		return -ERANGE;
	}
}
