// SPDX-License-Identifier: GPL-2.0-only
/* After the fact: other settings, selections of windows, models that forget. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/what_if.h"
#include "report/text.h"
#include "tests/unit/feed.h"

static struct what_if would(const struct model *m, size_t i, __u64 setting_s)
{
	struct what_if r;

	what_if(model_window(m, i), setting_s * SEC, &r);
	return r;
}

static void test_what_if_recovered(void **state)
{
	struct model *m = model_new();
	struct feed f = feed_model(m);
	struct what_if r;

	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	scene_return(&f, 20000, 2);
	put_end(&f);
	model_finish(m);
	r = would(m, 0, 30);		/* what it was */
	assert_int_equal(r.outcome, MODEL_RECOVERED);
	assert_false(r.changed);
	assert_int_equal(r.margin_ns, 10 * SEC);
	r = would(m, 0, 21);
	assert_int_equal(r.outcome, MODEL_RECOVERED);
	assert_int_equal(r.margin_ns, SEC);
	r = would(m, 0, 20);		/* not in time */
	assert_int_equal(r.outcome, MODEL_REMOVED);
	assert_true(r.changed);
	assert_false(r.margin_known);
	r = would(m, 0, 0);
	assert_int_equal(r.outcome, MODEL_NOT_ARMED);
	assert_true(r.changed);
	model_free(m);
}

/* The head goes after 30 s, a new disk of the namespace comes after 50. */
static void removed_and_back(struct feed *f, bool back)
{
	scene_two_paths(f);
	scene_lose(f, 1000);
	at(f, 31104);
	ev_work(f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(f, MPATH_REMOVE_EXPIRED);
	at(f, 51104);
	if (back) {
		f->head_id = 2;
		f->window = 0;
		ev_add(f, "nvme0c2n1", 2, 1, MPATH_NO_WINDOW);
		put_whose(f);
	}
	put_end(f);
}

static void test_what_if_removed(void **state)
{
	struct model *m = model_new();
	struct feed f = feed_model(m);
	struct what_if r;

	(void)state;
	removed_and_back(&f, true);
	model_finish(m);
	assert_int_equal(model_window(m, 0)->reappeared_ns, 51104 * MS);
	r = would(m, 0, 60);
	assert_int_equal(r.outcome, MODEL_RECOVERED);
	assert_true(r.changed);
	assert_int_equal(r.margin_ns, 10 * SEC);
	r = would(m, 0, 45);
	assert_int_equal(r.outcome, MODEL_REMOVED);
	assert_false(r.changed);
	model_free(m);

	/* it never came back: 60 s is beyond the record, 45 s is not */
	m = model_new();
	f = feed_model(m);
	removed_and_back(&f, false);
	model_finish(m);
	assert_int_equal(model_window(m, 0)->reappeared_ns, MODEL_NONE);
	r = would(m, 0, 60);
	assert_int_equal(r.outcome, MODEL_PENDING);
	assert_false(r.changed);
	assert_int_equal(would(m, 0, 45).outcome, MODEL_REMOVED);
	model_free(m);
}

/* The same when the new disk is known to be the namespace only from a later topology. */
static void test_again_by_topology(void **state)
{
	struct model *m = model_new();
	struct feed f = feed_model(m);

	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	at(&f, 31104);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	at(&f, 40104);
	strcpy(f.head, "nvme5n1");
	f.subsys = 5;
	f.head_id = 2;
	f.window = 0;
	ev_add(&f, "nvme5c2n1", 2, 1, MPATH_NO_WINDOW);
	assert_non_null(model_head(m, 1));
	put_topology(&f, SCENE_NQN, 1, 30);
	assert_null(model_head(m, 1));
	assert_int_equal(model_window(m, 0)->reappeared_ns, 40104 * MS);
	assert_string_equal(model_window(m, 0)->reappeared_name, "nvme5n1");
	model_free(m);
}

static void test_what_if_unknown(void **state)
{
	struct model *m = model_new();
	struct feed f = feed_model(m);

	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	f.window = 5;
	at(&f, 9000);
	ev_add(&f, "nvme0c2n1", 2, 1, MPATH_NO_WINDOW);
	model_finish(m);
	/* the first window's end was not seen, the skipped ones were not seen at all */
	assert_int_equal(would(m, 0, 60).outcome, MODEL_UNKNOWN);
	assert_int_equal(would(m, 1, 60).outcome, MODEL_UNKNOWN);
	assert_int_equal(would(m, 1, 0).outcome, MODEL_UNKNOWN);
	model_free(m);
}

/* ---- selection ---- */

static void windows_every_minute(struct feed *f, const char *host, int n)
{
	struct rec_host h = { .kernel = "6.12.0", .boot_id = "boot-1" };
	int i;

	strcpy(h.name, host);
	put_record(f, REC_HOST, &h, sizeof(h));
	put_clock(f);
	put_start(f);
	for (i = 0; i < n; i++) {
		scene_lose(f, (__u64)i * 60000 + 1000);
		scene_return(f, 5000, i % 2 + 2);
	}
	put_end(f);
	model_finish(f->ctx);
}

static size_t count(const struct view_input *in, size_t nr, const struct view_opts *vo)
{
	struct view_tally sum;

	view_count(in, nr, vo, &sum);
	return sum.windows;
}

static void test_since_until(void **state)
{
	struct view_input in = { .m = model_new() };
	struct feed f = feed_model((struct model *)in.m);
	struct view_opts vo = { .utc = true };

	(void)state;
	windows_every_minute(&f, "a", 10);
	assert_int_equal(count(&in, 1, &vo), 10);
	vo.has_since = true;
	vo.since = REAL0 + 240 * (__s64)SEC;
	assert_int_equal(count(&in, 1, &vo), 6);
	/* in the middle of one: it belongs to it */
	vo.since = REAL0 + 243 * (__s64)SEC;
	assert_int_equal(count(&in, 1, &vo), 6);
	vo.has_until = true;
	vo.until = REAL0 + 302 * (__s64)SEC;
	assert_int_equal(count(&in, 1, &vo), 2);
	vo.until = vo.since;
	assert_int_equal(count(&in, 1, &vo), 1);
	model_free((struct model *)in.m);
}

static void test_several(void **state)
{
	struct view_input in[2] = { { .m = model_new(), .name = "x" },
				    { .m = model_new(), .name = "y" } };
	struct view_opts vo = { .utc = true };
	struct view_window *list;
	struct feed f, g;
	size_t n, size;
	char *text;
	FILE *out;

	(void)state;
	f = feed_model((struct model *)in[0].m);
	g = feed_model((struct model *)in[1].m);
	at(&g, 10000);		/* the same clock, the windows of the first come first */
	windows_every_minute(&g, "right", 2);
	windows_every_minute(&f, "left", 3);
	assert_int_equal(view_windows(in, 2, &vo, &list, &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(list[0].input, 0);
	assert_int_equal(list[1].input, 1);
	assert_int_equal(list[4].input, 0);
	free(list);
	out = open_memstream(&text, &size);
	assert_int_equal(view_text_report(out, in, 2, &vo), 0);
	fclose(out);
	assert_non_null(strstr(text, "record   x\nhost     left"));
	assert_non_null(strstr(text, "windows  5: 5 recovered\n"));
	assert_non_null(strstr(text, "\nright (boot boot-1): nvme0n1 ("));
	free(text);
	model_free((struct model *)in[0].m);
	model_free((struct model *)in[1].m);
}

/* ---- forgetting ---- */

struct seen {
	size_t	forgotten, settled;
	__u32	last;
};

static void count_forgotten(void *ctx, const struct model_window *w)
{
	struct seen *s = ctx;

	s->forgotten++;
	s->settled += w->settled;
	assert_true(w->number > s->last);	/* oldest first */
	s->last = w->number;
}

static bool early(void *ctx, const struct model_window *w)
{
	(void)ctx;
	return w->number <= 20;
}

static size_t kept(const struct model *m, __u32 *first)
{
	size_t n = 0;

	while (model_window(m, n))
		n++;
	*first = n ? model_window(m, 0)->number : 0;
	return n;
}

static void test_forget(void **state)
{
	struct seen seen = { 0 };
	const struct model_limit limit = { .windows = 16, .forget = count_forgotten, .ctx = &seen };
	struct model *m = model_new();
	struct feed f = feed_model(m);
	const struct model_window *w;
	size_t n, i;
	__u32 first;

	(void)state;
	model_set_limit(m, &limit);
	windows_every_minute(&f, "a", 1000);
	n = kept(m, &first);
	assert_true(n >= 16 && n <= 21);
	assert_int_equal(first, 1000 - n + 1);
	assert_int_equal(seen.forgotten, 1000 - n);
	assert_int_equal(seen.settled, seen.forgotten);
	assert_int_equal(model_count(m, MODEL_RECOVERED), 1000);
	for (i = 0; (w = model_window(m, i)); i++) {
		assert_int_equal(w->index, first - 1 + i);
		assert_non_null(w->counters);
		assert_int_equal(w->counters->s.window, w->number);
	}
	for (i = 0; model_outage(m, i); i++)
		assert_true(model_outage_has_window(model_outage(m, i)));
	assert_int_equal(i, n);
	model_free(m);
}

/* What is not wanted goes first, however new. */
static void test_forget_unwanted(void **state)
{
	const struct model_limit limit = { .windows = 24, .wanted = early };
	struct model *m = model_new();
	struct feed f = feed_model(m);
	__u32 first;

	(void)state;
	model_set_limit(m, &limit);
	windows_every_minute(&f, "a", 300);
	kept(m, &first);
	assert_int_equal(first, 1);
	assert_int_equal(model_window(m, 19)->number, 20);
	model_free(m);
}

/* Failovers that no window belongs to have a limit as well. */
static void test_forget_outages(void **state)
{
	const struct model_limit limit = { .windows = 10 };
	struct model *m = model_new();
	struct feed f = feed_model(m);
	struct mpath_outage o;
	size_t n = 0;
	int i;

	(void)state;
	model_set_limit(m, &limit);
	scene_two_paths(&f);
	for (i = 0; i < 500; i++) {
		at(&f, (__u64)i * 1000 + 100);
		f.outage++;
		ev_live(&f, "nvme0c0n1", 0, i % 2);
		o = outage(&f, 3, 3, 0);
		o.drained_ns = f.now;
		put_outage(&f, &o);
	}
	while (model_outage(m, n))
		n++;
	assert_true(n >= 10 && n <= 30);
	assert_int_equal(model_outages_forgotten(m), 500 - n);
	assert_int_equal(model_outage(m, n - 1)->s.outage, 500);
	model_free(m);
}

/* Windows that are over but for counters that never come are given up, and say what is missing. */
static void test_forget_unsettled(void **state)
{
	struct seen seen = { 0 };
	const struct model_limit limit = { .windows = 8, .forget = count_forgotten, .ctx = &seen };
	struct model *m = model_new();
	struct feed f = feed_model(m);
	__u32 first;
	int i;

	(void)state;
	model_set_limit(m, &limit);
	scene_two_paths(&f);
	for (i = 0; i < 100; i++) {
		scene_lose(&f, (__u64)i * 60000 + 1000);
		ev_add(&f, "nvme0c0n1", 0, 1, 29000);
		ev_work(&f, MPATH_WORK_CANCELLED, 30000, 29000, 0);
		ev_live(&f, "nvme0c0n1", 0, true);
	}
	assert_true(kept(m, &first) <= 11);
	assert_true(seen.forgotten >= 89);
	assert_int_equal(seen.settled, seen.forgotten);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_if_recovered),
		cmocka_unit_test(test_what_if_removed),
		cmocka_unit_test(test_again_by_topology),
		cmocka_unit_test(test_what_if_unknown),
		cmocka_unit_test(test_since_until),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_forget_unwanted),
		cmocka_unit_test(test_forget_outages),
		cmocka_unit_test(test_forget_unsettled),
	};

	return cmocka_run_group_tests_name("post-mortem", tests, NULL, NULL);
}
