// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pinned programs: one collector ends or is killed, the next goes on with the
 * same attachment, and the model makes one session of both.
 */
#include <string.h>

#include "tests/unit/fixture.h"

#define ATTACHED	0x1122334455667788ULL

static int setup_pinned(void **state)
{
	(void)state;
	setup_empty();
	put_host(&f, "boot-1");
	put_clock(&f);
	put_start_pinned(&f, ATTACHED, false);
	put_topology(&f, SCENE_NQN, 2, 30);
	return 0;
}

/* What a collector yields first when it takes over. */
static void take_over(__u64 ms, __u64 attachment)
{
	at(&f, ms);
	put_start_pinned(&f, attachment, true);
	put_host(&f, "boot-1");
	put_clock(&f);
}

static size_t remarks(enum model_remark_kind kind)
{
	size_t i, n = 0;

	for (i = 0; model_remark(m, i); i++)
		n += model_remark(m, i)->kind == kind;
	return n;
}

static size_t sessions(void)
{
	size_t n = 0;

	while (model_session(m, n))
		n++;
	return n;
}

static void one_whole_window(void)
{
	const struct model_window *w = window(0);

	assert_null(model_window(m, 1));
	assert_int_equal(w->outcome, MODEL_RECOVERED);
	assert_int_equal(w->missing, 0);
	assert_true(w->settled);
	assert_true(w->margin_known);
	assert_int_equal(w->counters->s.completed, 5);
	assert_int_equal(model_events_lost(m), 0);
}

/* Killed with a window open; its end is in the ring when the next one comes. */
static void test_killed_in_window(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	take_over(40000, ATTACHED);
	at(&f, 10104);
	scene_return(&f, 20000, 0);
	at(&f, 40001);
	put_topology(&f, SCENE_NQN, 1, 30);
	put_end(&f);
	assert_int_equal(model_finish(m), 0);
	one_whole_window();
	assert_int_equal(sessions(), 1);
	assert_int_equal(remarks(REMARK_RESUMED), 1);
	assert_int_equal(remarks(REMARK_RESTART), 0);
	assert_int_equal(remarks(REMARK_NO_END), 0);
	assert_true(model_session_ended(model_session(m, 0)));
}

/* The whole window went by without a collector, the earlier one had ended in good order. */
static void test_stopped_over_window(void **state)
{
	(void)state;
	at(&f, 9000);
	put_end(&f);
	take_over(60000, ATTACHED);
	scene_lose(&f, 10000);
	scene_return(&f, 20000, 0);
	at(&f, 60001);
	put_topology(&f, SCENE_NQN, 1, 30);
	assert_int_equal(model_finish(m), 0);
	one_whole_window();
	assert_int_equal(sessions(), 1);
	assert_false(model_session_ended(model_session(m, 0)));
	assert_int_equal(remarks(REMARK_NO_END), 1);	/* of the second collector */
}

/* Killed between writing an event down and taking it off the ring: it comes twice. */
static void test_last_event_twice(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	take_over(40000, ATTACHED);
	at(&f, 10104);
	f.seq--;
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);
	scene_return(&f, 20000, 0);
	assert_int_equal(model_finish(m), 0);
	one_whole_window();
}

/* Killed between two events that are out of order: the second fills the hole. */
static void test_killed_in_hole(void **state)
{
	(void)state;
	at(&f, 10000);
	ev_live(&f, "nvme0c0n1", 0, false);
	f.seq++;
	ev_live(&f, "nvme0c1n1", 1, false);
	take_over(40000, ATTACHED);
	at(&f, 10000);
	f.seq -= 2;
	ev_remove(&f, "nvme0c0n1", 0, 1);
	f.seq++;
	assert_int_equal(model_finish(m), 0);
	assert_int_equal(model_events_lost(m), 0);
	assert_true(model_head(m, 0)->paths[0].gone);
}

/* The ring was full meanwhile. */
static void test_overflow_is_marked(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	take_over(40000, ATTACHED);
	at(&f, 10104);
	f.seq += 7;
	scene_return(&f, 20000, 0);
	put_losses(&f, 7, 0);
	assert_int_equal(model_finish(m), 0);
	assert_int_equal(model_events_lost(m), 7);
	assert_true(window(0)->missing & MISSING_EVENTS);
	assert_false(window(0)->missing & MISSING_RESTART);
}

/* Unpinned and pinned anew: another attachment, so something may be missing. */
static void test_other_attachment(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 15000);
	put_host(&f, "boot-1");
	put_start_pinned(&f, ATTACHED + 1, false);
	assert_int_equal(sessions(), 2);
	assert_int_equal(remarks(REMARK_RESTART), 1);
	assert_true(window(0)->missing & MISSING_RESTART);
}

/* A record that begins with the second collector, in another directory. */
static void test_continues_without_the_first(void **state)
{
	struct model *other = model_new();
	struct feed g = feed_model(other);

	(void)state;
	assert_non_null(other);
	at(&g, 40000);
	put_start_pinned(&g, ATTACHED, true);
	put_host(&g, "boot-1");
	put_clock(&g);
	g.seq = 100;
	scene_lose(&g, 50000);
	scene_return(&g, 20000, 0);
	put_end(&g);
	assert_int_equal(model_finish(other), 0);
	assert_int_equal(model_events_lost(other), 0);
	assert_non_null(model_session(other, 0));
	assert_null(model_session(other, 1));
	assert_string_equal(model_session_host(model_session(other, 0))->boot_id, "boot-1");
	assert_int_equal(model_window(other, 0)->outcome, MODEL_RECOVERED);
	assert_int_equal(model_window(other, 0)->missing, 0);
	model_free(other);
}

/* Repeats at the head of a later segment do not look like yet another collector. */
static void test_repeated_start(void **state)
{
	struct rec_start s = { .abi_version = MPATH_ABI_VERSION,
			       .programs = 11,
			       .flags = REC_START_CONTINUES,
			       .attachment = ATTACHED };
	struct record rec = { .type = REC_START,
			      .version = RECORD_VERSION,
			      .len = sizeof(s),
			      .flags = RECORD_REPEAT,
			      .time_ns = 40000 * MS,
			      .data = &s };

	(void)state;
	scene_lose(&f, 10000);
	take_over(40000, ATTACHED);
	assert_int_equal(model_feed(m, &rec), 0);
	at(&f, 10104);
	scene_return(&f, 20000, 0);
	assert_int_equal(model_finish(m), 0);
	one_whole_window();
	assert_int_equal(remarks(REMARK_RESUMED), 1);
	assert_int_equal(sessions(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_killed_in_window, setup_pinned, teardown),
		cmocka_unit_test_setup_teardown(test_stopped_over_window, setup_pinned, teardown),
		cmocka_unit_test_setup_teardown(test_last_event_twice, setup_pinned, teardown),
		cmocka_unit_test_setup_teardown(test_killed_in_hole, setup_pinned, teardown),
		cmocka_unit_test_setup_teardown(test_overflow_is_marked, setup_pinned, teardown),
		cmocka_unit_test_setup_teardown(test_other_attachment, setup_pinned, teardown),
		cmocka_unit_test_setup_teardown(test_continues_without_the_first, setup_pinned,
						teardown),
		cmocka_unit_test_setup_teardown(test_repeated_start, setup_pinned, teardown),
		/* the fixture's own scene, attached without pins */
		cmocka_unit_test_setup_teardown(test_other_attachment, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
