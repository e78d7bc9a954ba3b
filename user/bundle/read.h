/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a bundle: a tar file, compressed by gzip, of which nothing is
 * believed. Only plain files and directories below BUNDLE_PREFIX, with harmless
 * names, each once, of a bounded size and number, are taken; anything else
 * refuses the whole. It never writes anything itself.
 */
#ifndef BUNDLE_READ_H
#define BUNDLE_READ_H

#include <stddef.h>
#include <linux/types.h>

#define BUNDLE_PREFIX		"nvme-mpathtop-bundle"
#define BUNDLE_MANIFEST		"manifest.json"		/* the first member */
#define BUNDLE_SCHEMA		"nvme-mpathtop-bundle/1"

#define BUNDLE_MAX_NAME		512			/* bytes, without the prefix */
#define BUNDLE_MAX_PART		128			/* between two slashes */
#define BUNDLE_MAX_DEPTH	16
#define BUNDLE_MAX_MEMBERS	65536
#define BUNDLE_MAX_MEMBER	(1ULL << 30)		/* bytes */
#define BUNDLE_MAX_TOTAL	(2ULL << 30)

/**
 * struct bundle_sink - takes the members, in the order of the file
 * @directory:	one that is a member of its own, which most are not
 * @begin:	a file follows; @name is relative, without the prefix, and harmless
 * @data:	some of it, in order
 * @end:	that was all of it
 * @max_total:	bytes of all members; 0: BUNDLE_MAX_TOTAL
 *
 * Each returns 0 or -errno, which ends the reading.
 */
struct bundle_sink {
	int	(*directory)(void *ctx, const char *name);
	int	(*begin)(void *ctx, const char *name);
	int	(*data)(void *ctx, const void *bytes, size_t len);
	int	(*end)(void *ctx);
	void	*ctx;
	__u64	max_total;
};

/**
 * bundle_read() - read all of a bundle
 * @fd:		the file; -1: @bytes, @len of them
 * @why:	text of an error: what is wrong, with which member; no newline
 *
 * Returns 0, -EBADMSG: it is no bundle or damaged, -EPERM: refused, -E2BIG: too
 * large, -ENOENT: there is no libarchive, -ENOMEM, or what the sink returned.
 */
int bundle_read(int fd, const void *bytes, size_t len, const struct bundle_sink *sink, char *why,
		size_t size);

/* 0, or -EPERM and @why: a member of this name (with the prefix) is refused. @rest: behind it. */
int bundle_check_name(const char *name, const char **rest, char *why, size_t size);

#endif /* BUNDLE_READ_H */
