/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that is there whole or not at all: written beside its place and moved
 * there when it is complete. Mode 0640; a symbolic link at its place is
 * replaced, not followed.
 */
#ifndef OUTFILE_H
#define OUTFILE_H

#include <stdio.h>

struct outfile {
	char	*path;
	char	*part;		/* its name meanwhile */
	FILE	*f;		/* to be written to; of outfile_open() only */
	int	fd;
};

/**
 * outfile_open() - begin a file
 * @path:	"-" is the standard output
 *
 * Returns 0, or -errno after a message on stderr.
 */
int outfile_open(struct outfile *o, const char *path);

/*
 * Everything is written: move it to its place. @err: an error of the writer so
 * far, then nothing is left. Returns 0, or -errno after a message.
 */
int outfile_close(struct outfile *o, int err);

#endif /* OUTFILE_H */
