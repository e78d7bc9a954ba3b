// SPDX-License-Identifier: GPL-2.0-only
/* What of a host goes into a bundle. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "bundle/make.h"
#include "bundle/read.h"
#include "sysfs/host.h"

#define RULE_BYTES	(256U << 10)

/* Calls @fn for each entry of a directory, sorted by nothing. */
static int for_each(int root, const char *path,
		    int (*fn)(int root, const char *dir, const char *name, void *ctx), void *ctx)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *de;

	while (dir && !err && (de = readdir(dir)))
		if (de->d_name[0] != '.')
			err = fn(root, path, de->d_name, ctx);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return err;
}

/* ---- names ---- */

static int mask_file(struct mask *m, enum mask_kind kind, int root, const char *path)
{
	size_t len;
	char *text = stage_slurp(root, path, 512, &len);
	int err = 0;

	if (text && kind == MASK_ADDRESS)
		err = mask_add_addresses(m, text);
	else if (text)
		err = mask_add(m, kind, text);
	free(text);
	return err;
}

static int mask_device(int root, const char *dir, const char *name, void *ctx)
{
	static const struct {
		enum mask_kind kind;
		const char *attr;
	} attrs[] = {
		{ MASK_SERIAL, "serial" },
		{ MASK_HOSTNQN, "hostnqn" },
		{ MASK_HOSTID, "hostid" },
		{ MASK_ADDRESS, "address" },
	};
	char path[600];
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(attrs) && !err; i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", dir, name, attrs[i].attr);
		err = mask_file(ctx, attrs[i].kind, root, path);
	}
	return err;
}

int bundle_mask_host(struct mask *m)
{
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (root < 0)
		return 0;
	err = mask_file(m, MASK_HOST, root, "proc/sys/kernel/hostname");
	if (!err)
		err = for_each(root, "sys/class/nvme", mask_device, m);
	if (!err)
		err = for_each(root, "sys/class/nvme-subsystem", mask_device, m);
	close(root);
	return err;
}

/* ---- files ---- */

static int copy_device(int root, const char *dir, const char *name, void *ctx)
{
	static const char *const attrs[] = {
		"vendor",
		"device",
		"subsystem_vendor",
		"subsystem_device",
		"numa_node",
		"current_link_speed",
		"current_link_width",
		"max_link_speed",
		"max_link_width",
	};
	struct stage *s = ctx;
	char path[600];
	size_t i;

	if (strncmp(name, "nvme", 4))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	stage_copy(s, root, path);
	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		snprintf(path, sizeof(path), "%s/%s/device/%s", dir, name, attrs[i]);
		stage_copy(s, root, path);
	}
	return s->err;
}

static int copy_module(int root, const char *dir, const char *name, void *ctx)
{
	static const char *const attrs[] = { "parameters", "version", "srcversion",
					     "taint",	   "refcnt",  "initstate" };
	struct stage *s = ctx;
	char path[600];
	size_t i;

	if (strncmp(name, "nvme", 4))
		return 0;
	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", dir, name, attrs[i]);
		stage_copy(s, root, path);
	}
	return s->err;
}

/* Rules that are about nvme, or about the setting; others are nobody's business. */
static int copy_rule(int root, const char *dir, const char *name, void *ctx)
{
	struct stage *s = ctx;
	char path[600], *text;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	text = stage_slurp(root, path, RULE_BYTES, &len);
	if (text && (strstr(text, "nvme") || strstr(text, "delayed_removal_secs")))
		stage_text(s, path, text, len);
	free(text);
	return s->err;
}

/* /lib is /usr/lib on most systems: once is enough. */
static bool was_copied(int root, size_t i)
{
	struct stat this, other;
	size_t k;

	if (fstatat(root, host_rule_dirs[i], &this, 0))
		return false;
	for (k = 0; k < i; k++)
		if (!fstatat(root, host_rule_dirs[k], &other, 0) && other.st_ino == this.st_ino &&
		    other.st_dev == this.st_dev)
			return true;
	return false;
}

/* Of the kernel's command line only what it is about: there may be secrets in the rest. */
static void add_cmdline(struct stage *s, int root)
{
	static const char *const wanted[] = { "nvme",	      "pci",	 "hung_task", "multipath",
					      "dm_multipath", "rd.nvmf", "nvmf" };
	size_t len, i, n = 0;
	char *text = stage_slurp(root, "proc/cmdline", 8192, &len), *word, *at = text;
	char *kept = text ? malloc(len + 2) : NULL;

	while (kept && (word = strsep(&at, " \n")))
		for (i = 0; i < ARRAY_SIZE(wanted); i++)
			if (!strncmp(word, wanted[i], strlen(wanted[i]))) {
				n += (size_t)sprintf(kept + n, "%s ", word);
				break;
			}
	if (kept) {
		kept[n ? n - 1 : 0] = '\n';
		stage_text(s, "proc/cmdline", kept, n ? n : 1);
	}
	free(kept);
	free(text);
}

void bundle_add_host(struct stage *s)
{
	static const char *const files[] = {
		"proc/sys/kernel/hostname",
		"proc/sys/kernel/osrelease",
		"proc/sys/kernel/version",
		"proc/sys/kernel/hung_task_timeout_secs",
		"proc/sys/kernel/hung_task_panic",
		"proc/sys/kernel/hung_task_warnings",
		"proc/sys/kernel/tainted",
		"proc/sys/kernel/bpf_stats_enabled",
		"proc/uptime",
		"proc/partitions",
		"proc/mdstat",
		"etc/os-release",
	};
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t i;

	if (root < 0) {
		s->err = -errno;
		return;
	}
	for_each(root, "sys/class/nvme-subsystem", copy_device, s);
	for_each(root, "sys/class/nvme", copy_device, s);
	/* that there is none has to be told from that it was not looked at */
	stage_directory(s, "sys/class");
	for_each(root, "sys/module", copy_module, s);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		stage_copy(s, root, files[i]);
	add_cmdline(s, root);
	for (i = 0; host_rule_dirs[i]; i++) {
		if (was_copied(root, i))
			continue;
		if (!faccessat(root, host_rule_dirs[i], R_OK, 0))
			stage_directory(s, host_rule_dirs[i]);
		for_each(root, host_rule_dirs[i], copy_rule, s);
	}
	close(root);
}
