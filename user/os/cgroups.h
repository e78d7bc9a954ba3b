/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of cgroups by their ids, from the mounted hierarchies: the id of a
 * cgroup is the inode number of its directory. Looking needs no privilege.
 */
#ifndef OS_CGROUPS_H
#define OS_CGROUPS_H

#include <linux/types.h>

struct cgroups;

/* Looks below @mounts, NULL at the end, which must outlive it; NULL when memory is short. */
struct cgroups *cgroups_new(const char *const *mounts);
void cgroups_free(struct cgroups *c);	/* NULL is fine */

/* Where hierarchies are mounted mostly, for cgroups_new(): the unified one first. */
extern const char *const cgroups_mounts[];

/**
 * cgroups_path() - the path of a cgroup below its mount, "/" for the root
 *
 * Looks at directories only for an id that it has not been asked before, so it tells the name that
 * the cgroup had then. Returns "" if there is none, or it is not found among the first 65536
 * directories. Valid until cgroups_free() or the 4096th further id.
 */
const char *cgroups_path(struct cgroups *c, __u64 id);

#endif /* OS_CGROUPS_H */
