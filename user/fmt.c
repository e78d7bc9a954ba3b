// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, times and untrusted texts for people. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../bpf/mpath_event.h"
#include "fmt.h"

#define NS_PER_S	1000000000L
#define NS_PER_MS	1000000L

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
	__s64 s = real_ns / NS_PER_S, r = real_ns % NS_PER_S;

	if (r < 0) {
		s--;
		r += NS_PER_S;
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
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, rest / NS_PER_MS,
		 utc ? "Z" : "");
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
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, rest / 1000);
	return buf;
}

const char *fmt_duration(char *buf, size_t size, __u64 ns)
{
	unsigned long long s = ns / NS_PER_S, ms = (ns + NS_PER_MS / 2) / NS_PER_MS;

	if (ns < 1000)
		snprintf(buf, size, "%llu ns", (unsigned long long)ns);
	else if (ns < 1000000)
		snprintf(buf, size, "%llu us", (unsigned long long)(ns + 500) / 1000);
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

static const char *name_of(const char *const *names, size_t n, int value)
{
	return value >= 0 && (size_t)value < n && names[value] ? names[value] : "?";
}

#define NAME_OF(names, value)	name_of(names, sizeof(names) / sizeof((names)[0]), value)

const char *fmt_ctrl_state(int state)
{
	static const char *const names[] = {
		[MPATH_CTRL_NEW] = "new", [MPATH_CTRL_LIVE] = "live",
		[MPATH_CTRL_RESETTING] = "resetting", [MPATH_CTRL_CONNECTING] = "connecting",
		[MPATH_CTRL_DELETING] = "deleting", [MPATH_CTRL_DELETING_NOIO] = "deleting (no IO)",
		[MPATH_CTRL_DEAD] = "dead",
	};

	return state < 0 ? "-" : NAME_OF(names, state);
}

const char *fmt_ana_state(int state)
{
	/* NVMe base specification, ANA group descriptor */
	static const char *const names[16] = {
		[1] = "optimized", [2] = "non-optimized", [3] = "inaccessible",
		[4] = "persistent-loss", [15] = "change",
	};

	return state <= 0 ? "-" : NAME_OF(names, state);
}

const char *fmt_op_class(unsigned int op)
{
	static const char *const names[MPATH_OPS] = { "read", "write", "other" };

	return op < MPATH_OPS ? names[op] : "?";
}

const char *fmt_op(int req_op)
{
	/* include/linux/blk_types.h: these numbers are the same in 6.1 .. 7.3 */
	static const char *const names[] = {
		[0] = "read", [1] = "write", [2] = "flush", [3] = "discard", [5] = "secure-erase",
		[9] = "write-zeroes",
	};

	if (req_op < 0 || (size_t)req_op >= sizeof(names) / sizeof(names[0]) || !names[req_op])
		return "other";
	return names[req_op];
}
