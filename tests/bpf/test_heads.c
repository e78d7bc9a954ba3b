// SPDX-License-Identifier: GPL-2.0-only
/* The state machine of the BPF programs: which head is which, and what the events say. */
#include "groups.h"

/* Two heads lose their paths: one has nothing to do with the other. */
static void test_two_heads(void **state)
{
	struct drive_head a, b = { .disk = DRIVE_DISK(1), .subsys = 3, .nsid = 2 };
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	a = target;
	target = b;
	work_armed();
	bio_park(1, MPATH_PARK_NO_USABLE_PATH);
	bio_park(2, MPATH_PARK_NO_USABLE_PATH);
	b = target;
	target = a;
	path_return();
	bio_unpark(0);
	target = b;
	round_end();			/* not of the head whose bio is in a slot */
	s = outage_seen(1, 1);
	assert_int_equal(depth(&s), 1);
	target = a;
	round_end();
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	s = outage_seen(2, 1);
	assert_int_equal(depth(&s), 2);
	assert_int_equal(s.o.completed, 0);
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
	assert_int_equal(event(MPATH_EV_DRAINED, 0)->h.head_id, 1);
}

/* A head that is gone stays the one it was until a path joins at its address. */
static void test_address_used_again(void **state)
{
	(void)state;
	path_add(1);
	path_add(2);
	assert_int_equal(head_seen().id, 1);
	head_remove(MPATH_REMOVE_EXPIRED);
	round_end();
	path_live(true);
	bio_fail(0);
	path_remove(0);
	assert_int_equal(head_seen().id, 1);
	assert_true(head_seen().gone_ns);
	assert_true(head_seen().finished);
	path_add(1);
	assert_int_equal(head_seen().id, 2);
	assert_int_equal(head_seen().gone_ns, 0);
	assert_false(head_seen().finished);
	assert_int_equal(event(MPATH_EV_PATH_ADD, 2)->h.head_id, 2);
}

/* Another namespace or subsystem at the address is another head, gone or not. */
static void test_address_of_another(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	target.nsid++;
	target.window = 0;
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	assert_int_equal(head_seen().id, 2);
	target.subsys++;
	path_live(true);
	assert_int_equal(head_seen().id, 3);
	assert_int_equal(head_seen().outage, 0);
	s = outage_seen(1, 1);
	assert_int_equal(depth(&s), 0);
	s = outage_seen(2, 1);
	assert_int_equal(depth(&s), 1);
	assert_int_equal(s.o.window, 0);
}

/* A bio that outlives its head ends that head's outage, not the one of the same number here. */
static void test_bio_of_another_head(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	target.nsid++;
	bio_park(1, MPATH_PARK_NO_USABLE_PATH);
	assert_int_equal(head_seen().id, 2);
	bio_unpark(0);
	round_end();
	s = outage_seen(1, 1);
	assert_true(drained(&s));
	s = outage_seen(2, 1);
	assert_false(drained(&s));
	assert_int_equal(depth(&s), 1);
	assert_int_equal(head_seen().outage, 1);
	assert_int_equal(events(MPATH_EV_DRAINED), 1);
	assert_int_equal(event(MPATH_EV_DRAINED, 0)->h.head_id, 1);
}

/*
 * Of a head that is gone no path takes a bio: what does not come back was failed by the block
 * layer.
 */
static void test_bio_of_a_gone_head_failed(void **state)
{
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	bio_park(1, MPATH_PARK_NO_USABLE_PATH);
	bio_park(2, MPATH_PARK_NO_USABLE_PATH);
	bio_unpark(2);			/* taken: the path went after it */
	work_ran(MPATH_RESULT_REMOVED);
	head_remove(MPATH_REMOVE_EXPIRED);
	bio_unpark(0);
	bio_unpark(1);
	round_end();
	s = outage_seen(1, 1);
	assert_int_equal(s.o.completed, 1);
	assert_int_equal(s.o.failed, 2);
	assert_true(drained(&s));
}

/*
 * The same when the head has gone and its successor waits: what is told of the bio is of its own
 * head.
 */
static void test_late_bio_is_of_its_own_head(void **state)
{
	const struct mpath_ev_bio *e;
	struct mpath_outage_state s;

	(void)state;
	work_armed();
	bio_park(0, MPATH_PARK_NO_USABLE_PATH);
	bio_park(1, MPATH_PARK_NO_USABLE_PATH);
	work_ran(MPATH_RESULT_REMOVED);
	head_remove(MPATH_REMOVE_EXPIRED);
	path_add(1);			/* a new head at the address */
	target.window = 4;
	work_armed();
	assert_int_equal(head_seen().id, 2);
	bio_fail(0);
	bio_unpark(1);
	round_end();
	s = outage_seen(1, 1);
	assert_int_equal(s.o.failed, 1);
	assert_int_equal(s.o.completed, 1);
	s = outage_seen(2, 1);
	assert_int_equal(s.o.failed + s.o.completed, 0);
	assert_int_equal(s.o.first_taken_ns, 0);
	assert_int_equal(events(MPATH_EV_BIO), 3);
	assert_int_equal(event(MPATH_EV_BIO, 1)->bio.what, MPATH_BIO_FAILED);
	assert_int_equal(event(MPATH_EV_BIO, 2)->bio.what, MPATH_BIO_TAKEN);
	e = &event(MPATH_EV_BIO, 1)->bio;
	assert_int_equal(e->h.head_id, 1);
	assert_int_equal(e->h.outage, 1);
	assert_int_equal(e->h.window, 1);
	e = &event(MPATH_EV_BIO, 2)->bio;
	assert_int_equal(e->h.head_id, 1);
	assert_int_equal(e->h.window, 1);
}

/* Rounds of heads that nothing happened to leave no trace. */
static void test_idle_round(void **state)
{
	(void)state;
	round_end();
	assert_int_equal(head_seen().id, 0);
	assert_int_equal(events(0), 0);
}

/* Events of paths and controllers say what their tracepoints said. */
static void test_path_events(void **state)
{
	const struct mpath_ev_path *e;
	const struct mpath_event zero = {};

	(void)state;
	path_add(2);
	path_live(true);
	path_remove(1);
	path_remove(0);
	ctrl_state(6, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING);
	e = &event(MPATH_EV_PATH_ADD, 0)->path;
	assert_int_equal(e->h.len, sizeof(*e));
	assert_int_equal(e->h.subsys, 3);
	assert_int_equal(e->h.nsid, 1);
	assert_int_equal(e->ctrl, 4);
	assert_int_equal(e->paths, 2);
	assert_int_equal(e->ms_left, MARGIN_MS);
	e = &event(MPATH_EV_PATH_LIVE, 0)->path;
	assert_int_equal(e->ana_state, 1);
	assert_int_equal(e->ctrl_state, MPATH_CTRL_LIVE);
	assert_int_equal(e->usable, 1);
	assert_int_equal(e->ms_left, MPATH_NO_WINDOW);
	e = &event(MPATH_EV_PATH_REMOVE, 0)->path;
	assert_int_equal(e->ctrl_state, MPATH_CTRL_DELETING);
	assert_int_equal(e->paths, 1);
	assert_int_equal(e->last, 0);
	assert_int_equal(event(MPATH_EV_PATH_REMOVE, 1)->path.last, 1);
	assert_int_equal(event(MPATH_EV_CTRL_STATE, 0)->ctrl.ctrl, 6);
	assert_int_equal(event(MPATH_EV_CTRL_STATE, 0)->ctrl.old_state, MPATH_CTRL_LIVE);
	assert_int_equal(event(MPATH_EV_CTRL_STATE, 0)->ctrl.new_state, MPATH_CTRL_RESETTING);
	assert_int_equal(event(MPATH_EV_CTRL_STATE, 0)->h.head_id, 0);
	assert_int_equal(event(MPATH_EV_CTRL_STATE, 0)->h.len, sizeof(struct mpath_ev_ctrl_state));
	/* nobody changed a state: the stack is that of the test */
	assert_string_equal(event(MPATH_EV_CTRL_STATE, 0)->ctrl.callers[0], "");
	assert_memory_equal(event(MPATH_EV_CTRL_STATE, 0)->h.head, zero.head, sizeof(zero.head));
}

/* And so do those of a window, which belong to its outage up to the end. */
static void test_window_events(void **state)
{
	const struct mpath_ev_failover *f;
	const struct mpath_ev_remove_work *w;

	(void)state;
	failover(3);
	work_armed();
	work_ran(MPATH_RESULT_REMOVED);
	head_remove(MPATH_REMOVE_CLOSED);
	f = &event(MPATH_EV_FAILOVER, 0)->failover;
	assert_int_equal(f->h.len, sizeof(*f));
	assert_int_equal(f->h.window, 0);
	assert_int_equal(f->ctrl, 4);
	assert_int_equal(f->status, 0x371);
	assert_int_equal(f->age_ns, 5000);
	assert_int_equal(f->bios, 3);
	w = &event(MPATH_EV_REMOVE_WORK, 0)->work;
	assert_int_equal(w->h.len, sizeof(*w));
	assert_int_equal(w->h.window, 1);
	assert_int_equal(w->h.outage, 1);
	assert_int_equal(w->action, MPATH_WORK_ARMED);
	assert_int_equal(w->delay_ms, DELAY_MS);
	assert_int_equal(w->ms_left, DELAY_MS);
	w = &event(MPATH_EV_REMOVE_WORK, 1)->work;
	assert_int_equal(w->h.outage, 1);
	assert_int_equal(w->action, MPATH_WORK_RAN);
	assert_int_equal(w->result, MPATH_RESULT_REMOVED);
	assert_int_equal(event(MPATH_EV_HEAD_REMOVE, 0)->h.outage, 1);
	assert_int_equal(event(MPATH_EV_HEAD_REMOVE, 0)->gone.reason, MPATH_REMOVE_CLOSED);
}

int run_heads(void)
{
	const struct CMUnitTest tests[] = {
		DRIVE_TEST(test_two_heads),
		DRIVE_TEST(test_address_used_again),
		DRIVE_TEST(test_address_of_another),
		DRIVE_TEST(test_bio_of_another_head),
		DRIVE_TEST(test_late_bio_is_of_its_own_head),
		DRIVE_TEST(test_bio_of_a_gone_head_failed),
		DRIVE_TEST(test_idle_round),
		DRIVE_TEST(test_path_events),
		DRIVE_TEST(test_window_events),
	};

	return cmocka_run_group_tests_name("programs, heads and events", tests, NULL, NULL);
}
