// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statistics of disks: rates, and reading them from a directory with the shape of sysfs while it
 * changes.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/unit/tree.h"
#include "top/statistics.h"

#define ROUNDS	2000

/* reads merges sectors ticks, writes merges sectors ticks, in flight, ... */
#define STAT(reads, rsectors, rticks, writes, wsectors, wticks, flight) \
#reads " 7 " #rsectors " " #rticks " " #writes " 7 " #wsectors " " #wticks " " #flight \
	       " 4 5 0 0 0 0 6 7\n"

/* ---- pure ---- */

static struct disk_stat stat_of(__u64 id, __u64 ios, __u64 sectors, __u64 ticks)
{
	struct disk_stat d = { .id = id };

	d.ios[STATS_READ] = ios;
	d.sectors[STATS_READ] = sectors;
	d.ticks_ms[STATS_READ] = ticks;
	return d;
}

static void test_parse(void **state)
{
	struct disk_stat d = { .id = 42 };

	(void)state;
	assert_int_equal(disk_stat_parse(STAT(1, 2, 3, 4, 5, 6, 8), &d), 0);
	assert_int_equal(d.id, 42);
	assert_int_equal(d.ios[STATS_READ], 1);
	assert_int_equal(d.sectors[STATS_READ], 2);
	assert_int_equal(d.ticks_ms[STATS_READ], 3);
	assert_int_equal(d.ios[STATS_WRITE], 4);
	assert_int_equal(d.sectors[STATS_WRITE], 5);
	assert_int_equal(d.ticks_ms[STATS_WRITE], 6);
	assert_int_equal(d.in_flight, 8);
	assert_int_not_equal(disk_stat_parse("", &d), 0);
	assert_int_not_equal(disk_stat_parse("1 2 3 4 5 6 7", &d), 0);
	assert_int_not_equal(disk_stat_parse("1 2 3 4 5 6 7 x 9", &d), 0);
}

static void test_rate(void **state)
{
	struct disk_stat a = stat_of(1, 100, 1000, 50), b = stat_of(1, 300, 3048, 450);
	struct disk_rate r;

	(void)state;
	assert_true(disk_rate(&a, SEC, &b, 3 * SEC, &r));
	assert_float_equal(r.iops, 100, 0.01);
	assert_float_equal(r.bytes, 2048 * 512 / 2.0, 0.01);
	assert_true(r.latency_known);
	assert_int_equal(r.latency_ns, 2 * MS);
	/* nothing ended: no latency, which is not a latency of 0 */
	assert_true(disk_rate(&a, SEC, &a, 2 * SEC, &r));
	assert_false(r.latency_known);
	assert_float_equal(r.iops, 0, 0);
}

static void test_no_rate(void **state)
{
	struct disk_stat a = stat_of(1, 100, 1000, 50), b = stat_of(2, 300, 3000, 450);
	struct disk_rate r;

	(void)state;
	assert_false(disk_rate(&a, SEC, &b, 2 * SEC, &r));	/* another disk */
	b = stat_of(1, 99, 3000, 450);
	assert_false(disk_rate(&a, SEC, &b, 2 * SEC, &r));	/* counts anew */
	assert_false(disk_rate(&a, SEC, &a, SEC, &r));		/* no time went by */
}

static void test_add(void **state)
{
	struct disk_rate sum = { 0 };
	const struct disk_rate a = {
		.iops = 30, .bytes = 1, .latency_known = true, .latency_ns = 100
	};
	const struct disk_rate b = {
		.iops = 10, .bytes = 2, .latency_known = true, .latency_ns = 500
	};
	const struct disk_rate idle = { .iops = 0 };

	(void)state;
	disk_rate_add(&sum, &idle);
	assert_false(sum.latency_known);
	disk_rate_add(&sum, &a);
	disk_rate_add(&sum, &b);
	assert_float_equal(sum.iops, 40, 0);
	assert_float_equal(sum.bytes, 3, 0);
	assert_int_equal(sum.latency_ns, 200);
}

/* What is not read in a round has no rate then, nor after the first reading that follows. */
static void test_rounds(void **state)
{
	struct stats *s = stats_new();
	struct disk_stat d = stat_of(1, 0, 0, 0);
	int i;

	(void)state;
	for (i = 1; i <= 6; i++) {
		stats_begin(s, (__u64)i * SEC);
		d.ios[STATS_READ] += 10;
		if (i != 3)
			assert_int_equal(stats_put(s, "nvme0n1", &d), 0);
		stats_end(s);
		if (i == 2 || i >= 5) {
			assert_non_null(stats_rate(s, "nvme0n1"));
			assert_float_equal(stats_rate(s, "nvme0n1")->iops, 10, 0.01);
		} else {
			assert_null(stats_rate(s, "nvme0n1"));
		}
		assert_true(!stats_last(s, "nvme0n1") == (i == 3));
	}
	assert_null(stats_rate(s, "nvme1n1"));
	assert_null(stats_rate(NULL, "nvme0n1"));
	stats_free(s);
}

/* Many disks that come and go: what is kept is what was read last. */
static void test_many(void **state)
{
	struct stats *s = stats_new();
	struct disk_stat d = stat_of(1, 5, 5, 5);
	char name[32];
	int i, round;

	(void)state;
	for (round = 1; round < 40; round++) {
		stats_begin(s, (__u64)round * SEC);
		for (i = 0; i < 100; i++) {
			snprintf(name, sizeof(name), "nvme%dn1", i);
			if ((i + round) % 7)
				assert_int_equal(stats_put(s, name, &d), 0);
		}
		stats_end(s);
		for (i = 0; i < 100; i++) {
			snprintf(name, sizeof(name), "nvme%dn1", i);
			assert_true(!stats_last(s, name) == !((i + round) % 7));
		}
	}
	stats_free(s);
}

/* ---- a directory with the shape of sysfs ---- */

struct scene {
	struct model	*m;
	struct stats	*stats;
	struct statistics	*src;
	__u64		now;
};

/* Head nvme0n1 with the paths nvme0c0n1 and nvme0c1n1. */
static int make_scene(void **state)
{
	struct scene *sc = calloc(1, sizeof(*sc));
	struct feed f;

	make_root();
	sc->m = model_new();
	sc->stats = stats_new();
	sc->src = statistics_new(root);
	sc->now = SEC;
	f = feed_model(sc->m);
	put_host(&f, "boot");
	put_topology(&f, "nqn.2026-11.org.example:a", 2, 30);
	put("class/block/nvme0n1/stat", STAT(0, 0, 0, 0, 0, 0, 0));
	put("class/block/nvme0c0n1/stat", STAT(10, 80, 5, 0, 0, 0, 1));
	put("class/block/nvme0c1n1/stat", STAT(20, 160, 10, 0, 0, 0, 0));
	*state = sc;
	return 0;
}

static int drop_scene(void **state)
{
	struct scene *sc = *state;

	model_free(sc->m);
	stats_free(sc->stats);
	statistics_free(sc->src);
	free(sc);
	rmtree(root);
	return 0;
}

static void read_all(struct scene *sc, const struct model_head *detail)
{
	sc->now += SEC;
	assert_int_equal(top_statistics_read(sc->src, sc->m, detail, sc->stats, sc->now), 0);
}

/*
 * A head whose own counters stay 0, as with Linux 6.1, is read by its paths; one that counts is
 * not, as long as nothing is in flight.
 */
static void test_head_or_paths(void **state)
{
	struct scene *sc = *state;

	read_all(sc, NULL);
	assert_non_null(stats_last(sc->stats, "nvme0n1"));
	assert_non_null(stats_last(sc->stats, "nvme0c1n1"));
	put("class/block/nvme0n1/stat", STAT(30, 240, 15, 0, 0, 0, 0));
	read_all(sc, NULL);
	assert_float_equal(stats_rate(sc->stats, "nvme0n1")->iops, 30, 0.01);
	assert_null(stats_last(sc->stats, "nvme0c1n1"));
	/* in which path is what does not end? */
	put("class/block/nvme0n1/stat", STAT(30, 240, 15, 0, 0, 0, 1));
	read_all(sc, NULL);
	assert_non_null(stats_last(sc->stats, "nvme0c0n1"));
	put("class/block/nvme0n1/stat", STAT(30, 240, 15, 0, 0, 0, 0));
	read_all(sc, NULL);
	assert_null(stats_last(sc->stats, "nvme0c0n1"));
	read_all(sc, model_head(sc->m, 0));
	assert_non_null(stats_last(sc->stats, "nvme0c1n1"));
}

static void test_vanished(void **state)
{
	struct scene *sc = *state;

	read_all(sc, NULL);
	put("class/block/nvme0c0n1/stat", STAT(40, 320, 20, 0, 0, 0, 1));
	read_all(sc, NULL);
	assert_float_equal(stats_rate(sc->stats, "nvme0c0n1")->iops, 30, 0.01);
	put("class/block/nvme0c0n1", NULL);
	read_all(sc, NULL);
	assert_null(stats_rate(sc->stats, "nvme0c0n1"));
	assert_non_null(stats_rate(sc->stats, "nvme0c1n1"));
	/* it is back, and another disk: no rate before the second reading */
	put("class/block/nvme0c0n1/stat", STAT(1000, 8000, 20, 0, 0, 0, 1));
	read_all(sc, NULL);
	assert_null(stats_rate(sc->stats, "nvme0c0n1"));
	put("class/block/nvme0c0n1/stat", STAT(1007, 8056, 27, 0, 0, 0, 1));
	read_all(sc, NULL);
	assert_float_equal(stats_rate(sc->stats, "nvme0c0n1")->iops, 7, 0.01);
}

static void test_nothing_there(void **state)
{
	struct scene *sc = *state;
	struct path_attrs a;
	struct disk_stat d;

	put("class", NULL);
	read_all(sc, NULL);
	assert_null(stats_last(sc->stats, "nvme0n1"));
	statistics_path(sc->src, "nvme0c0n1", 0, &a);
	assert_string_equal(a.link, "");
	assert_int_equal(a.numa, -1);
	assert_int_equal(a.failovers, -1);
	assert_int_not_equal(statistics_disk(sc->src, "../../etc", &d), 0);
}

static void test_attrs(void **state)
{
	struct scene *sc = *state;
	struct path_attrs a;

	put("class/nvme/nvme1/numa_node", "1\n");
	put("class/nvme/nvme1/device/current_link_speed", "2.5 GT/s PCIe\n");
	put("class/nvme/nvme1/device/current_link_width", "1\n");
	put("class/nvme/nvme1/device/max_link_speed", "8.0 GT/s PCIe\n");
	put("class/nvme/nvme1/device/max_link_width", "4\n");
	put("class/block/nvme0c1n1/diag/multipath_failover_count", "3\n");
	put("class/block/nvme0c1n1/diag/command_retry_count", "4\n");
	statistics_path(sc->src, "nvme0c1n1", 1, &a);
	assert_string_equal(a.link, "2.5 GT/s x1 of 8.0 GT/s x4");
	assert_int_equal(a.numa, 1);
	assert_int_equal(a.failovers, 3);
	assert_int_equal(a.retries, 4);
	assert_int_equal(a.errors, -1);
	put("class/nvme/nvme1/device/current_link_speed", "8.0 GT/s PCIe\n");
	put("class/nvme/nvme1/device/current_link_width", "4\n");
	put("class/nvme/nvme1/numa_node", "-1\n");
	statistics_path(sc->src, "nvme0c1n1", 1, &a);
	assert_string_equal(a.link, "8.0 GT/s x4");
	assert_int_equal(a.numa, -1);
}

/* ---- while it changes ---- */

static void one_round(struct stats *s, __u64 at_s, __u64 id, __u64 ios, __u64 in_flight)
{
	struct disk_stat d = { .id = id, .in_flight = in_flight };

	d.ios[STATS_WRITE] = ios;
	stats_begin(s, at_s * 1000000000ULL);
	assert_int_equal(stats_put(s, "nvme0c0n1", &d), 0);
	stats_end(s);
}

/* I/O is in flight, and none ends: since the first reading that was like the last one. */
static void test_stuck(void **state)
{
	struct stats *s = stats_new();
	__u64 since = 0;

	(void)state;
	one_round(s, 1, 7, 100, 3);
	assert_false(stats_stuck(s, "nvme0c0n1", &since));	/* one reading tells nothing */
	one_round(s, 2, 7, 100, 3);
	assert_true(stats_stuck(s, "nvme0c0n1", &since));
	assert_int_equal(since, 1000000000ULL);
	one_round(s, 60, 7, 100, 5);				/* more of it */
	assert_true(stats_stuck(s, "nvme0c0n1", &since));
	assert_int_equal(since, 1000000000ULL);
	one_round(s, 61, 7, 101, 5);				/* one ended */
	assert_false(stats_stuck(s, "nvme0c0n1", &since));
	one_round(s, 62, 7, 101, 0);				/* idle is not stuck */
	one_round(s, 63, 7, 101, 0);
	assert_false(stats_stuck(s, "nvme0c0n1", &since));
	one_round(s, 64, 7, 101, 1);
	one_round(s, 65, 8, 101, 1);				/* another disk of this name */
	assert_false(stats_stuck(s, "nvme0c0n1", &since));
	stats_begin(s, 66000000000ULL);				/* it was not read */
	stats_end(s);
	assert_false(stats_stuck(s, "nvme0c0n1", &since));
	assert_false(stats_stuck(NULL, "nvme0c0n1", &since));
	stats_free(s);
}

static atomic_bool flapping;

static void *flap(void *arg)
{
	char a[512], b[512];

	(void)arg;
	snprintf(a, sizeof(a), "%s/class/block/nvme0c0n1", root);
	snprintf(b, sizeof(b), "%s/class/block/away", root);
	while (flapping) {
		rename(a, b);
		rename(b, a);
	}
	rename(b, a);
	return NULL;
}

/* Its counters stand still: whatever is seen of it is 0 or missing, nothing else is disturbed. */
static void test_flapping(void **state)
{
	struct scene *sc = *state;
	int i;
	pthread_t thread;

	flapping = true;
	assert_int_equal(pthread_create(&thread, NULL, flap, NULL), 0);
	for (i = 0; i < ROUNDS; i++) {
		const struct disk_rate *r;

		read_all(sc, NULL);
		r = stats_rate(sc->stats, "nvme0c0n1");
		if (r)
			assert_float_equal(r->iops, 0, 0);
		if (stats_last(sc->stats, "nvme0c0n1"))
			assert_int_equal(stats_last(sc->stats, "nvme0c0n1")->ios[STATS_READ], 10);
		if (i)
			assert_non_null(stats_rate(sc->stats, "nvme0c1n1"));
	}
	flapping = false;
	pthread_join(thread, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_no_rate),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test_setup_teardown(test_head_or_paths, make_scene, drop_scene),
		cmocka_unit_test_setup_teardown(test_vanished, make_scene, drop_scene),
		cmocka_unit_test_setup_teardown(test_nothing_there, make_scene, drop_scene),
		cmocka_unit_test_setup_teardown(test_attrs, make_scene, drop_scene),
		cmocka_unit_test_setup_teardown(test_flapping, make_scene, drop_scene),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
