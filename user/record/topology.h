/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The topology as the model and REC_TOPOLOGY know it: subsystems, controllers (also
 * those without any path), heads (also those without any path) and paths. Four flat
 * arrays, tied by subsystem instance, controller number and head name. Pure: filled by
 * sysfs/topology_source.c or topo_decode().
 */
#ifndef RECORD_TOPOLOGY_H
#define RECORD_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define TOPO_NAME_LEN	32
#define TOPO_MAX	65536		/* subsystems, heads, paths: each at most */
#define TOPO_NO_SETTING	(-1LL)		/* this head has no delayed_removal_secs */
#define TOPO_NO_CTRL	(-1)
#define TOPO_NO_SUBSYS	(-1)
#define TOPO_NO_QUEUES	(-1)		/* queue_count is not known */

struct topo_subsys {
	__s32	instance;		/* X of nvme-subsysX */
	char	nqn[224];
	char	model[48];
	char	serial[24];
	char	iopolicy[24];
};

struct topo_head {
	__s32	subsys;			/* instance */
	__u32	nsid;
	__s64	setting_s;		/* delayed_removal_secs, or TOPO_NO_SETTING */
	__u64	bytes;			/* size of the disk */
	char	name[TOPO_NAME_LEN];	/* nvmeXnY */
	char	uuid[40];		/* as sysfs prints it; empty: none */
	char	wwid[136];		/* as sysfs prints it; empty: none */
};

struct topo_path {
	__s32	ctrl;			/* Y of nvmeY, or TOPO_NO_CTRL */
	char	head[TOPO_NAME_LEN];
	char	name[TOPO_NAME_LEN];	/* nvmeXcYnZ */
	char	transport[16];		/* pcie, tcp, rdma, fc, loop */
	char	address[256];
	char	state[24];		/* of the controller, as sysfs: live, connecting, ... */
	char	ana[24];		/* as sysfs: optimized, non-optimized, inaccessible, ... */
};

/* Why the driver did not take a namespace, or a controller; numbers are in recordings. */
enum topo_refusal {
	TOPO_REFUSED_NOT,
	TOPO_REFUSED_MISMATCH,		/* identifiers are not those of the head's other paths */
	TOPO_REFUSED_CHANGED,		/* identifiers are not those that it had */
	TOPO_REFUSED_DUPLICATE,		/* another namespace has the same identifiers */
	TOPO_REFUSED_UNSHARED,		/* a second path of a namespace that is not shared */
	TOPO_REFUSED_UNSUPPORTED,	/* a command set that this kernel has no disk for */
	TOPO_REFUSED_IDENTIFY,		/* it could not be identified */
	TOPO_REFUSED_CTRL,		/* the controller: its subsystem takes no other */
	TOPO_REFUSALS,
};

struct topo_ctrl {
	__s32	ctrl;			/* Y of nvmeY */
	__s32	subsys;			/* instance, or TOPO_NO_SUBSYS */
	__s32	queues;			/* with the admin queue, or TOPO_NO_QUEUES */
	__s32	disks;			/* of its own: namespaces without a head */
	__s32	refused;		/* enum topo_refusal: what the kernel's log said last */
	__u32	refused_nsid;		/* of which namespace; 0: none */
	char	type[16];		/* io, discovery, admin; empty: not known */
	char	transport[16];
	char	address[256];
	char	state[24];
};

/* Of a path, best first: can I/O take it? */
enum path_state {
	PATH_UNKNOWN,		/* not told, or no more */
	PATH_USABLE,
	PATH_NON_OPTIMIZED,	/* usable, but ANA says that others are better */
	PATH_UNUSABLE,		/* listed, but no I/O can go there */
	PATH_GONE,		/* not a path of the head */
	PATH_STATES,
};

static inline bool path_is_usable(enum path_state state)
{
	return state == PATH_USABLE || state == PATH_NON_OPTIMIZED;
}

struct topo {
	size_t			nr_subsys, nr_ctrls, nr_heads, nr_paths;
	struct topo_subsys	*subsys;
	struct topo_ctrl	*ctrls;		/* none in recordings of 0.2.0 and before */
	struct topo_head	*heads;
	struct topo_path	*paths;
};

/* An empty topology, or NULL when memory is short. */
struct topo *topo_new(void);
void topo_free(struct topo *t);		/* NULL is fine */

/*
 * Add a zeroed element (ctrl, queues and setting_s: "none"), to be filled in by the
 * caller. The pointer is valid until the next add of the same kind. NULL: no
 * memory, or TOPO_MAX reached.
 */
struct topo_subsys *topo_add_subsys(struct topo *t, int instance);
struct topo_ctrl *topo_add_ctrl(struct topo *t, int subsys, int ctrl);
struct topo_head *topo_add_head(struct topo *t, int subsys, const char *name);
struct topo_path *topo_add_path(struct topo *t, const char *head, const char *name);

/* Copy a text into a fixed field of @size bytes, cutting what does not fit; NULL is "". */
void topo_text(char *field, size_t size, const char *text);
#define TOPO_TEXT(field, text)	topo_text(field, sizeof(field), text)

/* What state and ana say of a listed path; nvme_find_path() takes those that are usable. */
enum path_state topo_path_state(const struct topo_path *p);

/* Find by key; NULL: not there. */
const struct topo_subsys *topo_find_subsys(const struct topo *t, int instance);
const struct topo_ctrl *topo_find_ctrl(const struct topo *t, int ctrl);
const struct topo_head *topo_find_head(const struct topo *t, const char *name);

/**
 * topo_sort() - order by instance and by name (numbers as numbers)
 * so that equal topologies encode to equal bytes. topo_encode() does not sort.
 */
void topo_sort(struct topo *t);

/**
 * topo_encode() - payload of a REC_TOPOLOGY record
 * @buf:	set to memory to be freed with free()
 * @len:	set to its length in bytes
 *
 * Returns 0, -ENOMEM, or -E2BIG if it is longer than RECORD_MAX_LEN. Equal
 * payloads mean equal topologies: compare with the last one to store changes only.
 */
int topo_encode(const struct topo *t, void **buf, size_t *len);

/**
 * topo_decode() - the opposite, for untrusted bytes
 * @out:	set to a new topology
 *
 * Returns 0, -ENOMEM, or -EBADMSG for bytes that are no topology. Unknown
 * fields are skipped.
 */
int topo_decode(const void *buf, size_t len, struct topo **out);

#endif /* RECORD_TOPOLOGY_H */
