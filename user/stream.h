/* SPDX-License-Identifier: GPL-2.0-only */
/* Did writing to a stream fail? */
#ifndef STREAM_H
#define STREAM_H

#include <stdio.h>

/* 0, or -EIO if writing to @out has failed. */
int stream_status(FILE *out);

#endif /* STREAM_H */
