// SPDX-License-Identifier: GPL-2.0-only
/* What a host's configuration looks like. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/parse.h"
#include "os/sysfs_attr.h"
#include "sysfs/host.h"
#include "sysfs/refusals.h"
#include "sysfs/topology_source.h"

#define RULE_WORD	"delayed_removal_secs"
#define RULE_SETS	"%s%s%sATTR{" RULE_WORD "}=\"%s\""
#define GRACE_CONF	"etc/nvme-mpathtop/grace.conf"	/* what our own rule reads */
#define RULE_BYTES	(256U << 10)
#define LOG_BYTES	(16U << 20)

const char *const host_rule_dirs[] = {
	"etc/udev/rules.d",	"run/udev/rules.d", "usr/local/lib/udev/rules.d",
	"usr/lib/udev/rules.d", "lib/udev/rules.d", NULL,
};

/* The beginning of a file, as a text. Returns its length, -1: it is not there. */
static ssize_t read_file(int dirfd, const char *name, char *buf, size_t size)
{
	int fd = openat(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 1;

	*buf = '\0';
	if (fd < 0)
		return -1;
	while (n > 0 && len < size - 1) {
		n = read(fd, buf + len, size - 1 - len);
		if (n > 0)
			len += (size_t)n;
	}
	close(fd);
	buf[len] = '\0';
	return n < 0 && !len ? -1 : (ssize_t)len;
}

/* -1 is how the kernel writes "for ever" into some of them. */
static struct host_number read_number(int dirfd, const char *name)
{
	struct host_number n = { HOST_UNKNOWN, 0 };
	char buf[32];

	if (!attr_line(dirfd, name, buf, sizeof(buf)))
		return n;
	if (!strcmp(buf, "off") || !strcmp(buf, "-1"))
		n.known = HOST_OFF;
	else if (!parse_number(buf, &n.value))
		n.known = HOST_SET;
	return n;
}

static char read_bool(int dirfd, const char *name)
{
	char buf[8];

	if (!attr_line(dirfd, name, buf, sizeof(buf)))
		return 0;
	return *buf == 'Y' || *buf == '1' ? 'Y' : *buf == 'N' || *buf == '0' ? 'N' : 0;
}

/* One more element of an array, zeroed. NULL: no memory, or too many. */
static void *add(void **array, size_t *nr, size_t size)
{
	char *more = *nr < HOST_MAX ? array_more(*array, *nr, size) : NULL;

	if (!more)
		return NULL;
	*array = more;
	memset(more + *nr * size, 0, size);
	return more + (*nr)++ * size;
}

/* Each entry of a directory, until @fn returns an error; no directory: nothing. */
static int for_each(int at, const char *name, int (*fn)(struct host *h, int fd, const char *entry),
		    struct host *h)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *de;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (!err && (de = readdir(dir)))
		if (de->d_name[0] != '.')
			err = fn(h, fd, de->d_name);
	closedir(dir);
	return err;
}

/* ---- controllers ---- */

/* nvmeXnY directly below a controller: its namespace has no head. nvmeXcYnZ is a path. */
static int read_disk(struct host *h, int fd, const char *name)
{
	struct host_ctrl *c = &h->ctrls[h->nr_ctrls - 1];
	char path[TOPO_NAME_LEN + 32];
	struct host_number ms;
	struct host_disk *d;
	int x, y, end = 0;

	snprintf(path, sizeof(path), "%.*s/queue/io_timeout", TOPO_NAME_LEN, name);
	ms = read_number(fd, path);
	if (ms.known == HOST_SET &&
	    (c->io_timeout_ms.known != HOST_SET || c->io_timeout_ms.value < ms.value))
		c->io_timeout_ms = ms;
	if (sscanf(name, "nvme%dn%d%n", &x, &y, &end) != 2 || name[end])
		return 0;
	d = add((void **)&h->disks, &h->nr_disks, sizeof(*d));
	if (!d)
		return -ENOMEM;
	TOPO_TEXT(d->name, name);
	d->ctrl = c->number;
	return 0;
}

static int read_ctrl(struct host *h, int class, const char *name)
{
	struct host_ctrl *c;
	int fd, number, end = 0;

	if (sscanf(name, "nvme%d%n", &number, &end) != 1 || name[end])
		return 0;
	fd = openat(class, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	c = add((void **)&h->ctrls, &h->nr_ctrls, sizeof(*c));
	if (!c) {
		close(fd);
		return -ENOMEM;
	}
	TOPO_TEXT(c->name, name);
	c->number = number;
	attr_line(fd, "subsysnqn", c->nqn, sizeof(c->nqn));
	attr_line(fd, "transport", c->transport, sizeof(c->transport));
	attr_line(fd, "state", c->state, sizeof(c->state));
	c->loss = read_number(fd, "ctrl_loss_tmo");
	c->fast_fail = read_number(fd, "fast_io_fail_tmo");
	close(fd);
	return for_each(class, name, read_disk, h);
}

/* ---- who sits on a head ---- */

static int read_holder(struct host *h, int fd, const char *name)
{
	struct host_holder *o = add((void **)&h->holders, &h->nr_holders, sizeof(*o));
	char path[2 * TOPO_NAME_LEN + 64];

	if (!o)
		return -ENOMEM;
	TOPO_TEXT(o->name, name);
	snprintf(path, sizeof(path), "%.*s/dm/uuid", TOPO_NAME_LEN, name);
	attr_line(fd, path, o->dm_uuid, sizeof(o->dm_uuid));
	return 0;
}

/* Holders of the disk and of its partitions, which are directories in it. */
static int read_holders(struct host *h, int sys)
{
	char path[4 * TOPO_NAME_LEN + 64];
	size_t i, first, k, part;
	int err = 0;

	for (i = 0; i < h->topo->nr_heads && !err; i++) {
		const struct topo_head *head = &h->topo->heads[i];

		first = h->nr_holders;
		for (part = 0; part <= 16 && !err; part++) {
			if (part)
				snprintf(path, sizeof(path),
					 "class/nvme-subsystem/nvme-subsys%d/%s/%sp%zu/holders",
					 head->subsys, head->name, head->name, part);
			else
				snprintf(path, sizeof(path),
					 "class/nvme-subsystem/nvme-subsys%d/%s/holders",
					 head->subsys, head->name);
			err = for_each(sys, path, read_holder, h);
		}
		for (k = first; k < h->nr_holders; k++)
			TOPO_TEXT(h->holders[k].head, head->name);
	}
	return err;
}

/* ---- the rest ---- */

static int add_rule(struct host *h, const char *line)
{
	char **place = add((void **)&h->rules, &h->nr_rules, sizeof(*place));

	if (place)
		*place = strdup(line);
	return place && *place ? 0 : -ENOMEM;
}

static int read_rule(struct host *h, int fd, const char *name)
{
	size_t len = strlen(name);
	char *text;
	int err = 0;

	if (len < 6 || strcmp(name + len - 6, ".rules"))
		return 0;
	text = malloc(RULE_BYTES);
	if (!text)
		return -ENOMEM;
	if (read_file(fd, name, text, RULE_BYTES) > 0) {
		/* a comment is not a rule, and one may go on in the next line */
		char *line, *at = text, *joint;

		while ((joint = strstr(at, "\\\n")))
			memcpy(joint, "  ", 2);
		while (!err && (line = strsep(&at, "\n")))
			if (line[strspn(line, " \t")] != '#' && strstr(line, RULE_WORD))
				err = add_rule(h, line);
	}
	free(text);
	return err;
}

/* A copy has the log as a file, this host as a device. */
static int read_log(struct host *h, const char *root, int fd)
{
	struct refusals *r = refusals_new();
	char *text = r && *root ? malloc(LOG_BYTES) : NULL;
	int log;

	if (!r || (*root && !text)) {
		refusals_free(r);
		return -ENOMEM;
	}
	if (*root) {
		h->log_read = read_file(fd, "kernel.log", text, LOG_BYTES) >= 0;
		refusals_text(r, text);
	} else {
		log = refusals_open();
		h->log_read = log >= 0;
		if (log >= 0) {
			refusals_read(r, log);
			close(log);
		}
	}
	refusals_put(r, h->topo);
	refusals_free(r);
	free(text);
	return 0;
}

/*
 * Our own udev rule sets what this file has, "NQN SECONDS" or "* SECONDS": as a rule of udev, so
 * that it is looked at as one. A line that is none sets nothing.
 */
static int add_grace_line(struct host *h, char *line)
{
	char rule[600], *secs;
	size_t len;

	line += strspn(line, " \t\r");
	len = strlen(line);
	while (len && strchr(" \t\r", line[len - 1]))
		line[--len] = '\0';
	secs = line + len;
	while (secs > line && secs[-1] >= '0' && secs[-1] <= '9')
		secs--;
	if (*line == '#' || !*secs || secs == line || !strchr(" \t", secs[-1]))
		return 0;
	len = (size_t)(secs - line);
	while (len && strchr(" \t", line[len - 1]))
		len--;
	line[len] = '\0';
	if (!strcmp(line, "*"))
		snprintf(rule, sizeof(rule), RULE_SETS, "", "", "", secs);
	else
		snprintf(rule, sizeof(rule), RULE_SETS, "ATTRS{subsysnqn}==\"", line, "\", ", secs);
	return add_rule(h, rule);
}

static int read_grace_conf(struct host *h, int root)
{
	char *text = malloc(RULE_BYTES), *rest = text, *line;
	int err = text ? 0 : -ENOMEM;

	if (text && read_file(root, GRACE_CONF, text, RULE_BYTES) > 0)
		while (!err && (line = strsep(&rest, "\n")))
			err = add_grace_line(h, line);
	free(text);
	return err;
}

static int read_rest(struct host *h, int root)
{
	size_t i;
	int err = 0;

	attr_line(root, "proc/sys/kernel/hostname", h->name, sizeof(h->name));
	attr_line(root, "proc/sys/kernel/osrelease", h->kernel, sizeof(h->kernel));
	h->hung_task = read_number(root, "proc/sys/kernel/hung_task_timeout_secs");
	h->hung_panic = read_number(root, "proc/sys/kernel/hung_task_panic");
	h->io_timeout = read_number(root, "sys/module/nvme_core/parameters/io_timeout");
	h->admin_timeout = read_number(root, "sys/module/nvme_core/parameters/admin_timeout");
	h->multipath = read_bool(root, "sys/module/nvme_core/parameters/multipath");
	h->always_on = read_bool(root, "sys/module/nvme_core/parameters/multipath_always_on");
	h->fabrics = read_bool(root, "sys/module/nvme_core/parameters/delayed_removal_fabrics");
	for (i = 0; host_rule_dirs[i] && !err; i++) {
		h->rules_read |= !faccessat(root, host_rule_dirs[i], R_OK, 0);
		err = for_each(root, host_rule_dirs[i], read_rule, h);
	}
	return err ? err : read_grace_conf(h, root);
}

static int read_all(struct host *h, const char *root, int fd)
{
	char sysfs[4096];
	int sys, err;

	if (snprintf(sysfs, sizeof(sysfs), "%s/sys", root) >= (int)sizeof(sysfs))
		return -ENAMETOOLONG;
	err = topo_scan(sysfs, &h->topo);
	if (err)
		return err;
	sys = openat(fd, "sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sys < 0)
		return -errno;
	err = for_each(sys, "class/nvme", read_ctrl, h);
	if (!err)
		err = read_holders(h, sys);
	close(sys);
	if (!err)
		err = read_log(h, root, fd);
	return err ? err : read_rest(h, fd);
}

int host_read(const char *root, struct host **out)
{
	struct host *h = calloc(1, sizeof(*h));
	int fd, err;

	if (!h)
		return -ENOMEM;
	h->series = PROBE_UNKNOWN;
	fd = open(*root ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = fd < 0 ? -errno : read_all(h, root, fd);
	if (fd >= 0)
		close(fd);
	if (err) {
		host_free(h);
		return err;
	}
	*out = h;
	return 0;
}

void host_free(struct host *h)
{
	size_t i;

	if (!h)
		return;
	topo_free(h->topo);
	free(h->ctrls);
	free(h->disks);
	free(h->holders);
	for (i = 0; i < h->nr_rules; i++)
		free(h->rules[i]);
	free(h->rules);
	free(h);
}

const struct host_ctrl *host_ctrl(const struct host *h, __s32 number)
{
	size_t i;

	for (i = 0; i < h->nr_ctrls; i++)
		if (h->ctrls[i].number == number)
			return &h->ctrls[i];
	return NULL;
}
