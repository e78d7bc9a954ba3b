// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the topology of this host.
 *
 * Controllers and their paths come from libnvme, controller by controller
 * (nvme_scan_ctrl). Its nvme_scan_topology() is not used: in 1.3 that opens
 * every namespace and sends it Identify commands, which a monitor must not do
 * to a disk in trouble, and it leaves out what does not answer. Subsystems and
 * heads, also those without any path, are read from their directories, by
 * descriptor. Everything may vanish between readdir and open.
 */
#define _GNU_SOURCE	/* O_PATH */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libnvme.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "opts.h"
#include "src_topo.h"

#define SUBSYS_CLASS	"/sys/class/nvme-subsystem"
#define CTRL_CLASS	"/sys/class/nvme"

/* Does the whole name match the pattern, which ends with %n? */
#define NAME_IS(name, pattern, end, ...) \
	(sscanf((name), pattern "%n", __VA_ARGS__, &(end)) >= 1 && (end) > 0 && !(name)[end])

static int open_dir(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* One line of an attribute, without the newline. Returns false if it is not there. */
static bool read_attr(int dirfd, const char *name, char *buf, size_t size)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	buf[0] = '\0';
	if (fd < 0)
		return false;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n < 0)
		return false;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	/* model and serial are padded with blanks */
	for (n = strlen(buf); n && buf[n - 1] == ' '; n--)
		buf[n - 1] = '\0';
	return true;
}

static bool read_number_attr(int dirfd, const char *name, __u64 *value)
{
	char buf[32];

	return read_attr(dirfd, name, buf, sizeof(buf)) && !parse_number(buf, value);
}

#define READ_TEXT(dirfd, name, field) read_attr((dirfd), (name), (field), sizeof(field))

static int scan_head(struct topo *t, int parent, int subsys, const char *name)
{
	int fd = open_dir(parent, name);
	struct topo_head *h;
	__u64 number;

	if (fd < 0)
		return 0;
	h = topo_add_head(t, subsys, name);
	if (!h) {
		close(fd);
		return -ENOMEM;
	}
	if (read_number_attr(fd, "nsid", &number))
		h->nsid = number;
	if (read_number_attr(fd, "size", &number))	/* in 512 bytes, always */
		h->bytes = number * 512;
	if (read_number_attr(fd, "delayed_removal_secs", &number))
		h->setting_s = number;
	READ_TEXT(fd, "uuid", h->uuid);
	READ_TEXT(fd, "wwid", h->wwid);
	close(fd);
	return 0;
}

static int scan_subsys(struct topo *t, int class, const char *name)
{
	int instance, head, end = 0, err = 0, fd;
	struct topo_subsys *s;
	struct dirent *de;
	DIR *dir;

	if (!NAME_IS(name, "nvme-subsys%d", end, &instance))
		return 0;
	fd = open_dir(class, name);
	if (fd < 0)
		return 0;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	s = topo_add_subsys(t, instance);
	if (!s)
		err = -ENOMEM;
	if (s) {
		READ_TEXT(fd, "subsysnqn", s->nqn);
		READ_TEXT(fd, "model", s->model);
		READ_TEXT(fd, "serial", s->serial);
		READ_TEXT(fd, "iopolicy", s->iopolicy);
	}
	/* a head is a child of its subsystem; controllers are links in here */
	while (!err && (de = readdir(dir))) {
		end = 0;
		if (NAME_IS(de->d_name, "nvme%dn%d", end, &instance, &head))
			err = scan_head(t, fd, s->instance, de->d_name);
	}
	closedir(dir);
	return err;
}

static int scan_subsystems(struct topo *t)
{
	int fd = open_dir(AT_FDCWD, SUBSYS_CLASS), err = 0;
	struct dirent *de;
	DIR *dir;

	if (fd < 0)	/* nvme_core is not loaded; but is there any sysfs? */
		return access("/sys/class", F_OK) ? -errno : 0;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (de = readdir(dir)))
		err = scan_subsys(t, fd, de->d_name);
	closedir(dir);
	return err;
}

/* ---- controllers and paths ---- */

/* nvmeXcYnZ is a path of nvmeXnZ. Returns the name of that. */
static bool head_of(const char *path, char *head, size_t size)
{
	int subsys, ctrl, ns, end = 0;

	if (!NAME_IS(path, "nvme%dc%dn%d", end, &subsys, &ctrl, &ns) || !end)
		return false;
	snprintf(head, size, "nvme%dn%d", subsys, ns);
	return true;
}

static int add_paths(struct topo *t, nvme_ctrl_t c)
{
	const char *name = nvme_ctrl_get_name(c), *state;
	char head[TOPO_NAME_LEN];
	struct topo_path *path;
	nvme_path_t p;
	int end = 0, ctrl;

	if (!name || !NAME_IS(name, "nvme%d", end, &ctrl))
		return 0;
	nvme_ctrl_for_each_path(c, p) {
		if (!nvme_path_get_name(p) ||
		    !head_of(nvme_path_get_name(p), head, sizeof(head)))
			continue;
		path = topo_add_path(t, head, nvme_path_get_name(p));
		if (!path)
			return -ENOMEM;
		path->ctrl = ctrl;
		state = nvme_ctrl_get_state(c);
		TOPO_TEXT(path->transport, nvme_ctrl_get_transport(c));
		TOPO_TEXT(path->address, nvme_ctrl_get_address(c));
		TOPO_TEXT(path->state, state);
		TOPO_TEXT(path->ana, nvme_path_get_ana_state(p));
	}
	return 0;
}

/*
 * Only controllers with paths of a head are handed to libnvme: it would open
 * the disks of others, and send them commands.
 */
static bool has_only_paths(int class, const char *name)
{
	int fd = open_dir(class, name), a, b, c, end;
	bool paths = false, disks = false;
	struct dirent *de;
	DIR *dir;

	if (fd < 0)
		return false;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return false;
	}
	while ((de = readdir(dir))) {
		end = 0;
		if (NAME_IS(de->d_name, "nvme%dc%dn%d", end, &a, &b, &c))
			paths = true;
		end = 0;
		if (NAME_IS(de->d_name, "nvme%dn%d", end, &a, &b))
			disks = true;
	}
	closedir(dir);
	return paths && !disks;
}

static int scan_ctrls(struct topo *t)
{
	int fd = open_dir(AT_FDCWD, CTRL_CLASS), err = 0;
	nvme_root_t root;
	struct dirent *de;
	nvme_ctrl_t c;
	DIR *dir;

	if (fd < 0)
		return 0;
	dir = fdopendir(fd);
	root = nvme_create_root(NULL, LOG_EMERG);
	if (!dir || !root)
		err = -ENOMEM;
	while (!err && (de = readdir(dir))) {
		if (de->d_name[0] == '.' || !has_only_paths(fd, de->d_name))
			continue;
		c = nvme_scan_ctrl(root, de->d_name);
		if (c)
			err = add_paths(t, c);
	}
	if (root)
		nvme_free_tree(root);
	if (dir)
		closedir(dir);
	else
		close(fd);
	return err;
}

int topo_scan(struct topo **out)
{
	struct topo *t = topo_new();
	int err;

	if (!t)
		return -ENOMEM;
	err = scan_subsystems(t);
	if (!err)
		err = scan_ctrls(t);
	if (err) {
		topo_free(t);
		return err;
	}
	topo_sort(t);
	*out = t;
	return 0;
}
