// SPDX-License-Identifier: GPL-2.0-only
/* A file that is there whole or not at all. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fmt.h"
#include "outfile.h"

static int complain(const char *path, int err)
{
	char shown[1024];

	fprintf(stderr, "nvme-mpathtop: %s: cannot write: %s\n",
		fmt_text(shown, sizeof(shown), path), strerror(-err));
	return err;
}

static void release(struct outfile *o)
{
	free(o->path);
	free(o->part);
	o->path = NULL;
	o->part = NULL;
}

int outfile_open(struct outfile *o, const char *path)
{
	int err;

	*o = (struct outfile) { .fd = -1 };
	if (!strcmp(path, "-")) {
		o->f = stdout;
		o->fd = STDOUT_FILENO;
		return 0;
	}
	o->path = strdup(path);
	if (!o->path || asprintf(&o->part, "%s.%d.part", path, (int)getpid()) < 0) {
		o->part = NULL;
		release(o);
		return complain(path, -ENOMEM);
	}
	unlink(o->part);	/* of an earlier process of this number */
	o->fd = open(o->part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	o->f = o->fd < 0 ? NULL : fdopen(o->fd, "w");
	if (o->f)
		return 0;
	err = complain(path, -errno);
	if (o->fd >= 0) {
		close(o->fd);
		unlink(o->part);
	}
	release(o);
	return err;
}

/* A device or pipe cannot be replaced by a file, and is not meant to. */
static int move(const struct outfile *o)
{
	struct stat st;

	if (!lstat(o->path, &st) && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return -EEXIST;
	return rename(o->part, o->path) ? -errno : 0;
}

int outfile_close(struct outfile *o, int err)
{
	bool to_file = o->path;

	if (!err && (fflush(o->f) || ferror(o->f)))
		err = errno ? -errno : -EIO;
	if (!to_file)
		return err ? complain("standard output", err) : 0;
	if (!err && fsync(o->fd))
		err = -errno;
	if (fclose(o->f) && !err)
		err = -errno;
	if (!err)
		err = move(o);
	if (err) {
		unlink(o->part);
		complain(o->path, err);
	}
	release(o);
	return err;
}
