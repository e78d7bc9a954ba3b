/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The directory in which a bundle is put together: private, with the shape that
 * the bundle will have, removed by stage_free(). Texts are masked on their way in.
 */
#ifndef BUNDLE_STAGING_H
#define BUNDLE_STAGING_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

#include "bundle/mask.h"

struct stage_member {
	char	*name;			/* without the prefix */
	bool	directory;
	__u64	bytes;
};

struct stage {
	char			*path;
	int			fd;
	const struct mask	*mask;		/* NULL: nothing is masked */
	struct stage_member	*members;	/* in the order in which they came */
	size_t			nr;
	char			**notes;	/* what is not in it, and why */
	size_t			nr_notes;
	int			err;		/* the first that ends it: no memory, disk full */
};

/* 0, or -errno after a message on stderr. */
int stage_open(struct stage *s);
void stage_free(struct stage *s);

/* All of these keep their first error in s->err and do nothing after it. */
void stage_note(struct stage *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void stage_text(struct stage *s, const char *name, const char *text, size_t len);
void stage_directory(struct stage *s, const char *name);

/* A member that the caller writes himself, unmasked: a descriptor, or -1. stage_close() ends it. */
int stage_create(struct stage *s, const char *name);
void stage_close(struct stage *s, int fd);

/*
 * A file, or a directory with what is in it, of the same path below @root (a
 * descriptor). What cannot be read is left out. Links are not followed, but
 * for the path itself.
 */
void stage_copy(struct stage *s, int root, const char *path);

/* The beginning of a file as a text to be freed; NULL: it cannot be read. */
char *stage_slurp(int root, const char *path, size_t max, size_t *len);

#endif /* BUNDLE_STAGING_H */
