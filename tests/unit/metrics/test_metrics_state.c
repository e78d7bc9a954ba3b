// SPDX-License-Identifier: GPL-2.0-only
/* Counters over restarts of the collector and of the host: the state. */
#include <errno.h>

#include "tests/unit/metrics/metrics_fixture.h"

static void *saved;
static size_t saved_len;

static void save(void)
{
	free(saved);
	assert_int_equal(metrics_save(x, &saved, &saved_len), 0);
}

static void restart(void)
{
	__u64 now = f.now;
	struct feed old = f;

	save();
	end();
	begin();
	assert_int_equal(metrics_load(x, saved, saved_len), 0);
	old.put = f.put;
	old.ctx = f.ctx;
	f = old;
	f.now = now;
}

/* The families of heads that are counters. */
static char *counters(void)
{
	const char *from = strstr(write_text(), "# HELP nvme_mpath_windows_total");
	const char *to = strstr(text, "# HELP nvme_mpath_build_info");

	assert_non_null(from);
	assert_non_null(to);
	return strndup(from, (size_t)(to - from));
}

/* A collector that ends has counted what it has shown. */
static void test_end_of_a_collector(void **state)
{
	__u64 changes;

	(void)state;
	metrics_begin(x, REAL0);
	scene_two_paths(&f);
	scene_lose(&f, 6386);
	changes = metrics_changes(x);
	metrics_end(x);
	assert_true(metrics_changes(x) > changes);	/* it is saved again */
	write_text();
	expect("path_losses_total{" LABELS ",cause=\"removal\"} 2");
	restart();
	write_text();
	expect("path_losses_total{" LABELS ",cause=\"removal\"} 2");
}

static void test_counters_survive(void **state)
{
	char *before, *after;

	(void)state;
	metrics_begin(x, REAL0);
	scene_two_paths(&f);
	scene_lose(&f, 6386);
	scene_return(&f, 27396, 2);
	before = counters();
	restart();
	after = counters();
	assert_string_equal(after, before);
	expect("collector_counters_since_timestamp_seconds 1789182245");
	expect_no("head_state{");	/* which heads there are was not told yet */
	free(before);
	free(after);
	/* another boot: numbers begin anew, and count */
	f.window = 0;
	f.outage = 0;
	at(&f, 5);
	put_host(&f, "boot-2");
	put_clock(&f);
	put_topology(&f, SCENE_NQN, 2, 30);
	put_start(&f);
	scene_lose(&f, 6386);
	scene_return(&f, 27396, 2);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"recovered\"} 2");
	expect("bios_completed_total{" LABELS "} 10");
	expect("stall_seconds_sum{" LABELS "} 130");
	expect("path_losses_total{" LABELS ",cause=\"removal\"} 4");
}

static void boot(const char *id)
{
	put_host(&f, id);
	put_clock(&f);
	put_topology(&f, SCENE_NQN, 0, 30);
	put_start(&f);
}

static void expect_windows(unsigned int recovered, unsigned int unknown)
{
	char line[128];

	write_text();
	snprintf(line, sizeof(line), "windows_total{" LABELS ",outcome=\"recovered\"} %u",
		 recovered);
	expect(line);
	snprintf(line, sizeof(line), "windows_total{" LABELS ",outcome=\"unknown\"} %u", unknown);
	expect(line);
}

/*
 * A window that was open when the host was reset has an unknown end; one that a new collector sees
 * ends as ever.
 */
static void test_open_in_the_state(void **state)
{
	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 6386);
	restart();
	boot("boot-1");
	scene_return(&f, 10000, 2);
	expect_windows(1, 0);
	scene_lose(&f, 20000);
	restart();
	restart();	/* killed before it knew which boot it is */
	expect_windows(1, 0);
	at(&f, 5);
	f.window = 0;
	f.outage = 0;
	boot("boot-2");
	expect_windows(1, 1);
	restart();
	boot("boot-3");
	expect_windows(1, 1);	/* none was open */
}

/* The programs go on, so what a collector has counted comes again. */
static void test_pinned(void **state)
{
	struct mpath_outage o;

	(void)state;
	put_start_pinned(&f, 77, false);
	put_host(&f, "boot-1");
	put_clock(&f);
	put_topology(&f, "nqn.1", 2, 30);
	scene_lose(&f, 6386);
	at(&f, 8000);
	o = outage(&f, 5, 2, 0);
	put_outage(&f, &o);
	restart();
	put_start_pinned(&f, 77, true);
	put_host(&f, "boot-1");
	put_clock(&f);
	o = outage(&f, 8, 4, 0);
	put_outage(&f, &o);	/* no event told of this head yet */
	put_topology(&f, "nqn.1", 0, 30);
	scene_return(&f, 10000, 2);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"recovered\"} 1");
	/* scene_return's snapshot says 5 parked and completed */
	expect("bios_parked_total{" LABELS ",reason=\"no_usable_path\"} 5");
	expect("bios_completed_total{" LABELS "} 5");
	/* killed after it was counted, before the ring was told that it was read */
	restart();
	put_start_pinned(&f, 77, true);
	put_host(&f, "boot-1");
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 20000, 0);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"recovered\"} 1");
	/* other programs: the same numbers are other windows */
	restart();
	put_start_pinned(&f, 78, false);
	put_host(&f, "boot-1");
	put_clock(&f);
	f.window = 0;
	f.outage = 0;
	put_topology(&f, "nqn.1", 2, 30);
	scene_lose(&f, 60000);
	scene_return(&f, 10000, 2);
	write_text();
	expect("windows_total{" LABELS ",outcome=\"recovered\"} 2");
	expect("bios_completed_total{" LABELS "} 10");
}

/* Whatever byte is wrong, it is seen; nothing is read beyond the end. */
static void test_damaged_state(void **state)
{
	struct metrics *y;
	unsigned char *copy;
	size_t i;

	(void)state;
	scene_two_paths(&f);
	scene_lose(&f, 6386);
	scene_return(&f, 27396, 2);
	scene_lose(&f, 40000);
	save();
	for (i = 0; i < saved_len; i++) {
		copy = malloc(saved_len);
		memcpy(copy, saved, saved_len);
		copy[i] ^= 0x40;
		y = metrics_new(m);
		assert_int_equal(metrics_load(y, copy, saved_len), -EBADMSG);
		metrics_free(y);
		free(copy);
	}
	for (i = 0; i < saved_len; i++) {
		copy = malloc(i ? i : 1);
		memcpy(copy, saved, i);
		y = metrics_new(m);
		assert_int_equal(metrics_load(y, copy, i), -EBADMSG);
		metrics_free(y);
		free(copy);
	}
}

static void test_too_many_heads(void **state)
{
	unsigned int i;

	(void)state;
	scene_two_paths(&f);
	f.subsys = 1;
	for (i = 0; i < METRICS_HEADS + 10; i++) {
		at(&f, 1000 + i);
		snprintf(f.head, sizeof(f.head), "nvme%un1", i + 1);
		f.head_id = i + 2;
		f.nsid = 5;
		ev_gone(&f, MPATH_REMOVE_IMMEDIATE);
		if (i % 512 == 0)
			write_text();
	}
	/* removed a moment ago, they have gauges; later they may go */
	self.live = true;
	self.now_ns = 10000 * SEC;
	write_text();
	at(&f, 10001000);
	strcpy(f.head, "nvme8000n1");
	f.head_id = 8000;
	ev_gone(&f, MPATH_REMOVE_IMMEDIATE);
	write_text();
	assert_true(x->nr_entries <= METRICS_HEADS + 11);
	assert_true(x->t.dropped > 0);
	expect("windows_total{device=\"nvme8000n1\",subsystem=\"nvme-subsys1\","
	       "outcome=\"not_armed\"} 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_counters_survive, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end_of_a_collector, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_in_the_state, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pinned, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_state, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many_heads, setup, teardown),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(saved);
	return failed;
}
