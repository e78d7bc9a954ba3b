// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writer of a recording: one write() per record, a failed one cut off again
 * and counted, segments begun and removed by size. See record/record.h for the format.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/units.h"
#include "bpf/mpath_event.h"
#include "record/segments.h"
#include "record/types.h"
#include "record/writer.h"

#define DEFAULT_SEGMENT_BYTES	(16ULL << 20)
#define DEFAULT_TOTAL_BYTES	(1ULL << 30)
#define LOCK_NAME		"lock"
#define NR_CONTEXT		REC_TYPES	/* more than there are places */

/* A record as it stands in the file: header, payload, padding. */
struct image {
	void	*bytes;
	size_t	len;
};

struct record_writer {
	char		*dir;
	int		dirfd, lockfd, fd;	/* fd -1: no segment */
	__u32		segment;		/* number of the last one begun */
	__u64		len;			/* bytes of it that are good */
	bool		fresh;			/* it holds nothing but the context */
	struct record_writer_opts limits;
	/* of the first record in the segment; 0: none yet */
	__u64		begun_ns;
	struct rec_clock clock;			/* the last one */
	bool		has_clock;
	/* latest wall time in the recording; 0: not known */
	__s64		last_real_ns;
	bool		any_before;		/* there are records of which that is not known */
	struct image	context[NR_CONTEXT];	/* by place: what every segment starts with */
	bool		context_lost;		/* a context record is among the lost */
	struct rec_gap	gap;			/* records != 0: they are missing */
	char		error[512];
};

static void __attribute__((format(printf, 2, 3)))
set_error(struct record_writer *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->error, sizeof(w->error), fmt, ap);
	va_end(ap);
}

struct record_writer *record_writer_new(void)
{
	struct record_writer *w = calloc(1, sizeof(*w));

	if (w) {
		w->dirfd = -1;
		w->lockfd = -1;
		w->fd = -1;
	}
	return w;
}

void record_writer_free(struct record_writer *w)
{
	size_t i;

	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	if (w->lockfd >= 0)
		close(w->lockfd);
	if (w->dirfd >= 0)
		close(w->dirfd);
	for (i = 0; i < NR_CONTEXT; i++)
		free(w->context[i].bytes);
	free(w->dir);
	free(w);
}

const char *record_writer_error(const struct record_writer *w)
{
	return w->error;
}

__u64 record_writer_lost(const struct record_writer *w)
{
	return w->gap.records;
}

static int open_dir(struct record_writer *w, const char *dir)
{
	size_t len = strlen(dir);
	int err;

	w->dir = strdup(dir);
	if (!w->dir) {
		set_error(w, "out of memory");
		return -ENOMEM;
	}
	/* with a slash at the end O_NOFOLLOW would follow */
	while (len > 1 && w->dir[len - 1] == '/')
		w->dir[--len] = '\0';
	if (mkdir(w->dir, 0750) && errno != EEXIST) {
		err = -errno;
		set_error(w,
			  "%s: cannot make the directory: %s; its parent must exist and "
			  "be writable",
			  w->dir, strerror(-err));
		return err;
	}
	w->dirfd = open(w->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (w->dirfd >= 0)
		return 0;
	err = -errno;
	if (err == -ELOOP || err == -ENOTDIR)
		set_error(w, "%s: not a directory, or a symbolic link; name a real directory",
			  w->dir);
	else
		set_error(w, "%s: cannot open the directory: %s", w->dir, strerror(-err));
	return err;
}

static int lock_dir(struct record_writer *w)
{
	char pid[24] = "";
	struct stat st;
	ssize_t n;
	int err;

	w->lockfd = openat(w->dirfd, LOCK_NAME,
			   O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);
	if (w->lockfd < 0) {
		err = -errno;
		set_error(w, "%s/%s: cannot open: %s", w->dir, LOCK_NAME, strerror(-err));
		return err;
	}
	if (fstat(w->lockfd, &st) || !S_ISREG(st.st_mode)) {
		set_error(w, "%s/%s: not a regular file; remove it", w->dir, LOCK_NAME);
		return -EINVAL;
	}
	if (flock(w->lockfd, LOCK_EX | LOCK_NB)) {
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
		n = pread(w->lockfd, pid, sizeof(pid) - 1, 0);
		pid[n > 0 ? strspn(pid, "0123456789") : 0] = '\0';
		if (err == -EBUSY)
			set_error(w,
				  "%s: another collector%s%s writes here; stop it or use "
				  "another directory",
				  w->dir, *pid ? ", process " : "", pid);
		else
			set_error(w, "%s/%s: cannot lock: %s", w->dir, LOCK_NAME, strerror(-err));
		return err;
	}
	/* for that message only: a full disk does not matter here */
	n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(w->lockfd, 0) || pwrite(w->lockfd, pid, (size_t)n, 0) != n)
		return 0;
	return 0;
}

/* Write all of it at the end of @fd or nothing of it. @good: length before. */
static int append(int fd, __u64 good, const void *bytes, size_t len, bool *spoilt)
{
	ssize_t n;
	int err;

	do {
		n = write(fd, bytes, len);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)len)
		return 0;
	err = n < 0 ? -errno : -ENOSPC;
	*spoilt = n > 0 && ftruncate(fd, (off_t)good) != 0;
	return err;
}

size_t record_image_len(__u32 len)
{
	return sizeof(struct record_header) + ((len + 7U) & ~7U);
}

void record_put_image(void *to, const struct record *rec, __u32 flags)
{
	struct record_header h = {
		.len = rec->len,
		.type = rec->type,
		.version = rec->version,
		.flags = flags,
		.time_ns = rec->time_ns,
	};
	size_t len = record_image_len(rec->len);

	memset(to, 0, len);
	memcpy(to, &h, sizeof(h));
	if (rec->len)
		memcpy((char *)to + sizeof(h), rec->data, rec->len);
	h.crc = crc32c(0, to, len);
	memcpy(to, &h, sizeof(h));
}

/*
 * By the clock that wrote the file's time, which may have been set since. So the
 * one before the present is kept in any case: a clock that jumps ahead does not
 * empty the recording.
 */
static bool is_too_old(const struct record_writer *w, __u32 number, const struct stat *st)
{
	struct timespec now;

	if (!w->limits.keep_ns || number + 1 >= w->segment || clock_gettime(CLOCK_REALTIME, &now))
		return false;
	return now.tv_sec > st->st_mtim.tv_sec &&
	       (__u64)(now.tv_sec - st->st_mtim.tv_sec) > w->limits.keep_ns / NS_PER_S;
}

/*
 * What a segment begins with may be longer than it was to be, for instance the topology of a
 * thousand heads. Then it holds as much again, and more: or each record would repeat all of that.
 */
static __u64 segment_limit(const struct record_writer *w)
{
	__u64 start = 0;
	size_t i;

	for (i = 0; i < NR_CONTEXT; i++)
		start += w->context[i].len;
	return w->limits.segment_bytes > 4 * start ? w->limits.segment_bytes : 4 * start;
}

static void remove_old_segments(struct record_writer *w)
{
	__u64 present = segment_limit(w);
	__u64 room = w->limits.total_bytes > present ? w->limits.total_bytes - present : 0;
	char name[RECORD_NAME_LEN];
	__u32 *numbers;
	size_t n;

	if (record_list_segments(w->dirfd, &numbers, &n))
		return;
	/* newest first: keep what fits, the rest goes */
	while (n--) {
		struct stat st;

		record_segment_name(name, numbers[n]);
		if (numbers[n] >= w->segment || fstatat(w->dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if ((__u64)st.st_size <= room && !is_too_old(w, numbers[n], &st)) {
			room -= (__u64)st.st_size;
			continue;
		}
		room = 0;
		unlinkat(w->dirfd, name, 0);
	}
	free(numbers);
}

/* What is before the segment that begins at @now_ns, see struct rec_index. */
static void put_index(const struct record_writer *w, void *to, __u64 now_ns)
{
	const struct rec_index index = {
		.flags = w->limits.quiet && w->limits.quiet(w->limits.ctx, now_ns) ?
				 REC_INDEX_QUIET :
				 0,
		.before_ns = w->any_before ? 0 : w->last_real_ns,
	};
	const struct record rec = {
		.type = REC_INDEX,
		.version = RECORD_VERSION,
		.len = sizeof(index),
		.time_ns = now_ns,
		.data = &index,
	};

	record_put_image(to, &rec, RECORD_REPEAT);
}

/* Header and context of a segment in one piece. */
static int build_start(const struct record_writer *w, __u32 number, __u64 now_ns,
		       struct image *start)
{
	struct record_file_header h = {
		.magic = RECORD_MAGIC,
		.format_version = RECORD_FORMAT_VERSION,
		.abi_version = MPATH_ABI_VERSION,
		.segment = number,
	};
	size_t i;
	char *p;

	h.crc = crc32c(0, &h, offsetof(struct record_file_header, crc));
	/* before the first there is nothing to tell of */
	start->len = sizeof(h) + (number > 1 ? record_image_len(sizeof(struct rec_index)) : 0);
	for (i = 0; i < NR_CONTEXT; i++)
		start->len += w->context[i].len;
	p = malloc(start->len);
	if (!p)
		return -ENOMEM;
	start->bytes = p;
	memcpy(p, &h, sizeof(h));
	p += sizeof(h);
	for (i = 0; i < NR_CONTEXT; i++) {
		if (!w->context[i].len)
			continue;
		memcpy(p, w->context[i].bytes, w->context[i].len);
		p += w->context[i].len;
	}
	if (number > 1)
		put_index(w, p, now_ns);
	return 0;
}

/* The old segment, if any, stays in use until the new one is whole. */
static int begin_segment(struct record_writer *w, __u64 now_ns)
{
	__u32 number = w->segment + 1;
	char name[RECORD_NAME_LEN];
	struct image start;
	bool spoilt;
	int fd, err;

	if (number > RECORD_LAST_SEGMENT)
		return -EOVERFLOW;
	err = build_start(w, number, now_ns, &start);
	if (err)
		return err;
	record_segment_name(name, number);
	fd = openat(w->dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
		    0640);
	if (fd < 0) {
		err = -errno;
	} else {
		err = append(fd, 0, start.bytes, start.len, &spoilt);
		if (err) {
			close(fd);
			unlinkat(w->dirfd, name, 0);
		}
	}
	if (!err) {
		if (w->fd >= 0)
			close(w->fd);
		w->fd = fd;
		w->segment = number;
		w->len = start.len;
		w->fresh = true;
		w->begun_ns = 0;
		w->context_lost = false;
		remove_old_segments(w);
	}
	free(start.bytes);
	return err;
}

/*
 * Up to when an earlier writer's records go: by the index of its last segment,
 * and by when that was written last.
 */
static void learn_times(struct record_writer *w)
{
	char name[RECORD_NAME_LEN], path[4200];
	struct stat st;
	__s64 before = 0;

	record_segment_name(name, w->segment);
	w->any_before = true;
	if (fstatat(w->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    snprintf(path, sizeof(path), "%s/%s", w->dir, name) >= (int)sizeof(path))
		return;
	/* the first has none, and needs none */
	if (w->segment != 1 && (record_read_index(path, NULL, &before) || !before))
		return;
	w->last_real_ns = (__s64)st.st_mtim.tv_sec * (__s64)NS_PER_S + st.st_mtim.tv_nsec;
	if (before > w->last_real_ns)
		w->last_real_ns = before;
	w->any_before = false;
}

static void set_limits(struct record_writer *w, const struct record_writer_opts *opts)
{
	if (opts)
		w->limits = *opts;
	if (!w->limits.total_bytes)
		w->limits.total_bytes = DEFAULT_TOTAL_BYTES;
	if (!w->limits.segment_bytes)
		w->limits.segment_bytes = DEFAULT_SEGMENT_BYTES;
	/* at least four files, so that what goes with the oldest is not all */
	if ((!opts || !opts->segment_bytes) && w->limits.segment_bytes > w->limits.total_bytes / 4)
		w->limits.segment_bytes = w->limits.total_bytes / 4;
}

int record_writer_open(struct record_writer *w, const char *dir,
		       const struct record_writer_opts *opts)
{
	__u32 *numbers;
	size_t n;
	int err;

	set_limits(w, opts);
	err = open_dir(w, dir);
	if (err)
		return err;
	err = lock_dir(w);
	if (err)
		return err;
	err = record_list_segments(w->dirfd, &numbers, &n);
	if (err) {
		set_error(w, "%s: cannot read the directory: %s", w->dir, strerror(-err));
		return err;
	}
	/* never append to an old segment: its end may be torn */
	w->segment = n ? numbers[n - 1] : 0;
	free(numbers);
	if (n)
		learn_times(w);
	err = begin_segment(w, 0);
	if (err)
		set_error(w, "%s: cannot begin a segment: %s", w->dir, strerror(-err));
	return err;
}

/* Times of records begin anew after a boot; what seems to be in the past spans nothing. */
static bool is_full(const struct record_writer *w, size_t len, __u64 time_ns)
{
	if (w->len + len > segment_limit(w))
		return true;
	return w->limits.segment_ns && w->begun_ns && time_ns > w->begun_ns &&
	       time_ns - w->begun_ns > w->limits.segment_ns;
}

/* Append to the segment; on failure nothing of it remains there. */
static int append_record(struct record_writer *w, const void *bytes, size_t len, __u64 time_ns)
{
	bool spoilt = false;
	int err;

	if (w->fd < 0 || (!w->fresh && is_full(w, len, time_ns))) {
		err = begin_segment(w, time_ns);
		if (err)
			return err;
	}
	err = append(w->fd, w->len, bytes, len, &spoilt);
	if (spoilt) {
		/* what follows half a record would be unreadable */
		close(w->fd);
		w->fd = -1;
	}
	if (!err) {
		w->len += len;
		w->fresh = false;
		if (!w->begun_ns)
			w->begun_ns = time_ns;
	}
	return err;
}

int record_writer_rotate(struct record_writer *w, const struct record_writer_opts *opts,
			 __u64 now_ns)
{
	int err;

	set_limits(w, opts);
	if (w->dirfd < 0 || w->fresh)
		return 0;
	err = begin_segment(w, now_ns);
	if (err)
		set_error(w, "%s: cannot begin a segment: %s", w->dir, strerror(-err));
	return err ? err : 1;
}

/* Say what is missing before going on. */
static int close_gap(struct record_writer *w)
{
	struct record rec = {
		.type = REC_GAP,
		.version = RECORD_VERSION,
		.len = sizeof(w->gap),
		.time_ns = w->gap.to_ns,
		.data = &w->gap,
	};
	char bytes[sizeof(struct record_header) + sizeof(w->gap)];
	size_t i;
	int err;

	if (!w->gap.records)
		return 0;
	record_put_image(bytes, &rec, 0);
	err = append_record(w, bytes, sizeof(bytes), rec.time_ns);
	if (err)
		return err;
	memset(&w->gap, 0, sizeof(w->gap));
	for (i = 0; w->context_lost && i < NR_CONTEXT; i++) {
		if (!w->context[i].len)
			continue;
		err = append_record(w, w->context[i].bytes, w->context[i].len, rec.time_ns);
		if (err)
			return err;
	}
	w->context_lost = false;
	return 0;
}

static void note_lost(struct record_writer *w, const struct record *rec, int err)
{
	char name[RECORD_NAME_LEN];

	if (!w->gap.records) {
		w->gap.from_ns = rec->time_ns;
		w->gap.error = (__u32)-err;
	}
	w->gap.to_ns = rec->time_ns;
	w->gap.records++;
	record_segment_name(name, w->segment + (w->fd < 0));
	set_error(w,
		  "%s/%s: cannot write: %s; %llu record%s lost, recording goes on when it works "
		  "again",
		  w->dir, name, strerror(-err), (unsigned long long)w->gap.records,
		  w->gap.records == 1 ? "" : "s");
}

/*
 * Keep a copy of what each segment starts with. Short of memory none is kept:
 * an old one would be wrong. True if the record is of that kind.
 */
static bool keep_context(struct record_writer *w, const struct record *rec)
{
	const struct record_type_info *info = record_type_info(rec->type);
	struct image *image;

	if (!info || !info->context)
		return false;
	image = &w->context[info->context - 1];
	free(image->bytes);
	image->len = record_image_len(rec->len);
	image->bytes = malloc(image->len);
	if (image->bytes)
		record_put_image(image->bytes, rec, rec->flags | RECORD_REPEAT);
	else
		image->len = 0;
	return true;
}

/* The latest wall time of any record, by the clock pair before it. */
static void note_time(struct record_writer *w, const struct record *rec)
{
	__s64 real_ns;

	if (rec->type == REC_CLOCK && rec->len >= sizeof(w->clock)) {
		memcpy(&w->clock, rec->data, sizeof(w->clock));
		w->has_clock = true;
	}
	if (!w->has_clock)
		return;
	real_ns = w->clock.realtime_ns + (__s64)(rec->time_ns - w->clock.boottime_ns);
	if (real_ns > w->last_real_ns)
		w->last_real_ns = real_ns;
}

int record_writer_put(struct record_writer *w, const struct record *rec)
{
	bool is_context;
	void *bytes;
	size_t len;
	int err;

	if (rec->len > RECORD_MAX_LEN || w->dirfd < 0) {
		set_error(w, "a record of %u bytes cannot be stored", rec->len);
		return -EINVAL;
	}
	len = record_image_len(rec->len);
	bytes = malloc(len);
	err = bytes ? 0 : -ENOMEM;
	if (!err) {
		record_put_image(bytes, rec, rec->flags);
		err = close_gap(w);
	}
	if (!err)
		err = append_record(w, bytes, len, rec->time_ns);
	free(bytes);
	note_time(w, rec);
	is_context = keep_context(w, rec);
	if (err) {
		w->context_lost |= is_context;
		note_lost(w, rec, err);
	}
	return err;
}

int record_writer_sync(struct record_writer *w)
{
	int err = 0;

	if (w->fd >= 0 && fdatasync(w->fd))
		err = -errno;
	if (w->dirfd >= 0 && fsync(w->dirfd) && !err)
		err = -errno;
	if (err)
		set_error(w, "%s: cannot bring the record to the disk: %s", w->dir, strerror(-err));
	return err;
}
