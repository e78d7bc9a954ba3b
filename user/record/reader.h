/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading a recording: a directory of segments or one of them, with what is wrong with it. */
#ifndef RECORD_READER_H
#define RECORD_READER_H

#include "record/record.h"

struct record_reader;

/* What is wrong with a recording although it can be read, see record_reader_remark(). */
enum record_damage {
	RECORD_TORN	= 1,	/* a record at the end is incomplete: writer was killed */
	RECORD_CRC	= 2,	/* CRC or header wrong: not read up to the next good record */
	RECORD_NOT_OURS	= 3,	/* segment without our magic */
	RECORD_NEWER	= 4,	/* segment of a newer format or event ABI */
	RECORD_MISSING	= 5,	/* segment numbers have a hole */
	RECORD_IO	= 6,	/* segment cannot be opened or read */
};

struct record_remark {
	enum record_damage	damage;
	char			file[256];	/* name without directory */
	__u64			offset;		/* in the file, of the damage */
	__u64			bytes;		/* not read */
	char			text[512];	/* file, offset, why, what it means; no newline */
};

/* Returns NULL when memory is short. */
struct record_reader *record_reader_new(void);

/* What messages call the recording, if not by its path; before it is opened. */
void record_reader_call(struct record_reader *r, const char *name);

/**
 * record_reader_only() - of a directory read only these segments
 * Before it is opened. @numbers: @nr of them, kept until then.
 */
void record_reader_only(struct record_reader *r, const __u32 *numbers, size_t nr);

/**
 * record_reader_open() - open a segment, or a directory of them
 *
 * Returns 0 or -errno; record_reader_error() has the text for it. -ENOENT:
 * nothing there, -ENOMSG: not a record, -EPROTONOSUPPORT: a newer version,
 * -EBADMSG: the file header is damaged and no good record follows. In a
 * directory an unreadable segment is an error only if there is no other, else a
 * remark.
 */
int record_reader_open(struct record_reader *r, const char *path);

/**
 * record_reader_next() - the next record, over all segments
 * @rec:	filled in; @rec->data is valid until the next call
 *
 * Returns 1 for a record, 0 at the end, -errno for a failure that ends it
 * (-ENOMEM). Damage is a remark and not an error: reading goes on with the
 * next good record, of this segment or the next. A record being written just now is a torn end too.
 */
int record_reader_next(struct record_reader *r, struct record *rec);

/**
 * record_reader_since() - begin as late as a report of what is not before @real_ns can
 *
 * After record_reader_open() of a directory, before the first record. Only
 * segments are passed over that hold nothing later and nothing that what follows
 * depends on, by the index in them; without one none are. @before_ns: wall time
 * of the last record passed over, 0: none is.
 *
 * Returns how many segments are passed over, or -errno.
 */
int record_reader_since(struct record_reader *r, __s64 real_ns, __s64 *before_ns);

/*
 * The i-th remark so far, NULL behind the last. Remarks grow while reading; the last of a
 * thousand counts those beyond.
 */
const struct record_remark *record_reader_remark(const struct record_reader *r, size_t i);

/* Files that the recording had before the first one that could be read, as far as is known. */
__u64 record_reader_before(const struct record_reader *r);

/* Has damage been passed over since the last call with @seen, which begins at 0? */
bool record_reader_damage(const struct record_reader *r, __u64 *seen);

/* Text of the last error, "" if none: file, offset, reason, advice; no newline. */
const char *record_reader_error(const struct record_reader *r);

/* NULL is fine. */
void record_reader_free(struct record_reader *r);

#endif /* RECORD_READER_H */
