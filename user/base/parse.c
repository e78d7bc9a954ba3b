// SPDX-License-Identifier: GPL-2.0-only
/* Numbers with units, read from text. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/units.h"

/* Digits at *s, which is moved behind them. */
static int digits(const char **s, __u64 *value)
{
	const char *p = *s;
	__u64 v = 0;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(v, 10ULL, &v) ||
		    __builtin_add_overflow(v, (__u64)(*p - '0'), &v))
			return -ERANGE;
	*s = p;
	*value = v;
	return 0;
}

int parse_number(const char *s, __u64 *value)
{
	__u64 v;
	int err = digits(&s, &v);

	if (err)
		return err;
	if (*s)
		return -EINVAL;
	*value = v;
	return 0;
}

int parse_duration(const char *s, __u64 *ns)
{
	static const struct {
		const char *name;
		__u64 ns;
	} units[] = {
		{ "", NS_PER_S },
		{ "s", NS_PER_S },
		{ "ms", NS_PER_MS },
		{ "us", NS_PER_US },
		{ "ns", 1 },
		{ "min", 60 * NS_PER_S },
		{ "h", 3600 * NS_PER_S },
		{ "d", 86400 * NS_PER_S },
	};
	__u64 whole, part = 0, scale = 1, v;
	int err = digits(&s, &whole);
	size_t i;

	if (err)
		return err;
	if (*s == '.') {
		if (s[1] < '0' || s[1] > '9')
			return -EINVAL;
		/* more than nine decimals are below a nanosecond */
		for (s++; *s >= '0' && *s <= '9'; s++) {
			if (scale == NS_PER_S)
				return -EINVAL;
			part = part * 10 + (__u64)(*s - '0');
			scale *= 10;
		}
	}
	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(s, units[i].name))
			break;
	if (i == ARRAY_SIZE(units))
		return -EINVAL;
	if (__builtin_mul_overflow(whole, units[i].ns, &v) ||
	    __builtin_add_overflow(v, (__u64)((unsigned __int128)part * units[i].ns / scale), &v))
		return -ERANGE;
	*ns = v;
	return 0;
}

int parse_size(const char *s, __u64 *bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	__u64 v;
	int err = digits(&s, &v);

	if (err)
		return err;
	if (*s) {
		unit = strchr(units, *s);
		if (!unit || s[1])
			return -EINVAL;
		if (__builtin_mul_overflow(v, 1ULL << (10 * (unit - units + 1)), &v))
			return -ERANGE;
	}
	*bytes = v;
	return 0;
}
