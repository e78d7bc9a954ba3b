// SPDX-License-Identifier: GPL-2.0-only
/* The directory in which a bundle is put together. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/format.h"
#include "bundle/read.h"
#include "bundle/staging.h"
#include "os/tmpdir.h"

#define ATTR_BYTES	(64U << 10)	/* of a sysfs attribute; they have at most a page, mostly */
#define DEPTH		5
#define MAX_NOTES	200

int stage_open(struct stage *s)
{
	char shown[300];
	int err;

	*s = (struct stage) { .fd = -1 };
	err = tmpdir_make(&s->path);
	if (err) {
		fprintf(stderr,
			"nvme-mpathtop bundle: cannot make a directory below %s: %s; set TMPDIR\n",
			fmt_text(shown, sizeof(shown), tmpdir_where()), strerror(-err));
		return err;
	}
	s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return s->fd < 0 ? -errno : 0;
}

void stage_free(struct stage *s)
{
	size_t i;

	if (s->fd >= 0)
		close(s->fd);
	tmpdir_remove(s->path);
	for (i = 0; i < s->nr; i++)
		free(s->members[i].name);
	for (i = 0; i < s->nr_notes; i++)
		free(s->notes[i]);
	free(s->members);
	free(s->notes);
}

static void fail(struct stage *s, int err)
{
	if (!s->err)
		s->err = err;
}

void stage_note(struct stage *s, const char *fmt, ...)
{
	char **more, *text = NULL;
	va_list ap;

	if (s->nr_notes == MAX_NOTES)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	more = text ? array_more(s->notes, s->nr_notes, sizeof(*more)) : NULL;
	if (!more) {
		free(text);
		fail(s, -ENOMEM);
		return;
	}
	s->notes = more;
	more[s->nr_notes++] = text;
}

/* NULL: not wanted, or failed. */
static struct stage_member *add_member(struct stage *s, const char *name)
{
	struct stage_member *more;
	char full[BUNDLE_MAX_NAME + 64], why[256];
	const char *rest;

	if (s->err)
		return NULL;
	snprintf(full, sizeof(full), BUNDLE_PREFIX "/%s", name);
	/* a name that no reader would take is not worth the bundle */
	if (strlen(name) >= BUNDLE_MAX_NAME || bundle_check_name(full, &rest, why, sizeof(why)) ||
	    s->nr + 1 >= BUNDLE_MAX_MEMBERS) {
		stage_note(s, "%s: left out: %s", fmt_text(why, sizeof(why), name),
			   "its name, or the number of files");
		return NULL;
	}
	more = array_more(s->members, s->nr, sizeof(*more));
	if (more)
		s->members = more;
	if (!more || !(more[s->nr].name = strdup(name))) {
		fail(s, -ENOMEM);
		return NULL;
	}
	more[s->nr].directory = false;
	more[s->nr].bytes = 0;
	return &more[s->nr++];
}

/* Make the directories that lead to a member. */
static void make_parents(struct stage *s, const char *name)
{
	char part[BUNDLE_MAX_NAME + 1];
	const char *slash = name;

	while ((slash = strchr(slash, '/'))) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - name), name);
		if (mkdirat(s->fd, part, 0700) && errno != EEXIST)
			fail(s, -errno);
		slash++;
	}
}

int stage_create(struct stage *s, const char *name)
{
	int fd;

	if (!add_member(s, name))
		return -1;
	make_parents(s, name);
	fd = openat(s->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(s, -errno);
	return fd;
}

void stage_close(struct stage *s, int fd)
{
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && s->nr)
		s->members[s->nr - 1].bytes = (__u64)st.st_size;
	if (close(fd))
		fail(s, -errno);
}

void stage_text(struct stage *s, const char *name, const char *text, size_t len)
{
	int fd = stage_create(s, name), copy = fd < 0 ? -1 : dup(fd), err;
	FILE *f = copy < 0 ? NULL : fdopen(copy, "w");

	if (f) {
		if (s->mask)
			mask_put(s->mask, f, text, len);
		else
			fwrite(text, 1, len, f);
		err = fflush(f) ? -errno : ferror(f) ? -EIO : 0;
		if (fclose(f) && !err)
			err = -errno;
		if (err)
			fail(s, err);
	} else if (fd >= 0) {
		fail(s, copy < 0 ? -errno : -ENOMEM);
		if (copy >= 0)
			close(copy);
	}
	stage_close(s, fd);
}

void stage_directory(struct stage *s, const char *name)
{
	struct stage_member *m = add_member(s, name);

	if (!m)
		return;
	m->directory = true;
	make_parents(s, name);
	if (mkdirat(s->fd, name, 0700) && errno != EEXIST)
		fail(s, -errno);
}

char *stage_slurp(int root, const char *path, size_t max, size_t *len)
{
	int fd = openat(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char *text = fd < 0 ? NULL : malloc(max + 1);
	ssize_t n = 1;

	*len = 0;
	while (text && n > 0 && *len < max) {
		n = read(fd, text + *len, max - *len);
		if (n > 0)
			*len += (size_t)n;
	}
	if (fd >= 0)
		close(fd);
	if (text && n < 0 && !*len) {
		free(text);
		return NULL;
	}
	if (text)
		text[*len] = '\0';
	return text;
}

/* Keys of in-band authentication and TLS are in sysfs, for root. They stay there. */
static bool is_secret(const char *name)
{
	return strstr(name, "secret") || strstr(name, "psk") || strstr(name, "key");
}

static bool is_dull(const char *name)
{
	static const char *const dull[] = { "power", "trace", "mq", "uevent", "subsystem" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dull); i++)
		if (!strcmp(name, dull[i]))
			return true;
	return false;
}

static void copy_file(struct stage *s, int root, const char *path)
{
	size_t len;
	char *text = stage_slurp(root, path, ATTR_BYTES, &len);

	if (text)
		stage_text(s, path, text, len);
	free(text);
}

/* A holder is a link to its disk; what it is like matters, not where it is. */
static void copy_holder(struct stage *s, int root, const char *path)
{
	static const char *const attrs[] = { "dm/uuid", "dm/name", "size", "md/level" };
	char file[BUNDLE_MAX_NAME + 32];
	size_t i;

	stage_directory(s, path);
	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		snprintf(file, sizeof(file), "%s/%s", path, attrs[i]);
		copy_file(s, root, file);
	}
}

static void copy_dir(struct stage *s, int root, const char *path, int depth);

static void copy_entry(struct stage *s, int root, const char *dir, const char *name, int depth)
{
	char path[BUNDLE_MAX_NAME + 1];
	struct stat st;

	if (is_dull(name))
		return;
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path) ||
	    fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW))
		return;
	if (is_secret(name))
		stage_note(s, "%s: left out: it may be a secret", path);
	else if (S_ISDIR(st.st_mode) && depth < DEPTH)
		copy_dir(s, root, path, depth + 1);
	else if (S_ISREG(st.st_mode) && st.st_mode & 0444)
		copy_file(s, root, path);
	else if (S_ISLNK(st.st_mode) && strstr(dir, "/holders"))
		copy_holder(s, root, path);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order of the names: the same host gives the same bundle. */
static void copy_dir(struct stage *s, int root, const char *path, int depth)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char **names = NULL, **more;
	struct dirent *de;
	size_t n = 0, i;

	while (dir && (de = readdir(dir))) {
		if (de->d_name[0] == '.')
			continue;
		more = array_more(names, n, sizeof(*names));
		if (more)
			names = more;
		if (!more || !(names[n] = strdup(de->d_name))) {
			fail(s, -ENOMEM);
			break;
		}
		n++;
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	if (n)
		qsort(names, n, sizeof(*names), compare_names);
	for (i = 0; i < n; i++) {
		if (!s->err)
			copy_entry(s, root, path, names[i], depth);
		free(names[i]);
	}
	free(names);
}

void stage_copy(struct stage *s, int root, const char *path)
{
	struct stat st;

	if (s->err || fstatat(root, path, &st, 0))
		return;
	if (S_ISDIR(st.st_mode))
		copy_dir(s, root, path, 0);
	else if (S_ISREG(st.st_mode))
		copy_file(s, root, path);
}
