/* SPDX-License-Identifier: GPL-2.0-only */
/* Did writing to a stream fail? */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include <stdio.h>

/* 0, or -EIO if writing to @out has failed. */
int stream_status(FILE *out);

#endif /* BASE_STREAM_H */
