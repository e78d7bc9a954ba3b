// SPDX-License-Identifier: GPL-2.0-only
/* Texts, times and numbers for people. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/format.h"
#include "tests/unit/feed.h"

static void test_text(void **state)
{
	char buf[64], small[8];

	(void)state;
	assert_string_equal(fmt_text(buf, sizeof(buf), "nvme0n1"), "nvme0n1");
	assert_string_equal(fmt_text(buf, sizeof(buf), "a\x1b[31mb\n\x7f\xff\\"),
			    "a\\x1b[31mb\\x0a\\x7f\\xff\\\\");
	assert_string_equal(fmt_text(small, sizeof(small), "0123456"), "0123456");
	assert_string_equal(fmt_text(small, sizeof(small), "01234567"), "0123...");
	assert_string_equal(fmt_text(small, sizeof(small), "012345\x1b"), "0123...");
	assert_string_equal(fmt_text_n(buf, sizeof(buf), "abcdef", 3), "abc");
	assert_string_equal(fmt_text(buf, sizeof(buf), ""), "");
}

/* Never an escape character, never too long, whatever comes in. */
static void test_text_any(void **state)
{
	char in[24], out[24];
	unsigned int seed;
	size_t i, size;

	(void)state;
	for (seed = 0; seed < 5000; seed++) {
		srand(seed);
		for (i = 0; i < sizeof(in) - 1; i++)
			in[i] = (char)(1 + rand() % 255);
		in[rand() % (int)sizeof(in)] = '\0';
		in[sizeof(in) - 1] = '\0';
		size = 4 + (size_t)rand() % 20;
		memset(out, 'Z', sizeof(out));
		fmt_text(out, size, in);
		assert_true(strlen(out) < size);
		for (i = 0; out[i]; i++)
			assert_true(out[i] >= 0x20 && out[i] < 0x7f);
	}
}

static void test_nqn(void **state)
{
	char buf[256];

	(void)state;
	assert_string_equal(fmt_nqn(buf, sizeof(buf), "nqn.short", 34), "nqn.short");
	fmt_nqn(buf, sizeof(buf), "nqn.2014-08.org.nvmexpress:uuid:12345678-9abc:subsys0", 34);
	assert_int_equal(strlen(buf), 34);
	assert_non_null(strstr(buf, "nqn.2014-08.org"));
	assert_non_null(strstr(buf, ":subsys0"));
	assert_non_null(strstr(buf, ".."));
}

static void test_times(void **state)
{
	char buf[FMT_TIME_LEN];

	(void)state;
	assert_string_equal(fmt_wall(buf, sizeof(buf), REAL0 + 6482 * (__s64)MS, true),
			    "2026-09-12 03:04:11.482Z");
	assert_string_equal(fmt_rfc3339(buf, sizeof(buf), REAL0 + 1234567),
			    "2026-09-12T03:04:05.001234Z");
	assert_string_equal(fmt_wall(buf, sizeof(buf), -1, true), "1969-12-31 23:59:59.999Z");
	setenv("TZ", "EST5", 1);
	tzset();
	assert_string_equal(fmt_wall(buf, sizeof(buf), REAL0, false), "2026-09-11 22:04:05.000");
	fmt_wall(buf, sizeof(buf), INT64_MAX, true);
	fmt_wall(buf, sizeof(buf), INT64_MIN, true);
}

static void check(__u64 ns, const char *text)
{
	char buf[FMT_LEN];

	assert_string_equal(fmt_duration(buf, sizeof(buf), ns), text);
}

static void test_durations(void **state)
{
	char buf[FMT_LEN];

	(void)state;
	check(0, "0 ns");
	check(999, "999 ns");
	check(412345, "412 us");
	check(999999, "1000 us");
	check(13 * MS, "13 ms");
	check(999 * MS + 499999, "999 ms");
	check(999 * MS + 500000, "1.0 s");
	check(27425 * MS, "27.4 s");
	check(30 * SEC, "30.0 s");
	check(99949 * MS, "99.9 s");
	check(100 * SEC, "1 min 40 s");
	check(7380 * SEC, "2 h 03 min");
	check(90000 * SEC, "1 d 01 h");
	fmt_duration(buf, sizeof(buf), ~0ULL);
	assert_string_equal(fmt_duration_signed(buf, sizeof(buf), -5 * (__s64)MS), "-5 ms");
	fmt_duration_signed(buf, sizeof(buf), INT64_MIN);
	assert_string_equal(fmt_seconds(buf, sizeof(buf), 4 * MS), "0.004");
	assert_string_equal(fmt_seconds(buf, sizeof(buf), -120 * (__s64)MS), "-0.120");
	assert_string_equal(fmt_seconds(buf, sizeof(buf), -1), "0.000");
	assert_string_equal(fmt_seconds(buf, sizeof(buf), 26899500001), "26.900");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text), cmocka_unit_test(test_text_any),
		cmocka_unit_test(test_nqn), cmocka_unit_test(test_times),
		cmocka_unit_test(test_durations),
	};

	return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
