// SPDX-License-Identifier: GPL-2.0-only
/* The stall histogram: bounds of buckets, error of quantiles against sorted values. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/histogram.h"
#include "tests/unit/feed.h"

static void test_buckets_join(void **state)
{
	__u32 i;

	(void)state;
	assert_int_equal(hist_lower(0), 0);
	for (i = 0; i < MPATH_HIST_BUCKETS; i++) {
		assert_int_equal(mpath_hist_index(hist_lower(i)), i);
		assert_int_equal(mpath_hist_index(hist_upper(i) - 1), i);
		if (i + 1 < MPATH_HIST_BUCKETS)
			assert_int_equal(hist_upper(i), hist_lower(i + 1));
	}
	assert_int_equal(mpath_hist_index(~0ULL), MPATH_HIST_BUCKETS - 1);
	assert_int_equal(mpath_hist_index(1ULL << (MPATH_HIST_MIN_SHIFT + MPATH_HIST_OCTAVES)),
			 MPATH_HIST_BUCKETS - 1);
	assert_int_equal(hist_lower(1), 1024 + 64);
}

/* Every bucket is at most 1/16 of its lower bound wide. */
static void test_width(void **state)
{
	__u32 i;

	(void)state;
	for (i = 1; i + 1 < MPATH_HIST_BUCKETS; i++)
		assert_true((hist_upper(i) - hist_lower(i)) * 16 <= hist_lower(i));
}

static void test_log2(void **state)
{
	int bit;

	(void)state;
	assert_int_equal(mpath_log2(0), 0);
	for (bit = 0; bit < 64; bit++) {
		assert_int_equal(mpath_log2(1ULL << bit), bit);
		assert_int_equal(mpath_log2((1ULL << bit) | ((1ULL << bit) - 1)), bit);
	}
}

static int compare(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static __u64 random_state;

static __u64 random_next(void)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return random_state >> 20;
}

/* The exact quantile by sorting, nearest rank, in values spread over all octaves. */
static void test_quantiles(void **state)
{
	static const unsigned int permille[] = { 1, 10, 250, 500, 900, 990, 999, 1000 };
	__u32 stall[MPATH_HIST_BUCKETS];
	__u64 values[1013], ns, exact, max, error;
	size_t n, i, k, round;

	(void)state;
	for (round = 0; round < 200; round++) {
		random_state = round;
		memset(stall, 0, sizeof(stall));
		n = 1 + random_next() % 1013;
		for (i = 0; i < n; i++) {
			values[i] = random_next() & ((1ULL << (10 + random_next() % 31)) - 1);
			values[i] += 1024;
			stall[mpath_hist_index(values[i])]++;
		}
		qsort(values, n, sizeof(values[0]), compare);
		max = values[n - 1];
		assert_int_equal(hist_count(stall), n);
		for (k = 0; k < sizeof(permille) / sizeof(permille[0]); k++) {
			size_t rank = (n * permille[k] + 999) / 1000;

			exact = values[rank ? rank - 1 : 0];
			assert_int_equal(hist_quantile(stall, permille[k], max, &ns), 0);
			error = ns > exact ? ns - exact : exact - ns;
			assert_true(error * 16 <= exact);
			assert_true(ns <= max);
			if (rank == n)
				assert_int_equal(ns, max);
		}
	}
}

static void test_edges(void **state)
{
	__u32 stall[MPATH_HIST_BUCKETS] = { 0 };
	__u64 ns = 77;

	(void)state;
	assert_int_equal(hist_quantile(stall, 500, 0, &ns), -ENOENT);
	assert_int_equal(ns, 77);
	stall[0] = 3;
	assert_int_equal(hist_quantile(stall, 500, 100, &ns), 0);
	assert_true(ns <= 100);
	/* counts near the end of their range do not wrap */
	stall[5] = ~0U;
	stall[6] = ~0U;
	assert_int_equal(hist_quantile(stall, 990, 1ULL << 40, &ns), 0);
	assert_int_equal(mpath_hist_index(ns), 6);
	/* the last bucket has no upper bound but the maximum */
	memset(stall, 0, sizeof(stall));
	stall[MPATH_HIST_BUCKETS - 1] = 10;
	assert_int_equal(hist_quantile(stall, 500, 1ULL << 50, &ns), 0);
	assert_int_equal(ns, 1ULL << 50);
}

/* Reads and writes have buckets of their own; what they leave are the others. */
static void test_by_op(void **state)
{
	__u32 stall[MPATH_HIST_BUCKETS];
	struct mpath_outage o = { 0 };

	(void)state;
	o.stall[3] = 10;
	o.stall[7] = 5;
	o.stall_op[MPATH_OP_READ][3] = 4;
	o.stall_op[MPATH_OP_WRITE][3] = 6;
	o.stall_op[MPATH_OP_WRITE][7] = 2;
	assert_int_equal(hist_of_op(&o, MPATH_OP_READ, stall), 4);
	assert_int_equal(stall[3], 4);
	assert_int_equal(hist_of_op(&o, MPATH_OP_WRITE, stall), 8);
	assert_int_equal(stall[7], 2);
	assert_int_equal(hist_of_op(&o, MPATH_OP_OTHER, stall), 3);
	assert_int_equal(stall[7], 3);
	/* a copy taken in the middle of counting */
	o.stall[3] = 9;
	assert_int_equal(hist_of_op(&o, MPATH_OP_OTHER, stall), 3);
	assert_int_equal(stall[3], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets_join), cmocka_unit_test(test_width),
		cmocka_unit_test(test_log2), cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_edges), cmocka_unit_test(test_by_op),
	};

	return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
