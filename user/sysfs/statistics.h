/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The statistics source: sysfs, read when a view wants it. No privilege, no
 * command to a device. What vanishes meanwhile is missing, never zero.
 */
#ifndef SYSFS_STATISTICS_H
#define SYSFS_STATISTICS_H

#include "base/disk_stats.h"

struct statistics;

/* @sysfs: "/sys", or a directory of its shape. Returns NULL when memory is short. */
struct statistics *statistics_new(const char *sysfs);
void statistics_free(struct statistics *s);	/* NULL is fine */

/* One disk. Returns 0, -ENOENT if it is not there, or -errno. */
int statistics_disk(struct statistics *s, const char *name, struct disk_stat *d);

/* Whatever is known of a path, named nvmeXcYnZ, and its controller nvmeY. */
void statistics_path(struct statistics *s, const char *path, int ctrl, struct path_attrs *a);

#endif /* SYSFS_STATISTICS_H */
