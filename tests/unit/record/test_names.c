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
	assert_int_equal(names_ctrl_state("live"), MPATH_CTRL_LIVE);
	assert_int_equal(names_ctrl_state("deleting (no IO)"), MPATH_CTRL_DELETING_NOIO);
	assert_int_equal(names_ctrl_state("dead"), MPATH_CTRL_DEAD);
	assert_int_equal(names_ctrl_state(""), -1);
	assert_int_equal(names_ana_state("persistent-loss"), 4);
	assert_int_equal(names_ana_state("change"), 15);
	assert_int_equal(names_ana_state("reserved"), -1);
	assert_string_equal(fmt_op(1), "write");
	assert_string_equal(fmt_op(34), "other");
	assert_string_equal(fmt_op(-1), "other");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names) };

	return cmocka_run_group_tests_name("names of numbers", tests, NULL, NULL);
}
