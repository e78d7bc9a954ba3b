// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state machine of the BPF programs: more bios parked than the map of bios has room for. All
 * are counted, parked and done; only how long the nameless ones stalled is not known.
 */
#include "groups.h"

#define OVER		36		/* beyond what the map takes */
#define ALL		(DRIVE_BIOS + OVER)

static __u64 stalls(const struct mpath_outage_state *s)
{
	__u64 n = 0;
	int i;

	for (i = 0; i < MPATH_HIST_BUCKETS; i++)
		n += s->o.stall[i];
	return n;
}

static void park(unsigned int from, unsigned int to)
{
	for (; from < to; from++)
		bio_park(from, MPATH_PARK_NO_USABLE_PATH);
}

/* Resubmitted, and a path takes them. */
static void take(unsigned int from, unsigned int to)
{
	for (; from < to; from++)
		bio_unpark(from);
	round_end();
}

static void test_taken(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	park(0, ALL);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], ALL);
	assert_int_equal(depth(&s), ALL);
	assert_int_equal(s.o.depth_max, ALL);
	assert_int_equal(s.o.untimed, OVER);
	assert_int_equal(s.o.flags, MPATH_OUTAGE_MAP_FULL);
	path_return();
	take(0, ALL);
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	assert_int_equal(s.o.completed, ALL);
	assert_int_equal(s.o.untimed, OVER);
	assert_int_equal(stalls(&s), DRIVE_BIOS);
	assert_int_equal(s.o.unknown, 0);
	assert_int_equal(s.o.flags, MPATH_OUTAGE_MAP_FULL);	/* and not late */
	assert_int_equal(losses_seen().bio_map_full, OVER);
	assert_int_equal(head_seen().nameless, 0);
}

/* The requeue work finds no path and the head goes: all fail. */
static void test_failed(void **state)
{
	struct mpath_outage_state s;
	unsigned int i;

	(void)state;
	work_armed();
	park(0, ALL);
	work_ran(MPATH_RESULT_REMOVED);
	head_remove(MPATH_REMOVE_EXPIRED);
	for (i = 0; i < ALL; i++) {
		bio_unpark(i);
		bio_fail(i);
	}
	round_end();
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	assert_int_equal(s.o.failed, ALL);
	assert_int_equal(s.o.completed, 0);
	assert_int_equal(s.o.failed_unparked, 0);
	assert_int_equal(s.o.untimed, OVER);
	assert_int_equal(stalls(&s), DRIVE_BIOS);
}

/* However often they pass the queue, they are parked once and counted as untimed once. */
static void test_passes(void **state)
{
	struct mpath_outage_state s;
	unsigned int i, round;

	(void)state;
	work_armed();
	park(0, ALL);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < ALL; i++) {
			bio_unpark(i);
			bio_park(i, MPATH_PARK_NO_USABLE_PATH);
		}
		round_end();
	}
	s = outage_seen(1, 1);
	assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], ALL);
	assert_int_equal(s.o.passes, 4 * ALL);
	assert_int_equal(s.o.untimed, OVER);
	assert_int_equal(s.nameless, OVER);
	assert_int_equal(losses_seen().bio_map_full, OVER);
	path_return();
	take(0, ALL);
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	assert_int_equal(s.o.completed, ALL);
}

/* A nameless bio comes back to a map with room: it is known from then on, its stall is not. */
static void test_named_later(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	park(0, DRIVE_BIOS + 1);
	take(0, 1);			/* makes room */
	bio_unpark(DRIVE_BIOS);
	bio_park(DRIVE_BIOS, MPATH_PARK_NO_USABLE_PATH);
	s = outage_seen(1, 1);
	assert_int_equal(s.nameless, 0);
	assert_int_equal(s.o.untimed, 1);
	path_return();
	take(1, DRIVE_BIOS + 1);
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	assert_int_equal(s.o.completed, DRIVE_BIOS + 1);
	assert_int_equal(stalls(&s), DRIVE_BIOS);
}

/* A path took the nameless bio in the slot, and another task's bio has its address. */
static void test_address_used_again(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	park(0, DRIVE_BIOS + 2);
	bio_unpark(DRIVE_BIOS);
	other_task_parks(DRIVE_BIOS, MPATH_PARK_NO_USABLE_PATH);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 1);
	assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], DRIVE_BIOS + 3);
	assert_int_equal(s.o.untimed, 3);
	bio_unpark(DRIVE_BIOS + 1);
	other_task_fails(DRIVE_BIOS + 1);	/* was never parked */
	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 2);
	assert_int_equal(s.o.failed, 0);
	assert_int_equal(s.o.failed_unparked, 1);
	assert_int_equal(depth(&s), DRIVE_BIOS + 1);
}

/* A nameless bio that fails over when it is resubmitted goes on to stall. */
static void test_fails_over(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	park(0, DRIVE_BIOS + 1);
	bio_unpark(DRIVE_BIOS);
	other_task_parks(DRIVE_BIOS, MPATH_PARK_FAILOVER);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.parked[MPATH_PARK_FAILOVER], 0);
	assert_int_equal(depth(&s), DRIVE_BIOS + 1);
	assert_int_equal(s.o.untimed, 1);
}

/*
 * A resubmitted bio comes back to a map that others filled, the last one of an older outage: it
 * keeps that open, and is found again before those of the newer one.
 */
static void test_full_at_return(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	bio_park_aged(0, 5000);
	path_return();
	bio_unpark(0);
	work_armed();
	park(1, DRIVE_BIOS + 6);
	assert_int_equal(losses_seen().bio_map_full, 5);
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	assert_int_equal(losses_seen().bio_map_full, 6);
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
	s = outage_seen(1, 1);
	assert_int_equal(depth(&s), 1);
	assert_int_equal(s.o.untimed, 1);
	s = outage_seen(1, 2);
	assert_int_equal(depth(&s), DRIVE_BIOS + 5);
	assert_int_equal(s.o.untimed, 5);
	path_return();
	bio_unpark(0);
	round_end();
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	assert_int_equal(s.o.parked[MPATH_PARK_FAILOVER], 1);
	assert_int_equal(s.o.completed, 1);
	take(1, DRIVE_BIOS + 6);
	s = outage_seen(1, 2);
	assert_true(drained(&s));
	assert_int_equal(s.o.completed, DRIVE_BIOS + 5);
	assert_int_equal(events(MPATH_EV_DRAINED), 2);
}

/* Many outages one after the other with nameless bios each: their books do not mix. */
static void test_outage_after_outage(void **state)
{
	struct mpath_outage_state s;
	unsigned int i;

	(void)state;
	for (i = 1; i <= DRIVE_OUTAGES; i++) {
		work_armed();
		park(0, DRIVE_BIOS + i);
		path_return();
		take(0, DRIVE_BIOS + i);
		s = outage_seen(1, i);
		assert_true(drained(&s));
		assert_int_equal(s.o.completed, DRIVE_BIOS + i);
		assert_int_equal(s.o.untimed, i);
	}
}

/* Loss, return, loss before the queue drained: each keeps its number of nameless bios. */
static void test_two_outages(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	park(0, DRIVE_BIOS + 3);
	path_return();
	work_armed();
	park(DRIVE_BIOS + 3, DRIVE_BIOS + 10);
	s = outage_seen(1, 1);
	assert_int_equal(s.nameless, 3);
	s = outage_seen(1, 2);
	assert_int_equal(s.nameless, 7);
	assert_int_equal(head_seen().nameless, 10);
	path_return();
	take(0, DRIVE_BIOS + 10);
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	assert_int_equal(s.o.completed, DRIVE_BIOS + 3);
	s = outage_seen(1, 2);
	assert_true(drained(&s));
	assert_int_equal(s.o.completed, 7);
	assert_int_equal(stalls(&s), 0);
}

/* Heads share the map, not the numbers. */
static void test_two_heads(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	park(0, DRIVE_BIOS);
	target = (struct drive_head) { .disk = DRIVE_DISK(1), .subsys = 4, .nsid = 1 };
	work_armed();
	park(DRIVE_BIOS, DRIVE_BIOS + 2);
	target = (struct drive_head) { .disk = DRIVE_DISK(0), .subsys = 3, .nsid = 1, .window = 1 };
	bio_unpark(DRIVE_BIOS + 9);	/* parked before anybody looked: none of the other head's */
	s = outage_seen(1, 1);
	assert_int_equal(s.o.unknown, 1);
	assert_int_equal(depth(&s), DRIVE_BIOS);
	s = outage_seen(2, 1);
	assert_int_equal(depth(&s), 2);
	assert_int_equal(s.nameless, 2);
}

/* Queued before the attachment, and more than the map takes after it: no number is lost. */
static void test_late_start(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	park(0, DRIVE_BIOS + 2);
	take(1000, 1003);		/* two of these three pass for the nameless ones */
	take(0, DRIVE_BIOS + 2);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], DRIVE_BIOS + 2);
	assert_int_equal(s.o.completed, DRIVE_BIOS + 2);
	assert_int_equal(s.o.unknown, 3);
	assert_int_equal(s.o.flags, MPATH_OUTAGE_MAP_FULL | MPATH_OUTAGE_LATE);
}

int run_nameless(void)
{
	const struct CMUnitTest tests[] = {
		DRIVE_TEST(test_taken),
		DRIVE_TEST(test_failed),
		DRIVE_TEST(test_passes),
		DRIVE_TEST(test_named_later),
		DRIVE_TEST(test_address_used_again),
		DRIVE_TEST(test_fails_over),
		DRIVE_TEST(test_full_at_return),
		DRIVE_TEST(test_outage_after_outage),
		DRIVE_TEST(test_two_outages),
		DRIVE_TEST(test_two_heads),
		DRIVE_TEST(test_late_start),
	};

	return cmocka_run_group_tests_name("programs, nameless bios", tests, NULL, NULL);
}
