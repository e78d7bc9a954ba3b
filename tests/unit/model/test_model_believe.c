// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sysfs against events: what no event tells is believed of sysfs, a contradiction is counted, and
 * one thing that was not seen costs the window in which it was missing, and nothing after it.
 */
#include <stdlib.h>
#include <string.h>

#include "record/facts.h"
#include "tests/unit/fixture.h"

/* One head with up to two paths; a state NULL: no further path. */
struct listed {
	const char	*path, *state, *ana;
	int		ctrl;
};

static void put_listed(struct feed *to, const struct listed *paths, size_t nr)
{
	struct topo *t = topo_new();
	struct topo_subsys *s = topo_add_subsys(t, to->subsys);
	struct topo_head *h = topo_add_head(t, to->subsys, to->head);
	struct topo_path *p;
	size_t i, len;
	void *buf;

	TOPO_TEXT(s->nqn, SCENE_NQN);
	h->nsid = to->nsid;
	h->setting_s = 30;
	TOPO_TEXT(h->uuid, "6f1a7c9e-3f6b-4a53-9d3e-0b6f8a1c2d3e");
	for (i = 0; i < nr; i++) {
		p = topo_add_path(t, to->head, paths[i].path);
		p->ctrl = paths[i].ctrl;
		TOPO_TEXT(p->transport, "tcp");
		TOPO_TEXT(p->state, paths[i].state);
		TOPO_TEXT(p->ana, paths[i].ana);
	}
	assert_int_equal(topo_encode(t, &buf, &len), 0);
	put_record(to, REC_TOPOLOGY, buf, (__u32)len);
	free(buf);
	topo_free(t);
}

static void put_two(const char *state_0, const char *ana_0, const char *state_1, const char *ana_1)
{
	const struct listed paths[] = {
		{ "nvme0c0n1", state_0, ana_0, 0 },
		{ "nvme0c1n1", state_1, ana_1, 1 },
	};

	put_listed(&f, paths, 2);
}

static void put_losses_skipped(struct feed *to, __u64 skipped)
{
	struct mpath_losses l = { .skipped = skipped };

	put_record(to, REC_LOSSES, &l, sizeof(l));
}

/* Time goes on without an event. */
static void later(struct feed *to, __u64 ms)
{
	at(to, to->now / MS + ms);
	put_clock(to);
}

static int head_state(void)
{
	return model_head_state(model_head(m, 0));
}

static void start_without_ana(void)
{
	struct rec_start s = { .abi_version = MPATH_ABI_VERSION,
			       .features = facts_features(FACT(ANA)),
			       .programs = 15 };

	setup_empty();
	put_host(&f, "boot-1");
	put_clock(&f);
	put_record(&f, REC_START, &s, sizeof(s));
	at(&f, 1000);
	put_two("live", "optimized", "live", "optimized");
	ev_live(&f, "nvme0c0n1", 0, true);
	ev_live(&f, "nvme0c1n1", 1, true);
	assert_int_equal(head_state(), HEAD_HEALTHY);
}

/* No event tells of ANA: a topology alone does, at once, and that is no contradiction. */
static void test_no_ana_events(void **state)
{
	const struct model_path *p = model_head(m, 0)->paths;

	(void)state;
	at(&f, 5000);
	put_two("live", "inaccessible", "live", "inaccessible");
	assert_int_equal(head_state(), HEAD_NO_USABLE_PATH);
	assert_int_equal(model_head_usable(model_head(m, 0)), 0);
	assert_int_equal(p[0].ana_state, 3);
	assert_int_equal(p[0].cause, MODEL_CAUSE_ANA);
	assert_int_equal(p[0].lost_ns, 5000 * MS);
	at(&f, 7000);
	put_two("live", "non-optimized", "live", "inaccessible");
	assert_int_equal(head_state(), HEAD_DEGRADED);
	assert_int_equal(model_path_state(&p[0]), PATH_NON_OPTIMIZED);
	at(&f, 8000);
	ev_live(&f, "nvme0c1n1", 1, true);
	assert_int_equal(model_head_usable(model_head(m, 0)), 2);
	assert_int_equal(model_contradictions(m), 0);
	assert_null(model_remark(m, 0));
}

/* What events should tell is waited for; they come, and know the time. */
static void test_event_follows(void **state)
{
	(void)state;
	at(&f, 5000);
	ev_live(&f, "nvme0c0n1", 0, true);
	ev_live(&f, "nvme0c1n1", 1, true);
	at(&f, 6000);
	put_two("live", "optimized", "resetting", "optimized");
	later(&f, 1000);
	assert_int_equal(head_state(), HEAD_HEALTHY);
	ev_live(&f, "nvme0c1n1", 1, false);
	later(&f, 3000);
	assert_int_equal(head_state(), HEAD_DEGRADED);
	assert_int_equal(model_head(m, 0)->paths[1].lost_ns, 7000 * MS);
	assert_int_equal(model_contradictions(m), 0);
}

/* An old reading says nothing against a newer event. */
static void test_event_is_newer(void **state)
{
	(void)state;
	at(&f, 6000);
	ev_live(&f, "nvme0c1n1", 1, true);
	at(&f, 5990);
	put_two("live", "optimized", "resetting", "optimized");
	later(&f, 20000);
	assert_int_equal(head_state(), HEAD_HEALTHY);
	assert_int_equal(model_contradictions(m), 0);
}

/* They don't come: sysfs is believed, and the contradiction is counted and said. */
static void test_no_event_follows(void **state)
{
	const struct model_head *h = model_head(m, 0);

	(void)state;
	at(&f, 5000);
	ev_live(&f, "nvme0c0n1", 0, true);
	ev_live(&f, "nvme0c1n1", 1, true);
	at(&f, 6000);
	put_two("live", "optimized", "connecting", "optimized");
	later(&f, 2500);
	assert_int_equal(head_state(), HEAD_DEGRADED);
	assert_int_equal(h->paths[1].lost_ns, 6000 * MS);
	assert_int_equal(model_contradictions(m), 1);
	assert_int_equal(model_remark(m, 0)->kind, REMARK_CONTRADICTION);
	assert_int_equal(model_remark(m, 0)->a, CONTRADICTION_PATH_LOST);
	assert_ptr_equal(model_remark(m, 0)->head, h);
	/* what sysfs alone told is sysfs's to take back */
	at(&f, 10000);
	put_two("live", "optimized", "live", "optimized");
	assert_int_equal(head_state(), HEAD_HEALTHY);
	assert_int_equal(model_contradictions(m), 1);
}

static void test_path_vanishes(void **state)
{
	const struct listed one = { "nvme0c0n1", "live", "optimized", 0 };

	(void)state;
	at(&f, 5000);
	ev_live(&f, "nvme0c0n1", 0, true);
	ev_live(&f, "nvme0c1n1", 1, true);
	at(&f, 6000);
	put_listed(&f, &one, 1);
	later(&f, 2500);
	assert_true(model_head(m, 0)->paths[1].gone);
	assert_int_equal(model_head(m, 0)->paths_listed, 1);
	assert_int_equal(model_contradictions(m), 1);
	assert_int_equal(model_remark(m, 0)->a, CONTRADICTION_PATH_GONE);
}

/* Both are pulled while no program runs; the disk goes and comes. */
static void test_head_goes_and_comes(void **state)
{
	(void)state;
	at(&f, 5000);
	ev_live(&f, "nvme0c0n1", 0, true);
	at(&f, 6000);
	put_topology(&f, SCENE_NQN, -1, 0);
	assert_int_equal(head_state(), HEAD_REMOVED);
	later(&f, 2500);
	assert_int_equal(model_contradictions(m), 1);
	assert_int_equal(model_remark(m, 0)->a, CONTRADICTION_HEAD_GONE);
	at(&f, 20000);
	put_two("live", "optimized", "live", "optimized");
	later(&f, 2500);
	assert_int_equal(model_contradictions(m), 2);
	assert_int_equal(model_remark(m, 1)->a, CONTRADICTION_HEAD_CAME);
	assert_int_equal(head_state(), HEAD_HEALTHY);
}

static void test_skipped(void **state)
{
	(void)state;
	put_losses_skipped(&f, 0);
	scene_lose(&f, 10000);
	put_losses_skipped(&f, 2);
	scene_return(&f, 1000, 2);
	assert_int_equal(model_runs_skipped(m), 2);
	assert_int_equal(model_remark(m, 0)->kind, REMARK_SKIPPED);
	assert_int_equal(model_remark(m, 0)->a, 2);
	assert_int_equal(window(0)->missing, MISSING_EVENTS);
	/* older tools did not tell these */
	put_record(&f, REC_LOSSES, &(struct mpath_losses) {}, MPATH_LOSSES_LEN_1);
	assert_int_equal(model_runs_skipped(m), 2);
}

static void test_reloaded(void **state)
{
	struct rec_start s = { .abi_version = MPATH_ABI_VERSION,
			       .programs = 15,
			       .flags = REC_START_RELOADED };

	(void)state;
	scene_lose(&f, 10000);
	at(&f, 20000);
	put_record(&f, REC_UNLOADED, NULL, 0);
	assert_int_equal(model_reloads(m), 1);
	assert_true(window(0)->missing & MISSING_RESTART);
	at(&f, 25000);
	f.seq = 0;
	put_record(&f, REC_START, &s, sizeof(s));
	assert_int_equal(model_remark(m, 0)->kind, REMARK_RELOADED);
	assert_int_equal(model_remark(m, 0)->time_ns, 20000 * MS);
	assert_int_equal(model_remark(m, 0)->until_ns, 25000 * MS);
	assert_null(model_remark(m, 1));
}

/* ---- something is missing from a window; the next one ---- */

enum fault { FAULT_NONE, FAULT_LOST, FAULT_SKIPPED };

/* Between the feed and the model: an event does not come. */
struct thief {
	struct model	*to;
	struct feed	*from;
	enum fault	fault;
	unsigned int	nth, seen;
	bool		told;		/* that it was taken */
};

/* The losses are read each second, and before the end of an outage is told. */
static int tell(struct thief *t)
{
	struct mpath_losses l = {
		.ring_full = t->fault == FAULT_LOST,
		.skipped = t->fault == FAULT_SKIPPED,
	};
	struct record rec = {
		.type = REC_LOSSES,
		.version = RECORD_VERSION,
		.len = sizeof(l),
		.time_ns = t->from->now,
		.data = &l,
	};

	if (t->told || t->seen <= t->nth)
		return 0;
	t->told = true;
	return model_feed(t->to, &rec);
}

static int steal(void *ctx, const struct record *rec)
{
	const struct mpath_event *ev = rec->data;
	struct thief *t = ctx;

	if (rec->type != REC_EVENT || t->fault == FAULT_NONE)
		return model_feed(t->to, rec);
	if (ev->type == MPATH_EV_DRAINED)
		assert_int_equal(tell(t), 0);
	if (t->seen++ != t->nth)
		return model_feed(t->to, rec);
	/* a run that was skipped took no number */
	if (t->fault == FAULT_SKIPPED)
		t->from->seq--;
	return 0;
}

/* Two windows, the first with a fault at its nth event. Returns how many events it has. */
static unsigned int two_windows(struct model *to, enum fault fault, unsigned int nth)
{
	static const struct listed one[] = { { "nvme0c2n1", "live", "optimized", 2 } };
	struct thief t = { .to = to, .nth = nth };
	struct feed g = feed_to(steal, &t);
	unsigned int events;

	t.from = &g;
	scene_two_paths(&g);
	t.fault = fault;
	scene_lose(&g, 10000);
	scene_return(&g, 1000, 2);
	events = t.seen;
	at(&g, g.now / MS + 900);
	assert_int_equal(tell(&t), 0);
	t.fault = FAULT_NONE;
	/* as the loop reads sysfs, and reads it again */
	put_listed(&g, one, 1);
	later(&g, 2500);
	later(&g, 8500);
	at(&g, 60000);
	ev_live(&g, "nvme0c2n1", 2, false);
	ev_remove(&g, "nvme0c2n1", 2, 0);
	g.window++;
	g.outage++;
	ev_work(&g, MPATH_WORK_ARMED, 30000, 30000, 0);
	scene_return(&g, 2000, 3);
	later(&g, 5000);
	put_end(&g);
	assert_int_equal(model_finish(to), 0);
	return events;
}

static const struct model_window *last_window(const struct model *of)
{
	size_t i = 0;

	while (model_window(of, i + 1))
		i++;
	return model_window(of, i);
}

static void assert_same_window(const struct model_window *a, const struct model_window *b)
{
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->outcome, b->outcome);
	assert_int_equal(a->missing, b->missing);
	assert_int_equal(a->missing, 0);
	assert_int_equal(a->first_lost_ns, b->first_lost_ns);
	assert_int_equal(a->lost_ns, b->lost_ns);
	assert_int_equal(a->armed_ns, b->armed_ns);
	assert_int_equal(a->back_ns, b->back_ns);
	assert_int_equal(a->usable_ns, b->usable_ns);
	assert_int_equal(a->taken_ns, b->taken_ns);
	assert_int_equal(a->drained_ns, b->drained_ns);
	assert_int_equal(a->end_ns, b->end_ns);
	assert_int_equal(a->deadline_ns, b->deadline_ns);
	assert_int_equal(a->margin_ns, b->margin_ns);
	assert_int_equal(a->nr_losses, b->nr_losses);
	assert_false(a->continues);
	assert_int_equal(a->counters->s.parked[0], b->counters->s.parked[0]);
	assert_int_equal(a->counters->s.completed, b->counters->s.completed);
}

/* An event of every type in turn, and each of them by a run that the kernel skipped. */
static void test_next_window(void **state)
{
	struct model *whole = model_new(), *lacks;
	unsigned int nth, events;
	enum fault fault;

	(void)state;
	events = two_windows(whole, FAULT_SKIPPED, 1000);
	model_free(whole);
	whole = model_new();
	two_windows(whole, FAULT_NONE, 0);
	assert_null(model_remark(whole, 0));
	assert_int_equal(events, 10);
	for (fault = FAULT_LOST; fault <= FAULT_SKIPPED; fault++)
		for (nth = 0; nth < events; nth++) {
			lacks = model_new();
			two_windows(lacks, fault, nth);
			assert_same_window(last_window(lacks), last_window(whole));
			/* what was lost is known from elsewhere, or it is said */
			if (!model_window(lacks, 0)->missing)
				assert_same_window(model_window(lacks, 0), model_window(whole, 0));
			assert_int_equal(model_head_state(model_head(lacks, 0)), HEAD_HEALTHY);
			model_free(lacks);
		}
	model_free(whole);
}

static int begin_without_ana(void **state)
{
	(void)state;
	start_without_ana();
	return 0;
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_ana_events, begin_without_ana, teardown),
		TEST(test_event_follows),
		TEST(test_event_is_newer),
		TEST(test_no_event_follows),
		TEST(test_path_vanishes),
		TEST(test_head_goes_and_comes),
		TEST(test_skipped),
		TEST(test_reloaded),
		TEST(test_next_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
