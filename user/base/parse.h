/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers with units, read from text. Whole string or nothing: 0, -EINVAL, -ERANGE. */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <linux/types.h>

int parse_number(const char *s, __u64 *value);			/* "17" */
int parse_duration(const char *s, __u64 *ns);			/* "250ms", "1.5s", "2min", "10" */
int parse_size(const char *s, __u64 *bytes);			/* "4096", "64K", "2G" */

#endif /* BASE_PARSE_H */
