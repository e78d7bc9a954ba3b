/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The statistics source: sysfs, read when a view wants it. No privilege, no
 * command to a device. What vanishes meanwhile is missing, never zero.
 */
#ifndef SRC_STAT_H
#define SRC_STAT_H

#include "model.h"
#include "stats.h"

/* Of a path and its controller, for people; empty or negative: not known. */
struct path_attrs {
	char	link[72];		/* PCIe: "8.0 GT/s x4", and what it could be if that is more */
	int	numa;
	__s64	failovers, retries, errors;	/* counted by the kernel, Linux 7.2 and later */
};

struct src_stat;

/* @sysfs: "/sys", or a directory of its shape. Returns NULL when memory is short. */
struct src_stat *src_stat_new(const char *sysfs);
void src_stat_free(struct src_stat *s);	/* NULL is fine */

/* One disk. Returns 0, -ENOENT if it is not there, or -errno. */
int src_stat_disk(struct src_stat *s, const char *name, struct disk_stat *d);

/**
 * src_stat_read() - a round of readings into @to
 * @m:		whose heads to read
 * @detail:	its paths as well, NULL: paths of heads only where they alone count
 *
 * Returns 0 or -ENOMEM.
 */
int src_stat_read(struct src_stat *s, const struct model *m, const struct model_head *detail,
		  struct stats *to, __u64 time_ns);

/* Whatever is known of a path, named nvmeXcYnZ, and its controller nvmeY. */
void src_stat_path(struct src_stat *s, const char *path, int ctrl, struct path_attrs *a);

#endif /* SRC_STAT_H */
