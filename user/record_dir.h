/* SPDX-License-Identifier: GPL-2.0-only */
/* The directory of a recording: names and numbers of its segments. */
#ifndef RECORD_DIR_H
#define RECORD_DIR_H

#include <stddef.h>
#include <linux/types.h>

#define RECORD_NAME_LEN		16	/* NNNNNNNN.mpr and a NUL */
#define RECORD_LAST_SEGMENT	99999999U

/* File name of a segment; @name has RECORD_NAME_LEN bytes. */
void record_segment_name(char *name, __u32 number);

/**
 * record_list_segments() - numbers of all segments, rising
 * @dirfd:	not moved, not closed
 * @numbers:	set to an array to be freed, NULL if there are none
 *
 * Returns 0 or -errno.
 */
int record_list_segments(int dirfd, __u32 **numbers, size_t *count);

#endif /* RECORD_DIR_H */
