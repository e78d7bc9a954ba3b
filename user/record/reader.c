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
#include "record/frames.h"
#include "record/reader.h"
#include "record/segments.h"

#define MAX_REMARKS	1000
#define SEARCH_STRANGE	(1ULL << 20)	/* bytes, of what does not look like a record */

struct record_reader {
	char			*path;
	char			shown[300];	/* what messages call it, escaped */
	int			dirfd;		/* -1: a single file */
	__u32			*segments;
	size_t			nr_segments, next_segment;
	size_t			readable;	/* segments whose header was right */
	__u64			first;		/* number of the first of them; 0: none */

	struct frames		in;		/* of the open segment */
	char			name[256];	/* of it, escaped */

	const __u32		*only;			/* NULL: all segments */
	size_t			nr_only;
	bool			want_index;		/* records of it are given, too */

	struct record_remark	*remarks;
	size_t			nr_remarks;
	__u64			damages;	/* remarks, also those beyond MAX_REMARKS */
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

static int __attribute__((format(printf, 5, 6)))
remark(struct record_reader *r, enum record_damage damage, __u64 offset, __u64 bytes,
       const char *fmt, ...)
{
	struct record_remark *m;
	va_list ap;

	r->damages++;
	if (r->nr_remarks == MAX_REMARKS) {
		m = &r->remarks[MAX_REMARKS - 1];
		m->bytes += bytes;
		snprintf(m->text, sizeof(m->text), "and %llu more places, up to %s",
			 (unsigned long long)(r->damages - MAX_REMARKS + 1), r->name);
		return 0;
	}
	m = array_more(r->remarks, r->nr_remarks, sizeof(*m));
	if (!m)
		return fail(r, -ENOMEM, "out of memory");
	r->remarks = m;
	m += r->nr_remarks++;
	memset(m, 0, sizeof(*m));
	m->damage = damage;
	m->offset = offset;
	m->bytes = bytes;
	snprintf(m->file, sizeof(m->file), "%s", r->name);
	va_start(ap, fmt);
	vsnprintf(m->text, sizeof(m->text), fmt, ap);
	va_end(ap);
	return 0;
}

__u64 record_reader_before(const struct record_reader *r)
{
	return r->first ? r->first - 1 : 0;
}

bool record_reader_damage(const struct record_reader *r, __u64 *seen)
{
	bool more = r->damages > *seen;

	*seen = r->damages;
	return more;
}

struct record_reader *record_reader_new(void)
{
	struct record_reader *r = calloc(1, sizeof(*r));

	if (r) {
		r->dirfd = -1;
		r->in.fd = -1;
	}
	return r;
}

void record_reader_call(struct record_reader *r, const char *name)
{
	fmt_text(r->shown, sizeof(r->shown), name);
}

static void close_segment(struct record_reader *r)
{
	frames_close(&r->in);
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
	frames_free(&r->in);
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

/* Bytes from the present offset to the end of the file, as it is now. */
static __u64 rest_of_file(const struct record_reader *r)
{
	struct stat st;

	if (fstat(r->in.fd, &st) || (__u64)st.st_size < r->in.offset)
		return 0;
	return (__u64)st.st_size - r->in.offset;
}

/* What is wrong with a file header, by the checks in their order. 0: nothing. */
static int check_header(const struct record_file_header *h, size_t have, char *why, size_t size)
{
	static const struct record_file_header zeros;
	size_t magic = have < sizeof(h->magic) ? have : sizeof(h->magic);

	if (have >= sizeof(*h) && !memcmp(h, &zeros, sizeof(zeros))) {
		snprintf(why, size,
			 "it begins with zeros: the host stopped before the data of this file "
			 "was on the disk");
		return -EBADMSG;
	}
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

/*
 * The header is damaged, @why: if records follow that are not, they are read. 1: they do,
 * 0, or -ENOMEM.
 */
static int pass_header(struct record_reader *r, int err, const char *why)
{
	int ret;

	/* any file may be given by mistake */
	if (err == -ENOMSG && r->in.search > SEARCH_STRANGE)
		r->in.search = SEARCH_STRANGE;
	ret = frames_find(&r->in);
	if (ret <= 0)
		return ret;
	r->readable++;
	err = remark(r, RECORD_CRC, 0, r->in.offset,
		     "%s: offset 0: %s; %llu bytes are passed over, up to the first good record",
		     r->name,
		     err == -ENOMSG ? "the file does not start with the magic of a record" : why,
		     (unsigned long long)r->in.offset);
	return err ? err : 1;
}

/*
 * Check the header of a segment that was just opened, and step over it. 0, or -errno and @why. The
 * descriptor is the reader's.
 */
static int begin_segment(struct record_reader *r, int fd, char *why, size_t size)
{
	struct record_file_header h = { 0 };
	struct stat st;
	size_t have;
	int err, ret;

	frames_begin(&r->in, fd);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		snprintf(why, size, "not a regular file");
		return -ENOMSG;
	}
	err = frames_fill(&r->in, sizeof(h), &have);
	if (err) {
		snprintf(why, size, "cannot read: %s", strerror(-err));
		return err;
	}
	memcpy(&h, r->in.buf, have < sizeof(h) ? have : sizeof(h));
	err = check_header(&h, have, why, size);
	if (!err) {
		r->in.at += sizeof(h);
		r->in.offset = sizeof(h);
		if (!r->readable++)
			r->first = h.segment;
	}
	if (have >= sizeof(h) && (err == -ENOMSG || err == -EBADMSG)) {
		ret = pass_header(r, err, why);
		if (ret)
			err = ret < 0 ? ret : 0;
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
		int err = 0, fd;
		__u64 bytes;

		record_segment_name(r->name, number);
		if (before + 1 != number)
			err = remark(r, RECORD_MISSING, 0, 0,
				     "%s: the file%s before it missing (the last one read is "
				     "%08u" RECORD_SUFFIX "): what was in there is lost",
				     r->name, before + 2 == number ? " is" : "s are", before);
		r->next_segment++;
		if (err)
			return err;
		fd = openat(r->dirfd, r->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		/* the oldest goes while a collector goes on: as if it had gone before */
		if (fd < 0 && errno == ENOENT && !r->readable && r->next_segment < r->nr_segments)
			continue;
		if (fd < 0) {
			err = -errno;
			snprintf(why, size, "cannot open: %s", strerror(-err));
		} else {
			err = begin_segment(r, fd, why, size);
			if (!err)
				return 1;
		}
		*first_err = err;
		if (err == -ENOMEM)
			return err;
		bytes = fd < 0 ? 0 : rest_of_file(r);
		err = remark(r, damage_of(err, bytes), 0, bytes, "%s: %s", r->name, why);
		close_segment(r);
		if (err)
			return err;
	}
	return 0;
}

static int open_file(struct record_reader *r, int fd)
{
	const char *slash = strrchr(r->path, '/');
	char why[256];
	int err;

	fmt_text(r->name, sizeof(r->name), slash && slash[1] ? slash + 1 : r->path);
	err = begin_segment(r, fd, why, sizeof(why));
	return err ? fail(r, err, "%s: offset 0: %s", r->shown, why) : 0;
}

void record_reader_only(struct record_reader *r, const __u32 *numbers, size_t nr)
{
	r->only = numbers;
	r->nr_only = nr;
}

static bool is_wanted(const struct record_reader *r, __u32 number)
{
	size_t i;

	for (i = 0; i < r->nr_only; i++)
		if (r->only[i] == number)
			return true;
	return !r->only;
}

static int open_dir(struct record_reader *r, int fd)
{
	int err, first_err = -ENOENT;
	char why[256];
	size_t i, n = 0;

	r->dirfd = fd;
	err = record_list_segments(r->dirfd, &r->segments, &r->nr_segments);
	if (err)
		return fail(r, err, "%s: cannot read the directory: %s", r->shown, strerror(-err));
	for (i = 0; i < r->nr_segments; i++)
		if (is_wanted(r, r->segments[i]))
			r->segments[n++] = r->segments[i];
	r->nr_segments = n;
	if (!n)
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
	int err, fd;

	r->path = strdup(path);
	if (!r->path)
		return fail(r, -ENOMEM, "out of memory");
	if (!*r->shown)
		record_reader_call(r, path);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return fail(r, err, "%s: cannot open: %s", r->shown, strerror(-err));
	}
	return S_ISDIR(st.st_mode) ? open_dir(r, fd) : open_file(r, fd);
}

/* The rest of this segment cannot be read. 0 or -ENOMEM. */
static int give_up_segment(struct record_reader *r, enum record_damage damage, const char *why)
{
	__u64 at = r->in.offset, bytes = rest_of_file(r);
	int err;

	err = remark(r, damage, at, bytes,
		     "%s: offset %llu: %s; %llu byte%s from there on %s not read", r->name,
		     (unsigned long long)at, why, (unsigned long long)bytes, bytes == 1 ? "" : "s",
		     bytes == 1 ? "is" : "are");
	close_segment(r);
	return err;
}

/* What was damaged is passed over, if something good follows. 1: it does, 0, or -ENOMEM. */
static int pass_damage(struct record_reader *r, enum record_damage damage, const char *why)
{
	__u64 from = r->in.offset, bytes;
	int ret = frames_find(&r->in), err;

	if (ret < 0)
		return ret;
	if (!ret)
		return give_up_segment(r, damage, why);
	bytes = r->in.offset - from;
	err = remark(r, RECORD_CRC, from, bytes,
		     "%s: offset %llu: %s; %llu bytes are passed over, up to the next good record",
		     r->name, (unsigned long long)from,
		     damage == RECORD_TORN ? "a record is damaged (wrong length)" : why,
		     (unsigned long long)bytes);
	return err ? err : 1;
}

/* One record of the open segment. 1, 0 at its end, -ENOMEM. */
static int read_record(struct record_reader *r, struct record *rec)
{
	char why[160];
	int ret;

	do {
		switch (frames_next(&r->in, rec, why, sizeof(why))) {
		case FRAMES_GOOD:
			return 1;
		case FRAMES_END:
			close_segment(r);
			return 0;
		case FRAMES_IO:
			return give_up_segment(r, RECORD_IO, why);
		case FRAMES_TORN:
			ret = pass_damage(r, RECORD_TORN, why);
			break;
		case FRAMES_DAMAGED:
			ret = pass_damage(r, RECORD_CRC, why);
			break;
		default:
			ret = -ENOMEM;
		}
	} while (ret > 0);
	return ret == -ENOMEM ? fail(r, ret, "out of memory") : ret;
}

int record_reader_next(struct record_reader *r, struct record *rec)
{
	char why[256];
	int ret, err;

	for (;;) {
		if (r->in.fd >= 0) {
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
