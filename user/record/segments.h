/* SPDX-License-Identifier: GPL-2.0-only */
/* The directory of a recording: names and numbers of its segments. */
#ifndef RECORD_SEGMENTS_H
#define RECORD_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define RECORD_NAME_LEN		16	/* NNNNNNNN.mpr and a NUL */
#define RECORD_LAST_SEGMENT	99999999U

/* File name of a segment; @name has RECORD_NAME_LEN bytes. */
void record_segment_name(char *name, __u32 number);

/* Number of a file name, 0 for any other name than a segment's. */
__u32 record_segment_number(const char *name);

/**
 * record_list_segments() - numbers of all segments, rising
 * @dirfd:	not moved, not closed
 * @numbers:	set to an array to be freed, NULL if there are none
 *
 * Returns 0 or -errno.
 */
int record_list_segments(int dirfd, __u32 **numbers, size_t *count);

/**
 * record_read_index() - what the index of a segment says
 * @quiet:	NULL: not wanted
 * @before_ns:	0: not known
 *
 * Returns 0, or -ENOENT: it has none among what every segment begins with.
 */
int record_read_index(const char *path, bool *quiet, __s64 *before_ns);

#endif /* RECORD_SEGMENTS_H */
