// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model, orders of events that the kernel can produce and a test with one CPU and little
 * load seldom sees. In most of them nothing is lost, so nothing may be called missing.
 */
#include <string.h>

#include "tests/unit/fixture.h"

static void finish(void)
{
	put_end(&f);
	assert_int_equal(model_finish(m), 0);
	assert_null(model_remark(m, 0));
}

/*
 * Events in the order of a list, whose numbers are in another one: what a CPU counts first, another
 * tells first.
 */
static void told_before(__u64 places)
{
	f.seq += places;
}

static void told_after(__u64 places)
{
	f.seq -= places + 1;
}

static void expire(__u32 reason)
{
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, reason);
}

static void drain(__u64 parked, __u64 failed)
{
	struct mpath_outage o;

	ev_drained(&f);
	o = outage(&f, parked, parked - failed, failed);
	o.drained_ns = f.now;
	put_outage(&f, &o);
}

/*
 * The head is removed; the namespace is found again, as a new head disk with window numbers of its
 * own.
 */
static struct feed removed_and_back(void)
{
	struct feed old;

	scene_lose(&f, 10000);
	at(&f, 40105);
	expire(MPATH_REMOVE_EXPIRED);
	old = f;
	f.head_id = 2;
	f.window = 0;
	f.outage = 0;
	at(&f, 41000);
	ev_add(&f, "nvme0c2n1", 2, 1, MPATH_NO_WINDOW);
	ev_live(&f, "nvme0c2n1", 2, true);
	put_whose(&f);
	return old;
}

/* One feed goes on where the other was: they are about disks of the same head. */
static void change(struct feed *from, struct feed *to)
{
	to->seq = from->seq;
	to->now = from->now;
}

/* A bio of the removed disk ends when the next disk has a window of the same number already. */
static void test_late_bio_of_removed_head(void **state)
{
	struct feed old = removed_and_back();

	(void)state;
	scene_lose(&f, 50000);
	at(&f, 51000);
	change(&f, &old);
	ev_bio(&old, MPATH_BIO_TAKEN, 41000 * MS);
	ev_drained(&old);
	assert_int_equal(window(1)->taken_ns, MODEL_NONE);
	assert_int_equal(window(1)->drained_ns, MODEL_NONE);
	assert_int_equal(window(0)->taken_ns, 51000 * MS);
	assert_int_equal(window(0)->drained_ns, 51000 * MS);
	change(&old, &f);
	scene_return(&f, 3000, 3);
	assert_int_equal(window(1)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(1)->taken_ns, window(1)->usable_ns + 110 * MS);
	put_end(&f);
	model_finish(m);
}

/* What else is told late about the old disk does not change the new one. */
static void test_late_events_of_removed_head(void **state)
{
	struct feed old = removed_and_back();
	const struct model_head *h = model_head(m, 0);
	__u64 lost_ns;

	(void)state;
	scene_lose(&f, 50000);
	lost_ns = h->lost_ns;
	at(&f, 50500);
	change(&f, &old);
	ev_live(&old, "nvme0c0n1", 0, true);
	ev_work(&old, MPATH_WORK_CANCELLED, 30000, 100, 0);
	ev_remove(&old, "nvme0c1n1", 1, 0);
	ev_gone(&old, MPATH_REMOVE_IMMEDIATE);
	change(&old, &f);
	assert_null(model_window(m, 2));
	assert_false(h->gone);
	assert_int_equal(window(0)->outcome, MODEL_REMOVED);
	assert_int_equal(window(1)->outcome, MODEL_PENDING);
	assert_int_equal(window(1)->usable_ns, MODEL_NONE);
	assert_int_equal(h->lost_ns, lost_ns);
	assert_int_not_equal(lost_ns, MODEL_NONE);
	scene_return(&f, 1000, 3);
	assert_int_equal(window(1)->outcome, MODEL_RECOVERED);
}

/* ---- a path comes when the time is up ---- */

/* The work is running already when the path joins: it finds the path, nothing is cancelled. */
static void test_expiry_beats_cancel(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 40106);
	ev_add(&f, "nvme0c2n1", 2, 1, 0);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_KEPT);
	at(&f, 40200);
	ev_live(&f, "nvme0c2n1", 2, true);
	drain(3, 0);
	finish();
	assert_int_equal(window(0)->outcome, MODEL_LATE_RESCUE);
	assert_int_equal(window(0)->back_ns, 40106 * MS);
	assert_int_equal(window(0)->margin_ns, -2 * (__s64)MS);
	assert_true(window(0)->settled);
	assert_int_equal(window(0)->missing, 0);
	assert_false(model_head(m, 0)->gone);
}

/* The same, and the CPU of the work is heard first. */
static void test_expiry_told_before_the_path(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 40106);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_KEPT);
	at(&f, 40107);
	ev_add(&f, "nvme0c2n1", 2, 1, 0);
	ev_live(&f, "nvme0c2n1", 2, true);
	drain(3, 0);
	finish();
	assert_int_equal(window(0)->outcome, MODEL_LATE_RESCUE);
	assert_int_equal(window(0)->back_ns, 40107 * MS);
	assert_int_equal(window(0)->margin_ns, -3 * (__s64)MS);
	assert_true(window(0)->settled);
}

/* The timer is due, but the work was cancelled before it ran: recovered, with nothing left. */
static void test_cancel_beats_expiry(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 40104);
	ev_add(&f, "nvme0c2n1", 2, 1, 0);
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 0, 0);
	ev_live(&f, "nvme0c2n1", 2, true);
	drain(3, 0);
	finish();
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_true(window(0)->margin_known);
	assert_int_equal(window(0)->margin_ns, 0);
	assert_true(model_window_is_near_miss(window(0)));
	assert_int_equal(window(0)->missing, 0);
}

/* What the kernel never does, a run of the work after its cancellation, changes no outcome. */
static void test_ran_after_cancel(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 29999, 2);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	finish();
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(model_count(m, MODEL_REMOVED), 0);
	assert_int_equal(window(0)->removed_ns, MODEL_NONE);
}

/* The setting is lowered below the time gone by, and a path is back before the work runs. */
static void test_cancel_beats_close(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 20000);
	ev_work(&f, MPATH_WORK_MOVED, 0, 0, 0);
	ev_add(&f, "nvme0c2n1", 2, 1, 0);
	ev_work(&f, MPATH_WORK_CANCELLED, 0, 0, 0);
	ev_live(&f, "nvme0c2n1", 2, true);
	drain(3, 0);
	finish();
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(0)->setting_ms, 0);
	assert_int_equal(window(0)->armed_ms, 30000);
	assert_int_equal(window(0)->moves, 1);
	assert_int_equal(window(0)->margin_ns, 0);
}

/* ---- two CPUs ---- */

/*
 * The controller's ANA log or state is looked at by another task while the namespace is being
 * added: its path is told to be usable before it is told to have joined.
 */
static void test_usable_before_joined(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 15000);
	ev_live(&f, "nvme0c2n1", 2, true);
	assert_int_equal(window(0)->outcome, MODEL_PENDING);
	ev_add(&f, "nvme0c2n1", 2, 1, 25104);
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 25104, 0);
	at(&f, 15001);
	ev_live(&f, "nvme0c2n1", 2, true);
	drain(2, 0);
	finish();
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(0)->missing, 0);
	assert_int_equal(window(0)->margin_ns, 25104 * MS);
	assert_true(window(0)->usable_ns);
	assert_int_equal(model_head_state(model_head(m, 0)), HEAD_HEALTHY);
}

/* The path serves, and the queue is drained, before its own event comes. */
static void test_drained_before_usable(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 15000);
	ev_add(&f, "nvme0c2n1", 2, 1, 25104);
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 25104, 0);
	at(&f, 15001);
	ev_bio(&f, MPATH_BIO_TAKEN, 4000 * MS);
	at(&f, 15002);
	drain(2, 0);
	assert_false(window(0)->settled);
	at(&f, 15003);
	ev_live(&f, "nvme0c2n1", 2, true);
	assert_true(window(0)->settled);
	finish();
	assert_int_equal(window(0)->taken_ns, 15001 * MS);
	assert_int_equal(window(0)->drained_ns, 15002 * MS);
	assert_int_equal(window(0)->usable_ns, 15003 * MS);
}

/* The time of an event is taken before its number: times may go back a little. */
static void test_times_go_back(void **state)
{
	const struct model_window *w;

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 15001);
	ev_add(&f, "nvme0c2n1", 2, 1, 25103);
	at(&f, 15000);
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 25103, 0);
	at(&f, 14999);
	ev_live(&f, "nvme0c2n1", 2, true);
	at(&f, 15001);
	drain(2, 0);
	finish();
	w = window(0);
	assert_int_equal(w->outcome, MODEL_RECOVERED);
	assert_int_equal(w->missing, 0);
	assert_int_equal(w->margin_ns, 25103 * MS);
	assert_int_equal(model_window_duration(w), 4896 * MS);
}

/* Bios of other CPUs are parked before the path's own CPU tells of its loss. */
static void test_parked_before_the_loss(void **state)
{
	(void)state;
	at(&f, 9999);
	f.outage = 1;
	ev_bio(&f, MPATH_BIO_FIRST, 0);
	f.outage = 0;
	scene_lose(&f, 10000);
	scene_return(&f, 1000, 2);
	finish();
	assert_null(model_window(m, 1));
	assert_int_equal(window(0)->outage, 1);
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(0)->missing, 0);
	assert_int_equal(window(0)->lost_ns, 10100 * MS);
}

/* Another CPU's arming is told before the loss of the last path. */
static void test_armed_told_before_the_loss(void **state)
{
	(void)state;
	at(&f, 10000);
	ev_live(&f, "nvme0c0n1", 0, false);
	ev_remove(&f, "nvme0c0n1", 0, 1);
	at(&f, 10104);
	f.window = 1;
	f.outage = 1;
	told_before(2);
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);
	assert_null(model_window(m, 0));
	told_after(2);
	f.window = 0;
	at(&f, 10100);
	ev_live(&f, "nvme0c1n1", 1, false);
	ev_remove(&f, "nvme0c1n1", 1, 0);
	f.seq++;
	f.window = 1;
	at(&f, 10104);
	scene_return(&f, 1000, 2);
	finish();
	assert_int_equal(window(0)->lost_ns, 10100 * MS);
	assert_int_equal(window(0)->armed_ns, 10104 * MS);
	assert_int_equal(window(0)->missing, 0);
	assert_int_equal(model_events_lost(m), 0);
}

/* The counters of an outage are read before the arming is taken: it waits behind a hole. */
static void test_snapshot_before_armed(void **state)
{
	struct mpath_outage o;

	(void)state;
	at(&f, 10000);
	ev_live(&f, "nvme0c0n1", 0, false);
	ev_live(&f, "nvme0c1n1", 1, false);
	f.window = 1;
	f.outage = 1;
	at(&f, 10100);
	o = outage(&f, 6, 0, 0);
	put_outage(&f, &o);
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);
	assert_non_null(window(0)->counters);
	assert_int_equal(window(0)->counters->s.depth, 6);
	scene_return(&f, 1000, 2);
	finish();
	assert_int_equal(window(0)->counters->s.completed, 5);
	assert_null(model_outage(m, 1));
}

/* ---- windows that follow each other ---- */

/* The work is armed again, and nothing told how the first window ended. */
static void test_armed_twice(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	f.seq += 2;			/* joined, cancelled */
	f.window++;
	f.outage++;
	at(&f, 20000);
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);
	scene_return(&f, 1500, 2);	/* what waited behind the hole is taken a second later */
	put_end(&f);
	model_finish(m);
	assert_null(model_window(m, 2));
	assert_int_equal(window(0)->outcome, MODEL_UNKNOWN);
	assert_true(window(0)->missing & MISSING_END);
	assert_true(window(0)->missing & MISSING_EVENTS);
	assert_int_equal(window(1)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(1)->armed_ns, 20000 * MS);
	assert_true(window(1)->missing & MISSING_EVENTS);
	assert_int_equal(model_head(m, 0)->missed_windows, 0);
}

/* The arming of a window is told twice: it is one window, that began the first time. */
static void test_armed_told_twice(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 10500);
	ev_work(&f, MPATH_WORK_ARMED, 20000, 19000, 0);
	assert_null(model_window(m, 1));
	assert_int_equal(window(0)->armed_ns, 10104 * MS);
	assert_int_equal(window(0)->deadline_ns, 40104 * MS);
	assert_int_equal(window(0)->armed_ms, 30000);
	scene_return(&f, 1000, 2);
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);	/* and once more when it is over */
	finish();
	assert_null(model_window(m, 1));
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
}

/* A path joins, and its controller is lost before it could be used; that is the same outage. */
static void test_lost_again_while_recovering(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 15000);
	ev_add(&f, "nvme0c2n1", 2, 1, 25104);
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 25104, 0);
	ev_ctrl(&f, 2, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING);
	ev_live(&f, "nvme0c2n1", 2, false);
	ev_ctrl(&f, 2, MPATH_CTRL_RESETTING, MPATH_CTRL_DELETING);
	ev_remove(&f, "nvme0c2n1", 2, 0);
	f.window++;
	ev_drained(&f);			/* the old outage ends when the next window begins */
	f.outage++;
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);
	scene_return(&f, 1000, 3);
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(0)->usable_ns, MODEL_NONE);
	assert_true(window(1)->continues);
	assert_int_equal(window(1)->lost_ns, 10100 * MS);
	assert_int_equal(window(1)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(1)->usable_ns, 16410 * MS);
}

/* The deadline is moved while a path returns: before it joined it counts, after that no more. */
static void test_moved_while_recovering(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 15000);
	ev_work(&f, MPATH_WORK_MOVED, 10000, 5104, 0);
	ev_add(&f, "nvme0c2n1", 2, 1, 5104);
	ev_work(&f, MPATH_WORK_CANCELLED, 10000, 5104, 0);
	ev_work(&f, MPATH_WORK_MOVED, 60000, 55000, 0);
	ev_live(&f, "nvme0c2n1", 2, true);
	drain(1, 0);
	finish();
	assert_int_equal(window(0)->moves, 1);
	assert_int_equal(window(0)->setting_ms, 10000);
	assert_int_equal(window(0)->deadline_ns, 20104 * MS);
	assert_int_equal(window(0)->margin_ns, 5104 * MS);
	assert_int_equal(model_head(m, 0)->setting_s, 60);
}

/* Setting 0, with commands in flight: their bios are parked after the head began to go. */
static void test_not_armed_bios_follow(void **state)
{
	(void)state;
	at(&f, 10000);
	ev_live(&f, "nvme0c0n1", 0, false);
	ev_live(&f, "nvme0c1n1", 1, false);
	ev_remove(&f, "nvme0c0n1", 0, 1);
	ev_remove(&f, "nvme0c1n1", 1, 0);
	ev_gone(&f, MPATH_REMOVE_IMMEDIATE);
	f.outage = 1;
	at(&f, 10001);
	ev_bio(&f, MPATH_BIO_FIRST, 500);
	ev_bio(&f, MPATH_BIO_FAILED, 600);
	drain(4, 4);
	finish();
	assert_null(model_window(m, 1));
	assert_int_equal(window(0)->outcome, MODEL_NOT_ARMED);
	assert_non_null(window(0)->counters);
	assert_int_equal(window(0)->counters->s.failed, 4);
	assert_int_equal(window(0)->missing, 0);
}

/* ---- topology and events ---- */

/* sysfs is read in the loss: it still lists a path. The next reading does not: nothing is wrong. */
static void test_old_topology_in_window(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 10110);
	put_topology(&f, SCENE_NQN, 1, 30);
	at(&f, 10600);
	put_topology(&f, SCENE_NQN, 0, 30);
	at(&f, 13000);
	put_losses(&f, 0, 0);
	assert_int_equal(window(0)->outcome, MODEL_PENDING);
	scene_return(&f, 100, 2);
	finish();
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(0)->missing, 0);
}

/* sysfs does not have the head any more before its removal is told. */
static void test_gone_topology_before_removal(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 40105);
	put_topology(&f, SCENE_NQN, -1, 0);
	assert_int_equal(window(0)->outcome, MODEL_PENDING);
	expire(MPATH_REMOVE_EXPIRED);
	drain(7, 7);
	at(&f, 45000);
	finish();
	assert_int_equal(window(0)->outcome, MODEL_REMOVED);
	assert_int_equal(window(0)->missing, 0);
}

/* It has the successor, under another name, before the removal of the old disk is told. */
static void test_successor_topology_before_removal(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	at(&f, 40105);
	strcpy(f.head, "nvme1n1");
	put_topology(&f, SCENE_NQN, 1, 30);
	strcpy(f.head, "nvme0n1");
	expire(MPATH_REMOVE_EXPIRED);
	drain(7, 7);
	at(&f, 40110);
	f.head_id = 2;
	f.window = 0;
	f.outage = 0;
	strcpy(f.head, "nvme1n1");
	ev_add(&f, "nvme1c0n1", 0, 1, MPATH_NO_WINDOW);
	ev_live(&f, "nvme1c0n1", 0, true);
	put_whose(&f);
	at(&f, 45000);
	finish();
	assert_null(model_head(m, 1));
	assert_int_equal(window(0)->outcome, MODEL_REMOVED);
	assert_int_equal(window(0)->missing, 0);
	assert_int_equal(window(0)->reappeared_ns, 40110 * MS);
	assert_string_equal(window(0)->reappeared_name, "nvme1n1");
	assert_string_equal(window(0)->name, "nvme0n1");
	assert_false(model_head(m, 0)->gone);
}

/* A topology that was read before the path's event, and comes after it, takes nothing back. */
static void test_old_topology_after_return(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 1000, 2);
	put_topology(&f, SCENE_NQN, 0, 30);
	at(&f, 12500);
	finish();
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(model_head_usable(model_head(m, 0)), 1);
}

/* ---- twice, or not at all ---- */

#define ATTACHED 0x1122334455667788ULL

/* The move was recorded, but not yet taken off the ring, when the collector was killed. */
static void test_move_twice_after_resume(void **state)
{
	(void)state;
	put_start_pinned(&f, ATTACHED, false);
	scene_lose(&f, 10000);
	at(&f, 20000);
	ev_work(&f, MPATH_WORK_MOVED, 40000, 30104, 0);
	at(&f, 30000);
	put_start_pinned(&f, ATTACHED, true);
	put_host(&f, "boot-1");
	at(&f, 20000);
	f.seq--;
	ev_work(&f, MPATH_WORK_MOVED, 40000, 30104, 0);
	scene_return(&f, 20000, 2);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->moves, 1);
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(model_events_lost(m), 0);
}

/*
 * Removal and return as a new disk are lost, the next loss is seen: the old window's end is not
 * known.
 */
static void test_disk_changed_in_hole(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	f.seq += 6;
	f.head_id = 2;
	f.window = 0;
	f.outage = 0;
	scene_lose(&f, 50000);
	put_whose(&f);
	at(&f, 52000);
	put_losses(&f, 6, 0);
	scene_return(&f, 100, 4);
	put_end(&f);
	model_finish(m);
	assert_null(model_window(m, 2));
	assert_int_equal(window(0)->outcome, MODEL_UNKNOWN);
	assert_true(window(0)->missing & MISSING_END);
	assert_int_equal(window(1)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(1)->number, 1);
	assert_int_equal(model_events_lost(m), 6);
	assert_int_equal(model_head(m, 0)->missed_windows, 0);
}

/* The event that a path can be used is lost: the window is over and recovered all the same. */
static void test_usable_lost(void **state)
{
	struct mpath_outage o;

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 15000);
	ev_add(&f, "nvme0c2n1", 2, 1, 25104);
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 25104, 0);
	f.seq++;
	at(&f, 15002);
	ev_bio(&f, MPATH_BIO_TAKEN, 4000 * MS);
	ev_drained(&f);
	at(&f, 17000);
	o = outage(&f, 2, 2, 0);
	o.drained_ns = 15002 * MS;
	put_outage(&f, &o);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_int_equal(window(0)->usable_ns, MODEL_NONE);
	assert_int_equal(window(0)->taken_ns, 15002 * MS);
	assert_true(window(0)->missing & MISSING_EVENTS);
	assert_true(window(0)->settled);
}

/* All that is lost lies between two windows: neither lacks anything. */
static void test_hole_between_windows(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 1000, 2);
	f.seq += 3;
	at(&f, 20000);
	ev_ctrl(&f, 9, MPATH_CTRL_NEW, MPATH_CTRL_LIVE);
	at(&f, 22000);
	put_losses(&f, 3, 0);
	at(&f, 30000);
	ev_live(&f, "nvme0c2n1", 2, false);
	ev_remove(&f, "nvme0c2n1", 2, 0);
	f.window++;
	f.outage++;
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);
	scene_return(&f, 1000, 3);
	put_end(&f);
	model_finish(m);
	assert_int_equal(window(0)->missing, 0);
	assert_int_equal(window(1)->missing, 0);
	assert_int_equal(model_events_lost(m), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_late_bio_of_removed_head),
		TEST(test_late_events_of_removed_head),
		TEST(test_expiry_beats_cancel),
		TEST(test_expiry_told_before_the_path),
		TEST(test_cancel_beats_expiry),
		TEST(test_ran_after_cancel),
		TEST(test_cancel_beats_close),
		TEST(test_usable_before_joined),
		TEST(test_drained_before_usable),
		TEST(test_times_go_back),
		TEST(test_parked_before_the_loss),
		TEST(test_armed_told_before_the_loss),
		TEST(test_snapshot_before_armed),
		TEST(test_armed_twice),
		TEST(test_armed_told_twice),
		TEST(test_lost_again_while_recovering),
		TEST(test_moved_while_recovering),
		TEST(test_not_armed_bios_follow),
		TEST(test_old_topology_in_window),
		TEST(test_gone_topology_before_removal),
		TEST(test_successor_topology_before_removal),
		TEST(test_old_topology_after_return),
		TEST(test_move_twice_after_resume),
		TEST(test_disk_changed_in_hole),
		TEST(test_usable_lost),
		TEST(test_hole_between_windows),
	};

	return cmocka_run_group_tests_name("model, order of events", tests, NULL, NULL);
}
