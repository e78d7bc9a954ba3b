// SPDX-License-Identifier: GPL-2.0-only
/* Reading a bundle: see bundle/read.h for what is refused. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "bundle/libarchive.h"
#include "bundle/read.h"

#define BLOCK	(64U << 10)

struct reading {
	struct archive			*a;
	const struct bundle_sink	*sink;
	__u64				members, total, max_total;
	bool				begun;		/* the manifest was there */
	char				*why;
	size_t				size;
};

static int __attribute__((format(printf, 5, 6)))
refuse(char *why, size_t size, int err, const char *name, const char *fmt, ...)
{
	char shown[256];
	va_list ap;
	int n;

	n = snprintf(why, size, "\"%s\" ", fmt_text(shown, sizeof(shown), name));
	if (n < 0 || (size_t)n >= size)
		return err;
	va_start(ap, fmt);
	vsnprintf(why + n, size - (size_t)n, fmt, ap);
	va_end(ap);
	return err;
}

/*
 * What bundle makes, and sysfs has: no blank, quote, backslash, nothing a shell or terminal takes
 * amiss.
 */
static bool is_harmless(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("._-+:,@=%~", c);
}

/* One part of a path, up to the next slash. */
static int check_part(const char *name, const char *part, size_t len, char *why, size_t size)
{
	size_t i;

	if (!len)
		return refuse(why, size, -EPERM, name, "has an empty part");
	if (len > BUNDLE_MAX_PART)
		return refuse(why, size, -EPERM, name, "has a part of more than %d bytes",
			      BUNDLE_MAX_PART);
	if (part[0] == '.' && (len == 1 || (len == 2 && part[1] == '.')))
		return refuse(why, size, -EPERM, name, "leads out of the bundle or through \".\"");
	for (i = 0; i < len; i++)
		if (!part[i] || !is_harmless(part[i]))
			return refuse(why, size, -EPERM, name,
				      "has a character that no member has");
	return 0;
}

int bundle_check_name(const char *name, const char **rest, char *why, size_t size)
{
	const size_t prefix = strlen(BUNDLE_PREFIX);
	const char *part;
	size_t len, depth = 0;
	int err;

	if (strncmp(name, BUNDLE_PREFIX, prefix) || (name[prefix] && name[prefix] != '/'))
		return refuse(why, size, -EPERM, name, "is not below " BUNDLE_PREFIX "/");
	part = name + prefix + (name[prefix] == '/');
	*rest = part;
	if (strlen(part) > BUNDLE_MAX_NAME)
		return refuse(why, size, -EPERM, name, "is longer than %d bytes", BUNDLE_MAX_NAME);
	while (*part) {
		len = strcspn(part, "/");
		err = check_part(name, part, len, why, size);
		if (err)
			return err;
		if (++depth > BUNDLE_MAX_DEPTH)
			return refuse(why, size, -EPERM, name, "is more than %d directories deep",
				      BUNDLE_MAX_DEPTH);
		part += len;
		/* a directory's name may end with a slash */
		part += *part == '/';
	}
	return 0;
}

static int damaged(struct reading *r)
{
	const char *text = archive_error_string(r->a);
	char shown[200];

	snprintf(r->why, r->size, "not a bundle, or damaged: %s",
		 text ? fmt_text(shown, sizeof(shown), text) : "it cannot be read");
	return -EBADMSG;
}

/* Bytes count as they come: what a header says of the size is not believed. */
static int read_data(struct reading *r, const char *name)
{
	char block[BLOCK];
	__u64 bytes = 0;
	la_ssize_t n;
	int err;

	while ((n = archive_read_data(r->a, block, sizeof(block))) > 0) {
		bytes += (__u64)n;
		r->total += (__u64)n;
		if (bytes > BUNDLE_MAX_MEMBER)
			return refuse(r->why, r->size, -E2BIG, name, "is larger than %llu MiB",
				      BUNDLE_MAX_MEMBER >> 20);
		if (r->total > r->max_total)
			return refuse(r->why, r->size, -E2BIG, name,
				      "makes the bundle larger than "
				      "%llu MiB",
				      (unsigned long long)r->max_total >> 20);
		err = r->sink->data(r->sink->ctx, block, (size_t)n);
		if (err)
			return refuse(r->why, r->size, err, name, "cannot be unpacked: %s",
				      strerror(-err));
	}
	return n < 0 ? damaged(r) : 0;
}

static int read_file(struct reading *r, const char *name)
{
	int err;

	if (!*name)
		return refuse(r->why, r->size, -EPERM, BUNDLE_PREFIX, "is a file");
	r->begun = true;
	err = r->sink->begin(r->sink->ctx, name);
	if (err)
		return refuse(r->why, r->size, err, name,
			      err == -EEXIST ? "is there twice" : "cannot be unpacked: %s",
			      strerror(-err));
	err = read_data(r, name);
	if (err)
		return err;
	err = r->sink->end(r->sink->ctx);
	return err ? refuse(r->why, r->size, err, name, "cannot be unpacked: %s", strerror(-err)) :
		     0;
}

static int read_member(struct reading *r, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry), *rest = "";
	int err;

	if (!name)
		return refuse(r->why, r->size, -EPERM, "?", "is a name that cannot be read");
	err = bundle_check_name(name, &rest, r->why, r->size);
	if (err)
		return err;
	if (!r->begun && *rest && strcmp(rest, BUNDLE_MANIFEST))
		return refuse(r->why, r->size, -EBADMSG, name,
			      "comes first, where a bundle has its " BUNDLE_MANIFEST
			      ": not a bundle of nvme-mpathtop");
	if (++r->members > BUNDLE_MAX_MEMBERS)
		return refuse(r->why, r->size, -E2BIG, name, "is one member too many (%d)",
			      BUNDLE_MAX_MEMBERS);
	if (archive_entry_hardlink(entry) || archive_entry_symlink(entry) ||
	    archive_entry_filetype(entry) == AE_IFLNK)
		return refuse(r->why, r->size, -EPERM, name, "is a link");
	if (archive_entry_filetype(entry) == AE_IFDIR) {
		err = *rest ? r->sink->directory(r->sink->ctx, rest) : 0;
		return err ? refuse(r->why, r->size, err, name, "cannot be unpacked: %s",
				    strerror(-err)) :
			     0;
	}
	if (archive_entry_filetype(entry) != AE_IFREG)
		return refuse(r->why, r->size, -EPERM, name, "is neither a file nor a directory");
	if (archive_entry_size_is_set(entry) &&
	    (archive_entry_size(entry) < 0 || (__u64)archive_entry_size(entry) > BUNDLE_MAX_MEMBER))
		return refuse(r->why, r->size, -E2BIG, name, "is larger than %llu MiB",
			      BUNDLE_MAX_MEMBER >> 20);
	return read_file(r, rest);
}

static int read_members(struct reading *r)
{
	struct archive_entry *entry;
	int ret, err;

	while ((ret = archive_read_next_header(r->a, &entry)) == ARCHIVE_OK) {
		err = read_member(r, entry);
		if (err)
			return err;
	}
	if (ret != ARCHIVE_EOF)
		return damaged(r);
	if (!r->begun) {
		snprintf(r->why, r->size, "not a bundle: it is empty");
		return -EBADMSG;
	}
	return 0;
}

int bundle_read(int fd, const void *bytes, size_t len, const struct bundle_sink *sink, char *why,
		size_t size)
{
	const char *missing = libarchive_load();
	struct reading r = {
		.sink = sink,
		.why = why,
		.size = size,
		.max_total = sink->max_total ? sink->max_total : BUNDLE_MAX_TOTAL,
	};
	int err;

	*why = '\0';
	if (missing) {
		snprintf(why, size, "%s", missing);
		return -ENOENT;
	}
	r.a = archive_read_new();
	if (!r.a)
		return -ENOMEM;
	/* nothing but what bundle makes: the less is understood, the less can go wrong */
	archive_read_support_filter_gzip(r.a);
	archive_read_support_format_tar(r.a);
	err = fd >= 0 ? archive_read_open_fd(r.a, fd, BLOCK) :
			archive_read_open_memory(r.a, bytes, len);
	err = err == ARCHIVE_OK ? read_members(&r) : damaged(&r);
	archive_read_free(r.a);
	return err;
}
