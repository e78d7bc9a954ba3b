// SPDX-License-Identifier: GPL-2.0-only
/* A file that is replaced as a whole. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/format.h"
#include "os/fdstream.h"
#include "os/replace_file.h"

struct textfile {
	char	*dir, *name;		/* of the file, without slashes */
	char	shown[300];		/* both, for messages */
	char	tmp[300];		/* name of the new one */
	mode_t	mode;
	bool	cleaned, once;
	int	dirfd, lockfd;		/* dirfd: while a content is being written */
	struct fdstream stream;		/* the same */
	FILE	*out;
	char	error[700];
};

static int __attribute__((format(printf, 3, 4)))
fail(struct textfile *t, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->error, sizeof(t->error), fmt, ap);
	va_end(ap);
	return err;
}

struct textfile *textfile_new(const char *path, mode_t mode)
{
	struct textfile *t = calloc(1, sizeof(*t));
	const char *slash = strrchr(path, '/');

	if (!t)
		return NULL;
	t->dirfd = -1;
	t->lockfd = -1;
	t->mode = mode;
	t->name = strdup(slash ? slash + 1 : path);
	t->dir = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	if (!t->name || !t->dir) {
		textfile_free(t);
		return NULL;
	}
	/* "dir//file": with a slash at its end O_NOFOLLOW would follow */
	while (strlen(t->dir) > 1 && t->dir[strlen(t->dir) - 1] == '/')
		t->dir[strlen(t->dir) - 1] = '\0';
	fmt_text(t->shown, sizeof(t->shown), path);
	snprintf(t->tmp, sizeof(t->tmp), ".%.200s.%d.tmp", t->name, (int)getpid());
	return t;
}

void textfile_once(struct textfile *t)
{
	t->once = true;
	t->cleaned = true;	/* there may be another one right now, who has its own */
}

const char *textfile_error(const struct textfile *t)
{
	return t->error;
}

/* What was begun has no name any more. */
static void drop(struct textfile *t)
{
	unlinkat(t->dirfd, t->tmp, 0);
	if (t->out)
		fclose(t->out);
	t->out = NULL;
	close(t->stream.fd);
}

void textfile_cancel(struct textfile *t)
{
	if (t->out)
		drop(t);
	if (t->dirfd >= 0)
		close(t->dirfd);
	t->dirfd = -1;
}

void textfile_free(struct textfile *t)
{
	if (!t)
		return;
	textfile_cancel(t);
	if (t->lockfd >= 0)
		close(t->lockfd);
	free(t->dir);
	free(t->name);
	free(t);
}

/* Who may write there, when we may not: capabilities are given up, so root is like any user. */
static const char *advice(const struct textfile *t, int err)
{
	switch (err) {
	case -EACCES:
	case -EPERM:
		return t->once ? "; name a directory in which you may write" :
				 "; make the directory writable for the user that the collector "
				 "runs as (as root it has no capabilities left)";
	case -ENOENT:
		return "; make the directory";
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
		return "; make room";
	default:
		return "";
	}
}

static int open_dir(struct textfile *t, int *fd)
{
	int err;

	*fd = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (t->once ? 0 : O_NOFOLLOW));
	if (*fd >= 0)
		return 0;
	err = -errno;
	if (err == -ELOOP || err == -ENOTDIR)
		return fail(t, err,
			    "%s: its directory is no directory, or a symbolic link; name "
			    "a real directory",
			    t->shown);
	return fail(t, err, "%s: cannot open its directory: %s%s", t->shown, strerror(-err),
		    advice(t, err));
}

/* Is it ".NAME.PID.tmp"? */
static bool is_leftover(const struct textfile *t, const char *entry)
{
	size_t len = strlen(t->name), digits;

	if (entry[0] != '.' || strncmp(entry + 1, t->name, len) || entry[len + 1] != '.')
		return false;
	entry += len + 2;
	digits = strspn(entry, "0123456789");
	return digits && !strcmp(entry + digits, ".tmp");
}

/* Of a collector that was killed while it wrote. */
static void remove_leftovers(struct textfile *t, int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((de = readdir(dir)))
		if (is_leftover(t, de->d_name))
			unlinkat(dirfd, de->d_name, 0);
	closedir(dir);
}

static FILE *open_tmp(struct textfile *t)
{
	struct fdstream *s = &t->stream;
	FILE *out;
	int err;

	unlinkat(t->dirfd, t->tmp, 0);
	s->fd = openat(t->dirfd, t->tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		       0600);
	if (s->fd < 0)
		return NULL;
	out = fdstream_open(s);
	if (out)
		return out;
	err = errno;
	drop(t);
	errno = err;
	return NULL;
}

int textfile_begin(struct textfile *t, FILE **out)
{
	int err = open_dir(t, &t->dirfd);

	if (err)
		return err;
	if (!t->cleaned)
		remove_leftovers(t, t->dirfd);
	t->cleaned = true;
	t->out = open_tmp(t);
	*out = t->out;
	if (t->out)
		return 0;
	err = -errno;
	textfile_cancel(t);
	return fail(t, err, "%s: cannot create a file beside it: %s%s", t->shown, strerror(-err),
		    advice(t, err));
}

/* What is written, on the disk and closed. */
static int complete(struct textfile *t)
{
	int err = fdstream_flush(&t->stream, t->out);

	if (!err && (fchmod(t->stream.fd, t->mode) || fsync(t->stream.fd)))
		err = -errno;
	if (err)
		return err;
	fclose(t->out);
	t->out = NULL;
	if (!close(t->stream.fd))
		return 0;
	err = -errno;
	unlinkat(t->dirfd, t->tmp, 0);
	return err;
}

/* Give it its name. @link: a symbolic link had it. */
static int move(struct textfile *t, bool *link)
{
	struct stat st;
	int err = 0;

	*link = !fstatat(t->dirfd, t->name, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode);
	/*
	 * a device or pipe is not meant to become a file, nor is a link to one, as /dev/stdout is
	 */
	if (t->once && !fstatat(t->dirfd, t->name, &st, 0) && !S_ISREG(st.st_mode))
		err = -EEXIST;
	else if (renameat(t->dirfd, t->tmp, t->dirfd, t->name))
		err = -errno;
	if (err)
		unlinkat(t->dirfd, t->tmp, 0);
	return err;
}

int textfile_fail(struct textfile *t, int err)
{
	int written = t->out ? fdstream_flush(&t->stream, t->out) : 0;

	/* a writer knows that its stream failed, the stream knows why */
	err = written ? written : err;
	textfile_cancel(t);
	return fail(t, err, "%s: cannot write: %s%s; what was there stays", t->shown,
		    strerror(-err), advice(t, err));
}

int textfile_end(struct textfile *t)
{
	bool link;
	int err;

	err = complete(t);
	if (err)
		return textfile_fail(t, err);
	err = move(t, &link);
	if (!err)
		/* if it fails, a crash may bring back the old one: no harm */
		fsync(t->dirfd);
	textfile_cancel(t);
	if (err)
		return fail(t, err, "%s: cannot replace it: %s%s", t->shown, strerror(-err),
			    err == -EISDIR ? "; remove the directory of that name" :
			    err == -EEXIST ? ", and is no file; \"-\" is the standard output" :
					     advice(t, err));
	if (!link || t->once)
		return 0;
	return fail(t, 1,
		    "%s: a symbolic link had this name; it was not followed, the file is in "
		    "its place now",
		    t->shown);
}

int textfile_fd(const struct textfile *t)
{
	return t->stream.fd;
}

static int read_fd(struct textfile *t, int fd, size_t max, void **buf, size_t *len)
{
	size_t at = 0, size;
	struct stat st;
	ssize_t n = 1;
	char *bytes;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return fail(t, -EINVAL, "%s: not a regular file; remove it", t->shown);
	if ((__u64)st.st_size > max)
		return fail(t, -EFBIG, "%s: too long to be what it should be", t->shown);
	size = (size_t)st.st_size;
	bytes = malloc(size + 1);
	if (!bytes)
		return -ENOMEM;
	while (at < size && (n = read(fd, bytes + at, size - at)) > 0)
		at += (size_t)n;
	if (n < 0) {
		n = -errno;
		free(bytes);
		return (int)n;
	}
	*buf = bytes;
	*len = at;
	return 0;
}

int textfile_read(struct textfile *t, size_t max, void **buf, size_t *len)
{
	int dirfd, fd, err = open_dir(t, &dirfd);

	if (err)
		return err;
	*t->error = '\0';
	fd = openat(dirfd, t->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	err = fd < 0 ? -errno : read_fd(t, fd, max, buf, len);
	if (fd >= 0)
		close(fd);
	close(dirfd);
	if (err && !*t->error)
		fail(t, err, "%s: cannot read: %s%s", t->shown, strerror(-err),
		     err == -ELOOP ? "; it is a symbolic link, remove it" : "");
	return err;
}

int textfile_put_aside(struct textfile *t, const char *suffix)
{
	int dirfd, err = open_dir(t, &dirfd);
	char aside[300];

	if (err)
		return err;
	snprintf(aside, sizeof(aside), "%.250s.%s", t->name, suffix);
	if (renameat(dirfd, t->name, dirfd, aside))
		err = fail(t, -errno, "%s: cannot rename it to %s: %s", t->shown, suffix,
			   strerror(errno));
	close(dirfd);
	return err;
}

int textfile_lock(struct textfile *t)
{
	int dirfd, err = open_dir(t, &dirfd);
	struct stat st = {};
	char name[300];

	if (err)
		return err;
	snprintf(name, sizeof(name), "%.250s.lock", t->name);
	t->lockfd = openat(dirfd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
			   0640);
	err = t->lockfd < 0 || fstat(t->lockfd, &st) ? -errno : 0;
	close(dirfd);
	if (err)
		return fail(t, err, "%s.lock: cannot open: %s%s", t->shown, strerror(-err),
			    advice(t, err));
	if (!S_ISREG(st.st_mode))
		return fail(t, -EINVAL, "%s.lock: not a regular file; remove it", t->shown);
	if (!flock(t->lockfd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK)
		return fail(t, -EBUSY,
			    "%s: another collector uses it; stop that one or use "
			    "another file",
			    t->shown);
	return fail(t, -errno, "%s.lock: cannot lock: %s", t->shown, strerror(errno));
}
