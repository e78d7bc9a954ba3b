// SPDX-License-Identifier: GPL-2.0-only
/* Names of the numbers in records. */
#include "record/names.h"
#include "tests/unit/feed.h"

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(fmt_ctrl_state(MPATH_CTRL_LIVE), "live");
	assert_string_equal(fmt_ctrl_state(-1), "-");
	assert_string_equal(fmt_ctrl_state(250), "?");
	assert_string_equal(fmt_ana_state(1), "optimized");
	assert_string_equal(fmt_ana_state(15), "change");
	assert_string_equal(fmt_ana_state(0), "-");
	assert_string_equal(fmt_ana_state(9), "?");
	assert_string_equal(fmt_op(1), "write");
	assert_string_equal(fmt_op(34), "other");
	assert_string_equal(fmt_op(-1), "other");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names) };

	return cmocka_run_group_tests_name("names of numbers", tests, NULL, NULL);
}
