// SPDX-License-Identifier: GPL-2.0-only
/* Which setting would have been enough. */
#include <string.h>

#include "analysis/advise.h"
#include "tests/unit/fixture.h"

/* Windows in which the namespace comes back after these milliseconds. */
static void waits(struct advise *a, const unsigned int *ms, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		scene_lose(&f, f.now / MS + 1000);
		scene_return(&f, ms[i], 2);
		ev_remove(&f, "nvme0c2n1", 2, 1);
	}
	model_finish(m);
	for (i = 0; model_window(m, i); i++)
		assert_int_equal(advise_add(a, model_window(m, i)), 0);
}

static struct advice ask(struct advise *a, unsigned int permille, unsigned int guard)
{
	struct advice r;

	advise_ask(a, permille, guard, &r);
	return r;
}

static void test_quantile(void **state)
{
	static const unsigned int ms[] = { 9000, 1000, 2000, 3000, 4000,
					   5000, 6000, 7000, 8000, 25000 };
	struct advise *a = advise_new();
	struct advice r;

	(void)state;
	waits(a, ms, 10);
	r = ask(a, 900, 0);
	assert_int_equal(r.windows, 10);
	assert_int_equal(r.shortest_ns, 1000 * MS);
	assert_int_equal(r.longest_ns, 25000 * MS);
	assert_true(r.possible);
	assert_int_equal(r.quantile_ns, 9000 * MS);
	/* one that comes back at the deadline is too late: more than 9 s */
	assert_int_equal(r.setting_s, 10);
	assert_int_equal(r.saved, 9);
	assert_int_equal(ask(a, 900, 20).setting_s, 11);	/* 10.8 s and up */
	assert_int_equal(ask(a, 900, 100).setting_s, 19);
	assert_int_equal(ask(a, 901, 0).setting_s, 26);		/* the tenth of ten */
	assert_int_equal(ask(a, 1000, 0).setting_s, 26);
	assert_int_equal(ask(a, 1, 0).setting_s, 2);
	assert_int_equal(advise_saved(a, 9), 8);
	assert_int_equal(advise_saved(a, 0), 0);
	advise_free(a);
}

/* What did not come back is not saved by any setting that can be advised. */
static void test_not_returned(void **state)
{
	static const unsigned int ms[] = { 1000, 2000, 3000 };
	struct advise *a = advise_new();
	struct advice r;

	(void)state;
	scene_lose(&f, 1000);
	at(&f, 31104);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	at(&f, 61104);
	put_end(&f);
	model_finish(m);
	advise_add(a, model_window(m, 0));
	r = ask(a, 500, 20);
	assert_int_equal(r.windows, 1);
	assert_int_equal(r.not_returned, 1);
	assert_int_equal(r.watched_ns, 60000 * MS);
	assert_false(r.possible);
	assert_int_equal(r.setting_s, 0);
	model_free(m);
	setup(NULL);
	waits(a, ms, 3);
	r = ask(a, 750, 0);
	assert_true(r.possible);
	assert_int_equal(r.setting_s, 4);
	r = ask(a, 760, 0);
	assert_false(r.possible);
	assert_int_equal(r.setting_s, 4);	/* what saves all that came back */
	assert_int_equal(r.saved, 3);
	advise_free(a);
}

/* A window that was open when the recording ended counts only if it waited longer than others. */
static void test_pending(void **state)
{
	static const unsigned int ms[] = { 1000, 2000, 3000 };
	struct advise *a = advise_new();
	struct advice r;

	(void)state;
	scene_lose(&f, 1000);
	at(&f, 3000);
	put_end(&f);
	model_finish(m);
	assert_int_equal(model_window(m, 0)->outcome, MODEL_PENDING);
	advise_add(a, model_window(m, 0));
	r = ask(a, 750, 0);
	assert_int_equal(r.not_returned, 1);	/* so far, nothing else is known */
	model_free(m);
	setup(NULL);
	waits(a, ms, 3);
	r = ask(a, 1000, 0);
	assert_int_equal(r.windows, 3);
	assert_int_equal(r.unknown, 1);
	assert_true(r.possible);
	model_free(m);
	setup(NULL);
	scene_lose(&f, 1000);
	at(&f, 21104);
	put_end(&f);
	model_finish(m);
	advise_add(a, model_window(m, 0));
	r = ask(a, 1000, 0);
	assert_int_equal(r.windows, 4);
	assert_int_equal(r.not_returned, 1);
	assert_int_equal(r.unknown, 1);
	assert_false(r.possible);
	assert_int_equal(r.watched_ns, 20000 * MS);
	advise_free(a);
}

/* Of a window without begin or end nothing is made up. */
static void test_unknown(void **state)
{
	struct advise *a = advise_new();
	struct advice r;

	(void)state;
	at(&f, 1000);
	f.window = 3;
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 5000, 0);
	model_finish(m);
	advise_add(a, model_window(m, 0));
	r = ask(a, 950, 20);
	assert_int_equal(r.windows, 0);
	assert_true(r.unknown);
	assert_false(r.possible);
	advise_free(a);
	advise_free(NULL);
}

static void test_too_few(void **state)
{
	struct advise *a = advise_new();

	(void)state;
	/* the smallest n with q^n <= 5 % */
	assert_int_equal(advise_windows_needed(500), 5);
	assert_int_equal(advise_windows_needed(900), 29);
	assert_int_equal(advise_windows_needed(950), 59);
	assert_int_equal(advise_windows_needed(990), 299);
	assert_int_equal(advise_windows_needed(1000), 0);
	assert_int_equal(ask(a, 900, 0).needed, 29);
	assert_int_equal(ask(a, 1000, 0).needed, 0);
	advise_free(a);
}

#define ON_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FIXTURE(test_quantile), ON_FIXTURE(test_not_returned),  ON_FIXTURE(test_pending),
		ON_FIXTURE(test_unknown),  cmocka_unit_test(test_too_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
