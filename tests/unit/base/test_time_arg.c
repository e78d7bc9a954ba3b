// SPDX-License-Identifier: GPL-2.0-only
/* Points in time of --since and --until. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/time_arg.h"
#include "tests/unit/feed.h"

#define END	(REAL0 + 482000000LL)		/* 2026-09-12 03:04:05.482 UTC */

static __s64 resolved(const char *text, bool utc)
{
	struct when w;
	__s64 ns;

	assert_int_equal(when_parse(text, &w), 0);
	assert_int_equal(when_resolve(&w, utc, END, &ns), 0);
	return ns;
}

static void test_forms(void **state)
{
	(void)state;
	assert_true(resolved("-10min", true) == END - 600 * (__s64)SEC);
	assert_true(resolved("-250ms", true) == END - 250 * (__s64)MS);
	assert_true(resolved("-0", true) == END);
	assert_true(resolved("@1789182245", true) == REAL0);
	assert_true(resolved("@1789182245.5", true) == REAL0 + 500 * (__s64)MS);
	assert_true(resolved("2026-09-12 03:04:05", true) == REAL0);
	assert_true(resolved("2026-09-12T03:04:05Z", false) == REAL0);
	assert_true(resolved("2026-09-12T05:04:05.001+02:00", false) == REAL0 + (__s64)MS);
	assert_true(resolved("2026-09-11T23:04:05-04:00", false) == REAL0);
	assert_true(resolved("2026-09-12 03:04", true) == REAL0 - 5 * (__s64)SEC);
	assert_true(resolved("2026-09-12", true) == REAL0 - (3 * 3600 + 245) * (__s64)SEC);
	assert_true(resolved("03:04", true) == REAL0 - 5 * (__s64)SEC);
	assert_true(resolved("03:04:05.000000001", true) == REAL0 + 1);
	assert_true(resolved("2024-02-29", true) == 1709164800LL * (__s64)SEC);
}

/* A date is local time unless the report is in UTC; the day is that of the end, there. */
static void test_zone(void **state)
{
	(void)state;
	setenv("TZ", "XYZ-9", 1);
	tzset();
	assert_true(resolved("2026-09-12 12:04:05", false) == REAL0);
	assert_true(resolved("2026-09-12 03:04:05", true) == REAL0);
	assert_true(resolved("12:04:05", false) == REAL0);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		int err;
	} bad[] = {
		{ "", -EINVAL },
		{ "-", -EINVAL },
		{ "--5", -EINVAL },
		{ "-5x", -EINVAL },
		{ "yesterday", -EINVAL },
		{ "3:04", -EINVAL },
		{ "03:04:", -EINVAL },
		{ "03:04:05.", -EINVAL },
		{ "03:04:05.0000000001", -EINVAL },
		{ "24:00", -ERANGE },
		{ "03:60", -ERANGE },
		{ "03:04:61", -ERANGE },
		{ "2026-9-12", -EINVAL },
		{ "2026-13-01", -ERANGE },
		{ "2026-02-30", -ERANGE },
		{ "2026-02-29", -ERANGE },
		{ "2100-02-29", -ERANGE },
		{ "1969-12-31", -ERANGE },
		{ "2026-09-12 ", -EINVAL },
		{ "2026-09-12 03", -EINVAL },
		{ "2026-09-12x", -EINVAL },
		{ "2026-09-12 03:04:05Zx", -EINVAL },
		{ "2026-09-12 03:04:05+2", -EINVAL },
		{ "2026-09-12 03:04:05+25:00", -ERANGE },
		{ "@", -EINVAL },
		{ "@-1", -EINVAL },
		{ "@1.", -EINVAL },
		{ "@99999999999", -ERANGE },
		{ "@9999999999", -ERANGE },
		{ "-99999999999d", -ERANGE },
		{ "-18446744073709551615", -ERANGE },
	};
	struct when w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (when_parse(bad[i].text, &w) != bad[i].err)
			fail_msg("\"%s\": not %d", bad[i].text, bad[i].err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_zone),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
