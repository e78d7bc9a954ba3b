// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, times and untrusted texts for people. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/format.h"
#include "base/units.h"

const char *fmt_text_n(char *buf, size_t size, const char *text, size_t max)
{
	static const char hex[] = "0123456789abcdef";
	size_t at = 0, cut = 0, i;

	for (i = 0; i < max && text[i]; i++) {
		unsigned char c = (unsigned char)text[i];
		size_t need = c == '\\' ? 2 : c >= 0x20 && c < 0x7f ? 1 : 4;

		/* remember where "..." would still fit */
		if (at + 4 <= size)
			cut = at;
		if (at + need >= size) {
			snprintf(buf + cut, size - cut, "...");
			return buf;
		}
		if (need == 4) {
			buf[at] = '\\';
			buf[at + 1] = 'x';
			buf[at + 2] = hex[c >> 4];
			buf[at + 3] = hex[c & 15];
		} else {
			buf[at] = (char)c;
			buf[at + need - 1] = (char)c;
		}
		at += need;
	}
	buf[at] = '\0';
	return buf;
}

const char *fmt_text(char *buf, size_t size, const char *text)
{
	return fmt_text_n(buf, size, text, strlen(text));
}

const char *fmt_nqn(char *buf, size_t size, const char *nqn, size_t width)
{
	size_t len = strlen(nqn), head, tail;
	char cut[256];

	if (len <= width || width < 8 || width >= sizeof(cut))
		return fmt_text(buf, size, nqn);
	/* the end tells subsystems apart, the start says whose they are */
	head = (width - 2) * 2 / 3;
	tail = width - 2 - head;
	memcpy(cut, nqn, head);
	memcpy(cut + head, "..", 2);
	memcpy(cut + head + 2, nqn + len - tail, tail + 1);
	return fmt_text(buf, size, cut);
}

/* Whole seconds and the rest, the rest never negative. */
static time_t split_time(__s64 real_ns, long *rest)
{
	__s64 s = real_ns / (__s64)NS_PER_S, r = real_ns % (__s64)NS_PER_S;

	if (r < 0) {
		s--;
		r += (__s64)NS_PER_S;
	}
	*rest = (long)r;
	return (time_t)s;
}

const char *fmt_wall(char *buf, size_t size, __s64 real_ns, bool utc)
{
	struct tm tm;
	long rest;
	time_t s = split_time(real_ns, &rest);

	if (!(utc ? gmtime_r(&s, &tm) : localtime_r(&s, &tm))) {
		snprintf(buf, size, "-");
		return buf;
	}
	snprintf(buf, size, "%04d-%02d-%02d %02d:%02d:%02d.%03ld%s", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 rest / (long)NS_PER_MS, utc ? "Z" : "");
	return buf;
}

const char *fmt_rfc3339(char *buf, size_t size, __s64 real_ns)
{
	struct tm tm;
	long rest;
	time_t s = split_time(real_ns, &rest);

	if (!gmtime_r(&s, &tm)) {
		snprintf(buf, size, "-");
		return buf;
	}
	snprintf(buf, size, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 rest / (long)NS_PER_US);
	return buf;
}

const char *fmt_duration(char *buf, size_t size, __u64 ns)
{
	unsigned long long s = ns / NS_PER_S, ms = (ns + NS_PER_MS / 2) / NS_PER_MS;

	if (ns < NS_PER_US)
		snprintf(buf, size, "%llu ns", (unsigned long long)ns);
	else if (ns < NS_PER_MS)
		snprintf(buf, size, "%llu us",
			 (unsigned long long)(ns + NS_PER_US / 2) / NS_PER_US);
	else if (ms < 1000)
		snprintf(buf, size, "%llu ms", ms);
	else if (ms < 99950)
		snprintf(buf, size, "%llu.%llu s", (ms + 50) / 1000, (ms + 50) % 1000 / 100);
	else if (s < 3600)
		snprintf(buf, size, "%llu min %02llu s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, size, "%llu h %02llu min", s / 3600, s % 3600 / 60);
	else
		snprintf(buf, size, "%llu d %02llu h", s / 86400, s % 86400 / 3600);
	return buf;
}

const char *fmt_duration_signed(char *buf, size_t size, __s64 ns)
{
	if (ns >= 0)
		return fmt_duration(buf, size, (__u64)ns);
	buf[0] = '-';
	fmt_duration(buf + 1, size - 1, 0 - (__u64)ns);
	return buf;
}

const char *fmt_seconds(char *buf, size_t size, __s64 ns)
{
	unsigned long long ms = ((ns < 0 ? 0 - (__u64)ns : (__u64)ns) + NS_PER_MS / 2) / NS_PER_MS;

	snprintf(buf, size, "%s%llu.%03llu", ns < 0 && ms ? "-" : "", ms / 1000, ms % 1000);
	return buf;
}

/* ---- for narrow columns ---- */

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
	static const struct {
		__u64 below, unit;
		const char *name;
	} table[] = {
		{ 1000, 1, "ns" },
		{ 1000000, 1000, "us" },
		{ 1000000000, 1000000, "ms" },
		{ 100000000000ULL, 1000000000, "s" },
		{ 6000000000000ULL, 60000000000ULL, "m" },
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
