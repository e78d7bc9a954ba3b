// SPDX-License-Identifier: GPL-2.0-only
/* The directory of a recording: names and numbers of its segments. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "record/record.h"
#include "record/segments.h"

void record_segment_name(char *name, __u32 number)
{
	snprintf(name, RECORD_NAME_LEN, "%08u" RECORD_SUFFIX, number % (RECORD_LAST_SEGMENT + 1));
}

/* Segments count from 1. */
__u32 record_segment_number(const char *name)
{
	__u32 number = 0;
	int i;

	for (i = 0; i < 8; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		number = number * 10 + (__u32)(name[i] - '0');
	}
	return strcmp(name + 8, RECORD_SUFFIX) ? 0 : number;
}

static int compare_numbers(const void *a, const void *b)
{
	const __u32 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int record_list_segments(int dirfd, __u32 **numbers, size_t *count)
{
	size_t n = 0;
	__u32 *list = NULL;
	struct dirent *de;
	int fd, err;
	DIR *dir;

	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		err = -errno;
		close(fd);
		return err;
	}
	while (errno = 0, (de = readdir(dir))) {
		__u32 number = record_segment_number(de->d_name);
		__u32 *more;

		if (!number)
			continue;
		more = array_more(list, n, sizeof(*list));
		if (!more) {
			errno = ENOMEM;
			break;
		}
		list = more;
		list[n++] = number;
	}
	err = -errno;
	closedir(dir);
	if (err) {
		free(list);
		return err;
	}
	if (n)
		qsort(list, n, sizeof(*list), compare_numbers);
	*numbers = list;
	*count = n;
	return 0;
}
