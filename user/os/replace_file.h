/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that is replaced as a whole: a reader sees the old one or the new one,
 * also over a crash. The new one is written beside it, under a name that begins
 * with a dot and ends with ".tmp", brought to the disk, and renamed.
 *
 * The directory is looked up for every write, so it may be removed and made
 * again. Neither it nor the file is followed if it is a symbolic link; nothing
 * outside the directory is touched.
 */
#ifndef OS_REPLACE_FILE_H
#define OS_REPLACE_FILE_H

#include <stdio.h>
#include <sys/types.h>

struct textfile;

/**
 * textfile_new() - for a file that need not be there
 * @path:	its name
 * @mode:	it gets this mode, whatever the umask is
 *
 * NULL when memory is short.
 */
struct textfile *textfile_new(const char *path, mode_t mode);

/*
 * Before anything else: it is written once, for somebody who named it. Then its directory may be
 * a symbolic link, a link at its place is replaced without a word, and what is no file, or a
 * link to such, stays.
 */
void textfile_once(struct textfile *t);

/**
 * textfile_begin() - begin a new content
 * What earlier processes left half-written is removed by the first call.
 *
 * @out:	set to a stream, to be ended by textfile_end()
 *
 * Returns 0 or -errno; textfile_error() has the text for it.
 */
int textfile_begin(struct textfile *t, FILE **out);

/* The descriptor of what was begun, for who does not write to the stream. */
int textfile_fd(const struct textfile *t);

/*
 * Give it its name. If anything went wrong, the old file stays. Returns as
 * textfile_begin(), or 1 if a symbolic link had the name: it is replaced, and
 * the text says so.
 */
int textfile_end(struct textfile *t);

/*
 * The same, but it failed with @err: do without the new content, and have a text for that. Returns
 * -errno.
 */
int textfile_fail(struct textfile *t, int err);

/* Do without the new content. */
void textfile_cancel(struct textfile *t);

/**
 * textfile_read() - the content there is
 * @buf:	set to memory to be freed, @len to its length
 *
 * Returns 0, -ENOENT if there is no such file, -EFBIG if it has more than
 * @max bytes, or -errno; textfile_error() has the text for it.
 */
int textfile_read(struct textfile *t, size_t max, void **buf, size_t *len);

/* Rename it to "NAME.SUFFIX", in place of what has that name. Returns as textfile_begin(). */
int textfile_put_aside(struct textfile *t, const char *suffix);

/*
 * Let no other process that calls this for the same file be successful, until
 * textfile_free() or its end. -EBUSY: there is one. Leaves a file "NAME.lock".
 */
int textfile_lock(struct textfile *t);

/* Text of the last error, "" if none: object, reason, advice; no newline. */
const char *textfile_error(const struct textfile *t);

/* NULL is fine; what was begun and not ended is removed. */
void textfile_free(struct textfile *t);

#endif /* OS_REPLACE_FILE_H */
