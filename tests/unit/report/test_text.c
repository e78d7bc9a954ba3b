// SPDX-License-Identifier: GPL-2.0-only
/* The views: lines and reports of good records, and of records that lie. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "bpf/mpath_hist.h"
#include "record/facts.h"
#include "report/event.h"
#include "report/json.h"
#include "report/text.h"
#include "tests/unit/feed.h"

#define DOT " \xc2\xb7 "

static const struct view_opts utc = { .utc = true };

/* Everything written to f, which is closed; to be freed. */
static char *out_text;
static size_t out_size;

static FILE *out_open(void)
{
	free(out_text);
	out_text = NULL;
	return open_memstream(&out_text, &out_size);
}

static int teardown(void **state)
{
	(void)state;
	free(out_text);
	out_text = NULL;
	return 0;
}

static void expect(const char *text)
{
	if (!strstr(out_text, text))
		fail_msg("no \"%s\" in\n%s", text, out_text);
}

/* Nothing in it moves a cursor or colours a screen. */
static void expect_printable(void)
{
	const unsigned char *p = (const unsigned char *)out_text;

	for (; *p; p++)
		if ((*p < 0x20 && *p != '\n') || *p == 0x7f ||
		    (*p >= 0x80 && !((p[0] == 0xc2 && p[1] == 0xb7) || p[0] == 0xb7)))
			fail_msg("character 0x%x in\n%s", *p, out_text);
}

static void expect_json(const char *schema)
{
	struct json_object *o = json_tokener_parse(out_text), *value;

	assert_non_null(o);
	assert_true(json_object_object_get_ex(o, "schema", &value));
	assert_string_equal(json_object_get_string(value), schema);
	json_object_put(o);
}

static void test_report_text(void **state)
{
	struct model *m = model_new();
	struct feed f = feed_model(m);
	FILE *out;

	(void)state;
	at(&f, 5);
	scene_two_paths(&f);
	scene_lose(&f, 6386);
	scene_return(&f, 27396, 2);
	put_end(&f);
	model_finish(m);
	out = out_open();
	assert_int_equal(view_text_report(out,
					  &(struct view_input) { .m = m, .name = "dir/record" }, 1,
					  &utc),
			 0);
	fclose(out);
	expect("record   dir/record\n");
	expect("host     host, kernel 6.12.0 x86_64, by nvme-mpathtop test\n");
	expect("period   2026-09-12 03:04:05.005Z .. 03:04:39.466Z  34.5 s\n");
	expect("windows  1: 1 recovered\nevents   0 lost\n");
	expect("\nnvme0n1 (nqn.2014-08.org.nvmex..uid:subsys0, nsid 1)  window 1   "
	       "2026-09-12 03:04:11.486Z .. 03:04:38.886Z  27.4 s\n"
	       "RECOVERED with 2.6 s of 30 s left (near miss); no usable path for 27.8 s\n"
	       "first path lost -0.100 \xc2\xb7 lost 0.000 \xc2\xb7 armed 0.004 \xc2\xb7 namespace "
	       "back 27.400 "
	       "\xc2\xb7 path usable 27.810 \xc2\xb7 first I/O 27.920 \xc2\xb7 drained 27.980\n"
	       "cause removed in good order: nvme0c0n1, nvme0c1n1\n"
	       "I/Os parked 5 (at most 5 at once) \xc2\xb7 completed 5 \xc2\xb7 failed 0\n"
	       "stall p50 13.0 s \xc2\xb7 p99 13.0 s \xc2\xb7 max 13.0 s\n"
	       "data complete (0 events lost)\n");
	expect_printable();
	/* another head was asked for */
	out = out_open();
	view_text_report(out, &(struct view_input) { .m = m, .name = "x" }, 1,
			 &(struct view_opts) { .head = "nvme9n9" });
	fclose(out);
	expect("windows  0\n");
	assert_null(strstr(out_text, "RECOVERED"));
	model_free(m);
}

/* Of programs that had no place for some facts. */
static __u32 facts_gone;

static int put_with_gone(void *ctx, const struct record *rec)
{
	struct record copy = *rec;
	struct rec_start start;

	if (rec->type != REC_START)
		return model_feed(ctx, rec);
	memcpy(&start, rec->data, sizeof(start));
	start.features |= facts_features(facts_gone);
	copy.data = &start;
	return model_feed(ctx, &copy);
}

/* Each fact in turn: the text and the JSON say which is gone, and no number stands for it. */
static void test_missing_facts(void **state)
{
	char line[256];
	unsigned int fact;
	struct model *m;
	struct feed f;
	FILE *out;

	(void)state;
	for (fact = 0; fact < MPATH_FACTS; fact++) {
		m = model_new();
		f = feed_to(put_with_gone, m);
		facts_gone = 1U << fact;
		at(&f, 5);
		scene_two_paths(&f);
		scene_lose(&f, 6386);
		scene_return(&f, 27396, 2);
		put_end(&f);
		model_finish(m);
		out = out_open();
		view_text_report(out, &(struct view_input) { .m = m, .name = "x" }, 1, &utc);
		fclose(out);
		snprintf(line, sizeof(line), "\nmissing  %s: that kernel had no place to see it\n",
			 fact_row(fact)->text);
		expect(line);
		expect(facts_gone & (FACTS_BIOS | FACT(FAILOVER)) ? "\nI/Os parked -" DOT
								    "completed -" DOT "failed -" :
		       facts_gone & FACT(FAILED) ? "\nI/Os parked 5 (at most 5 at once)" DOT
						   "completed -" DOT "failed -" :
						   "\nI/Os parked 5 (at most 5 at once)" DOT
						   "completed 5" DOT "failed 0");
		expect_printable();
		out = out_open();
		view_json_report(out, &(struct view_input) { .m = m, .name = "x" }, 1, &utc);
		fclose(out);
		snprintf(line, sizeof(line), "\"facts_missing\":[\n        \"%s\"\n",
			 fact_row(fact)->name);
		expect(line);
		expect_json(VIEW_REPORT_SCHEMA);
		model_free(m);
	}
	facts_gone = 0;
}

static void test_report_json(void **state)
{
	struct model *m = model_new();
	struct feed f = feed_model(m);
	FILE *out;

	(void)state;
	at(&f, 5);
	scene_two_paths(&f);
	scene_lose(&f, 6386);
	model_finish(m);
	out = out_open();
	assert_int_equal(view_json_report(out, &(struct view_input) { .m = m, .name = "dir" }, 1,
					  &utc),
			 0);
	fclose(out);
	expect_json(VIEW_REPORT_SCHEMA);
	expect("\"outcome\":\"pending\"");
	expect("\"setting_seconds\":30.000000000,");
	expect("\"margin_seconds\":null");	/* not zero */
	expect("\"bios\":null");
	expect("\"namespace_back\":null");
	expect("\"ended\":null");
	model_free(m);
}

/* What stalled, by operation, and of how many it is not known for how long. */
static void test_report_by_op(void **state)
{
	struct model *m = model_new();
	struct feed f = feed_model(m);
	struct mpath_outage o;
	FILE *out;

	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 6386);
	o = outage(&f, 9, 7, 0);
	o.stall[mpath_hist_index(2 * MS)] = 3;
	o.stall_op[MPATH_OP_READ][mpath_hist_index(2 * MS)] = 2;
	o.stall_op_max_ns[MPATH_OP_READ] = 2 * MS;
	o.stall_op_max_ns[MPATH_OP_OTHER] = 2 * MS;
	put_outage(&f, &o);
	out = out_open();
	view_text_report(out, &(struct view_input) { .m = m, .name = "x" }, 1, &utc);
	fclose(out);
	expect("\nreads 2: p50 2 ms \xc2\xb7 p99 2 ms \xc2\xb7 max 2 ms; "
	       "writes 7: p50 13.0 s \xc2\xb7 p99 13.0 s \xc2\xb7 max 13.0 s; "
	       "others 1: p50 2 ms \xc2\xb7 p99 2 ms \xc2\xb7 max 2 ms\ndata");
	o = outage(&f, 9, 7, 0);
	o.untimed = 2;
	o.flags = MPATH_OUTAGE_MAP_FULL;
	put_outage(&f, &o);
	model_finish(m);
	out = out_open();
	view_text_report(out, &(struct view_input) { .m = m, .name = "x" }, 1, &utc);
	view_json_report(out, &(struct view_input) { .m = m, .name = "x" }, 1, &utc);
	fclose(out);
	assert_null(strstr(out_text, "reads"));
	expect("max 13.0 s \xc2\xb7 of 2 not measured\n");
	expect("INCOMPLETE: all I/Os are counted, but the stall of some was not measured");
	expect("\"not_measured\":2,");
	expect("\"by_op\":{\n            \"read\":{\n              \"count\":0,");
	expect("\"stalls\"");
	model_free(m);
}

/* The records of a scene, one after the other, as watch gets them. */
struct watch {
	struct model	*m;
	FILE		*out;
	bool		json;
	size_t		lines;
};

static int put_watch(void *ctx, const struct record *rec)
{
	const struct watch *w = ctx;

	return model_feed(w->m, rec);
}

static int watch_record(void *ctx, const struct model *m, const struct record *rec)
{
	struct watch *w = ctx;
	int ret = w->json ? view_event_json(w->out, m, rec, &utc) :
			    view_event_text(w->out, m, rec, &utc);

	if (ret > 0)
		w->lines++;
	return ret < 0 ? ret : 0;
}

static int watch_window(void *ctx, const struct model *m, enum model_change what,
			const struct model_window *win)
{
	struct watch *w = ctx;

	if (w->json)
		w->lines += view_change_json(w->out, m, what, win, &utc) > 0;
	else
		w->lines += view_change_text(w->out, m, what, win, &utc) > 0;
	return 0;
}

static void begin_watch(struct watch *w)
{
	const struct model_listener listener = {
		.window = watch_window,
		.record_after = watch_record,
		.ctx = w,
	};

	w->m = model_new();
	w->out = out_open();
	assert_int_equal(model_listen(w->m, &listener), 0);
}

static void run_watch(struct watch *w)
{
	struct feed f = { .put = put_watch, .ctx = w, .head_id = 1, .nsid = 1, .head = "nvme0n1" };

	begin_watch(w);
	scene_two_paths(&f);
	ev_ctrl(&f, 1, MPATH_CTRL_LIVE, MPATH_CTRL_RESETTING);
	scene_lose(&f, 10000);
	ev_bio(&f, MPATH_BIO_FIRST, 0);
	scene_return(&f, 5000, 2);
	scene_lose(&f, 20000);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	put_losses(&f, 2, 0);
	put_gap(&f, 1, 2, 3);
	put_end(&f);
	fclose(w->out);
	model_free(w->m);
}

static void test_event_text(void **state)
{
	struct watch w = { .json = false };

	(void)state;
	run_watch(&w);
	expect("2026-09-12 03:04:15.000Z  nvme0n1  path nvme0c0n1 (nvme0) left, 1 path left, "
	       "controller deleting (removed in good order)\n");
	expect("controller deleting: LAST PATH LOST (reset)\n");
	expect("nvme1    live -> resetting\n");
	expect("window 1 OPEN, 30.000 s to the deadline\n");
	expect("first stalled I/O taken: write of 4096 bytes at sector 0, stalled 5.0 s\n");
	expect("window 1 RECOVERED with 25.0 s of 30 s left");
	expect("window 1 I/Os parked 5 (at most 5 at once) \xc2\xb7 completed 5 \xc2\xb7 failed 0; "
	       "stall p50");
	expect("HEAD REMOVED (expired)");
	expect("LOST since the start: 2 events");
	expect("3 records could not be written");
	expect_printable();
}

static void test_event_json(void **state)
{
	struct watch w = { .json = true };
	size_t lines = 0;
	char *line, *next;

	(void)state;
	run_watch(&w);
	expect("\"type\":\"path_remove\"");
	expect("\"change\":\"opened\"");
	expect("\"change\":\"settled\"");
	for (line = out_text; *line; line = next) {
		struct json_object *o;

		next = strchr(line, '\n');
		assert_non_null(next);
		*next++ = '\0';
		o = json_tokener_parse(line);
		assert_non_null(o);
		json_object_put(o);
		lines++;
	}
	assert_int_equal(lines, w.lines);
	assert_true(lines > 20);
}

/* ---- records that lie ---- */

static unsigned int seed;
static int spoil;		/* one record in this many is changed */

static int put_spoilt(void *ctx, const struct record *rec)
{
	struct watch *w = ctx;
	struct record bad = *rec;
	char *copy;
	int ret, n;

	bad.len = rand_r(&seed) % 20 ? rec->len : (unsigned int)rand_r(&seed) % (rec->len + 1);
	copy = malloc(bad.len ? bad.len : 1);
	if (bad.len)
		memcpy(copy, rec->data, bad.len);
	bad.data = copy;
	if (rand_r(&seed) % spoil == 0) {
		for (n = rand_r(&seed) % 8; n && bad.len; n--)
			copy[(unsigned int)rand_r(&seed) % bad.len] = (char)rand_r(&seed);
		if (rand_r(&seed) % 8 == 0)
			bad.flags = RECORD_REPEAT;
	}
	ret = put_watch(w, &bad);
	w->json = !w->json;
	free(copy);
	return ret;
}

static void test_lies(void **state)
{
	struct watch w = { 0 };
	struct feed f, g;
	FILE *out;
	int round;

	(void)state;
	for (round = 0; round < 400; round++) {
		seed = (unsigned int)round;
		spoil = 1 + round % 7;
		begin_watch(&w);
		f = (struct feed) {
			.put = put_spoilt, .ctx = &w, .head_id = 1, .nsid = 1, .head = "nvme0n1"
		};
		scene_two_paths(&f);
		scene_lose(&f, 10000);
		scene_return(&f, 5000, 2);
		scene_lose(&f, 30000);
		put_losses(&f, 0, 0);
		g = f;
		g.head_id = 2;
		scene_lose(&g, 31000);
		put_gap(&g, 31000, 32000, 4);
		ev_work(&g, MPATH_WORK_RAN, 30000, 0, 1);
		ev_gone(&g, 2);
		scene_two_paths(&g);
		scene_return(&g, 3000, 3);
		put_end(&g);
		assert_int_equal(model_finish(w.m), 0);
		fclose(w.out);
		out = out_open();
		assert_int_equal(view_text_report(out,
						  &(struct view_input) { .m = w.m, .name = "x" }, 1,
						  &utc),
				 0);
		fclose(out);
		expect_printable();
		out = out_open();
		assert_int_equal(view_json_report(out,
						  &(struct view_input) { .m = w.m, .name = "x" }, 1,
						  &utc),
				 0);
		fclose(out);
		expect_json(VIEW_REPORT_SCHEMA);
		model_free(w.m);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_report_text),	  TEST(test_report_json), TEST(test_report_by_op),
		TEST(test_missing_facts), TEST(test_event_text),  TEST(test_event_json),
		TEST(test_lies),
	};

	return cmocka_run_group_tests_name("views", tests, NULL, NULL);
}
