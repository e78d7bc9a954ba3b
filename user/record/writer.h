/* SPDX-License-Identifier: GPL-2.0-only */
/* Writing a recording: a directory of segments, below a limit of its size and age. */
#ifndef RECORD_WRITER_H
#define RECORD_WRITER_H

#include "record/record.h"

struct record_writer;

/**
 * struct record_writer_opts - limits of a recording; 0 means the default
 * @segment_bytes:	a new segment is begun before one grows beyond this, unless the context
 *			that it begins with is longer than a quarter of it (16 MiB, and at most a
 *			quarter of the total)
 * @total_bytes:	the oldest segments are removed to stay below this (1 GiB);
 *			the one being written is never removed
 * @segment_ns:		and before its records span a longer time; 0: whatever they span
 * @keep_ns:		segments that were last written so long ago, by the clock of their
 *			file, are removed when another one is begun; 0: never
 * @quiet:		is nothing going on at this time of a record, so that a reader may begin
 *			there? NULL: not known
 * @ctx:		handed to @quiet
 */
struct record_writer_opts {
	__u64	segment_bytes;
	__u64	total_bytes;
	__u64	segment_ns;
	__u64	keep_ns;
	bool	(*quiet)(void *ctx, __u64 now_ns);
	void	*ctx;
};

/* Returns NULL when memory is short. */
struct record_writer *record_writer_new(void);

/**
 * record_writer_open() - make the directory if needed, lock it, begin a segment
 * @w:		from record_writer_new()
 * @dir:	made with mode 0750; its parent must exist
 * @opts:	NULL: all defaults
 *
 * Returns 0 or -errno; record_writer_error() has the text for it. -EBUSY:
 * another writer has the directory. -ELOOP or -ENOTDIR: @dir is a symbolic
 * link or no directory. -ENOSPC: there was no room for the first segment. That
 * one is not final: the writer is open and may be used, it goes on trying.
 */
int record_writer_open(struct record_writer *w, const char *dir,
		       const struct record_writer_opts *opts);

/**
 * record_writer_put() - append one record with one write()
 * @rec:	type, version, len, time_ns and data are stored
 *
 * Returns 0 or -errno: -EINVAL for a payload that is too long, else what the
 * file system said, mostly -ENOSPC. A record that could not be written whole
 * is cut off again and counted; the caller goes on calling, and the first put
 * that works is preceded by a REC_GAP with what is missing.
 */
int record_writer_put(struct record_writer *w, const struct record *rec);

/**
 * record_writer_rotate() - other limits, and a new segment
 * @opts:	as for record_writer_open()
 * @now_ns:	time of what comes next
 *
 * Returns 1; 0 if nothing was written to the present one yet; or -errno with a text, and the old
 * segment goes on.
 */
int record_writer_rotate(struct record_writer *w, const struct record_writer_opts *opts,
			 __u64 now_ns);

/* Records lost since the last put that worked; 0: nothing is amiss. */
__u64 record_writer_lost(const struct record_writer *w);

/* Bring everything to the disk. Returns 0 or -errno. */
int record_writer_sync(struct record_writer *w);

/* Text of the last error, "" if none: object, reason, advice; no newline. */
const char *record_writer_error(const struct record_writer *w);

/* A record as it stands in a file, with header and padding: how long, and itself. */
size_t record_image_len(__u32 len);
void record_put_image(void *to, const struct record *rec, __u32 flags);

/* Closes and unlocks; NULL and a writer that is not open are fine. */
void record_writer_free(struct record_writer *w);

#endif /* RECORD_WRITER_H */
