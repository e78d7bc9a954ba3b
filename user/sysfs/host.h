/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a host's configuration looks like beyond its topology: controllers with
 * their timeouts, module parameters, limits, udev rules, who sits on a head.
 * Read from a directory with the shape of a root file system: / itself, an
 * unpacked bundle, or a tree that a test made.
 */
#ifndef SYSFS_HOST_H
#define SYSFS_HOST_H

#include <stdbool.h>

#include "base/answer.h"
#include "record/topology.h"

#define HOST_MAX	65536		/* controllers, disks: each at most */

/* A number of sysfs that may be "off" or not there. */
enum host_known { HOST_UNKNOWN, HOST_OFF, HOST_SET };

struct host_number {
	enum host_known	known;
	__u64		value;
};

struct host_ctrl {
	char			name[TOPO_NAME_LEN];	/* nvmeY */
	__s32			number;
	char			nqn[224];
	char			transport[16];
	char			state[24];
	/* seconds: ctrl_loss_tmo, fast_io_fail_tmo */
	struct host_number	loss, fast_fail;
	struct host_number	io_timeout_ms;	/* the longest of its paths */
};

/* A namespace that has no head: a disk directly below its controller. */
struct host_disk {
	char	name[TOPO_NAME_LEN];
	__s32	ctrl;
};

/* Who holds a head: md0, dm-3. */
struct host_holder {
	char	head[TOPO_NAME_LEN];
	char	name[TOPO_NAME_LEN];
	char	dm_uuid[64];		/* empty: it is none of device mapper */
};

struct host {
	char			name[72], kernel[72];	/* empty: not known */
	struct topo		*topo;
	struct host_ctrl	*ctrls;
	size_t			nr_ctrls;
	struct host_disk	*disks;
	size_t			nr_disks;
	struct host_holder	*holders;
	size_t			nr_holders;
	/* parameters of nvme_core: 'Y', 'N', or 0: it has none of this name */
	char			multipath, always_on, fabrics;
	struct host_number	io_timeout, admin_timeout;	/* seconds */
	struct host_number	hung_task, hung_panic;
	bool			rules_read;		/* udev's rules could be looked at */
	char			**rules;		/* that mention the setting, a line each */
	size_t			nr_rules;
	bool			log_read;		/* the kernel's log could be looked at */
	enum probe_answer	series;			/* its tracepoints; set by the caller */
};

/**
 * host_read() - read all of it
 * @root:	directory; "" is the running host
 * @out:	set to a new host
 *
 * What is not there is not known, that is no error. Returns 0, -ENOMEM, or -errno
 * if there is no sysfs below @root.
 */
int host_read(const char *root, struct host **out);
void host_free(struct host *h);		/* NULL is fine */

const struct host_ctrl *host_ctrl(const struct host *h, __s32 number);	/* NULL: not there */

/* Directories of udev's rules, below the root; ends with NULL. */
extern const char *const host_rule_dirs[];

#endif /* SYSFS_HOST_H */
