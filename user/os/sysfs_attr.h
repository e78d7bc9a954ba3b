/* SPDX-License-Identifier: GPL-2.0-only */
/* One line of a small file: of an attribute of sysfs, or of a copy of one in a bundle. */
#ifndef OS_SYSFS_ATTR_H
#define OS_SYSFS_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * attr_line() - the first line of a file, without blanks at its end
 * @buf:	filled with what fits; "" if there is nothing to read
 *
 * Model and serial are padded with blanks. Returns false if the file is not there or cannot be
 * read.
 */
bool attr_line(int dirfd, const char *name, char *buf, size_t size);

/* The same as a number; false if it is none. */
bool attr_number(int dirfd, const char *name, __u64 *value);

#endif /* OS_SYSFS_ATTR_H */
