/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's log says of namespaces and controllers that the driver did not take: nothing
 * of it is in sysfs.
 */
#ifndef SYSFS_REFUSALS_H
#define SYSFS_REFUSALS_H

#include <stdbool.h>

#include "record/topology.h"

struct refusals;

struct refusals *refusals_new(void);	/* NULL when memory is short */
void refusals_free(struct refusals *r);	/* NULL is fine */

/*
 * A line of the log, with or without anything before "nvme nvmeY: ". Returns whether it changed
 * what is known. A controller that comes anew under its name has none. Without memory a line is
 * forgotten.
 */
bool refusals_line(struct refusals *r, const char *line);

/* All lines of a text. */
void refusals_text(struct refusals *r, const char *text);

/* Into the controllers of a topology: the last of each, if its namespace has no path there. */
void refusals_put(const struct refusals *r, struct topo *t);

/*
 * Open the running kernel's log, which may take CAP_SYSLOG. Returns a descriptor that does not
 * block, or -errno.
 */
int refusals_open(void);

/*
 * Read what the log has since the last call. Returns whether that changed what is known.
 */
bool refusals_read(struct refusals *r, int fd);

#endif /* SYSFS_REFUSALS_H */
