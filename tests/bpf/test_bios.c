// SPDX-License-Identifier: GPL-2.0-only
/* The state machine of the BPF programs: a bio from its first park to its end. */
#include <time.h>

#include "bpf/mpath_hist.h"
#include "groups.h"

static void pause_ms(long ms)
{
	const struct timespec t = { .tv_nsec = ms * (long)MS };

	nanosleep(&t, NULL);
}

/* A taken bio's stall ends at its resubmission, not when that is known. */
static void test_stall_of_taken_bio(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	pause_ms(20);
	bio_unpark(0);
	pause_ms(50);
	round_end();
	s = outage_seen(1, 1);
	assert_true(s.o.stall_max_ns >= 20 * MS);
	assert_int_equal(s.o.stall_sum_ns, s.o.stall_max_ns);
	assert_int_equal(s.o.stall[mpath_hist_index(s.o.stall_max_ns)], 1);
	assert_int_equal(s.o.last_done_ns, s.o.start_ns + s.o.stall_max_ns);
	assert_int_equal(s.o.first_taken_ns, s.o.last_done_ns);
	assert_true(s.o.drained_ns >= s.o.last_done_ns + 50 * MS);
	assert_int_equal(event(MPATH_EV_BIO, 1)->bio.what, MPATH_BIO_TAKEN);
	assert_int_equal(event(MPATH_EV_BIO, 1)->bio.stall_ns, s.o.stall_max_ns);
	assert_int_equal(event(MPATH_EV_BIO, 1)->h.time_ns, s.o.first_taken_ns);
}

/* A failed bio's stall lasts until it fails. */
static void test_stall_of_failed_bio(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	bio_unpark(0);
	pause_ms(20);
	bio_fail(0);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.failed, 1);
	assert_true(s.o.stall_max_ns >= 20 * MS);
	assert_int_equal(s.o.last_done_ns, s.o.start_ns + s.o.stall_max_ns);
	assert_int_equal(event(MPATH_EV_BIO, 1)->bio.what, MPATH_BIO_FAILED);
	assert_int_equal(event(MPATH_EV_BIO, 1)->bio.stall_ns, s.o.stall_max_ns);
}

/* A bio that failed over has stalled since its request was started. */
static void test_age_at_failover(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_park_aged(0, 70 * MS);
	bio_unpark(0);
	round_end();
	s = outage_seen(1, 1);
	assert_true(s.o.stall_max_ns >= 70 * MS);
	assert_int_equal(s.o.last_done_ns, s.o.start_ns - 70 * MS + s.o.stall_max_ns);
	assert_int_equal(event(MPATH_EV_BIO, 0)->bio.what, MPATH_BIO_FIRST);
	assert_int_equal(event(MPATH_EV_BIO, 0)->bio.reason, MPATH_PARK_FAILOVER);
	assert_int_equal(event(MPATH_EV_BIO, 0)->bio.stall_ns, 70 * MS);
}

/* An age that goes back beyond the boot is none. */
static void test_age_absurd(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_park_aged(0, ~0ULL);
	bio_unpark(0);
	round_end();
	s = outage_seen(1, 1);
	assert_int_equal(s.o.last_done_ns, s.o.start_ns + s.o.stall_max_ns);
}

/* A path took the bio, it completed, and another task's bio has its address. */
static void test_address_parked_by_other_task(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	path_return();
	bio_unpark(0);
	other_task_parks(0, MPATH_PARK_NO_USABLE_PATH);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 1);
	assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], 2);
	assert_int_equal(depth(&s), 1);
}

/* The same, and that other bio fails without being parked. */
static void test_address_failed_by_other_task(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	bio_unpark(0);
	other_task_fails(0);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 1);
	assert_int_equal(s.o.failed, 0);
	assert_int_equal(s.o.failed_unparked, 1);
	assert_int_equal(depth(&s), 0);
}

/* A resubmitted bio fails over, in whatever context: it goes on to stall. */
static void test_resubmitted_bio_fails_over(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	bio_unpark(0);
	other_task_parks(0, MPATH_PARK_FAILOVER);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], 1);
	assert_int_equal(s.o.parked[MPATH_PARK_FAILOVER], 0);
	assert_int_equal(s.o.completed, 0);
	assert_int_equal(s.o.passes, 2);
	bio_unpark(0);
	round_end();
	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 1);
}

/* It fails over after the work went on to the next bio: that is a second stall. */
static void test_committed_bio_fails_over(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	bio_park(1, MPATH_PARK_NO_USABLE_PATH);
	bio_unpark(0);
	bio_unpark(1);
	other_task_parks(0, MPATH_PARK_FAILOVER);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 1);
	assert_int_equal(s.o.parked[MPATH_PARK_FAILOVER], 1);
	assert_int_equal(depth(&s), 2);
}

/* A parked bio fails without having been resubmitted. */
static void test_parked_bio_fails(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	bio_park(1, MPATH_PARK_NO_USABLE_PATH);
	bio_unpark(1);
	bio_fail(0);			/* does not touch the one in the slot */
	s = outage_seen(1, 1);
	assert_int_equal(s.o.failed, 1);
	assert_int_equal(s.o.failed_unparked, 0);
	assert_int_equal(s.o.completed, 0);
	assert_int_equal(depth(&s), 1);
}

/* A bio parked again without an unpark in between is one stall of two passes. */
static void test_parked_twice(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_park(0, MPATH_PARK_FAILOVER);
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.parked[MPATH_PARK_FAILOVER], 1);
	assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], 0);
	assert_int_equal(s.o.passes, 2);
	assert_int_equal(depth(&s), 1);
}

/* Attached while bios are queued: they are counted apart, what comes later is counted. */
static void test_late_start(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_unpark(0);
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	bio_unpark(1);
	round_end();
	s = outage_seen(1, 1);
	assert_int_equal(s.o.unknown, 2);
	assert_int_equal(s.o.flags, MPATH_OUTAGE_LATE);
	assert_int_equal(depth(&s), 1);
}

/* None of them comes back: the outage ends with the round, and says that it is not all. */
static void test_late_start_drains(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_unpark(0);
	bio_unpark(1);
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
	round_end();
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	assert_int_equal(s.o.unknown, 2);
	assert_int_equal(s.o.completed, 0);
	assert_int_equal(s.o.flags, MPATH_OUTAGE_LATE);
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
}

int run_bios(void)
{
	const struct CMUnitTest tests[] = {
		DRIVE_TEST(test_stall_of_taken_bio),
		DRIVE_TEST(test_stall_of_failed_bio),
		DRIVE_TEST(test_age_at_failover),
		DRIVE_TEST(test_age_absurd),
		DRIVE_TEST(test_address_parked_by_other_task),
		DRIVE_TEST(test_address_failed_by_other_task),
		DRIVE_TEST(test_resubmitted_bio_fails_over),
		DRIVE_TEST(test_committed_bio_fails_over),
		DRIVE_TEST(test_parked_bio_fails),
		DRIVE_TEST(test_parked_twice),
		DRIVE_TEST(test_late_start),
		DRIVE_TEST(test_late_start_drains),
	};

	return cmocka_run_group_tests_name("programs, bios", tests, NULL, NULL);
}
