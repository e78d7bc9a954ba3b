/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers, times and untrusted texts for people. No locale, no environment
 * but the time zone (TZ) of local time.
 */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>

#define FMT_TIME_LEN	40
#define FMT_LEN		32

/**
 * fmt_text() - a text from a device, a file or sysfs, made fit for a terminal
 * @buf,@size:	result, always ended with NUL; cut with "..." if it does not fit
 * @text:	printable ASCII is kept, anything else becomes \xNN, a backslash \\
 *
 * Returns @buf.
 */
const char *fmt_text(char *buf, size_t size, const char *text);

/* As fmt_text(), for at most @max bytes of @text. */
const char *fmt_text_n(char *buf, size_t size, const char *text, size_t max);

/* NQN shortened to about @width: the first part, "..", the last. Escaped. */
const char *fmt_nqn(char *buf, size_t size, const char *nqn, size_t width);

/* "2026-09-12 03:04:11.482", in UTC with a "Z" at the end. buf: FMT_TIME_LEN */
const char *fmt_wall(char *buf, size_t size, __s64 real_ns, bool utc);

/* RFC 3339 in UTC with microseconds, for JSON: "2026-09-12T03:04:11.482113Z" */
const char *fmt_rfc3339(char *buf, size_t size, __s64 real_ns);

/* For people: "27.4 s", "13 ms", "412 us", "2 h 03 min". */
const char *fmt_duration(char *buf, size_t size, __u64 ns);
const char *fmt_duration_signed(char *buf, size_t size, __s64 ns);

/* Seconds with three decimals, rounded: "0.004", "-0.120". */
const char *fmt_seconds(char *buf, size_t size, __s64 ns);

/*
 * For narrow columns: at most five or six characters. buf: FMT_LEN.
 * "0", "0.4", "17", "8431", "12.3k", "1.2M"
 */
const char *fmt_compact_count(char *buf, size_t size, double v);

/* "412us", "1.2ms", "13ms", "4.2s", "75s", "12m", "3h", "2d" */
const char *fmt_compact_time(char *buf, size_t size, __u64 ns);

#endif /* BASE_FORMAT_H */
