// SPDX-License-Identifier: GPL-2.0-only
/* The model, nothing lost: every outcome, phases, margin, several windows and heads. */
#include <string.h>

#include "tests/unit/fixture.h"

static void finish(void)
{
	put_end(&f);
	assert_int_equal(model_finish(m), 0);
	assert_null(model_remark(m, 0));
}

/* The timer of the removal stands still while the system sleeps: 20 s of these 37. */
static void test_margin_without_the_sleep(void **state)
{
	const struct model_window *w;

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 47500);
	ev_add(&f, "nvme0c2n1", 2, 1, 12604);
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 12604, 0);
	w = window(0);
	assert_int_equal(w->outcome, MODEL_RECOVERED);
	assert_true(w->margin_known);
	assert_int_equal(w->margin_ns, 12604 * MS);
	assert_int_equal(w->deadline_ns, 60104 * MS);
	assert_int_equal(w->moves, 0);
}

static void test_recovered(void **state)
{
	const struct model_window *w;

	(void)state;
	scene_lose(&f, 10000);
	w = window(0);
	assert_int_equal(w->outcome, MODEL_PENDING);
	assert_false(w->ended);
	scene_return(&f, 27396, 2);
	finish();
	assert_null(model_window(m, 1));
	assert_int_equal(w->number, 1);
	assert_int_equal(w->outcome, MODEL_RECOVERED);
	assert_true(w->ended && w->settled);
	assert_int_equal(w->missing, 0);
	assert_int_equal(w->first_lost_ns, 10000 * MS);
	assert_int_equal(w->lost_ns, 10100 * MS);
	assert_int_equal(w->armed_ns, 10104 * MS);
	assert_int_equal(w->deadline_ns, 40104 * MS);
	assert_int_equal(w->back_ns, 37500 * MS);
	assert_int_equal(w->end_ns, 37500 * MS);
	assert_int_equal(w->usable_ns, 37910 * MS);
	assert_int_equal(w->taken_ns, 38020 * MS);
	assert_int_equal(w->drained_ns, 38080 * MS);
	assert_int_equal(w->removed_ns, MODEL_NONE);
	assert_true(w->margin_known);
	assert_int_equal(w->margin_ns, 2604 * MS);
	assert_true(model_window_is_near_miss(w));
	assert_int_equal(model_window_duration(w), 27396 * MS);
	assert_int_equal(model_outage_duration(w), 27810 * MS);
	assert_int_equal(w->counters->s.completed, 5);
	assert_string_equal(w->head->name, "nvme0n1");
	assert_string_equal(w->head->nqn, SCENE_NQN);
	assert_int_equal(model_count(m, MODEL_RECOVERED), 1);
	assert_int_equal(model_count(m, MODEL_PENDING), 0);
	assert_int_equal(w->head->windows[MODEL_RECOVERED], 1);
}

static void test_not_close(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 26999, 2);	/* 3.001 s of 30 s left */
	assert_false(model_window_is_near_miss(window(0)));
	finish();
}

static void expire(__u32 reason)
{
	struct mpath_outage o;

	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, reason);
	at(&f, f.now / MS + 5);
	ev_drained(&f);
	o = outage(&f, 7, 0, 7);
	o.drained_ns = f.now;
	put_outage(&f, &o);
}

static void test_removed(void **state)
{
	const struct model_window *w;

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 40105);
	expire(MPATH_REMOVE_EXPIRED);
	finish();
	w = window(0);
	assert_int_equal(w->outcome, MODEL_REMOVED);
	assert_true(w->settled);
	assert_int_equal(w->end_ns, 40105 * MS);
	assert_int_equal(w->removed_ns, 40105 * MS);
	assert_int_equal(w->drained_ns, 40110 * MS);
	assert_int_equal(w->back_ns, MODEL_NONE);
	assert_false(w->margin_known);
	assert_int_equal(w->counters->s.failed, 7);
	assert_int_equal(model_outage_duration(w), 30005 * MS);
	assert_true(w->head->gone);
	assert_int_equal(w->missing, 0);
}

static void test_closed(void **state)
{
	const struct model_window *w;

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 15000);
	ev_work(&f, MPATH_WORK_MOVED, 0, 0, 0);
	expire(MPATH_REMOVE_CLOSED);
	finish();
	w = window(0);
	assert_int_equal(w->outcome, MODEL_CLOSED);
	assert_int_equal(w->moves, 1);
	assert_int_equal(model_count(m, MODEL_REMOVED), 0);
	assert_int_equal(model_count(m, MODEL_CLOSED), 1);
	assert_int_equal(w->head->windows[MODEL_CLOSED], 1);
}

static void test_late_rescue(void **state)
{
	const struct model_window *w;
	struct mpath_outage o;

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 40106);
	ev_work(&f, MPATH_WORK_RAN, 30000, -2, MPATH_RESULT_KEPT);
	ev_add(&f, "nvme0c2n1", 2, 1, MPATH_NO_WINDOW);
	at(&f, 40500);
	ev_live(&f, "nvme0c2n1", 2, true);
	ev_drained(&f);
	o = outage(&f, 5, 5, 0);
	o.drained_ns = f.now;
	put_outage(&f, &o);
	finish();
	w = window(0);
	assert_int_equal(w->outcome, MODEL_LATE_RESCUE);
	assert_int_equal(w->back_ns, 40106 * MS);
	assert_int_equal(w->usable_ns, 40500 * MS);
	assert_true(w->margin_known);
	assert_int_equal(w->margin_ns, -2 * (__s64)MS);
	assert_false(w->head->gone);
	assert_true(w->settled);
}

static void test_not_armed(void **state)
{
	const struct model_window *w;
	struct mpath_outage o;

	(void)state;
	at(&f, 10000);
	ev_remove(&f, "nvme0c0n1", 0, 1);
	at(&f, 12000);
	f.outage = 1;
	ev_bio(&f, MPATH_BIO_FIRST, 0);
	o = outage(&f, 3, 0, 3);
	at(&f, 12001);
	ev_remove(&f, "nvme0c1n1", 1, 0);
	ev_gone(&f, MPATH_REMOVE_IMMEDIATE);
	at(&f, 12003);
	ev_drained(&f);
	o.drained_ns = f.now;
	put_outage(&f, &o);
	finish();
	w = window(0);
	assert_int_equal(w->outcome, MODEL_NOT_ARMED);
	assert_int_equal(w->number, 0);
	assert_int_equal(w->armed_ns, MODEL_NONE);
	assert_int_equal(w->first_lost_ns, 10000 * MS);
	assert_int_equal(w->lost_ns, 12001 * MS);
	assert_int_equal(w->removed_ns, 12001 * MS);
	assert_int_equal(w->counters->s.failed, 3);
	assert_int_equal(w->drained_ns, 12003 * MS);
	assert_int_equal(model_window_duration(w), MODEL_NONE);
	assert_int_equal(w->missing, 0);
}

static void test_not_armed_idle(void **state)
{
	(void)state;
	at(&f, 10000);
	ev_remove(&f, "nvme0c0n1", 0, 1);
	ev_remove(&f, "nvme0c1n1", 1, 0);
	ev_gone(&f, MPATH_REMOVE_IMMEDIATE);
	finish();
	assert_null(window(0)->counters);
	assert_int_equal(window(0)->missing, 0);
	assert_true(window(0)->settled);
}

static void test_deadline_moved(void **state)
{
	const struct model_window *w;

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 15104);
	ev_work(&f, MPATH_WORK_MOVED, 60000, 55000, 0);
	at(&f, 45104);
	ev_add(&f, "nvme0c2n1", 2, 1, 25000);
	ev_work(&f, MPATH_WORK_CANCELLED, 60000, 25000, 0);
	w = window(0);
	assert_int_equal(w->deadline_ns, 70104 * MS);
	assert_int_equal(w->margin_ns, 25000 * MS);
	assert_int_equal(w->setting_ms, 60000);
	assert_int_equal(w->armed_ms, 30000);
	assert_int_equal(w->moves, 1);
	assert_int_equal(w->head->setting_s, 60);
}

static void test_loss_return_loss(void **state)
{
	const struct model_window *a, *b;

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 20000);
	ev_add(&f, "nvme0c2n1", 2, 1, 20104);
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 20104, 0);
	at(&f, 20050);
	ev_remove(&f, "nvme0c2n1", 2, 0);
	f.window = 2;
	f.outage = 2;
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);
	scene_return(&f, 5000, 3);
	a = window(0);
	b = window(1);
	assert_int_equal(a->outcome, MODEL_RECOVERED);
	assert_true(a->lost_again);
	assert_int_equal(a->usable_ns, MODEL_NONE);
	assert_int_equal(b->number, 2);
	assert_int_equal(b->outcome, MODEL_RECOVERED);
	assert_true(b->continues);
	assert_false(b->lost_again);
	assert_int_equal(b->armed_ns, 20050 * MS);
	assert_int_equal(b->margin_ns, 25000 * MS);
	assert_true(b->settled);
	/* the bios of the first outage end later, and its window gets them */
	assert_false(a->settled);
	f.outage = 1;
	f.window = 1;
	struct mpath_outage o = outage(&f, 4, 4, 0);

	o.drained_ns = f.now;
	put_outage(&f, &o);
	assert_true(a->settled);
	assert_int_equal(a->counters->s.completed, 4);
	assert_int_equal(b->counters->s.completed, 5);
	finish();
	assert_int_equal(a->missing | b->missing, 0);
	assert_null(model_window(m, 2));
}

static void test_window_after_window(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 1000, 0);
	at(&f, 20000);
	ev_add(&f, "nvme0c1n1", 1, 2, MPATH_NO_WINDOW);
	ev_live(&f, "nvme0c1n1", 1, true);
	scene_lose(&f, 30000);
	at(&f, 60200);
	expire(MPATH_REMOVE_EXPIRED);
	finish();
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(1)->outcome, MODEL_REMOVED);
	assert_false(window(1)->continues);
	assert_int_equal(window(1)->first_lost_ns, 30000 * MS);
	assert_int_equal(window(1)->lost_ns, 30100 * MS);
}

static void test_two_heads(void **state)
{
	struct feed g = f;

	(void)state;
	g.head_id = 2;
	g.nsid = 2;
	strcpy(g.head, "nvme0n2");
	scene_lose(&f, 10000);
	g.seq = f.seq;
	scene_lose(&g, 10050);
	f.seq = g.seq;
	scene_return(&f, 3000, 2);
	g.seq = f.seq;
	at(&g, 40200);
	ev_work(&g, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&g, MPATH_REMOVE_EXPIRED);
	f.seq = g.seq;
	assert_string_equal(window(0)->head->name, "nvme0n1");
	assert_string_equal(window(1)->head->name, "nvme0n2");
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(1)->outcome, MODEL_REMOVED);
	assert_null(window(1)->counters);
	assert_int_equal(window(0)->counters->s.completed, 5);
	assert_non_null(model_head(m, 1));
	assert_null(model_head(m, 2));
}

/* The namespace comes back after removal under another name: one head. */
static void test_same_namespace_again(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 40200);
	expire(MPATH_REMOVE_EXPIRED);
	at(&f, 59000);
	strcpy(f.head, "nvme1n1");
	f.subsys = 1;
	put_topology(&f, SCENE_NQN, 2, 30);
	f.head_id = 2;
	f.window = 0;
	f.outage = 0;
	scene_lose(&f, 60000);
	scene_return(&f, 100, 4);
	finish();
	assert_null(model_head(m, 1));
	assert_ptr_equal(window(0)->head, window(1)->head);
	assert_string_equal(window(0)->name, "nvme0n1");
	assert_string_equal(window(1)->name, "nvme1n1");
	assert_int_equal(window(1)->number, 1);
	assert_int_equal(window(1)->outcome, MODEL_RECOVERED);
	assert_false(window(1)->head->gone);
}

/* Events before the first topology make a head that the topology then names. */
static void test_topology_names_head(void **state)
{
	struct model *late = model_new();
	struct feed g = feed_model(late);

	(void)state;
	put_start(&g);
	scene_lose(&g, 1000);
	put_topology(&g, "nqn.a", 0, 30);
	scene_return(&g, 1000, 2);
	assert_null(model_head(late, 1));
	assert_string_equal(model_head(late, 0)->nqn, "nqn.a");
	assert_int_equal(model_window(late, 0)->outcome, MODEL_RECOVERED);
	model_free(late);
}

static void test_failover_without_window(void **state)
{
	struct mpath_outage o;

	(void)state;
	at(&f, 5000);
	ev_live(&f, "nvme0c0n1", 0, false);
	ev_live(&f, "nvme0c1n1", 1, false);
	assert_int_equal(model_head(m, 0)->lost_ns, 5000 * MS);
	f.outage = 1;
	ev_bio(&f, MPATH_BIO_FIRST, 0);
	at(&f, 6000);
	ev_live(&f, "nvme0c0n1", 0, true);
	assert_int_equal(model_head(m, 0)->lost_ns, MODEL_NONE);
	ev_drained(&f);
	o = outage(&f, 2, 2, 0);
	o.drained_ns = f.now;
	put_outage(&f, &o);
	finish();
	assert_null(model_window(m, 0));
	assert_non_null(model_outage(m, 0));
	assert_false(model_outage_has_window(model_outage(m, 0)));
}

static void test_paths(void **state)
{
	const struct model_head *h = model_head(m, 0);

	(void)state;
	assert_int_equal(h->nr_paths, 2);
	assert_int_equal(h->paths[0].state, PATH_USABLE);
	assert_string_equal(h->paths[1].transport, "pcie");
	at(&f, 1000);
	ev_ctrl(&f, 1, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING);
	assert_int_equal(h->paths[1].ctrl_state, MPATH_CTRL_RESETTING);
	assert_int_equal(h->paths[0].ctrl_state, MPATH_CTRL_LIVE);
	ev_live(&f, "nvme0c1n1", 1, false);
	ev_live(&f, "nvme0c1n1", 1, false);	/* may repeat */
	assert_int_equal(h->paths[1].lost_ns, 1000 * MS);
	assert_int_equal(h->lost_ns, MODEL_NONE);
	assert_int_equal(h->first_lost_ns, 1000 * MS);
	ev_remove(&f, "nvme0c1n1", 1, 1);
	assert_true(h->paths[1].gone);
	assert_int_equal(h->paths_listed, 1);
	ev_add(&f, "nvme0c5n1", 5, 2, MPATH_NO_WINDOW);
	ev_live(&f, "nvme0c5n1", 5, true);
	assert_int_equal(h->nr_paths, 3);
	assert_int_equal(h->first_lost_ns, MODEL_NONE);
	finish();
}

/* The last snapshot of an outage wins, whatever came before. */
static void test_last_snapshot_wins(void **state)
{
	struct mpath_outage o;

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 11000);
	o = outage(&f, 3, 0, 0);
	put_outage(&f, &o);
	assert_int_equal(window(0)->counters->s.depth, 3);
	at(&f, 12000);
	o = outage(&f, 5, 0, 0);
	put_outage(&f, &o);
	assert_int_equal(window(0)->counters->s.depth, 5);
	assert_null(model_outage(m, 1));
	scene_return(&f, 1000, 2);
	assert_int_equal(window(0)->counters->s.depth, 0);
	finish();
}

static void test_wall_time(void **state)
{
	struct rec_clock later = { .boottime_ns = 50 * SEC,
				   .realtime_ns = REAL0 + 150 * (__s64)SEC };
	const struct model_session *s = model_current(m);
	__s64 wall;

	(void)state;
	assert_int_equal(model_wall_ns(s, 10 * SEC, &wall), 0);
	assert_int_equal(wall, REAL0 + 10 * (__s64)SEC);
	at(&f, 50000);
	put_record(&f, REC_CLOCK, &later, sizeof(later));	/* the clock was set */
	model_wall_ns(s, 49 * SEC, &wall);
	assert_int_equal(wall, REAL0 + 49 * (__s64)SEC);
	model_wall_ns(s, 51 * SEC, &wall);
	assert_int_equal(wall, REAL0 + 151 * (__s64)SEC);
}

static char changes[64];

static int on_window(void *ctx, const struct model *model, enum model_change what,
		     const struct model_window *w)
{
	assert_ptr_equal(ctx, &f);
	assert_ptr_equal(model, m);
	assert_non_null(w);
	strcat(changes, what == MODEL_OPENED ? "O" :
			what == MODEL_MOVED  ? "M" :
			what == MODEL_ENDED  ? "E" :
					       "S");
	return 0;
}

static void test_changes(void **state)
{
	const struct model_listener listener = { .window = on_window, .ctx = &f };

	(void)state;
	changes[0] = '\0';
	assert_int_equal(model_listen(m, &listener), 0);
	scene_lose(&f, 10000);
	assert_string_equal(changes, "O");
	ev_work(&f, MPATH_WORK_MOVED, 30000, 29000, 0);
	scene_return(&f, 1000, 2);
	assert_string_equal(changes, "OMES");
	finish();
	assert_string_equal(changes, "OMES");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_recovered),
		TEST(test_margin_without_the_sleep),
		TEST(test_not_close),
		TEST(test_removed),
		TEST(test_closed),
		TEST(test_late_rescue),
		TEST(test_not_armed),
		TEST(test_not_armed_idle),
		TEST(test_deadline_moved),
		TEST(test_loss_return_loss),
		TEST(test_window_after_window),
		TEST(test_two_heads),
		TEST(test_same_namespace_again),
		TEST(test_topology_names_head),
		TEST(test_failover_without_window),
		TEST(test_paths),
		TEST(test_last_snapshot_wins),
		TEST(test_wall_time),
		TEST(test_changes),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
