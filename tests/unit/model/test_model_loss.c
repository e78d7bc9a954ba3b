// SPDX-License-Identifier: GPL-2.0-only
/* The model when something is missing: holes, restarts, breaks, nonsense. */
#include <string.h>

#include "tests/unit/fixture.h"

/* The first remark of a kind, NULL if there is none. */
static const struct model_remark *remark(enum model_remark_kind kind)
{
	const struct model_remark *r;
	size_t i;

	for (i = 0; (r = model_remark(m, i)); i++)
		if (r->kind == kind)
			return r;
	return NULL;
}

/* The collector is killed in a window: no END. */
static void test_killed_in_window(void **state)
{
	struct mpath_outage o;

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 12104);
	o = outage(&f, 4, 0, 0);
	put_outage(&f, &o);
	assert_int_equal(model_finish(m), 0);
	assert_int_equal(window(0)->outcome, MODEL_PENDING);
	assert_false(window(0)->ended);
	assert_int_equal(window(0)->end_ns, 12104 * MS);
	assert_int_equal(model_window_duration(window(0)), 2000 * MS);
	assert_int_equal(window(0)->missing, 0);
	assert_int_equal(window(0)->counters->s.depth, 4);
	assert_non_null(remark(REMARK_NO_END));
	assert_non_null(remark(REMARK_OPEN_AT_END));
}

static void test_hole_in_window(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	f.seq += 3;
	scene_return(&f, 5000, 2);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(0)->missing, MISSING_EVENTS);
	assert_int_equal(window(0)->events_lost, 3);
	assert_int_equal(model_events_lost(m), 3);
	assert_int_equal(remark(REMARK_EVENTS_LOST)->a, 3);
}

static void test_hole_before_window(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 5000, 2);
	f.seq += 2;
	at(&f, 40000);
	ev_ctrl(&f, 7, 0, 1);
	at(&f, 50000);
	ev_ctrl(&f, 7, 1, 2);
	scene_lose(&f, 60000);
	scene_return(&f, 5000, 3);
	put_end(&f);
	model_finish(m);
	assert_int_equal(model_events_lost(m), 2);
	assert_int_equal(window(0)->missing, 0);
	assert_int_equal(window(1)->missing, 0);
}

/* A removal without any I/O has no outage that would settle it; it is over all the same. */
static void test_hole_after_removal(void **state)
{
	(void)state;
	at(&f, 10000);
	ev_remove(&f, "nvme0c0n1", 0, 1);
	ev_remove(&f, "nvme0c1n1", 1, 0);
	ev_gone(&f, MPATH_REMOVE_IMMEDIATE);
	at(&f, 20000);
	ev_ctrl(&f, 3, 0, 1);
	f.seq++;
	at(&f, 30000);
	ev_ctrl(&f, 3, 1, 2);
	put_end(&f);
	model_finish(m);
	assert_int_equal(model_events_lost(m), 1);
	assert_int_equal(window(0)->missing, 0);
}

/* The hole lies between the loss of the paths and the arming. */
static void test_hole_hits_next_window(void **state)
{
	(void)state;
	at(&f, 10000);
	ev_remove(&f, "nvme0c0n1", 0, 1);
	ev_remove(&f, "nvme0c1n1", 1, 0);
	f.seq++;
	at(&f, 10004);
	f.window = 1;
	f.outage = 1;
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);
	at(&f, 12000);
	ev_ctrl(&f, 3, 0, 1);	/* the hole is given up here */
	assert_true(window(0)->missing & MISSING_EVENTS);
}

/*
 * A path joins and cancels the removal, and the event of that has overtaken the path's; its place
 * in seq.
 */
static __u64 cancelled_first(void)
{
	__u64 seq;

	scene_lose(&f, 10000);
	at(&f, 15001);
	seq = f.seq;
	f.seq = seq + 1;
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 25103, 0);	/* seq + 2 */
	return seq;
}

/* From two CPUs the ring may have them the other way round. */
static void test_out_of_order(void **state)
{
	__u64 seq = cancelled_first();

	(void)state;
	assert_int_equal(window(0)->outcome, MODEL_PENDING);
	at(&f, 15000);
	f.seq = seq;
	ev_add(&f, "nvme0c2n1", 2, 1, 25104);			/* seq + 1 */
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(0)->back_ns, 15000 * MS);
	assert_int_equal(window(0)->margin_ns, 25104 * MS);
	f.seq = seq + 2;
	at(&f, 16000);
	put_end(&f);
	model_finish(m);
	assert_int_equal(model_events_lost(m), 0);
}

/* The ring was read, then a topology, which took its time, and then the ring again. */
static void test_out_of_order_by_a_topology(void **state)
{
	__u64 seq = cancelled_first();

	(void)state;
	at(&f, 19000);
	put_topology(&f, SCENE_NQN, 1, 30);
	at(&f, 15000);
	f.seq = seq;
	ev_add(&f, "nvme0c2n1", 2, 1, 25104);			/* seq + 1 */
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	f.seq = seq + 2;
	at(&f, 20000);
	put_end(&f);
	model_finish(m);
	assert_int_equal(model_events_lost(m), 0);
	assert_int_equal(window(0)->missing & MISSING_EVENTS, 0);
}

/* Three of them, the last one first. */
static void test_reversed(void **state)
{
	__u64 seq;

	(void)state;
	scene_lose(&f, 10000);
	seq = f.seq;
	at(&f, 15002);
	f.seq = seq + 2;
	ev_live(&f, "nvme0c2n1", 2, true);			/* seq + 3 */
	at(&f, 15001);
	f.seq = seq + 1;
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 25103, 0);	/* seq + 2 */
	assert_int_equal(window(0)->outcome, MODEL_PENDING);
	at(&f, 15000);
	f.seq = seq;
	ev_add(&f, "nvme0c2n1", 2, 1, 25104);			/* seq + 1 */
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(0)->usable_ns, 15002 * MS);
	assert_int_equal(window(0)->missing, 0);
	assert_int_equal(model_events_lost(m), 0);
}

/* Held events are taken when too many wait, and at the end. */
static void test_held_events(void **state)
{
	int i;

	(void)state;
	f.seq++;
	for (i = 0; i < 65; i++)
		ev_ctrl(&f, i, 0, 1);
	assert_int_equal(model_events_lost(m), 1);
	f.seq += 4;
	ev_ctrl(&f, 1, 1, 2);
	assert_int_equal(model_events_lost(m), 1);
	put_end(&f);
	assert_int_equal(model_events_lost(m), 5);
}

static void test_ring_full_at_end(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	put_losses(&f, 9, 0);
	put_end(&f);
	model_finish(m);
	assert_int_equal(model_events_lost(m), 9);
	assert_true(window(0)->missing & MISSING_EVENTS);
}

static void test_maps_full(void **state)
{
	(void)state;
	put_losses(&f, 0, 0);
	scene_lose(&f, 10000);
	put_losses(&f, 0, 2);
	assert_int_equal(window(0)->missing, MISSING_MAPS);
	assert_int_equal(remark(REMARK_MAPS_FULL)->b, 2);
}

static void test_gap(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 20000);
	put_gap(&f, 11000, 19000, 17);
	scene_return(&f, 5000, 2);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->missing, MISSING_GAP);
	assert_int_equal(remark(REMARK_GAP)->a, 17);
}

/* The events of windows 2 and 3 are lost altogether. */
static void test_windows_skipped(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 5000, 2);
	f.window = 3;
	f.outage = 3;
	f.seq += 40;
	scene_lose(&f, 100000);
	scene_return(&f, 5000, 3);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(1)->number, 2);
	assert_int_equal(window(1)->outcome, MODEL_UNKNOWN);
	assert_int_equal(window(1)->missing & MISSING_ALL, MISSING_ALL);
	assert_int_equal(window(2)->number, 3);
	assert_int_equal(window(3)->number, 4);
	assert_int_equal(window(3)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(0)->head->missed_windows, 2);
	assert_int_equal(remark(REMARK_WINDOWS_MISSED)->a, 2);
	assert_int_equal(remark(REMARK_WINDOWS_MISSED)->b, 2);
	assert_int_equal(model_count(m, MODEL_UNKNOWN), 2);
}

/* A number from a hostile or broken source does not make a million windows. */
static void test_many_skipped(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 5000, 2);
	f.window = 4000000000U;
	scene_lose(&f, 100000);
	assert_int_equal(window(0)->head->missed_windows, 4000000000ULL - 1);
	assert_null(model_window(m, 20));
}

/* The collector starts in a window: the end tells of it. */
static void test_started_in_window(void **state)
{
	struct model *late = model_new();
	struct feed g = feed_model(late);
	const struct model_window *w;

	(void)state;
	put_host(&g, "boot-1");
	put_clock(&g);
	put_topology(&g, "nqn.a", 0, 30);
	put_start(&g);
	g.window = 5;
	g.outage = 1;
	scene_return(&g, 2000, 2);
	w = model_window(late, 0);
	assert_non_null(w);
	assert_int_equal(w->number, 5);
	assert_int_equal(w->outcome, MODEL_RECOVERED);
	assert_int_equal(w->armed_ns, MODEL_NONE);
	assert_true(w->missing & MISSING_START);
	assert_int_equal(w->deadline_ns, w->back_ns + 28000 * MS);
	assert_int_equal(w->margin_ns, 28000 * MS);
	assert_int_equal(model_head(late, 0)->missed_windows, 0);
	assert_null(model_window(late, 1));
	model_free(late);
}

static void test_end_lost(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 20000);
	f.seq += 2;		/* path_add and cancelled are lost */
	ev_live(&f, "nvme0c2n1", 2, true);
	at(&f, 22000);
	ev_ctrl(&f, 2, 0, 1);
	assert_int_equal(window(0)->outcome, MODEL_UNKNOWN);
	assert_true(window(0)->missing & MISSING_END);
	assert_true(window(0)->missing & MISSING_EVENTS);
	assert_int_equal(window(0)->usable_ns, 20000 * MS);
	assert_int_equal(window(0)->end_ns, MODEL_NONE);
}

/* sysfs says that there is a path, and no event says how. */
static void test_topology_contradicts(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 20000);
	put_topology(&f, SCENE_NQN, 1, 30);
	at(&f, 21000);
	put_losses(&f, 0, 0);
	assert_int_equal(window(0)->outcome, MODEL_PENDING);
	at(&f, 22100);
	put_losses(&f, 0, 0);
	assert_int_equal(window(0)->outcome, MODEL_UNKNOWN);
	assert_true(window(0)->missing & MISSING_END);
}

/* The same, but the event was only late. */
static void test_topology_early(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 20000);
	put_topology(&f, SCENE_NQN, 1, 30);
	scene_return(&f, 1, 0);
	at(&f, 30000);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(0)->missing, 0);
}

/* Killed in a window and started again in it. */
static void test_restart_in_window(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 15000);
	put_host(&f, "boot-1");
	put_clock(&f);
	put_topology(&f, SCENE_NQN, 0, 30);
	put_start(&f);
	f.head_id = 7;
	f.outage = 1;
	scene_return(&f, 2000, 2);
	put_end(&f);
	model_finish(m);
	assert_null(model_window(m, 1));
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_true(window(0)->missing & MISSING_RESTART);
	assert_non_null(remark(REMARK_NO_END));
	assert_int_equal(remark(REMARK_RESTART)->until_ns, 15000 * MS);
	assert_null(model_session(m, 2));
	assert_false(model_session_ended(model_session(m, 0)));
	assert_true(model_session_ended(model_session(m, 1)));
}

/* Started again after the window: who knows how it ended. */
static void test_restart_after_window(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 150000);
	put_host(&f, "boot-1");
	put_topology(&f, SCENE_NQN, -1, 0);
	put_start(&f);
	at(&f, 160000);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->outcome, MODEL_UNKNOWN);
	assert_true(window(0)->head->gone);
}

/*
 * Without the series windows are numbered by the programs, from 1: the first one after a restart is
 * not the first one before it, and none between them was missed.
 */
static void test_restart_numbers_anew(void **state)
{
	int session;

	(void)state;
	model_free(m);
	m = model_new();
	f = feed_model(m);
	for (session = 0; session < 3; session++) {
		put_host(&f, "boot-1");
		put_clock(&f);
		put_topology(&f, SCENE_NQN, 2, 30);
		put_start_stock(&f);
		f.head_id = 1;
		f.window = 0;
		f.outage = 0;
		scene_lose(&f, 10000);
		scene_return(&f, 20000, 2);
		at(&f, 1000);
		put_end(&f);
	}
	assert_int_equal(model_finish(m), 0);
	for (session = 0; session < 3; session++) {
		assert_int_equal(window(session)->outcome, MODEL_RECOVERED);
		assert_int_equal(window(session)->number, 1);
		assert_int_equal(window(session)->missing, 0);
	}
	assert_null(model_window(m, 3));
	assert_null(remark(REMARK_WINDOWS_MISSED));
}

/* A window that was open at the restart is not the next one, whose number it has. */
static void test_restart_in_numbered_window(void **state)
{
	(void)state;
	model_free(m);
	m = model_new();
	f = feed_model(m);
	put_host(&f, "boot-1");
	put_topology(&f, SCENE_NQN, 2, 30);
	put_start_stock(&f);
	scene_lose(&f, 10000);
	at(&f, 60000);
	put_host(&f, "boot-1");
	put_topology(&f, SCENE_NQN, 2, 30);
	put_start_stock(&f);
	f.window = 0;
	f.outage = 0;
	scene_lose(&f, 10000);
	scene_return(&f, 20000, 2);
	assert_int_equal(model_finish(m), 0);
	assert_int_equal(window(0)->outcome, MODEL_UNKNOWN);
	assert_true(window(0)->missing & MISSING_RESTART);
	assert_int_equal(window(1)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(1)->missing, 0);
}

static void test_reboot(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 300);
	put_host(&f, "boot-2");
	put_clock(&f);
	put_topology(&f, SCENE_NQN, 2, 30);
	put_start(&f);
	assert_int_equal(window(0)->outcome, MODEL_UNKNOWN);
	assert_non_null(remark(REMARK_REBOOT));
	f.window = 0;
	f.outage = 0;
	scene_lose(&f, 1000);
	scene_return(&f, 100, 2);
	assert_int_equal(window(1)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(1)->number, 1);
	assert_null(model_head(m, 1));
	assert_int_equal(window(1)->head->missed_windows, 0);
}

/* What a new segment repeats changes nothing. */
static void test_repeats(void **state)
{
	struct feed again = f;
	struct rec_host h = { .name = "host", .boot_id = "boot-1" };
	struct rec_start s = { .abi_version = 1 };
	struct record rec = { .version = RECORD_VERSION, .flags = RECORD_REPEAT };

	(void)again;
	(void)state;
	scene_lose(&f, 10000);
	rec.type = REC_HOST;
	rec.len = sizeof(h);
	rec.data = &h;
	assert_int_equal(model_feed(m, &rec), 0);
	rec.type = REC_START;
	rec.len = sizeof(s);
	rec.data = &s;
	assert_int_equal(model_feed(m, &rec), 0);
	scene_return(&f, 1000, 2);
	put_end(&f);
	model_finish(m);
	assert_null(model_session(m, 1));
	assert_int_equal(window(0)->missing, 0);
	assert_null(model_remark(m, 0));
}

static void test_balance(void **state)
{
	struct mpath_outage o;

	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 1000, 2);
	scene_lose(&f, 20000);
	at(&f, 50200);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	o = outage(&f, 5, 3, 1);
	o.depth = 0;
	o.drained_ns = f.now;
	put_outage(&f, &o);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->missing, 0);
	assert_int_equal(window(1)->missing, MISSING_BALANCE);
	assert_int_equal(remark(REMARK_BALANCE)->a, 5);
	assert_int_equal(remark(REMARK_BALANCE)->b, 4);
	assert_null(model_remark(m, 1));
}

static void test_no_counters(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 40200);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->missing, MISSING_COUNTERS);
}

/* The event about the end of the queue is lost, the snapshot has it. */
static void test_drained_by_snapshot(void **state)
{
	struct mpath_outage o;

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 40200);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	o = outage(&f, 5, 0, 5);
	o.drained_ns = 40205 * MS;
	o.first_taken_ns = 40203 * MS;
	put_outage(&f, &o);
	assert_int_equal(window(0)->drained_ns, 40205 * MS);
	assert_int_equal(window(0)->taken_ns, 40203 * MS);
	assert_true(window(0)->settled);
}

static void test_old_counters(void **state)
{
	struct mpath_outage o;

	(void)state;
	scene_lose(&f, 10000);
	o = outage(&f, 5, 0, 0);
	o.flags = MPATH_OUTAGE_LATE | MPATH_OUTAGE_MAP_FULL;
	put_outage(&f, &o);
	at(&f, 40200);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->missing, MISSING_LAST_COUNTERS | MISSING_LATE | MISSING_STALLS);
}

/* A recording of the first version: what its snapshots lack is not known, and not zero. */
static void test_first_version(void **state)
{
	struct mpath_outage o;

	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 1000, 2);
	scene_lose(&f, 20000);
	o = outage(&f, 5, 0, 5);
	o.flags = MPATH_OUTAGE_MAP_FULL;
	o.drained_ns = f.now;
	put_record(&f, REC_OUTAGE, &o, MPATH_OUTAGE_LEN_1 - 8);	/* nonsense */
	assert_null(window(1)->counters);
	put_record(&f, REC_OUTAGE, &o, MPATH_OUTAGE_LEN_1);
	assert_false(window(1)->counters->whole);
	assert_int_equal(window(1)->counters->s.failed, 5);
	assert_int_equal(window(1)->counters->s.stall_op_max_ns[MPATH_OP_WRITE], 0);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	assert_true(window(0)->counters->whole);
	assert_int_equal(window(1)->missing, MISSING_BIOS);
}

/* And of a later version than this one. */
static void test_later_version(void **state)
{
	struct {
		struct mpath_outage o;
		__u64 more[4];
	} later = { .more = { ~0ULL, ~0ULL, ~0ULL, ~0ULL } };

	(void)state;
	scene_lose(&f, 10000);
	later.o = outage(&f, 5, 0, 0);
	put_record(&f, REC_OUTAGE, &later, sizeof(later));
	assert_true(window(0)->counters->whole);
	assert_int_equal(window(0)->counters->s.depth, 5);
}

static void test_damage(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 1000, 2);
	scene_lose(&f, 20000);
	model_set_damaged(m);
	model_finish(m);
	assert_int_equal(window(0)->missing, 0);
	assert_true(window(1)->missing & MISSING_DAMAGE);
}

/* Nonsense is passed over and said, whatever it is. */
static void test_nonsense(void **state)
{
	static const char zeros[4096];
	struct mpath_outage o = { .head_id = 99 };
	struct mpath_ev_path ev = { .h = { .version = MPATH_ABI_VERSION,
					   .type = MPATH_EV_PATH_ADD,
					   .len = sizeof(ev),
					   .seq = 1,
					   .head_id = 1 } };
	__u16 type;
	__u32 len;

	(void)state;
	for (type = 0; type < 20; type++)
		for (len = 0; len < 400; len += 8)
			if (type != REC_HOST && type != REC_START)
				put_record(&f, type, zeros, len);
	put_record(&f, REC_OUTAGE, &o, sizeof(o));
	memset(ev.path, 'x', sizeof(ev.path));
	put_record(&f, REC_EVENT, &ev, sizeof(ev));
	ev.path[0] = '\0';
	memset(ev.h.head, 'x', sizeof(ev.h.head));
	put_record(&f, REC_EVENT, &ev, sizeof(ev));
	model_finish(m);
	assert_non_null(remark(REMARK_BAD_RECORD));
	assert_null(model_window(m, 0));
}

/* An event of a type of the future is skipped, but counts in the order. */
static void test_unknown_event(void **state)
{
	char bytes[200] = "";
	struct mpath_event *ev = (void *)bytes;

	(void)state;
	ev->version = MPATH_ABI_VERSION;
	ev->type = 77;
	ev->len = sizeof(bytes);
	ev->seq = ++f.seq;
	ev->head_id = 1;
	strcpy(ev->head, "nvme0n1");
	put_record(&f, REC_EVENT, bytes, sizeof(bytes));
	scene_lose(&f, 10000);
	scene_return(&f, 1000, 2);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->missing, 0);
	assert_null(model_remark(m, 0));
}

/* Deadlines beyond all time do not wrap. */
static void test_far_deadline(void **state)
{
	(void)state;
	at(&f, 1000);
	f.window = 1;
	ev_work(&f, MPATH_WORK_ARMED, ~0ULL, INT64_MAX, 0);
	assert_true(window(0)->deadline_ns > 1000000 * SEC);
	ev_work(&f, MPATH_WORK_MOVED, 5, INT64_MIN, 0);
	assert_true(window(0)->deadline_ns < SEC);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_killed_in_window),
		TEST(test_hole_in_window),
		TEST(test_hole_before_window),
		TEST(test_hole_after_removal),
		TEST(test_hole_hits_next_window),
		TEST(test_out_of_order),
		TEST(test_out_of_order_by_a_topology),
		TEST(test_reversed),
		TEST(test_held_events),
		TEST(test_ring_full_at_end),
		TEST(test_maps_full),
		TEST(test_gap),
		TEST(test_windows_skipped),
		TEST(test_many_skipped),
		TEST(test_started_in_window),
		TEST(test_end_lost),
		TEST(test_topology_contradicts),
		TEST(test_topology_early),
		TEST(test_restart_in_window),
		TEST(test_restart_after_window),
		TEST(test_restart_numbers_anew),
		TEST(test_restart_in_numbered_window),
		TEST(test_reboot),
		TEST(test_repeats),
		TEST(test_balance),
		TEST(test_no_counters),
		TEST(test_old_counters),
		TEST(test_first_version),
		TEST(test_later_version),
		TEST(test_drained_by_snapshot),
		TEST(test_damage),
		TEST(test_nonsense),
		TEST(test_unknown_event),
		TEST(test_far_deadline),
	};

	return cmocka_run_group_tests_name("model, things missing", tests, NULL, NULL);
}
