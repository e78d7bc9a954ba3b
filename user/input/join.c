// SPDX-License-Identifier: GPL-2.0-only
/* Segments that are given one by one, see input/join.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "input/join.h"
#include "record/segments.h"

void joined_free(struct joined *list, size_t nr)
{
	size_t i;

	for (i = 0; list && i < nr; i++) {
		free(list[i].path);
		free(list[i].numbers);
	}
	free(list);
}

/* The directory of a segment and its number; NULL: it is none by its name, or no memory. */
static char *directory_of(const char *path, __u32 *number)
{
	const char *slash = strrchr(path, '/');

	*number = record_segment_number(slash ? slash + 1 : path);
	if (!*number)
		return NULL;
	if (!slash)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static int add_number(struct joined *j, __u32 number)
{
	__u32 *more = array_more(j->numbers, j->nr, sizeof(*more));

	if (!more)
		return -ENOMEM;
	j->numbers = more;
	more[j->nr++] = number;
	return 0;
}

static int add_path(struct joined *list, size_t *nr, const char *path)
{
	__u32 number;
	char *dir = directory_of(path, &number);
	size_t i;
	int err;

	if (number && !dir)
		return -ENOMEM;
	for (i = 0; dir && i < *nr; i++) {
		if (!list[i].nr || strcmp(list[i].path, dir))
			continue;
		free(dir);
		return add_number(&list[i], number);
	}
	if (!dir)
		dir = strdup(path);
	if (!dir)
		return -ENOMEM;
	list[*nr].path = dir;
	err = number ? add_number(&list[*nr], number) : 0;
	++*nr;
	return err;
}

/* One segment alone stays a file: it need not be readable by its directory. */
static int undo_single(struct joined *list, size_t nr, char **paths, size_t nr_paths)
{
	size_t i, k;

	for (i = 0; i < nr; i++) {
		if (list[i].nr != 1)
			continue;
		for (k = 0; k < nr_paths; k++) {
			__u32 number;
			char *dir = directory_of(paths[k], &number), *path;
			bool same = dir && !strcmp(dir, list[i].path);

			free(dir);
			if (!same)
				continue;
			path = strdup(paths[k]);
			if (!path)
				return -ENOMEM;
			free(list[i].path);
			list[i].path = path;
			list[i].nr = 0;
			break;
		}
	}
	return 0;
}

int join_segments(char **paths, size_t nr, struct joined **list)
{
	size_t i, n = 0;
	int err = 0;

	*list = calloc(nr ? nr : 1, sizeof(**list));
	if (!*list)
		return -ENOMEM;
	for (i = 0; i < nr && !err; i++)
		err = add_path(*list, &n, paths[i]);
	if (!err)
		err = undo_single(*list, n, paths, nr);
	if (!err)
		return (int)n;
	joined_free(*list, n);
	*list = NULL;
	return err;
}
