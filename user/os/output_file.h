/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that a command writes once, there whole or not at all (os/replace_file.h), or the
 * standard output. Mode 0640, less what the umask takes away.
 */
#ifndef OS_OUTPUT_FILE_H
#define OS_OUTPUT_FILE_H

#include <stdio.h>

#include "os/fdstream.h"

struct textfile;

struct outfile {
	FILE		*f;		/* to be written to, or */
	int		fd;
	struct textfile	*t;		/* NULL: standard output */
	struct fdstream	out;		/* of it */
};

/**
 * outfile_open() - begin a file
 * @path:	"-" is the standard output
 *
 * Returns 0, or -errno after a message on stderr. @o has to stay where it is.
 */
int outfile_open(struct outfile *o, const char *path);

/*
 * Everything is written: move it to its place. @err: an error of the writer so
 * far, then nothing is left. Returns 0, or -errno after a message.
 */
int outfile_close(struct outfile *o, int err);

/* Do without it; the caller has said why. */
void outfile_cancel(struct outfile *o);

#endif /* OS_OUTPUT_FILE_H */
