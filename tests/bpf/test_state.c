// SPDX-License-Identifier: GPL-2.0-only
/* The state machine of the BPF programs, the life of an outage; runs the other groups too. */
#include "groups.h"

/* Both paths go, one is back in time: every bio is taken, the outage ends with its last one. */
static void test_recovered(void **state)
{
	struct mpath_outage_state s;
	unsigned int i;

	(void)state;
	path_live(false);
	bio_park(0, MPATH_PARK_FAILOVER);
	bio_park(1, MPATH_PARK_FAILOVER);
	work_armed();
	for (i = 2; i < 20; i++)
		bio_park(i, MPATH_PARK_NO_USABLE_PATH);
	for (i = 0; i < 20; i++) {	/* a round in vain */
		bio_unpark(i);
		bio_park(i, MPATH_PARK_NO_USABLE_PATH);
	}
	round_end();
	s = outage_seen(1, 1);
	assert_int_equal(depth(&s), 20);
	assert_int_equal(s.o.completed, 0);
	assert_int_equal(s.o.passes, 40);
	assert_int_equal(s.o.window, 1);

	path_add(1);
	work_cancelled();
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
	path_live(true);
	for (i = 0; i < 20; i++)
		bio_unpark(i);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 19);	/* the last one may come back */
	round_end();

	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 20);
	assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], 18);
	assert_int_equal(s.o.parked[MPATH_PARK_FAILOVER], 2);
	assert_int_equal(s.o.depth_max, 20);
	assert_true(drained(&s));
	assert_true(s.o.drained_ns >= s.o.last_done_ns);
	assert_true(s.o.start_ns < s.o.first_taken_ns);
	assert_true(s.o.stall_max_ns > 0);
	assert_int_equal(s.o.flags, 0);
	assert_int_equal(s.o.unknown, 0);
	assert_int_equal(head_seen().outage, 0);
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
	assert_int_equal(events(MPATH_EV_BIO), 2);
	for (i = 0; i < (unsigned int)events(0); i++)
		assert_int_equal(event(0, (int)i)->h.seq, i + 1);
}

/* The events of such an outage: as many however many bios, numbered without a hole. */
static void test_recovered_events(void **state)
{
	static const __u16 types[] = {
		MPATH_EV_REMOVE_WORK, MPATH_EV_BIO, MPATH_EV_PATH_ADD, MPATH_EV_REMOVE_WORK,
		MPATH_EV_PATH_LIVE, MPATH_EV_BIO, MPATH_EV_DRAINED,
	};
	const int nr_types = sizeof(types) / sizeof(*types);
	unsigned int i;
	int n;

	(void)state;
	work_armed();
	for (i = 0; i < 20; i++)
		bio_park(i, MPATH_PARK_NO_USABLE_PATH);
	path_return();
	for (i = 0; i < 20; i++)
		bio_unpark(i);
	round_end();
	assert_int_equal(events(0), nr_types);
	for (n = 0; n < nr_types; n++) {
		assert_int_equal(event(0, n)->h.type, types[n]);
		assert_int_equal(event(0, n)->h.seq, n + 1);
		assert_int_equal(event(0, n)->h.version, MPATH_ABI_VERSION);
		assert_int_equal(event(0, n)->h.head_id, 1);
		assert_int_equal(event(0, n)->h.outage, 1);
		assert_int_equal(event(0, n)->h.window, 1);
	}
	assert_int_equal(event(MPATH_EV_BIO, 0)->bio.what, MPATH_BIO_FIRST);
	assert_int_equal(event(MPATH_EV_BIO, 1)->bio.what, MPATH_BIO_TAKEN);
}

/* Without any bio a path that joins does not end the outage; one that is usable does. */
static void test_window_without_bios(void **state)
{
	(void)state;
	work_armed();
	path_add(1);
	work_cancelled();
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
	path_live(false);
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
	path_live(true);
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
}

/* That a path took a bio shows that one is usable, as when the path's own event was missed. */
static void test_taken_bio_shows_usable_path(void **state)
{
	(void)state;
	work_armed();
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	path_add(1);
	work_cancelled();
	bio_unpark(0);
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
}

/* Paths that are there but not usable: an outage without a window. The next one is a new one. */
static void test_outage_without_window(void **state)
{
	struct mpath_outage_state s;
	unsigned int i;

	(void)state;
	for (i = 1; i <= 2; i++) {
		bio_park(0, MPATH_PARK_NO_USABLE_PATH);
		round_end();
		assert_int_equal(events(MPATH_EV_DRAINED), i - 1);
		path_live(true);
		bio_unpark(0);
		round_end();
		assert_int_equal(events(MPATH_EV_DRAINED), i);
		assert_int_equal(event(MPATH_EV_DRAINED, i - 1)->h.outage, i);
		assert_int_equal(event(MPATH_EV_DRAINED, i - 1)->h.window, 0);
		s = outage_seen(1, i);
		assert_int_equal(s.o.window, 0);
		assert_int_equal(s.o.completed, 1);
		assert_true(drained(&s));
	}
}

/* A second window while bios of the first are queued: each bio stays with its own outage. */
static void test_loss_return_loss(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	bio_park(1, MPATH_PARK_NO_USABLE_PATH);
	path_return();
	bio_unpark(0);			/* taken */
	work_armed();			/* lost again, bio 1 is still parked */
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
	bio_unpark(1);
	bio_park(1, MPATH_PARK_NO_USABLE_PATH);	/* goes back to its outage */
	bio_park(2, MPATH_PARK_NO_USABLE_PATH);
	round_end();
	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 1);
	assert_int_equal(depth(&s), 1);
	s = outage_seen(1, 2);
	assert_int_equal(s.o.parked[MPATH_PARK_NO_USABLE_PATH], 1);
	assert_int_equal(s.o.window, 2);

	path_return();
	bio_unpark(1);
	bio_unpark(2);
	assert_int_equal(events(MPATH_EV_DRAINED), 1);	/* the old one, by its last bio */
	assert_int_equal(event(MPATH_EV_DRAINED, 0)->h.outage, 1);
	assert_int_equal(event(MPATH_EV_DRAINED, 0)->h.window, 1);
	assert_int_equal(head_seen().outage, 2);
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 2);
	assert_int_equal(event(MPATH_EV_DRAINED, 1)->h.outage, 2);
	assert_int_equal(event(MPATH_EV_DRAINED, 1)->h.window, 2);
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	assert_int_equal(s.o.window, 1);
	s = outage_seen(1, 2);
	assert_true(drained(&s));
	assert_int_equal(s.o.completed, 1);
}

/* A second window when the first left no bio, but no usable path either: that one ends there. */
static void test_second_window_ends_empty_outage(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	path_add(1);
	work_cancelled();
	work_armed();
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
	assert_int_equal(event(MPATH_EV_DRAINED, 0)->h.outage, 1);
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	s = outage_seen(1, 2);
	assert_false(drained(&s));
	assert_int_equal(head_seen().outage, 2);
	path_return();
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 2);
}

/* The deadline was moved: the window goes on. */
static void test_moved_deadline(void **state)
{
	(void)state;
	work_armed();
	path_live(true);		/* the window alone holds it open */
	work_moved();
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
	assert_int_equal(event(MPATH_EV_REMOVE_WORK, 1)->work.action, MPATH_WORK_MOVED);
	assert_int_equal(event(MPATH_EV_REMOVE_WORK, 1)->h.outage, 1);
	work_cancelled();
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
}

/* A path joins when the work is running already: the head is kept, nothing is cancelled. */
static void test_late_rescue(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	work_ran(MPATH_RESULT_KEPT);
	path_add(1);
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
	path_live(true);
	bio_unpark(0);
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 1);
	assert_int_equal(s.o.failed, 0);
	assert_int_equal(head_seen().gone_ns, 0);
}

/* No path is back in time: what was parked fails, and so does what comes late. */
static void test_removed(void **state)
{
	struct mpath_outage_state s;
	unsigned int i;

	(void)state;
	failover(2);
	bio_park(0, MPATH_PARK_FAILOVER);
	bio_park(1, MPATH_PARK_FAILOVER);
	work_armed();
	bio_park(2, MPATH_PARK_NO_USABLE_PATH);
	work_ran(MPATH_RESULT_REMOVED);
	head_remove(MPATH_REMOVE_EXPIRED);
	bio_fail(7);			/* never parked */
	for (i = 0; i < 3; i++) {
		bio_unpark(i);
		bio_fail(i);
	}
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
	round_end();
	s = outage_seen(1, 1);
	assert_int_equal(s.o.failed, 3);
	assert_int_equal(s.o.completed, 0);
	assert_int_equal(s.o.failed_unparked, 1);
	assert_int_equal(s.o.failovers, 1);
	assert_true(drained(&s));
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
	assert_int_equal(events(MPATH_EV_FAILOVER), 1);
	assert_int_equal(events(MPATH_EV_BIO), 2);
	assert_int_equal(event(MPATH_EV_BIO, 0)->bio.what, MPATH_BIO_FIRST);
	assert_int_equal(event(MPATH_EV_BIO, 1)->bio.what, MPATH_BIO_FAILED);

	bio_fail(8);			/* aftermath */
	assert_false(outage_exists(1, 2));
	path_add(1);			/* the address is used again */
	assert_int_equal(head_seen().id, 2);
	assert_int_equal(head_seen().gone_ns, 0);
}

/* The head goes while its window is open, the work's run was not seen: it ends all the same. */
static void test_removed_in_window(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	head_remove(MPATH_REMOVE_CLOSED);
	bio_unpark(0);
	bio_fail(0);
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.failed, 1);
}

/* Setting 0: the head goes with its last path. */
static void test_setting_zero(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	failover(1);
	round_end();			/* must not end it before its bio is parked */
	bio_park(0, MPATH_PARK_FAILOVER);
	path_remove(0);
	head_remove(MPATH_REMOVE_IMMEDIATE);
	bio_unpark(0);
	bio_fail(0);
	round_end();
	s = outage_seen(1, 1);
	assert_int_equal(s.o.failed, 1);
	assert_int_equal(s.o.failovers, 1);
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
}

/* A request without bios fails over: nothing will be parked, so nothing to wait for. */
static void test_failover_without_bios(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	failover(0);
	failover(0);
	round_end();
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	assert_int_equal(s.o.failovers, 2);
	assert_int_equal(events(MPATH_EV_FAILOVER), 1);
}

/*
 * Every failover counts by the class of its status, whatever else the status says; the event is of
 * the first.
 */
static void test_failover_status(void **state)
{
	static const __u16 status[] = { 0x371, 0x301, 0x302, 0x303, 0x4303, 0x360, 0x36f,
					0x370, 0x304, 0x300, 0x350, 0x380,  0x006, 0x2371 };
	struct mpath_outage_state s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(status) / sizeof(status[0]); i++)
		failover_status(1, status[i]);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.failovers, 14);
	assert_int_equal(s.o.failover_status[MPATH_STATUS_ANA], 4);
	assert_int_equal(s.o.failover_status[MPATH_STATUS_CONTROLLER], 2);
	assert_int_equal(s.o.failover_status[MPATH_STATUS_HOST], 3);
	assert_int_equal(s.o.failover_status[MPATH_STATUS_OTHER], 5);
	assert_int_equal(events(MPATH_EV_FAILOVER), 1);
}

/* Bios fail while the head has paths, none of them good: an outage until one is usable. */
static void test_failures_only(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_fail(0);
	round_end();
	bio_fail(1);
	s = outage_seen(1, 1);
	assert_int_equal(s.o.failed_unparked, 2);
	assert_int_equal(s.o.failed, 0);
	path_live(true);
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
	assert_int_equal(events(MPATH_EV_BIO), 1);
}

/* The first I/O fails after the removal of a head that was idle: until the end of a round. */
static void test_failures_after_removal(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	head_remove(MPATH_REMOVE_IMMEDIATE);
	bio_fail(0);
	round_end();
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	assert_int_equal(s.o.failed_unparked, 1);
	bio_fail(1);
	round_end();
	s = outage_seen(1, 1);
	assert_int_equal(s.o.failed_unparked, 1);
	assert_false(outage_exists(1, 2));
}

/* The bios of a failover never come and the head goes: its last round ends the outage. */
static void test_removed_with_pending_failover(void **state)
{
	(void)state;
	failover(1);
	head_remove(MPATH_REMOVE_IMMEDIATE);
	assert_int_equal(events(MPATH_EV_DRAINED), 0);
	round_end();
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
}

static int run_outages(void)
{
	const struct CMUnitTest tests[] = {
		DRIVE_TEST(test_recovered),
		DRIVE_TEST(test_recovered_events),
		DRIVE_TEST(test_window_without_bios),
		DRIVE_TEST(test_taken_bio_shows_usable_path),
		DRIVE_TEST(test_outage_without_window),
		DRIVE_TEST(test_loss_return_loss),
		DRIVE_TEST(test_second_window_ends_empty_outage),
		DRIVE_TEST(test_moved_deadline),
		DRIVE_TEST(test_late_rescue),
		DRIVE_TEST(test_removed),
		DRIVE_TEST(test_removed_in_window),
		DRIVE_TEST(test_setting_zero),
		DRIVE_TEST(test_failover_without_bios),
		DRIVE_TEST(test_failover_status),
		DRIVE_TEST(test_failures_only),
		DRIVE_TEST(test_failures_after_removal),
		DRIVE_TEST(test_removed_with_pending_failover),
	};

	return cmocka_run_group_tests_name("programs, outages", tests, NULL, NULL);
}

/* Runs all tests, or those whose name matches the pattern given. */
int main(int argc, char **argv)
{
	int failed;

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	failed = run_outages();
	failed += run_heads();
	failed += run_bios();
	failed += run_losses();
	failed += run_nameless();
	failed += run_who() + run_heal();
	return failed ? 1 : 0;
}
