// SPDX-License-Identifier: GPL-2.0-only
/* A directory of pinned BPF objects: making, locking, clearing it. */
#define _GNU_SOURCE	/* O_PATH */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/array.h"
#include "live/pin_dir.h"

#ifndef BPF_FS_MAGIC
#define BPF_FS_MAGIC	0xcafe4a11
#endif

struct pins {
	char	*dir;
	int	dirfd;
	char	path[PATH_MAX];
	char	error[640];
};

static const char *const kinds[] = { "map_", "prog_", "link_" };

static int __attribute__((format(printf, 3, 4))) fail(struct pins *p, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->error, sizeof(p->error), fmt, ap);
	va_end(ap);
	return err;
}

struct pins *pins_new(void)
{
	struct pins *p = calloc(1, sizeof(*p));

	if (p)
		p->dirfd = -1;
	return p;
}

void pins_free(struct pins *p)
{
	if (!p)
		return;
	if (p->dirfd >= 0)
		close(p->dirfd);
	free(p->dir);
	free(p);
}

const char *pins_error(const struct pins *p)
{
	return p->error;
}

const char *pins_dir(const struct pins *p)
{
	return p->dir;
}

const char *pins_path(struct pins *p, const char *kind, const char *name)
{
	int n = snprintf(p->path, sizeof(p->path), "%s/%s_%s", p->dir, kind, name);

	return n > 0 && (size_t)n < sizeof(p->path) ? p->path : NULL;
}

bool pins_complete(const struct pins *p)
{
	return !faccessat(p->dirfd, PINS_LAST, F_OK, AT_SYMLINK_NOFOLLOW);
}

/* ---- opening ---- */

static int no_access(struct pins *p, const char *what, int err)
{
	if (err != -EACCES && err != -EPERM)
		return fail(p, err, "%s: %s: %s", p->dir, what, strerror(-err));
	return fail(p, err,
		    "%s: %s: %s; run it as root, or give this user a bpf file system of "
		    "its own: mount -t bpf bpf MOUNTPOINT && chown USER MOUNTPOINT, and use "
		    "--pin=MOUNTPOINT/nvme-mpathtop",
		    p->dir, what, strerror(-err));
}

static int not_bpffs(struct pins *p, const char *where)
{
	return fail(p, -EOPNOTSUPP,
		    "%s: %s is not on a bpf file system; mount one there: "
		    "mount -t bpf bpf /sys/fs/bpf",
		    p->dir, where);
}

/* Is the directory that @dir is to be made in on a bpf file system? */
static int check_parent(struct pins *p)
{
	struct statfs fs;
	char *slash;
	int err = 0;

	snprintf(p->path, sizeof(p->path), "%s", p->dir);
	slash = strrchr(p->path, '/');
	if (!slash)
		snprintf(p->path, sizeof(p->path), ".");
	else
		slash[slash == p->path] = '\0';
	if (statfs(p->path, &fs))
		err = no_access(p, "its parent directory", -errno);
	else if ((unsigned long)fs.f_type != BPF_FS_MAGIC)
		err = not_bpffs(p, p->path);
	return err;
}

static int make_dir(struct pins *p)
{
	struct stat st;
	int err;

	if (!lstat(p->dir, &st))
		return 0;
	err = check_parent(p);
	if (err)
		return err;
	if (!mkdir(p->dir, 0700) || errno == EEXIST)
		return 0;
	return no_access(p, "cannot make the directory", -errno);
}

/* The process that has locked an inode, by /proc/locks; 0: cannot be told. */
static int lock_holder(const struct stat *st)
{
	unsigned int maj, min;
	unsigned long long ino;
	int pid, found = 0;
	char line[256];
	FILE *f = fopen("/proc/locks", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%llu", &pid, &maj, &min, &ino) == 4 &&
		    ino == st->st_ino && maj == major(st->st_dev) && min == minor(st->st_dev))
			found = pid;
	if (f)
		fclose(f);
	return found > 0 ? found : 0;
}

static int lock(struct pins *p)
{
	struct stat st = {};
	int holder;

	if (!flock(p->dirfd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno != EWOULDBLOCK)
		return fail(p, -errno, "%s: cannot lock: %s", p->dir, strerror(errno));
	fstat(p->dirfd, &st);
	holder = lock_holder(&st);
	if (holder)
		return fail(p, -EBUSY,
			    "%s: another collector, process %d, uses these pins; stop it "
			    "first, or use another directory",
			    p->dir, holder);
	return fail(p, -EBUSY,
		    "%s: another collector uses these pins; stop it first, or use "
		    "another directory",
		    p->dir);
}

/* The directory may be removed between its opening and its locking. */
static int open_locked(struct pins *p)
{
	struct stat st;
	struct statfs fs;
	int err;

	p->dirfd = open(p->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (p->dirfd < 0) {
		err = -errno;
		if (err == -ELOOP || err == -ENOTDIR)
			return fail(p, err, "%s: not a directory, or a symbolic link", p->dir);
		return no_access(p, "cannot open", err);
	}
	if (fstatfs(p->dirfd, &fs) || (unsigned long)fs.f_type != BPF_FS_MAGIC)
		return not_bpffs(p, p->dir);
	err = lock(p);
	if (err)
		return err;
	return fstat(p->dirfd, &st) || !st.st_nlink || access(p->dir, F_OK) ? -EAGAIN : 0;
}

int pins_open(struct pins *p, const char *dir, bool create)
{
	int err, tries = 8;
	size_t len;

	p->dir = strdup(dir);
	if (!p->dir)
		return fail(p, -ENOMEM, "%s: %s", dir, strerror(ENOMEM));
	for (len = strlen(p->dir); len > 1 && p->dir[len - 1] == '/'; len--)
		p->dir[len - 1] = '\0';
	do {
		err = create ? make_dir(p) : 0;
		err = err ? err : open_locked(p);
		if (err && p->dirfd >= 0) {
			close(p->dirfd);
			p->dirfd = -1;
		}
	} while (create && (err == -EAGAIN || err == -ENOENT) && --tries);
	if (err == -EAGAIN)
		err = fail(p, create ? -EAGAIN : -ENOENT, "%s: it was removed just now", p->dir);
	return err;
}

/* ---- clearing ---- */

static bool is_pin(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncmp(name, kinds[i], strlen(kinds[i])))
			return true;
	return false;
}

static int remove_one(struct pins *p, const char *name, size_t *count)
{
	if (!unlinkat(p->dirfd, name, 0)) {
		(*count)++;
		return 0;
	}
	if (errno == ENOENT)
		return 0;
	return fail(p, -errno, "%s/%s: cannot remove: %s", p->dir, name, strerror(errno));
}

/* Names change places while they are removed: read on until none is left. */
static int remove_all(struct pins *p, size_t *count)
{
	struct dirent *de;
	size_t before;
	int fd, err = 0;
	DIR *dir;

	fd = openat(p->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		err = fail(p, -errno, "%s: cannot read the directory: %s", p->dir, strerror(errno));
		if (fd >= 0)
			close(fd);
		return err;
	}
	do {
		before = *count;
		rewinddir(dir);
		while (!err && (de = readdir(dir)))
			if (is_pin(de->d_name))
				err = remove_one(p, de->d_name, count);
	} while (!err && *count != before);
	closedir(dir);
	return err;
}

int pins_clear(struct pins *p, size_t *count)
{
	size_t n = 0;
	int err = remove_one(p, PINS_LAST, &n);

	err = err ? err : remove_all(p, &n);
	if (count)
		*count = n;
	return err;
}

int pins_remove(struct pins *p, size_t *count)
{
	int err = pins_clear(p, count);

	if (err)
		return err;
	/* busy: the file system is mounted there */
	if (!rmdir(p->dir) || errno == ENOENT || errno == EBUSY)
		return 0;
	if (errno == ENOTEMPTY)
		return fail(p, -ENOTEMPTY, "%s: not removed: there is something else in it",
			    p->dir);
	return fail(p, -errno, "%s: cannot remove the directory: %s", p->dir, strerror(errno));
}
