// SPDX-License-Identifier: GPL-2.0-only
/*
 * A run of each program in turn does not happen, as when the kernel skips it. The outage in which
 * it is missing is put right and marked; the next one is counted exactly.
 */
#include <string.h>

#include "groups.h"

#define ALL	(MPATH_HEAL_LISTED | MPATH_HEAL_USABLE | MPATH_HEAL_EMPTY)
#define STEPS	14
#define NONE	STEPS

/* One outage with a window and three bios, numbered from `bio` on, without its step `skip`. */
static void outage_without(unsigned int skip, unsigned int bio)
{
	unsigned int i;

	for (i = 0; i < STEPS; i++) {
		/* the kernel goes on counting windows */
		if (i == skip) {
			target.window += i == 3;
			continue;
		}
		switch (i) {
		case 0:
			path_live(false);
			break;
		case 1:
			failover(1);
			break;
		case 2:
			bio_park_aged(bio, 5 * MS);
			break;
		case 3:
			work_armed();
			break;
		case 4:
			path_remove(0);
			break;
		case 5:
			bio_park(bio + 1, MPATH_PARK_NO_USABLE_PATH);
			break;
		case 6:
			bio_park(bio + 2, MPATH_PARK_NO_USABLE_PATH);
			break;
		case 7:
			path_add(1);
			break;
		case 8:
			work_cancelled();
			break;
		case 9:
			path_live(true);
			break;
		case 10:
			bio_unpark(bio);
			break;
		case 11:
			bio_unpark(bio + 1);
			break;
		case 12:
			bio_unpark(bio + 2);
			break;
		case 13:
			round_end();
			break;
		}
	}
}

static void assert_all_over(void)
{
	struct mpath_outage_key key = {};
	struct mpath_outage_state s;

	while (outage_next(&key)) {
		s = outage_seen(key.head_id, key.outage);
		assert_int_equal(depth(&s), 0);
		assert_true(drained(&s));
	}
	assert_int_equal(head_seen().outage, 0);
}

static void assert_exact(void)
{
	struct mpath_outage_state s = outage_seen(head_seen().id, head_seen().last_outage);

	assert_int_equal(s.o.parked[MPATH_PARK_FAILOVER], 1);
	assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], 2);
	assert_int_equal(s.o.completed, 3);
	assert_int_equal(s.o.failed, 0);
	assert_int_equal(s.o.failovers, 1);
	assert_int_equal(s.o.passes, 3);
	assert_int_equal(s.o.depth_max, 3);
	assert_int_equal(s.o.untimed, 0);
	assert_int_equal(s.o.unknown, 0);
	assert_int_equal(s.o.flags, 0);
	assert_int_equal(s.o.window, target.window);
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
	assert_true(drained(&s));
}

static void test_each_run(void **state)
{
	unsigned int skip;
	int whole = 0;

	for (skip = 0; skip <= NONE; skip++) {
		outage_without(skip, 1);
		heal(ALL);
		assert_all_over();
		whole += outage_seen(head_seen().id, head_seen().last_outage).o.flags == 0;
		events_drop();
		outage_without(NONE, 11);
		assert_exact();
		assert_all_over();
		drive_teardown(state);
		drive_setup(state);
	}
	/* without a path event, a failover or an arming the numbers are still whole */
	assert_in_range(whole, 5, 9);
}

/* Nothing is put right where nothing is wrong: bios that wait, a window that is open. */
static void test_nothing_wrong(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	path_live(false);
	work_armed();
	heal(0);
	s = outage_seen(1, 1);
	assert_false(drained(&s));
	assert_int_equal(s.o.flags, 0);
	path_return();
	round_end();
	assert_all_over();
	heal(ALL);
	assert_int_equal(outage_seen(1, 1).o.flags, 0);
}

/* A bio waits when the programs come: since when is not known, and not taken for known. */
static void test_waits_already(void **state)
{
	struct mpath_outage_state s;
	unsigned int i, timed = 0;

	(void)state;
	bio_unpark(7);
	bio_park(7, MPATH_PARK_NO_USABLE_PATH);
	round_end();
	path_live(true);
	bio_unpark(7);
	round_end();
	s = outage_seen(1, head_seen().last_outage);
	assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], 1);
	assert_int_equal(s.o.completed, 1);
	assert_int_equal(s.o.untimed, 1);
	assert_int_equal(s.o.stall_max_ns, 0);
	assert_true(s.o.flags & MPATH_OUTAGE_LATE);
	for (i = 0; i < MPATH_HIST_BUCKETS; i++)
		timed += s.o.stall[i];
	assert_int_equal(timed, 0);
	/* another bio at the address, later, is a new one */
	bio_park(7, MPATH_PARK_NO_USABLE_PATH);
	path_live(true);
	bio_unpark(7);
	round_end();
	assert_int_equal(outage_seen(1, head_seen().last_outage).o.untimed, 0);
}

int run_heal(void)
{
	const struct CMUnitTest tests[] = {
		DRIVE_TEST(test_each_run),
		DRIVE_TEST(test_nothing_wrong),
		DRIVE_TEST(test_waits_already),
	};

	return cmocka_run_group_tests_name("heal", tests, NULL, NULL);
}
