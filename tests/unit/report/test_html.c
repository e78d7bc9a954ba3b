// SPDX-License-Identifier: GPL-2.0-only
/* The page: what is drawn, and that nothing hostile gets out of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/timeline.h"
#include "report/html.h"
#include "report/html_writer.h"
#include "tests/unit/feed.h"

static struct model *m;
static struct feed f;
static struct timeline *timeline;

static int setup_lanes(void **state)
{
	(void)state;
	m = model_new();
	timeline = timeline_new(m);
	assert_non_null(timeline);
	f = feed_model(m);
	return 0;
}

static int teardown_lanes(void **state)
{
	(void)state;
	timeline_free(timeline);
	model_free(m);
	return 0;
}

static const struct timeline_track *track_of(const char *path)
{
	const struct timeline_track *l;
	size_t i;

	for (i = 0; (l = timeline_track(timeline, i)); i++)
		if (!strcmp(l->path, path))
			return l;
	fail_msg("no lane of %s", path);
	return NULL;
}

static enum path_state state_at(const char *path, __u64 ms)
{
	const struct timeline_track *l = track_of(path);
	size_t i = timeline_after(l, ms * MS);

	return i ? l->changes[i - 1].state : PATH_UNKNOWN;
}

static void test_lanes(void **state)
{
	(void)state;
	at(&f, 500);
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	scene_return(&f, 20000, 2);
	assert_string_equal(track_of("nvme0c0n1")->where[0].transport, "pcie");
	assert_int_equal(state_at("nvme0c0n1", 400), PATH_UNKNOWN);
	assert_int_equal(state_at("nvme0c0n1", 999), PATH_USABLE);
	assert_int_equal(state_at("nvme0c0n1", 1000), PATH_GONE);
	assert_int_equal(state_at("nvme0c1n1", 1050), PATH_USABLE);
	assert_int_equal(state_at("nvme0c1n1", 1100), PATH_UNUSABLE);
	assert_int_equal(state_at("nvme0c1n1", 1103), PATH_GONE);
	/* what joins was not there */
	assert_int_equal(state_at("nvme0c2n1", 5000), PATH_GONE);
	assert_int_equal(state_at("nvme0c2n1", 21104), PATH_UNUSABLE);
	assert_int_equal(state_at("nvme0c2n1", 21514), PATH_USABLE);
	assert_true(timeline_is_there(track_of("nvme0c0n1"), 900 * MS, 950 * MS));
	assert_false(timeline_is_there(track_of("nvme0c0n1"), 1000 * MS, 90000 * MS));
	assert_true(timeline_is_there(track_of("nvme0c2n1"), 1000 * MS, 90000 * MS));
}

/* The head takes its paths with it; another session is another lane. */
static void test_lanes_end(void **state)
{
	(void)state;
	scene_two_paths(&f);
	at(&f, 1000);
	ev_gone(&f, MPATH_REMOVE_CLOSED);
	assert_int_equal(state_at("nvme0c1n1", 1000), PATH_GONE);
	put_host(&f, "boot-2");
	put_start(&f);
	at(&f, 2000);
	put_topology(&f, "nqn.other", 1, 30);
	assert_ptr_not_equal(timeline_track(timeline, 2)->session,
			     timeline_track(timeline, 0)->session);
}

/* Bounded: the newest changes stay, before them nothing is known. */
static void test_lanes_bound(void **state)
{
	__u64 i;

	(void)state;
	scene_two_paths(&f);
	for (i = 0; i < 5000; i++) {
		at(&f, 1000 + i);
		ev_live(&f, "nvme0c0n1", 0, i % 2);
	}
	assert_true(track_of("nvme0c0n1")->nr <= 1024);
	assert_int_equal(state_at("nvme0c0n1", 1000), PATH_UNKNOWN);
	assert_int_equal(state_at("nvme0c0n1", 5999), PATH_USABLE);
}

static void test_queue(void **state)
{
	const struct timeline_queue *q;
	struct mpath_outage o;
	__u64 i;

	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	o = outage(&f, 100, 0, 0);
	for (i = 1; i <= 3000; i++) {
		at(&f, 1104 + i);
		o.depth = i == 2999 ? 100 : 7;
		put_outage(&f, &o);
	}
	q = timeline_queue(timeline, model_window(m, 0)->counters);
	assert_non_null(q);
	assert_true(q->nr > 200 && q->nr <= 512);
	assert_int_equal(q->points[0].depth, 7);
	assert_int_equal(q->points[q->nr - 2].depth, 100);	/* the peak is not thinned out */
}

static char *page(void)
{
	struct view_input in = { .name = "<b>record</b>\x1b[2J", .m = m, .timeline = timeline };
	const struct view_opts vo = { .utc = true };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(view_html_report(out, &in, 1, &vo), 0);
	fclose(out);
	assert_int_equal(strlen(text), size);
	return text;
}

static void test_page(void **state)
{
	char *text;

	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	scene_return(&f, 20000, 2);
	put_end(&f);
	model_finish(m);
	text = page();
	assert_non_null(strstr(text, "RECOVERED with 10.0 s of 30 s left"));
	assert_non_null(strstr(text, "nvme0n1 window 1</h3>"));
	assert_non_null(strstr(text, "path nvme0c0n1: usable, gone from -0.100 s on\""));
	assert_non_null(
		strstr(text,
		       "path nvme0c2n1: gone, not usable from 20.004 s on, usable from 20.414"));
	assert_non_null(strstr(text, "open for 20.0 s, deadline at 30.004 s\""));
	assert_non_null(strstr(text, "queued I/Os: 0 at 20.524 s, 0 at 20.584 s; at most 5"));
	assert_non_null(strstr(text, "<th scope=\"row\">8.6 s \xe2\x80\x93 17.2 s</th><td>5</td>"));
	free(text);
}

static void put_address(const char *address)
{
	struct topo *t = topo_new();
	struct topo_path *p;
	size_t len;
	void *buf;

	TOPO_TEXT(topo_add_subsys(t, f.subsys)->nqn, SCENE_NQN);
	topo_add_head(t, f.subsys, f.head)->nsid = f.nsid;
	p = topo_add_path(t, f.head, "nvme0c0n1");
	p->ctrl = 0;
	TOPO_TEXT(p->transport, "pcie");
	TOPO_TEXT(p->address, address);
	assert_int_equal(topo_encode(t, &buf, &len), 0);
	put_record(&f, REC_TOPOLOGY, buf, (__u32)len);
	free(buf);
	topo_free(t);
}

/*
 * The number of a controller is another device's after it went; what is shown is where it was then.
 */
static void test_lanes_where(void **state)
{
	const struct timeline_track *l;
	char *text;

	(void)state;
	scene_two_paths(&f);
	put_address("0000:01:00.0");
	scene_lose(&f, 1000);
	at(&f, 20000);
	ev_add(&f, "nvme0c0n1", 0, 1, 10000);
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 10000, 0);
	at(&f, 20900);
	put_address("0000:02:00.0");
	at(&f, 25000);
	put_address("0000:02:00.0");
	/* gone, and back: sysfs has it before the event comes */
	at(&f, 90000);
	ev_remove(&f, "nvme0c0n1", 0, 0);
	at(&f, 95000);
	put_address("0000:03:00.0");
	at(&f, 95001);
	ev_add(&f, "nvme0c0n1", 0, 1, MPATH_NO_WINDOW);
	put_address("0000:03:00.0");
	l = track_of("nvme0c0n1");
	assert_int_equal(l->nr_where, 3);
	assert_string_equal(l->where[2].address, "0000:03:00.0");
	assert_int_equal(l->where[2].since_ns, 95000 * MS);
	assert_string_equal(l->where[0].address, "0000:01:00.0");
	assert_int_equal(l->where[0].since_ns, 0);
	assert_string_equal(l->where[1].address, "0000:02:00.0");
	assert_int_equal(l->where[1].since_ns, 20000 * MS);
	model_finish(m);
	text = page();
	if (!strstr(text, "<small>pcie 0000:01:00.0</small><small>then pcie 0000:02:00.0</small>"))
		fail_msg("the page does not say both: %.3000s",
			 strstr(text, "<article") ? strstr(text, "<article") : "-");
	free(text);
}

static void put_hostile_topology(void)
{
	static const char bad[] = "<script>alert(1)</script>\"'&\x1b]0;x\x07\xff";
	struct topo *t = topo_new();
	struct topo_subsys *s = topo_add_subsys(t, 0);
	struct topo_path *p;
	size_t len;
	void *buf;

	TOPO_TEXT(s->nqn, bad);
	TOPO_TEXT(s->model, bad);
	topo_add_head(t, 0, "nvme0n1")->nsid = 1;
	p = topo_add_path(t, "nvme0n1", "<i>'\"&\x1b");
	TOPO_TEXT(p->transport, "\"><q>");
	TOPO_TEXT(p->address, bad);
	TOPO_TEXT(p->state, "live");
	assert_int_equal(topo_encode(t, &buf, &len), 0);
	put_record(&f, REC_TOPOLOGY, buf, (__u32)len);
	free(buf);
	topo_free(t);
}

static void test_hostile(void **state)
{
	static const char *const never[] = { "<script", "<i>",	"<b>record", "<q>",
					     "\x1b",	"\x07", "\xff" };
	struct rec_host h = { .name = "<script>host\x1b</script>",
			      .kernel = "'\"><q>",
			      .boot_id = "b" };
	char *text, *p;
	size_t i;

	(void)state;
	put_record(&f, REC_HOST, &h, sizeof(h));
	put_clock(&f);
	put_hostile_topology();
	put_start(&f);
	strcpy(f.head, "<script>x");
	at(&f, 1000);
	ev_live(&f, "<i>\x1b", 0, false);
	f.window = 1;
	ev_work(&f, MPATH_WORK_ARMED, 30000, 30000, 0);
	model_finish(m);
	text = page();
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (strstr(text, never[i]))
			fail_msg("the page has \"%s\"", never[i]);
	assert_non_null(strstr(text, "&lt;script&gt;x window 1"));
	/* nothing is an attribute that was not meant to be: quotes are escaped */
	for (p = text; (p = strstr(p, "aria-label=\"")); p++)
		assert_non_null(strchr("> ", strchr(p + 12, '"')[1]));
	free(text);
}

static void test_escape(void **state)
{
	struct html h;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(html_open(&h, out), 0);
	html_element(&h, "p class=\"x\"", "%s", "<a href='x'>&\"\t\x7f");
	html_close(&h);
	fclose(out);
	assert_string_equal(text, "<p class=\"x\">&lt;a href=&#39;x&#39;&gt;&amp;&quot;?\?</p>");
	free(text);
}

#define WITH_LANES(test) cmocka_unit_test_setup_teardown(test, setup_lanes, teardown_lanes)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LANES(test_lanes),	      WITH_LANES(test_lanes_end),
		WITH_LANES(test_lanes_bound), WITH_LANES(test_lanes_where),
		WITH_LANES(test_queue),	      WITH_LANES(test_page),
		WITH_LANES(test_hostile),     cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
