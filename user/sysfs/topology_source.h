/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The topology source: sysfs, read again when a uevent or a path event says
 * that something may have changed. Asleep otherwise.
 */
#ifndef SYSFS_TOPOLOGY_SOURCE_H
#define SYSFS_TOPOLOGY_SOURCE_H

#include "record/record.h"
#include "record/topology.h"

#define SYSFS	"/sys"

/**
 * topo_scan() - read the topology of a host, once
 * @sysfs:	where its sysfs is: SYSFS, or a copy of its class directory
 * @out:	set to a new, sorted topology
 *
 * What vanishes while it is read is left out, what cannot be read stays empty;
 * a host without NVMe gives an empty topology. Needs no privilege and sends no
 * command to a device. Returns 0, -ENOMEM, or -errno if sysfs is not there.
 */
int topo_scan(const char *sysfs, struct topo **out);

struct topology_source;

/* Returns NULL when memory is short. */
struct topology_source *topology_source_new(void);

/* Begin to listen for uevents. Returns 0 or -errno. */
int topology_source_open(struct topology_source *s);

/* An epoll descriptor: readable when topology_source_poll() has something to do. */
int topology_source_fd(const struct topology_source *s);

/*
 * Something changed for all the caller knows: read again, soon. @anew: there is a head disk that
 * was not there before, so yield what is read even if it is as before, for now it is about that
 * disk.
 */
void topology_source_request(struct topology_source *s, bool anew);

/**
 * topology_source_read() - read now, and yield a REC_TOPOLOGY if it is another one
 *
 * Its time is when the reading began.
 * A failure to read is no reason to end: what was yielded last stands, the next
 * event tries again. Returns 0, or the -errno of @fn.
 */
int topology_source_read(struct topology_source *s, record_fn fn, void *ctx);

/* Take in uevents, and read if it is time to. Never blocks. As topology_source_read(). */
int topology_source_poll(struct topology_source *s, record_fn fn, void *ctx);

/*
 * A change is read again some seconds later, twice, so that what events contradict can be believed.
 * Did such a reading find the same? Once true, then false until the next one.
 */
bool topology_source_confirmed(struct topology_source *s);

/* Has nvme_core come or gone, or may it have? Once true, then false until the next time. */
bool topology_source_module_moved(struct topology_source *s);

/* No event tells of changes of ANA states: while there is a path that has one, look at times. */
void topology_source_look(struct topology_source *s, bool look);

/* NULL and half-built are fine. */
void topology_source_free(struct topology_source *s);

#endif /* SYSFS_TOPOLOGY_SOURCE_H */
