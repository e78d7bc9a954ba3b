/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel tells of its devices and modules, as it comes from the kernel itself. */
#ifndef OS_UEVENT_H
#define OS_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * "ACTION@DEVPATH" and then KEY=VALUE, each ended with a NUL (Documentation/core-api/kobject.rst).
 */
struct uevent {
	size_t	len;
	char	text[8192];
};

/* Begin to listen. Takes no privilege. Returns a non-blocking descriptor, or -errno. */
int uevent_open(void);

/* The next one. Returns 1; 0: none is there; -ENOBUFS: some were lost, go on. */
int uevent_next(int fd, struct uevent *ev);

/* Is @pair ("SUBSYSTEM=nvme") one of it? */
bool uevent_has(const struct uevent *ev, const char *pair);

/* Does a pair begin so ("DEVNAME=nvme")? */
bool uevent_begins(const struct uevent *ev, const char *pair);

#endif /* OS_UEVENT_H */
