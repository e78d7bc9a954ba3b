/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers for narrow columns: at most five or six characters. buf: FMT_LEN */
#ifndef FMT_COMPACT_H
#define FMT_COMPACT_H

#include <stddef.h>
#include <linux/types.h>

/* "0", "0.4", "17", "8431", "12.3k", "1.2M" */
const char *fmt_compact_count(char *buf, size_t size, double v);

/* "412us", "1.2ms", "13ms", "4.2s", "75s", "12m", "3h", "2d" */
const char *fmt_compact_time(char *buf, size_t size, __u64 ns);

#endif /* FMT_COMPACT_H */
