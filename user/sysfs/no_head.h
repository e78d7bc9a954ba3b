/* SPDX-License-Identifier: GPL-2.0-only */
/* What to say on a host that has no multipath head. */
#ifndef SYSFS_NO_HEAD_H
#define SYSFS_NO_HEAD_H

#include <stddef.h>

/*
 * Why there is none, and what to do, in lines. @sysfs: "/sys", or a directory of
 * its shape.
 */
void top_host_no_head(const char *sysfs, char *buf, size_t size);

#endif /* SYSFS_NO_HEAD_H */
