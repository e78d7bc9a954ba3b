// SPDX-License-Identifier: GPL-2.0-only
/* The edges of all histograms, and counting by them. */
#include "metrics/internal.h"

const struct metrics_edge metrics_edges[METRICS_EDGES] = {
	{ 1000000ULL, "0.001" }, { 10000000ULL, "0.01" }, { 100000000ULL, "0.1" },
	{ 500000000ULL, "0.5" }, { 1 * NS_PER_S, "1" }, { 2 * NS_PER_S, "2" },
	{ 5 * NS_PER_S, "5" }, { 10 * NS_PER_S, "10" }, { 20 * NS_PER_S, "20" },
	{ 30 * NS_PER_S, "30" }, { 60 * NS_PER_S, "60" }, { 120 * NS_PER_S, "120" },
	{ 300 * NS_PER_S, "300" }, { 600 * NS_PER_S, "600" },
};

__u64 *metrics_bucket(struct metrics_hist *h, __u64 ns)
{
	size_t i = 0;

	while (i < METRICS_EDGES && ns > metrics_edges[i].ns)
		i++;
	return &h->bucket[i];
}

void metrics_observe(struct metrics_hist *h, __u64 ns)
{
	++*metrics_bucket(h, ns);
	h->sum_ns += ns;
}
