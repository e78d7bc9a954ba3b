// SPDX-License-Identifier: GPL-2.0-only
/* Whose bios are parked: the submitter's cgroup and process, or nobody's; bounded. */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "groups.h"

/* This process submits for itself: its bios are counted once each, with its name. */
static void test_submitter(void **state)
{
	struct mpath_outage_state s;
	char name[MPATH_COMM_LEN];
	struct mpath_who w;
	unsigned int i;

	(void)state;
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	for (i = 0; i < 5; i++)
		bio_park(i, MPATH_PARK_NO_USABLE_PATH);
	for (i = 0; i < 5; i++) {	/* a round in vain */
		bio_unpark(i);
		bio_park(i, MPATH_PARK_NO_USABLE_PATH);
	}
	round_end();
	assert_int_equal(who_seen(1, 1, &w), 1);
	assert_int_equal(w.parked, 5);
	assert_int_equal(w.head_id, 1);
	assert_int_equal(w.outage, 1);
	assert_int_not_equal(w.cgroup, 0);
	assert_int_equal(w.pid, getpid());
	assert_string_equal(w.comm, name);
	assert_int_equal(w.flags, 0);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.who_other, 0);
}

/* A thread of it is the same process. */
static void test_thread(void **state)
{
	struct mpath_who w;

	(void)state;
	other_task_parks(0, MPATH_PARK_NO_USABLE_PATH);
	bio_park(1, MPATH_PARK_NO_USABLE_PATH);
	assert_int_equal(who_seen(1, 1, &w), 1);
	assert_int_equal(w.parked, 2);
	assert_int_equal(w.pid, getpid());
	assert_int_equal(w.flags, 0);
}

/* What fails over belongs to whom the bio is charged to: here, to nobody, and to no process. */
static void test_failover(void **state)
{
	struct mpath_who w;

	(void)state;
	failover(2);
	bio_park(0, MPATH_PARK_FAILOVER);
	bio_park(1, MPATH_PARK_FAILOVER);
	assert_int_equal(who_seen(1, 1, &w), 1);
	assert_int_equal(w.cgroup, 0);
	assert_int_equal(w.parked, 2);
	assert_int_equal(w.pid, 0);
	assert_string_equal(w.comm, "");
}

/* Each outage has its own. */
static void test_outages(void **state)
{
	struct mpath_who w;

	(void)state;
	work_armed();
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	path_return();
	work_armed();
	bio_park(1, MPATH_PARK_NO_USABLE_PATH);
	bio_park(2, MPATH_PARK_NO_USABLE_PATH);
	assert_int_equal(who_seen(1, 1, &w), 1);
	assert_int_equal(w.parked, 1);
	assert_int_equal(who_seen(1, 2, &w), 1);
	assert_int_equal(w.parked, 2);
}

/* No room: they are counted as others. */
static void test_full(void **state)
{
	struct mpath_outage_state s;
	struct mpath_who w;

	(void)state;
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	bio_park(1, MPATH_PARK_FAILOVER);
	bio_park(2, MPATH_PARK_FAILOVER);
	bio_park(3, MPATH_PARK_NO_USABLE_PATH);
	assert_int_equal(who_seen(1, 1, &w), 1);
	assert_int_equal(w.parked, 2);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.who_other, 2);
	assert_int_equal(w.parked + s.o.who_other, s.o.parked[0] + s.o.parked[1]);
}

static struct drive_limits one_cgroup = {
	.ring_bytes = DRIVE_RING_BYTES,
	.heads = DRIVE_HEADS,
	.bios = DRIVE_BIOS,
	.outages = DRIVE_OUTAGES,
	.who = 1,
};

int run_who(void)
{
	const struct CMUnitTest tests[] = {
		DRIVE_TEST(test_submitter),
		DRIVE_TEST(test_thread),
		DRIVE_TEST(test_failover),
		DRIVE_TEST(test_outages),
		DRIVE_TEST_LIMITS(test_full, &one_cgroup),
	};

	return cmocka_run_group_tests_name("programs, who", tests, NULL, NULL);
}
