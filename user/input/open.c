// SPDX-License-Identifier: GPL-2.0-only
/* What an offline command is given: telling which it is, unpacking. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/format.h"
#include "bundle/read.h"
#include "input/open.h"
#include "os/tmpdir.h"

#define MAX_JSON	(1 << 20)

struct input {
	enum input_kind	kind;
	char			*root;		/* NULL: a recording */
	char			*record, *record_name;
	bool			remove;		/* root is ours */
};

void input_free(struct input *s)
{
	if (!s)
		return;
	if (s->remove)
		tmpdir_remove(s->root);
	else
		free(s->root);
	free(s->record);
	free(s->record_name);
	free(s);
}

enum input_kind input_kind(const struct input *s)
{
	return s->kind;
}

const char *input_kind_name(const struct input *s)
{
	static const char *const names[] = {
		[INPUT_RECORD] = "record",
		[INPUT_BUNDLE] = "bundle",
		[INPUT_TREE] = "tree",
	};

	return names[s->kind];
}

const char *input_record(const struct input *s)
{
	return s->record;
}

const char *input_record_name(const struct input *s)
{
	return s->record_name;
}

const char *input_root(const struct input *s)
{
	return s->root;
}

struct json_object *input_json(const struct input *s, const char *name)
{
	struct json_object *o = NULL;
	char path[4096];
	struct stat st;

	/* ours are a few kilobytes; the parser takes all of it into memory */
	if (s->root && snprintf(path, sizeof(path), "%s/%s", s->root, name) < (int)sizeof(path) &&
	    !stat(path, &st) && S_ISREG(st.st_mode) && st.st_size <= MAX_JSON)
		o = json_object_from_file(path);
	if (json_object_is_type(o, json_type_object))
		return o;
	json_object_put(o);
	return NULL;
}

/* ---- unpacking ---- */

struct unpack {
	int			root;
	/* the file that is written; -1: this one is not wanted */
	int			fd;
	enum input_want	want;
};

static bool wanted(const struct unpack *u, const char *name)
{
	return u->want == INPUT_ALL || !strncmp(name, "record/", 7);
}

/* Open the directory that the last part of @name is to be in, made if needed. */
static int open_parent(int root, const char *name, const char **last)
{
	char part[BUNDLE_MAX_PART + 1];
	const char *slash;
	int fd = dup(root), next;

	while (fd >= 0 && (slash = strchr(name, '/')) && slash[1]) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - name), name);
		if (mkdirat(fd, part, 0700) && errno != EEXIST) {
			close(fd);
			return -errno;
		}
		next = openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(fd);
		fd = next;
		name = slash + 1;
	}
	*last = name;
	return fd < 0 ? -errno : fd;
}

static int unpack_directory(void *ctx, const char *name)
{
	char part[BUNDLE_MAX_PART + 1];
	struct unpack *u = ctx;
	const char *last = "";
	int fd, err = 0;

	if (!wanted(u, name))
		return 0;
	fd = open_parent(u->root, name, &last);
	if (fd < 0)
		return fd;
	snprintf(part, sizeof(part), "%.*s", (int)strcspn(last, "/"), last);
	if (mkdirat(fd, part, 0700) && errno != EEXIST)
		err = -errno;
	close(fd);
	return err;
}

static int unpack_begin(void *ctx, const char *name)
{
	struct unpack *u = ctx;
	const char *last = "";
	int fd;

	if (!wanted(u, name))
		return 0;
	fd = open_parent(u->root, name, &last);
	if (fd < 0)
		return fd;
	u->fd = openat(fd, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	close(fd);
	return u->fd < 0 ? -errno : 0;
}

static int unpack_data(void *ctx, const void *bytes, size_t len)
{
	struct unpack *u = ctx;
	const char *p = bytes;
	ssize_t n;

	while (len && u->fd >= 0) {
		n = write(u->fd, p, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int unpack_end(void *ctx)
{
	struct unpack *u = ctx;
	int fd = u->fd;

	u->fd = -1;
	return fd >= 0 && close(fd) ? -errno : 0;
}

static int unpack(struct input *s, int fd, enum input_want want, char *why, size_t size)
{
	struct unpack u = { .fd = -1, .want = want };
	const struct bundle_sink sink = {
		.directory = unpack_directory,
		.begin = unpack_begin,
		.data = unpack_data,
		.end = unpack_end,
		.ctx = &u,
	};
	int err = tmpdir_make(&s->root);
	char shown[300];

	if (err) {
		snprintf(why, size, "cannot make a directory below %s to unpack it: %s; set TMPDIR",
			 fmt_text(shown, sizeof(shown), tmpdir_where()), strerror(-err));
		return err;
	}
	s->remove = true;
	u.root = open(s->root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (u.root < 0)
		return -errno;
	err = bundle_read(fd, NULL, 0, &sink, why, size);
	if (err == -ENOSPC || err == -EDQUOT)
		strncat(why, "; make room, or set TMPDIR", size - strlen(why) - 1);
	if (u.fd >= 0)
		close(u.fd);
	close(u.root);
	return err;
}

/* ---- which is it ---- */

static bool starts_as_gzip(int fd)
{
	unsigned char magic[2];

	return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) && magic[0] == 0x1f &&
	       magic[1] == 0x8b;
}

static bool is_tree(int fd)
{
	struct stat st;

	return !fstatat(fd, BUNDLE_MANIFEST, &st, 0) || !fstatat(fd, "sys/class", &st, 0);
}

static int recognize(struct input *s, const char *path, enum input_want want, char *why,
		     size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), err = 0;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st)) {
		if (S_ISREG(st.st_mode) && starts_as_gzip(fd))
			s->kind = INPUT_BUNDLE;
		else if (S_ISDIR(st.st_mode) && is_tree(fd))
			s->kind = INPUT_TREE;
	}
	if (s->kind == INPUT_BUNDLE)
		err = unpack(s, fd, want, why, size);
	if (fd >= 0)
		close(fd);
	if (err)
		return err;
	if (s->kind == INPUT_TREE) {
		s->root = strdup(path);
		if (!s->root)
			return -ENOMEM;
	}
	if (asprintf(&s->record, "%s%s", s->root ? s->root : path, s->root ? "/record" : "") < 0) {
		s->record = NULL;
		return -ENOMEM;
	}
	if (asprintf(&s->record_name, "%s%s", path, s->root ? "/record" : "") < 0) {
		s->record_name = NULL;
		return -ENOMEM;
	}
	return 0;
}

int input_open(const char *path, enum input_want want, struct input **out)
{
	struct input *s = calloc(1, sizeof(*s));
	char why[600] = "", shown[512];
	int err = s ? recognize(s, path, want, why, sizeof(why)) : -ENOMEM;

	*out = s;
	if (!err)
		return 0;
	fprintf(stderr, "nvme-mpathtop: %s: %s\n", fmt_text(shown, sizeof(shown), path),
		*why ? why : strerror(-err));
	input_free(s);
	*out = NULL;
	return err;
}
