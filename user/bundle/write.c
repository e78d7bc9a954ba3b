// SPDX-License-Identifier: GPL-2.0-only
/* A bundle's file: a compressed tar with the manifest first. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/format.h"
#include "bundle/libarchive.h"
#include "bundle/make.h"
#include "bundle/read.h"

static int failed(struct archive *a)
{
	int err = archive_errno(a);

	return err > 0 && err < 4096 ? -err : -EIO;
}

static int put_data(struct archive *a, int fd, __u64 bytes)
{
	char block[65536];
	ssize_t n;

	while (bytes) {
		n = read(fd, block, bytes < sizeof(block) ? (size_t)bytes : sizeof(block));
		if (n <= 0)
			return n ? -errno : -EIO;
		if (archive_write_data(a, block, (size_t)n) != n)
			return failed(a);
		bytes -= (__u64)n;
	}
	return 0;
}

static int put_member(const struct stage *s, struct archive *a, const struct stage_member *m,
		      __s64 now_s)
{
	struct archive_entry *e = archive_entry_new();
	char name[BUNDLE_MAX_NAME + 64];
	int fd = -1, err = 0;

	if (!e)
		return -ENOMEM;
	snprintf(name, sizeof(name), BUNDLE_PREFIX "/%s", m->name);
	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, m->directory ? AE_IFDIR : AE_IFREG);
	archive_entry_set_perm(e, m->directory ? 0750 : 0640);
	archive_entry_set_size(e, m->directory ? 0 : (la_int64_t)m->bytes);
	archive_entry_set_mtime(e, now_s, 0);
	if (!m->directory) {
		fd = openat(s->fd, m->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		err = fd < 0 ? -errno : 0;
	}
	if (!err && archive_write_header(a, e) < ARCHIVE_WARN)
		err = failed(a);
	if (!err && fd >= 0)
		err = put_data(a, fd, m->bytes);
	if (fd >= 0)
		close(fd);
	archive_entry_free(e);
	return err;
}

static int put_all(const struct stage *s, struct archive *a, __s64 now_s)
{
	size_t i;
	int err = 0, pass;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < s->nr && !err; i++)
			if (!strcmp(s->members[i].name, BUNDLE_MANIFEST) == !pass)
				err = put_member(s, a, &s->members[i], now_s);
	return err;
}

int bundle_write(const struct stage *s, int fd, __s64 now_s, char *why, size_t size)
{
	const char *missing = libarchive_load();
	struct archive *a;
	int err = 0;

	*why = '\0';
	if (missing) {
		snprintf(why, size, "%s", missing);
		return -ENOENT;
	}
	a = archive_write_new();
	if (!a)
		return -ENOMEM;
	archive_write_add_filter_gzip(a);
	archive_write_set_format_pax_restricted(a);
	if (archive_write_open_fd(a, fd) != ARCHIVE_OK)
		err = failed(a);
	if (!err)
		err = put_all(s, a, now_s);
	if (archive_write_close(a) != ARCHIVE_OK && !err)
		err = failed(a);
	/* what the system says of a file is said by who opened it */
	if (err == -EIO && archive_error_string(a))
		fmt_text(why, size, archive_error_string(a));
	archive_write_free(a);
	return err;
}
