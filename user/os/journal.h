/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a daemon has to say: lines on standard error, with a priority where the journal of systemd
 * reads them, and entries with fields of their own by the journal's protocol.
 */
#ifndef OS_JOURNAL_H
#define OS_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Priorities as syslog has them. */
enum say {
	SAY_ERROR	= 3,
	SAY_WARNING	= 4,
	SAY_NOTICE	= 5,
	SAY_INFO	= 6,
};

#define JOURNAL_SOCKET	"/run/systemd/journal/socket"

/* Is standard error the journal's, by $JOURNAL_STREAM? */
bool journal_reads_stderr(void);

/* A line on standard error, without a newline at its end. */
void __attribute__((format(printf, 2, 3))) say(enum say priority, const char *fmt, ...);

/**
 * journal_open() - an entrance for entries with fields
 * @path:	JOURNAL_SOCKET, or where a test listens
 *
 * Returns a descriptor that never blocks, or -errno.
 */
int journal_open(const char *path);

/**
 * journal_field() - append a field to an entry
 * @entry:	what is sent, @len of @size bytes are in use
 * @name:	capitals, digits and "_"
 * @value:	any text, also with newlines
 *
 * Returns the new length; more than @size if it does not fit, and nothing was written then.
 */
size_t journal_field(char *entry, size_t len, size_t size, const char *name, const char *value);

/* One entry. Returns 0 or -errno: -EAGAIN if the journal does not keep up. */
int journal_send(int fd, const char *entry, size_t len);

#endif /* OS_JOURNAL_H */
