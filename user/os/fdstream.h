/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream that can say why it failed. An error of stdio is a flag: which one it was
 * is forgotten by the time that anybody looks.
 */
#ifndef OS_FDSTREAM_H
#define OS_FDSTREAM_H

#include <stdio.h>

struct fdstream {
	int	fd;
	int	err;		/* the first failed write: -errno */
};

/*
 * A fully buffered stream on @s->fd, which is not closed with it; @s has to stay as long.
 * NULL and errno when memory is short.
 */
FILE *fdstream_open(struct fdstream *s);

/* Everything is written: 0, or the -errno of the first write that failed. */
int fdstream_flush(const struct fdstream *s, FILE *f);

#endif /* OS_FDSTREAM_H */
