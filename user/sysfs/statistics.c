// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the statistics of a disk, and what sysfs tells of a path and its controller.
 *
 * Everything is opened below the descriptor of its class, each time anew: a
 * descriptor that is kept would count as a user of a disk that goes. The inode
 * of a sysfs file is never used twice in one boot, so that a disk which went and
 * came back under its name between two readings is told from one that stayed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/parse.h"
#include "sysfs/statistics.h"

struct statistics {
	int	block, nvme;		/* <sysfs>/class/...; -1: not there (yet) */
	char	sysfs[];
};

struct statistics *statistics_new(const char *sysfs)
{
	struct statistics *s = malloc(sizeof(*s) + strlen(sysfs) + 1);

	if (!s)
		return NULL;
	s->block = -1;
	s->nvme = -1;
	strcpy(s->sysfs, sysfs);
	return s;
}

void statistics_free(struct statistics *s)
{
	if (!s)
		return;
	if (s->block >= 0)
		close(s->block);
	if (s->nvme >= 0)
		close(s->nvme);
	free(s);
}

/* The class appears with its driver, so it is tried again. */
static int class_dir(const struct statistics *s, int *fd, const char *name)
{
	char path[512];

	if (*fd >= 0)
		return *fd;
	if ((size_t)snprintf(path, sizeof(path), "%s/class/%s", s->sysfs, name) < sizeof(path))
		*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd;
}

/* @dir/@name/@file, without the newline at its end. Returns 0 or -errno. */
static int read_file(int dir, const char *name, const char *file, char *buf, size_t size, __u64 *id)
{
	char path[128];
	struct stat st;
	ssize_t n;
	int fd;

	if (strchr(name, '/') ||
	    (size_t)snprintf(path, sizeof(path), "%s/%s", name, file) >= sizeof(path))
		return -ENOENT;
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0 || fstat(fd, &st)) {
		n = -errno;
		close(fd);
		return n ? (int)n : -EIO;
	}
	close(fd);
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	if (id)
		*id = st.st_ino;
	return 0;
}

int statistics_disk(struct statistics *s, const char *name, struct disk_stat *d)
{
	char buf[512];
	int err;

	if (class_dir(s, &s->block, "block") < 0)
		return -ENOENT;
	err = read_file(s->block, name, "stat", buf, sizeof(buf), &d->id);
	return err ? err : disk_stat_parse(buf, d);
}

/* ---- a path and its controller ---- */

static __s64 counter(const struct statistics *s, const char *path, const char *file)
{
	char buf[32];
	__u64 v;

	if (read_file(s->block, path, file, buf, sizeof(buf), NULL) || parse_number(buf, &v) ||
	    v > INT64_MAX)
		return -1;
	return (__s64)v;
}

/* "8.0 GT/s PCIe" is "8.0 GT/s": what else could it be. */
static bool read_link(const struct statistics *s, const char *ctrl, const char *which, char *buf,
		      size_t size)
{
	char file[40], speed[40], width[16];

	snprintf(file, sizeof(file), "device/%s_link_speed", which);
	if (read_file(s->nvme, ctrl, file, speed, sizeof(speed), NULL))
		return false;
	snprintf(file, sizeof(file), "device/%s_link_width", which);
	if (read_file(s->nvme, ctrl, file, width, sizeof(width), NULL))
		return false;
	if (strstr(speed, " PCIe"))
		*strstr(speed, " PCIe") = '\0';
	snprintf(buf, size, "%.16s x%.8s", speed, width);
	return true;
}

void statistics_path(struct statistics *s, const char *path, int ctrl, struct path_attrs *a)
{
	char name[32], buf[32], most[32];

	*a = (struct path_attrs) { .numa = -1, .failovers = -1, .retries = -1, .errors = -1 };
	if (class_dir(s, &s->block, "block") >= 0) {
		a->failovers = counter(s, path, "diag/multipath_failover_count");
		a->errors = counter(s, path, "diag/command_error_count");
		a->retries = counter(s, path, "diag/command_retries_count");
		if (a->retries < 0)
			a->retries = counter(s, path, "diag/command_retry_count");
	}
	if (ctrl < 0 || class_dir(s, &s->nvme, "nvme") < 0)
		return;
	snprintf(name, sizeof(name), "nvme%d", ctrl);
	if (!read_file(s->nvme, name, "numa_node", buf, sizeof(buf), NULL) &&
	    sscanf(buf, "%d", &a->numa) != 1)
		a->numa = -1;
	if (!read_link(s, name, "current", buf, sizeof(buf)))
		return;
	if (read_link(s, name, "max", most, sizeof(most)) && strcmp(buf, most))
		snprintf(a->link, sizeof(a->link), "%s of %s", buf, most);
	else
		snprintf(a->link, sizeof(a->link), "%s", buf);
}
