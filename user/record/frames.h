/* SPDX-License-Identifier: GPL-2.0-only */
/* The records of one open file: reading ahead, checksums, and what follows damage. */
#ifndef RECORD_FRAMES_H
#define RECORD_FRAMES_H

#include "record/record.h"

/**
 * struct frames - where in a file the reader is
 * @fd:		-1: none is open
 * @offset:	of the next record, bytes from the start
 * @search:	bytes that frames_find() may still look at in this file
 */
struct frames {
	int	fd;
	__u64	offset, search;
	char	*buf;			/* 8-byte aligned, as offsets are */
	size_t	size, at, len;
};

enum frames_result {
	FRAMES_END,
	FRAMES_GOOD,
	FRAMES_TORN,		/* the file ends in it */
	FRAMES_DAMAGED,
	FRAMES_IO,
	FRAMES_NO_MEMORY,
};

/* Begin with a file that was just opened. */
void frames_begin(struct frames *f, int fd);

/* Close it; what was read ahead is kept for the next one, until frames_free(). */
void frames_close(struct frames *f);
void frames_free(struct frames *f);

/**
 * frames_fill() - have @need bytes at the present offset, if the file has them
 * @need:	a multiple of 8
 * @have:	what is there, 0 after an error
 *
 * Returns 0 or -errno. The bytes are at f->buf + f->at.
 */
int frames_fill(struct frames *f, size_t need, size_t *have);

/**
 * frames_next() - read the record at the present offset and step over it
 * @rec:	filled in; its data is valid until the next call
 * @why:	what is wrong, in words, unless it is good or there is none
 */
enum frames_result frames_next(struct frames *f, struct record *rec, char *why, size_t size);

/**
 * frames_find() - step over damage to the next good record
 *
 * Records are aligned to 8 bytes and have a checksum, so one is known when it is seen. The
 * work is limited by the size of the file, whatever is in it.
 *
 * Returns 1 if there is one: it is next. 0 if not: the offset is that of the damage, and
 * nothing more can be read from the file. -ENOMEM.
 */
int frames_find(struct frames *f);

#endif /* RECORD_FRAMES_H */
