/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A directory in the shape of a host's, for tests that read one: made by make_root(), removed by
 * rmtree(root).
 */
#ifndef TREE_H
#define TREE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/tmpdir.h"
#include "tests/unit/feed.h"

static char root[64];

static void make_root(void)
{
	strcpy(root, "/tmp/mpath-tree-XXXXXX");
	assert_non_null(mkdtemp(root));
}

/*
 * Write a file below the root, with its directories; NULL removes it, or a directory with all that
 * is in it.
 */
static void put(const char *file, const char *text)
{
	char path[512], *slash;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, file);
	if (!text) {
		rmtree(path);
		return;
	}
	for (slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

#endif /* TREE_H */
