/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From subsystems to their controllers, namespaces and heads: what of these is not there although
 * something before it is. Pure: a topology in.
 */
#ifndef ANALYSIS_WALK_H
#define ANALYSIS_WALK_H

#include "record/topology.h"

enum absence_kind {
	ABSENT_DISK,		/* a namespace has paths, but no disk was ever made of them */
	ABSENT_PATHS,		/* a controller has no path, but its subsystem has heads */
	ABSENT_SOME,		/* controllers have paths, but not of each head */
	ABSENT_NAMESPACE,	/* a controller has none, nor has another of its subsystem */
	ABSENT_SECOND,		/* one controller of a fabric is all that heads have */
	ABSENT_SUBSYSTEM,	/* controllers of discovery, and no other */
	ABSENCES,
};

enum absence_reason {
	/* not listed by the controller, never scanned, or refused without a word that was read */
	ABSENT_NOT_KNOWN,
	ABSENT_BY_ANA,		/* the controllers are live, but ANA does not let I/O through */
	ABSENT_BY_STATE,	/* the controller is not live */
	ABSENT_BY_QUEUES,	/* it has no I/O queue, so it is not scanned */
	ABSENT_REFUSED,		/* the kernel did not take the namespace, or the controller */
	ABSENT_SHORTLY,		/* what it takes is there: it comes or goes just now */
	ABSENT_BY_CONNECTION,	/* nothing connected it */
	ABSENT_REASONS,
};

struct absence {
	enum absence_kind	kind;
	enum absence_reason	reason;
	bool			minor;		/* it may be meant so */
	__s32			subsys;		/* instance, or TOPO_NO_SUBSYS */
	__s32			ctrl;		/* the first that it is about */
	char			head[TOPO_NAME_LEN];	/* not there or not reached */
	char			path[TOPO_NAME_LEN];	/* its first one, if it is not there */
	char			state[24];	/* of the controller */
	char			ana[24];	/* of the path */
	enum topo_refusal	refused;
	__u32			nsid;		/* that was refused; 0: not known */
	__u32			count;		/* paths, heads: see the kind */
};

/**
 * walk() - everything that is absent, by subsystem
 * @list:	set to an array, to be freed with free()
 *
 * A topology without controllers, as recordings of 0.2.0 have them, tells of disks only.
 * Returns 0 or -ENOMEM.
 */
int walk(const struct topo *t, struct absence **list, size_t *nr);

#endif /* ANALYSIS_WALK_H */
