/* SPDX-License-Identifier: GPL-2.0-only */
/* What `features -j` prints, for a bundle. */
#ifndef FEATURES_H
#define FEATURES_H

#include <stdio.h>

/* Ask the running kernel, and write the answers. 0 or -errno. */
int features_write_json(FILE *out);

#endif /* FEATURES_H */
