// SPDX-License-Identifier: GPL-2.0-only
/* One line of a small file. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "os/sysfs_attr.h"

bool attr_line(int dirfd, const char *name, char *buf, size_t size)
{
	/* not blocking: in a copy it may be anything */
	int fd = openat(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t n;

	buf[0] = '\0';
	if (fd < 0)
		return false;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n < 0)
		return false;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	for (n = strlen(buf); n && buf[n - 1] == ' '; n--)
		buf[n - 1] = '\0';
	return true;
}

bool attr_number(int dirfd, const char *name, __u64 *value)
{
	char buf[32];

	return attr_line(dirfd, name, buf, sizeof(buf)) && !parse_number(buf, value);
}
