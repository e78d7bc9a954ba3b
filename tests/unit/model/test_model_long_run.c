// SPDX-License-Identifier: GPL-2.0-only
/* The model of a collector that runs for months: states, ends of outages, forgetting. */
#include <string.h>

#include "tests/unit/fixture.h"

struct told {
	int	times;
	__u64	from_ns, to_ns;
};

static int on_outage(void *ctx, const struct model *of, const struct model_head *h, __u64 from_ns,
		     __u64 to_ns)
{
	struct told *told = ctx;

	assert_ptr_equal(of, m);
	assert_string_equal(h->name, "nvme0n1");
	told->times++;
	told->from_ns = from_ns;
	told->to_ns = to_ns;
	return 0;
}

static const struct model_head *head(void)
{
	assert_non_null(model_head(m, 0));
	return model_head(m, 0);
}

static void test_states(void **state)
{
	(void)state;
	assert_int_equal(model_head_state(head()), HEAD_HEALTHY);
	assert_int_equal(model_head_usable(head()), 2);
	at(&f, 1000);
	ev_live(&f, "nvme0c0n1", 0, false);
	assert_int_equal(model_head_state(head()), HEAD_DEGRADED);
	ev_live(&f, "nvme0c1n1", 1, false);
	assert_int_equal(model_head_state(head()), HEAD_NO_USABLE_PATH);
	assert_int_equal(model_head_usable(head()), 0);
	ev_live(&f, "nvme0c0n1", 0, true);
	assert_int_equal(model_head_state(head()), HEAD_DEGRADED);
	ev_live(&f, "nvme0c1n1", 1, true);
	assert_int_equal(model_head_state(head()), HEAD_HEALTHY);
	scene_lose(&f, 10000);
	assert_int_equal(model_head_state(head()), HEAD_GRACE);
	at(&f, 40104);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	assert_int_equal(model_head_state(head()), HEAD_REMOVED);
}

/* Nothing has told of its paths yet: neither healthy nor lost. */
static void test_state_unknown(void **state)
{
	struct model *fresh = model_new();
	struct feed g = feed_model(fresh);

	(void)state;
	put_host(&g, "boot-1");
	put_start(&g);
	ev_bio(&g, MPATH_BIO_FIRST, 0);
	assert_int_equal(model_head_state(model_head(fresh, 0)), -1);
	assert_int_equal(model_head_usable(model_head(fresh, 0)), -1);
	model_free(fresh);
}

static void test_outage_told(void **state)
{
	struct told told = {};
	const struct model_listener listener = { .outage = on_outage, .ctx = &told };

	(void)state;
	assert_int_equal(model_listen(m, &listener), 0);
	scene_lose(&f, 10000);
	assert_int_equal(told.times, 0);
	scene_return(&f, 5000, 2);
	assert_int_equal(told.times, 1);
	assert_int_equal(told.from_ns, 10100 * MS);
	assert_int_equal(told.to_ns, 15514 * MS);
	/* without a window: the paths stay listed */
	at(&f, 60000);
	ev_live(&f, "nvme0c2n1", 2, false);
	at(&f, 61000);
	ev_live(&f, "nvme0c2n1", 2, true);
	assert_int_equal(told.times, 2);
	assert_int_equal(told.to_ns - told.from_ns, 1000 * MS);
	/* and ended by the removal, once */
	at(&f, 70000);
	ev_remove(&f, "nvme0c2n1", 2, 0);
	at(&f, 70250);
	ev_gone(&f, MPATH_REMOVE_IMMEDIATE);
	put_topology(&f, SCENE_NQN, -1, 0);
	assert_int_equal(told.times, 3);
	assert_int_equal(told.to_ns - told.from_ns, 250 * MS);
}

static void test_trim(void **state)
{
	const struct model_window *w;
	const struct model_outage *last;
	size_t i;

	(void)state;
	for (i = 0; i < 20; i++) {
		scene_lose(&f, 10000 * (i + 1));
		scene_return(&f, 1000, 2);
	}
	w = window(19);
	last = model_head(m, 0)->outage;
	model_trim(m, 20);
	assert_ptr_equal(window(19), w);
	model_trim(m, 5);
	assert_null(model_window(m, 5));
	assert_null(model_outage(m, 5));
	assert_ptr_equal(window(4), w);
	assert_int_equal(w->index, 19);
	assert_int_equal(window(0)->number, 16);
	assert_int_equal(window(0)->counters->s.window, 16);
	assert_int_equal(model_count(m, MODEL_RECOVERED), 20);
	/* the last of a head stays */
	model_trim(m, 0);
	assert_ptr_equal(window(0), w);
	assert_null(model_window(m, 1));
	assert_ptr_equal(model_outage(m, 0), last);
	assert_ptr_equal(w->counters, last);
	/* and it goes on as before */
	scene_lose(&f, 300000);
	scene_return(&f, 1000, 2);
	put_end(&f);
	assert_int_equal(model_finish(m), 0);
	assert_int_equal(window(1)->number, 21);
	assert_true(window(1)->settled);
	assert_int_equal(model_count(m, MODEL_RECOVERED), 21);
}

/* A window that is open, or not settled, is not over. */
static void test_trim_open(void **state)
{
	(void)state;
	scene_lose(&f, 10000);
	scene_return(&f, 1000, 2);
	scene_lose(&f, 20000);
	model_trim(m, 0);
	assert_int_equal(window(0)->number, 2);
	assert_null(model_window(m, 1));
	scene_return(&f, 1000, 2);
	assert_int_equal(window(0)->outcome, MODEL_RECOVERED);
	assert_true(window(0)->settled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_states, setup, teardown),
		cmocka_unit_test(test_state_unknown),
		cmocka_unit_test_setup_teardown(test_outage_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_trim, setup, teardown),
		cmocka_unit_test_setup_teardown(test_trim_open, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
