// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the topology of this host.
 *
 * What is a subsystem, a controller, a path or a head is libnvme's knowledge of
 * names (nvme_*_filter). Its trees are not used. nvme_scan_topology() of 1.3 opens
 * every namespace and sends it Identify commands, which a monitor must not do
 * to a disk in trouble, and leaves out what does not answer. nvme_scan_ctrl() of 1.3
 * frees an array that it does not have if the controller goes after it was found:
 * nvme_ctrl_scan_namespaces() hands its unset pointer on when scandir() fails.
 * And a name may be another controller's a moment later. So each thing is read
 * by one descriptor of its directory. Everything may vanish between readdir and open.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libnvme.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/sysfs_attr.h"
#include "sysfs/topology_source.h"

static int open_dir(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

#define READ_TEXT(dirfd, name, field) attr_line((dirfd), (name), (field), sizeof(field))

/* What is in a directory, one after the other, until one returns an error. @fd is closed. */
static int for_each_entry(int fd, int (*filter)(const struct dirent *),
			  int (*fn)(int fd, const char *name, void *ctx), void *ctx)
{
	DIR *dir = fdopendir(fd);
	struct dirent *de;
	int err = 0;

	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (de = readdir(dir)))
		if (filter(de))
			err = fn(fd, de->d_name, ctx);
	closedir(dir);
	return err;
}

struct scan {
	struct topo	*topo;
	int		subsys;			/* instance of the one that is read */
	int		class;			/* directory of the subsystems, -1: there is none */
	/* of the controller: what its paths have in common */
	struct topo_path ctrl;
	int		disks;			/* of the controller: namespaces without a head */
};

/* ---- subsystems and heads ---- */

static int scan_head(int parent, const char *name, void *ctx)
{
	int fd = open_dir(parent, name);
	struct scan *scan = ctx;
	struct topo_head *h;
	__u64 number;

	if (fd < 0)
		return 0;
	/*
	 * A disk's directory is there before its attributes, and after them. What has no NSID is no
	 * head yet, or none any more: a uevent follows.
	 */
	if (faccessat(fd, "nsid", F_OK, 0)) {
		close(fd);
		return 0;
	}
	h = topo_add_head(scan->topo, scan->subsys, name);
	if (!h) {
		close(fd);
		return -ENOMEM;
	}
	if (attr_number(fd, "nsid", &number))
		h->nsid = number;
	if (attr_number(fd, "size", &number))	/* in 512 bytes, always */
		h->bytes = number * 512;
	if (attr_number(fd, "delayed_removal_secs", &number))
		h->setting_s = number;
	READ_TEXT(fd, "uuid", h->uuid);
	READ_TEXT(fd, "wwid", h->wwid);
	close(fd);
	return 0;
}

static int scan_subsys(int class, const char *name, void *ctx)
{
	struct scan *scan = ctx;
	struct topo_subsys *s;
	int fd;

	if (sscanf(name, "nvme-subsys%d", &scan->subsys) != 1)
		return 0;
	fd = open_dir(class, name);
	if (fd < 0)
		return 0;
	s = topo_add_subsys(scan->topo, scan->subsys);
	if (!s) {
		close(fd);
		return -ENOMEM;
	}
	READ_TEXT(fd, "subsysnqn", s->nqn);
	READ_TEXT(fd, "model", s->model);
	READ_TEXT(fd, "serial", s->serial);
	READ_TEXT(fd, "iopolicy", s->iopolicy);
	/* a head is a child of its subsystem; controllers are links in here */
	return for_each_entry(fd, nvme_namespace_filter, scan_head, scan);
}

/* ---- controllers and paths ---- */

/* nvmeXcYnZ is a path of nvmeXnZ. */
static int scan_path(int parent, const char *name, void *ctx)
{
	struct scan *scan = ctx;
	int subsys, ctrl, ns, fd;
	struct topo_path *path;
	char head[TOPO_NAME_LEN];

	if (sscanf(name, "nvme%dc%dn%d", &subsys, &ctrl, &ns) != 3)
		return 0;
	fd = open_dir(parent, name);
	if (fd < 0)
		return 0;
	snprintf(head, sizeof(head), "nvme%dn%d", subsys, ns);
	path = topo_add_path(scan->topo, head, name);
	if (!path) {
		close(fd);
		return -ENOMEM;
	}
	path->ctrl = scan->ctrl.ctrl;
	TOPO_TEXT(path->transport, scan->ctrl.transport);
	TOPO_TEXT(path->address, scan->ctrl.address);
	TOPO_TEXT(path->state, scan->ctrl.state);
	READ_TEXT(fd, "ana_state", path->ana);
	close(fd);
	return 0;
}

static int is_namespace(const struct dirent *de)
{
	return nvme_paths_filter(de) || nvme_namespace_filter(de);
}

/* A path, or nvmeXnZ, which is a disk of its own. */
static int scan_namespace(int parent, const char *name, void *ctx)
{
	struct scan *scan = ctx;
	int ctrl, ns, end = 0;

	if (sscanf(name, "nvme%dn%d%n", &ctrl, &ns, &end) != 2 || name[end])
		return scan_path(parent, name, ctx);
	scan->disks++;
	return 0;
}

static bool has_link(const struct scan *scan, int subsys, const char *name)
{
	char path[2 * TOPO_NAME_LEN + 32];

	snprintf(path, sizeof(path), "nvme-subsys%d/%.*s", subsys, TOPO_NAME_LEN, name);
	return scan->class >= 0 && !faccessat(scan->class, path, F_OK, 0);
}

/*
 * Both have the same NQN. Those of discovery may have it several times, for each is a subsystem of
 * its own: then the link tells, which a subsystem has for each of its controllers.
 */
static int subsys_of(const struct scan *scan, int fd, const char *name)
{
	const struct topo *t = scan->topo;
	int found = TOPO_NO_SUBSYS;
	char nqn[224];
	size_t i, n = 0;

	READ_TEXT(fd, "subsysnqn", nqn);
	for (i = 0; *nqn && i < t->nr_subsys; i++) {
		if (strcmp(t->subsys[i].nqn, nqn))
			continue;
		if (!n++ || has_link(scan, t->subsys[i].instance, name))
			found = t->subsys[i].instance;
	}
	return found;
}

static int add_ctrl(struct scan *scan, int fd, const char *name)
{
	struct topo_ctrl *c = topo_add_ctrl(scan->topo, subsys_of(scan, fd, name), scan->ctrl.ctrl);
	__u64 number;

	if (!c)
		return -ENOMEM;
	TOPO_TEXT(c->transport, scan->ctrl.transport);
	TOPO_TEXT(c->address, scan->ctrl.address);
	TOPO_TEXT(c->state, scan->ctrl.state);
	READ_TEXT(fd, "cntrltype", c->type);
	if (attr_number(fd, "queue_count", &number) && number <= INT32_MAX)
		c->queues = (__s32)number;
	return 0;
}

static int scan_ctrl(int class, const char *name, void *ctx)
{
	struct scan *scan = ctx;
	int fd, err;

	if (sscanf(name, "nvme%d", &scan->ctrl.ctrl) != 1)
		return 0;
	fd = open_dir(class, name);
	if (fd < 0)
		return 0;
	READ_TEXT(fd, "transport", scan->ctrl.transport);
	READ_TEXT(fd, "address", scan->ctrl.address);
	READ_TEXT(fd, "state", scan->ctrl.state);
	err = add_ctrl(scan, fd, name);
	if (err) {
		close(fd);
		return err;
	}
	scan->disks = 0;
	err = for_each_entry(fd, is_namespace, scan_namespace, scan);
	scan->topo->ctrls[scan->topo->nr_ctrls - 1].disks = scan->disks;
	return err;
}

/* All of a class of devices; that there is none means that the driver is not loaded. */
static int scan_class(int classes, const char *name, int (*filter)(const struct dirent *),
		      int (*fn)(int fd, const char *name, void *ctx), struct scan *scan)
{
	int fd = open_dir(classes, name);

	return fd < 0 ? 0 : for_each_entry(fd, filter, fn, scan);
}

int topo_scan(const char *sysfs, struct topo **out)
{
	struct scan scan = { .topo = topo_new(), .class = -1 };
	int sys = open_dir(AT_FDCWD, sysfs), classes = -1, err = 0;

	if (!scan.topo)
		err = -ENOMEM;
	else if (sys < 0 || (classes = open_dir(sys, "class")) < 0)
		err = -errno;
	if (!err)
		err = scan_class(classes, "nvme-subsystem", nvme_subsys_filter, scan_subsys, &scan);
	if (!err)
		scan.class = open_dir(classes, "nvme-subsystem");
	if (!err)
		err = scan_class(classes, "nvme", nvme_ctrls_filter, scan_ctrl, &scan);
	if (scan.class >= 0)
		close(scan.class);
	if (classes >= 0)
		close(classes);
	if (sys >= 0)
		close(sys);
	if (err) {
		topo_free(scan.topo);
		return err;
	}
	topo_sort(scan.topo);
	*out = scan.topo;
	return 0;
}
