// SPDX-License-Identifier: GPL-2.0-only
/* Names of cgroups by their ids. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/cgroups.h"

#define KNOWN_MAX	4096		/* names that are kept */
#define DIRS_MAX	65536		/* directories looked at for one */
#define DEPTH_MAX	32
#define PATH_LEN	4096

struct cgroup {
	__u64	id;
	char	path[];
};

struct cgroups {
	const char *const	*mounts;
	void			*known;		/* tree of struct cgroup */
	size_t			nr_known;
};

const char *const cgroups_mounts[] = {
	"/sys/fs/cgroup",
	"/sys/fs/cgroup/unified",
	"/sys/fs/cgroup/blkio",
	NULL,
};

struct cgroups *cgroups_new(const char *const *mounts)
{
	struct cgroups *c = calloc(1, sizeof(*c));

	if (c)
		c->mounts = mounts;
	return c;
}

static int by_id(const void *a, const void *b)
{
	const struct cgroup *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void forget_all(struct cgroups *c)
{
	struct cgroup *g;

	while (c->known) {
		g = *(struct cgroup **)c->known;
		tdelete(g, &c->known, by_id);
		free(g);
	}
	c->nr_known = 0;
}

void cgroups_free(struct cgroups *c)
{
	if (!c)
		return;
	forget_all(c);
	free(c);
}

/* ---- looking ---- */

struct search {
	__u64	id;
	dev_t	dev;
	size_t	dirs;			/* looked at so far */
	char	path[PATH_LEN];		/* of the directory being looked at */
};

static int search_in(struct search *s, int dir_fd, size_t len, unsigned int depth);

/* Is it a directory of this file system? 1: and the one; -errno: look no further. */
static int search_child(struct search *s, DIR *dir, const struct dirent *d, size_t len,
			unsigned int depth)
{
	size_t name_len = strlen(d->d_name);
	struct stat st;
	int fd;

	if (d->d_type != DT_DIR || d->d_name[0] == '.' || len + name_len + 2 > sizeof(s->path))
		return 0;
	if (++s->dirs > DIRS_MAX)
		return -E2BIG;
	if (fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) || st.st_dev != s->dev)
		return 0;
	s->path[len] = '/';
	memcpy(s->path + len + 1, d->d_name, name_len + 1);
	if (st.st_ino == s->id)
		return 1;
	if (depth == DEPTH_MAX)
		return 0;
	fd = openat(dirfd(dir), d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	return search_in(s, fd, len + 1 + name_len, depth + 1);
}

/* Takes the descriptor. */
static int search_in(struct search *s, int dir_fd, size_t len, unsigned int depth)
{
	DIR *dir = fdopendir(dir_fd);
	const struct dirent *d;
	int err = 0;

	if (!dir) {
		close(dir_fd);
		return 0;
	}
	while (!err && (d = readdir(dir)))
		err = search_child(s, dir, d, len, depth);
	closedir(dir);
	return err;
}

/* 1: found, in s->path */
static int search_mount(struct search *s, const char *mount)
{
	int fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st)) {
		close(fd);
		return 0;
	}
	s->dev = st.st_dev;
	s->path[0] = '\0';
	if (st.st_ino == s->id) {
		close(fd);
		strcpy(s->path, "/");
		return 1;
	}
	return search_in(s, fd, 0, 0);
}

const char *cgroups_path(struct cgroups *c, __u64 id)
{
	struct cgroup key = { .id = id }, *g, **found = tfind(&key, &c->known, by_id);
	struct search s = { .id = id };
	const char *const *mount;
	size_t len;
	int err = 0;

	if (!id || found)
		return found ? (*found)->path : "";
	for (mount = c->mounts; err <= 0 && *mount; mount++)
		err = search_mount(&s, *mount);
	if (err <= 0)
		s.path[0] = '\0';
	if (c->nr_known == KNOWN_MAX)
		forget_all(c);
	len = strlen(s.path);
	g = malloc(sizeof(*g) + len + 1);
	if (!g)
		return "";
	g->id = id;
	memcpy(g->path, s.path, len + 1);
	if (!tsearch(g, &c->known, by_id)) {
		free(g);
		return "";
	}
	c->nr_known++;
	return g->path;
}
