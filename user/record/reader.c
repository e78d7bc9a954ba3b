// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reader of a recording: a segment or a directory of them. Nothing in a file
 * is believed: lengths are bounded, every record's CRC is checked, and what is
 * wrong becomes a remark. See record/record.h for the format.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/crc32c.h"
#include "base/format.h"
#include "bpf/mpath_event.h"
#include "record/reader.h"
#include "record/segments.h"

#define READ_BYTES	(64U << 10)
#define MAX_REMARKS	1000

struct record_reader {
	char			*path;
	char			shown[300];	/* what messages call it, escaped */
	int			dirfd;		/* -1: a single file */
	__u32			*segments;
	size_t			nr_segments, next_segment;
	size_t			readable;	/* segments whose header was right */

	int			fd;		/* -1: no segment is open */
	char			name[256];	/* of it, escaped */
	__u64			offset;		/* in it, of the next record */
	char			*buf;		/* 8-byte aligned, as file offsets are */
	size_t			buf_size, buf_at, buf_len;

	bool			want_index;		/* records of it are given, too */

	struct record_remark	*remarks;
	size_t			nr_remarks;
	char			error[512];
};

static int __attribute__((format(printf, 3, 4)))
fail(struct record_reader *r, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->error, sizeof(r->error), fmt, ap);
	va_end(ap);
	return err;
}

static int __attribute__((format(printf, 4, 5)))
remark(struct record_reader *r, enum record_damage damage, __u64 bytes, const char *fmt, ...)
{
	struct record_remark *m;
	va_list ap;

	if (r->nr_remarks == MAX_REMARKS)
		return 0;
	m = array_more(r->remarks, r->nr_remarks, sizeof(*m));
	if (!m)
		return fail(r, -ENOMEM, "out of memory");
	r->remarks = m;
	m += r->nr_remarks++;
	memset(m, 0, sizeof(*m));
	m->damage = damage;
	m->offset = r->offset;
	m->bytes = bytes;
	snprintf(m->file, sizeof(m->file), "%s", r->name);
	va_start(ap, fmt);
	vsnprintf(m->text, sizeof(m->text), fmt, ap);
	va_end(ap);
	return 0;
}

struct record_reader *record_reader_new(void)
{
	struct record_reader *r = calloc(1, sizeof(*r));

	if (r) {
		r->dirfd = -1;
		r->fd = -1;
	}
	return r;
}

void record_reader_call(struct record_reader *r, const char *name)
{
	fmt_text(r->shown, sizeof(r->shown), name);
}

static void close_segment(struct record_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	r->buf_at = 0;
	r->buf_len = 0;
}

void record_reader_free(struct record_reader *r)
{
	if (!r)
		return;
	close_segment(r);
	if (r->dirfd >= 0)
		close(r->dirfd);
	free(r->segments);
	free(r->remarks);
	free(r->buf);
	free(r->path);
	free(r);
}

const char *record_reader_error(const struct record_reader *r)
{
	return r->error;
}

const struct record_remark *record_reader_remark(const struct record_reader *r, size_t i)
{
	return i < r->nr_remarks ? &r->remarks[i] : NULL;
}

/*
 * Have @need bytes at buf + buf_at if the file has them; @have: what is there, 0 after an error.
 * @need and every offset it is called at are multiples of 8.
 */
static int fill(struct record_reader *r, size_t need, size_t *have)
{
	size_t left = r->buf_len - r->buf_at;
	ssize_t n = 1;

	*have = 0;
	if (left < need && r->buf_at) {
		memmove(r->buf, r->buf + r->buf_at, left);
		r->buf_at = 0;
		r->buf_len = left;
	}
	if (need > r->buf_size) {
		size_t size = need > READ_BYTES ? need : READ_BYTES;
		char *more = realloc(r->buf, size);

		if (!more)
			return fail(r, -ENOMEM, "out of memory");
		r->buf = more;
		r->buf_size = size;
	}
	while (n > 0 && r->buf_len - r->buf_at < need) {
		do {
			n = read(r->fd, r->buf + r->buf_len, r->buf_size - r->buf_len);
		} while (n < 0 && errno == EINTR);
		if (n < 0)
			return -errno;
		r->buf_len += (size_t)n;
	}
	*have = r->buf_len - r->buf_at;
	return 0;
}

/* Bytes from the present offset to the end of the file, as it is now. */
static __u64 rest_of_file(const struct record_reader *r)
{
	struct stat st;

	if (fstat(r->fd, &st) || (__u64)st.st_size < r->offset)
		return 0;
	return (__u64)st.st_size - r->offset;
}

/* What is wrong with a file header, by the checks in their order. 0: nothing. */
static int check_header(const struct record_file_header *h, size_t have, char *why, size_t size)
{
	size_t magic = have < sizeof(h->magic) ? have : sizeof(h->magic);

	if (memcmp(h->magic, RECORD_MAGIC, magic)) {
		snprintf(why, size,
			 "not a nvme-mpathtop record (it does not start with its "
			 "magic); give a *" RECORD_SUFFIX " file or a directory that "
			 "collect --record has written");
		return -ENOMSG;
	}
	if (have < sizeof(*h)) {
		snprintf(why, size,
			 "the file header is incomplete (%zu of %zu bytes): the "
			 "collector or the host stopped when it began this file",
			 have, sizeof(*h));
		return -EBADMSG;
	}
	if (h->crc != crc32c(0, h, offsetof(struct record_file_header, crc))) {
		snprintf(why, size, "the file header is damaged (wrong CRC)");
		return -EBADMSG;
	}
	if (h->format_version > RECORD_FORMAT_VERSION || !h->format_version) {
		snprintf(why, size,
			 "written by a newer version %u, this tool reads up to %u; "
			 "use a newer nvme-mpathtop",
			 h->format_version, RECORD_FORMAT_VERSION);
		return -EPROTONOSUPPORT;
	}
	if (h->abi_version > MPATH_ABI_VERSION || !h->abi_version) {
		snprintf(why, size,
			 "written with a newer event ABI %u, this tool reads up to %u; "
			 "use a newer nvme-mpathtop",
			 h->abi_version, MPATH_ABI_VERSION);
		return -EPROTONOSUPPORT;
	}
	return 0;
}

/* Check the header of the open segment and step over it. 0, or -errno and @why. */
static int begin_segment(struct record_reader *r, char *why, size_t size)
{
	struct record_file_header h = { 0 };
	struct stat st;
	size_t have;
	int err;

	r->offset = 0;
	if (fstat(r->fd, &st) || !S_ISREG(st.st_mode)) {
		snprintf(why, size, "not a regular file");
		return -ENOMSG;
	}
	err = fill(r, sizeof(h), &have);
	if (err) {
		snprintf(why, size, "cannot read: %s", strerror(-err));
		return err;
	}
	memcpy(&h, r->buf, have < sizeof(h) ? have : sizeof(h));
	err = check_header(&h, have, why, size);
	if (!err) {
		r->buf_at += sizeof(h);
		r->offset = sizeof(h);
		r->readable++;
	}
	return err;
}

static enum record_damage damage_of(int err, __u64 bytes)
{
	if (err == -ENOMSG)
		return RECORD_NOT_OURS;
	if (err == -EPROTONOSUPPORT)
		return RECORD_NEWER;
	if (err == -EBADMSG)
		return bytes < sizeof(struct record_file_header) ? RECORD_TORN : RECORD_CRC;
	return RECORD_IO;
}

/*
 * Open the next segment of the directory; those that cannot be read become
 * remarks. 1: one is open, 0: there is none, -errno. @first_err, @why: what
 * was wrong with one that was passed over.
 */
static int next_segment(struct record_reader *r, int *first_err, char *why, size_t size)
{
	while (r->next_segment < r->nr_segments) {
		__u32 number = r->segments[r->next_segment];
		__u32 before = r->next_segment ? r->segments[r->next_segment - 1] : number - 1;
		int err = 0;

		record_segment_name(r->name, number);
		r->offset = 0;
		if (before + 1 != number)
			err = remark(r, RECORD_MISSING, 0,
				     "%s: the file%s before it missing (the last one read is "
				     "%08u" RECORD_SUFFIX "): what was in there is lost",
				     r->name, before + 2 == number ? " is" : "s are", before);
		r->next_segment++;
		if (err)
			return err;
		r->fd = openat(r->dirfd, r->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		/* the oldest goes while a collector goes on: as if it had gone before */
		if (r->fd < 0 && errno == ENOENT && !r->readable &&
		    r->next_segment < r->nr_segments)
			continue;
		if (r->fd < 0) {
			err = -errno;
			snprintf(why, size, "cannot open: %s", strerror(-err));
		} else {
			err = begin_segment(r, why, size);
			if (!err)
				return 1;
		}
		*first_err = err;
		r->offset = 0;
		if (err == -ENOMEM)
			return err;
		err = remark(r, damage_of(err, r->fd < 0 ? 0 : rest_of_file(r)),
			     r->fd < 0 ? 0 : rest_of_file(r), "%s: %s", r->name, why);
		close_segment(r);
		if (err)
			return err;
	}
	return 0;
}

static int open_file(struct record_reader *r)
{
	const char *slash = strrchr(r->path, '/');
	char why[256];
	int err;

	fmt_text(r->name, sizeof(r->name), slash && slash[1] ? slash + 1 : r->path);
	err = begin_segment(r, why, sizeof(why));
	return err ? fail(r, err, "%s: offset 0: %s", r->shown, why) : 0;
}

static int open_dir(struct record_reader *r)
{
	char why[256];
	int err, first_err = -ENOENT;

	r->dirfd = r->fd;
	r->fd = -1;
	err = record_list_segments(r->dirfd, &r->segments, &r->nr_segments);
	if (err)
		return fail(r, err, "%s: cannot read the directory: %s", r->shown, strerror(-err));
	if (!r->nr_segments)
		return fail(r, -ENOENT,
			    "%s: no record in this directory (no NNNNNNNN" RECORD_SUFFIX
			    " file); give one that collect --record has written",
			    r->shown);
	err = next_segment(r, &first_err, why, sizeof(why));
	if (err > 0)
		return 0;
	if (err < 0)
		return err;
	return fail(r, first_err, "%s/%s: %s", r->shown, r->name, why);
}

int record_reader_open(struct record_reader *r, const char *path)
{
	struct stat st;
	int err;

	r->path = strdup(path);
	if (!r->path)
		return fail(r, -ENOMEM, "out of memory");
	if (!*r->shown)
		record_reader_call(r, path);
	r->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (r->fd < 0 || fstat(r->fd, &st)) {
		err = -errno;
		return fail(r, err, "%s: cannot open: %s", r->shown, strerror(-err));
	}
	return S_ISDIR(st.st_mode) ? open_dir(r) : open_file(r);
}

/* The rest of this segment cannot be read. 0 or -ENOMEM. */
static int give_up_segment(struct record_reader *r, enum record_damage damage, const char *why)
{
	__u64 bytes = rest_of_file(r);
	int err;

	err = remark(r, damage, bytes, "%s: offset %llu: %s; %llu byte%s from there on %s not read",
		     r->name, (unsigned long long)r->offset, why, (unsigned long long)bytes,
		     bytes == 1 ? "" : "s", bytes == 1 ? "is" : "are");
	close_segment(r);
	return err;
}

/* One record of the open segment. 1, 0 at its end or damage, -errno. */
static int read_record(struct record_reader *r, struct record *rec)
{
	struct record_header h;
	size_t have, len;
	char why[160];
	__u32 crc;
	int err;

	err = fill(r, sizeof(h), &have);
	if (!err && !have) {
		close_segment(r);
		return 0;
	}
	len = sizeof(h);
	if (!err && have >= len) {
		memcpy(&h, r->buf + r->buf_at, sizeof(h));
		if (h.len > RECORD_MAX_LEN) {
			snprintf(why, sizeof(why), "impossible length %u: damaged", h.len);
			return give_up_segment(r, RECORD_CRC, why);
		}
		len += (h.len + 7U) & ~7U;
		err = fill(r, len, &have);
	}
	if (err == -ENOMEM)
		return err;
	if (err) {
		snprintf(why, sizeof(why), "cannot read: %s", strerror(-err));
		return give_up_segment(r, RECORD_IO, why);
	}
	if (have < len) {
		snprintf(why, sizeof(why),
			 "a record ends too early (%zu of %zu bytes): the "
			 "collector or the host stopped in it, or it is being written now",
			 have, len);
		return give_up_segment(r, RECORD_TORN, why);
	}
	crc = h.crc;
	h.crc = 0;
	memcpy(r->buf + r->buf_at, &h, sizeof(h));
	if (crc != crc32c(0, r->buf + r->buf_at, len))
		return give_up_segment(r, RECORD_CRC, "a record is damaged (wrong CRC)");
	rec->type = h.type;
	rec->version = h.version;
	rec->len = h.len;
	rec->flags = h.flags;
	rec->time_ns = h.time_ns;
	rec->data = r->buf + r->buf_at + sizeof(h);
	r->buf_at += len;
	r->offset += len;
	return 1;
}

int record_reader_next(struct record_reader *r, struct record *rec)
{
	char why[256];
	int ret, err;

	for (;;) {
		if (r->fd >= 0) {
			ret = read_record(r, rec);
			/* NOLINTNEXTLINE: errno is not negative, so ret > 0 is a record */
			if (ret > 0 && rec->type == REC_INDEX && !r->want_index)
				continue;
			if (ret)
				return ret;
		}
		ret = next_segment(r, &err, why, sizeof(why));
		if (ret <= 0)
			return ret;
	}
}

/* ---- looking for a time ---- */

int record_read_index(const char *path, bool *quiet, __s64 *before_ns)
{
	struct record_reader *r = record_reader_new();
	int ret = r ? record_reader_open(r, path) : -ENOMEM;
	const struct rec_index *index;
	struct record rec;

	if (!ret) {
		r->want_index = true;
		ret = -ENOENT;
	}
	/* it is among the repeated ones at the beginning */
	while (ret == -ENOENT && record_reader_next(r, &rec) > 0 && rec.flags & RECORD_REPEAT) {
		if (rec.type != REC_INDEX || rec.len < sizeof(*index))
			continue;
		index = rec.data;
		*before_ns = index->before_ns;
		if (quiet)
			*quiet = index->flags & REC_INDEX_QUIET;
		ret = 0;
	}
	record_reader_free(r);
	return ret == -ENOMEM ? ret : ret ? -ENOENT : 0;
}

/* From the newest on, the first at which a reader may begin; 0: none but the first. */
static int find_since(const struct record_reader *r, __s64 real_ns, size_t *found, __s64 *before_ns)
{
	char name[RECORD_NAME_LEN], path[4200];
	__s64 before;
	bool quiet;
	size_t i;
	int err;

	*found = 0;
	for (i = r->nr_segments; i-- > 1;) {
		record_segment_name(name, r->segments[i]);
		if (snprintf(path, sizeof(path), "%s/%s", r->path, name) >= (int)sizeof(path))
			return 0;
		err = record_read_index(path, &quiet, &before);
		if (err == -ENOMEM)
			return err;
		if (err || !before || before >= real_ns || !quiet)
			continue;
		*found = i;
		*before_ns = before;
		return 0;
	}
	return 0;
}

int record_reader_since(struct record_reader *r, __s64 real_ns, __s64 *before_ns)
{
	size_t found;
	int err;

	*before_ns = 0;
	if (r->dirfd < 0)
		return 0;
	err = find_since(r, real_ns, &found, before_ns);
	/* what was amiss with segments up to the one that is open was said already */
	if (err || found < r->next_segment)
		return err;
	close_segment(r);
	r->next_segment = found;
	return (int)found;
}
