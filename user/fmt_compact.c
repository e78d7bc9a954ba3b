// SPDX-License-Identifier: GPL-2.0-only
/* Numbers for narrow columns. */
#include <stdio.h>

#include "fmt_compact.h"

const char *fmt_compact_count(char *buf, size_t size, double v)
{
	static const char units[] = "kMGTPE";
	int i = -1;

	if (v < 9999.5) {
		/* little is not nothing */
		if (v > 0 && v < 9.95 && v != (double)(int)v)
			snprintf(buf, size, "%.1f", v < 0.1 ? 0.1 : v);
		else
			snprintf(buf, size, "%.0f", v);
		return buf;
	}
	do {
		v /= 1000;
		i++;
	} while (v >= 999.5 && units[i + 1]);
	snprintf(buf, size, v < 99.95 ? "%.1f%c" : "%.0f%c", v, units[i]);
	return buf;
}

const char *fmt_compact_time(char *buf, size_t size, __u64 ns)
{
	static const struct { __u64 below, unit; const char *name; } table[] = {
		{ 1000, 1, "ns" }, { 1000000, 1000, "us" }, { 1000000000, 1000000, "ms" },
		{ 100000000000ULL, 1000000000, "s" }, { 6000000000000ULL, 60000000000ULL, "m" },
		{ 360000000000000ULL, 3600000000000ULL, "h" },
		{ 0, 86400000000000ULL, "d" },
	};
	__u64 tenths;
	int i = 0;

	while (i < 6 && ns >= table[i].below)
		i++;
	tenths = (ns + table[i].unit / 20) / (table[i].unit >= 10 ? table[i].unit / 10 : 1);
	if (table[i].unit == 1 || tenths >= 100)
		snprintf(buf, size, "%llu%s",
			 (unsigned long long)((ns + table[i].unit / 2) / table[i].unit),
			 table[i].name);
	else
		snprintf(buf, size, "%llu.%llu%s", (unsigned long long)(tenths / 10),
			 (unsigned long long)(tenths % 10), table[i].name);
	return buf;
}
