// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model, orders of events that the kernel can produce and a test with one CPU and little
 * load seldom sees. In most of them nothing is lost, so nothing may be called missing.
 */
#include <string.h>

#include "fixture.h"

static void expire(__u32 reason)
{
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, reason);
}

/* The head is removed; the namespace is found again, as a new head disk with window numbers of its own. */
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_late_bio_of_removed_head), TEST(test_late_events_of_removed_head),
	};

	return cmocka_run_group_tests_name("model, order of events", tests, NULL, NULL);
}
