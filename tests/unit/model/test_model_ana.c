// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths that ANA keeps in reserve: nothing is missing, unless one was usable and no other took its
 * place.
 */
#include "model/model.h"
#include "tests/unit/feed.h"

enum { OPTIMIZED = 1, NON_OPTIMIZED, INACCESSIBLE, PERSISTENT_LOSS, CHANGE = 15 };

static struct model *m;
static struct feed f;

#define A	"nvme0c0n1"
#define B	"nvme0c1n1"

static void state_is(int state, int usable, int standby)
{
	const struct model_head *h = model_head(m, 0);

	assert_int_equal(model_head_state(h), state);
	assert_int_equal(model_head_usable(h), usable);
	assert_int_equal(model_head_standby(h), standby);
}

/* A is usable, B never was. */
static int active_passive(void **state)
{
	(void)state;
	m = model_new();
	f = feed_model(m);
	at(&f, 0);
	put_host(&f, "boot");
	put_clock(&f);
	put_start(&f);
	ev_add(&f, A, 0, 1, MPATH_NO_WINDOW);
	ev_ana(&f, A, 0, OPTIMIZED);
	ev_add(&f, B, 1, 2, MPATH_NO_WINDOW);
	ev_ana(&f, B, 1, INACCESSIBLE);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	model_free(m);
	return 0;
}

static void test_standby(void **state)
{
	(void)state;
	state_is(HEAD_HEALTHY, 1, 1);
	at(&f, 3600000);
	ev_ana(&f, B, 1, CHANGE);
	state_is(HEAD_HEALTHY, 1, 1);
	ev_ana(&f, B, 1, NON_OPTIMIZED);
	state_is(HEAD_HEALTHY, 2, 0);
}

/* The controller of the path in reserve dies: the reserve is missing. */
static void test_reserve_lost(void **state)
{
	(void)state;
	at(&f, 1000);
	ev_ctrl(&f, 1, MPATH_CTRL_LIVE, MPATH_CTRL_CONNECTING);
	state_is(HEAD_DEGRADED, 1, 0);
	ev_ctrl(&f, 1, MPATH_CTRL_CONNECTING, MPATH_CTRL_LIVE);
	state_is(HEAD_HEALTHY, 1, 1);
}

/* They change places, in either order, again and again. */
static void test_take_over(void **state)
{
	(void)state;
	at(&f, 1000);
	ev_ana(&f, A, 0, INACCESSIBLE);
	state_is(HEAD_NO_USABLE_PATH, 0, 1);
	at(&f, 9000);
	ev_ana(&f, B, 1, OPTIMIZED);
	state_is(HEAD_HEALTHY, 1, 1);
	at(&f, 500000);
	ev_ana(&f, A, 0, OPTIMIZED);
	state_is(HEAD_HEALTHY, 2, 0);
	at(&f, 501000);
	ev_ana(&f, B, 1, INACCESSIBLE);
	state_is(HEAD_HEALTHY, 1, 1);
	/* but long after the change it is less than it had */
	at(&f, 600000);
	ev_ana(&f, B, 1, OPTIMIZED);
	at(&f, 1600000);
	ev_ana(&f, A, 0, INACCESSIBLE);
	state_is(HEAD_DEGRADED, 1, 0);
	at(&f, 1700000);
	ev_ana(&f, A, 0, NON_OPTIMIZED);
	state_is(HEAD_HEALTHY, 2, 0);
}

/* Both were usable: ANA takes one, and nothing takes its place. */
static void test_less_than_it_had(void **state)
{
	(void)state;
	at(&f, 1000);
	ev_ana(&f, B, 1, OPTIMIZED);
	at(&f, 1000000);
	ev_ana(&f, A, 0, PERSISTENT_LOSS);
	state_is(HEAD_DEGRADED, 1, 0);
}

/* A path that goes is missing, whatever ANA said of it. */
static void test_left(void **state)
{
	(void)state;
	at(&f, 1000);
	ev_remove(&f, B, 1, 1);
	assert_int_equal(model_head_standby(model_head(m, 0)), 0);
	assert_int_equal(model_head_usable(model_head(m, 0)), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_standby, active_passive, drop),
		cmocka_unit_test_setup_teardown(test_reserve_lost, active_passive, drop),
		cmocka_unit_test_setup_teardown(test_take_over, active_passive, drop),
		cmocka_unit_test_setup_teardown(test_less_than_it_had, active_passive, drop),
		cmocka_unit_test_setup_teardown(test_left, active_passive, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
