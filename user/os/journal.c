// SPDX-License-Identifier: GPL-2.0-only
/* Lines with a priority, and entries for the journal. */
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/journal.h"

/* Somebody may have redirected it since: the numbers are those of what it was connected to. */
bool journal_reads_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == dev && st.st_ino == ino;
}

/* In one piece: lines of several writers do not mix. */
void say(enum say priority, const char *fmt, ...)
{
	char line[1200], mark[8] = "";
	va_list ap;

	if (journal_reads_stderr())
		snprintf(mark, sizeof(mark), "<%d>", priority);
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s%s\n", mark, line);
}

int journal_open(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	memcpy(to.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* NAME=value; a value of several lines has its length in front, eight bytes, the low one first. */
size_t journal_field(char *entry, size_t len, size_t size, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);
	bool lines = strchr(value, '\n');
	uint64_t bytes = htole64(value_len);
	size_t all = name_len + 1 + (lines ? sizeof(bytes) : 0) + value_len + 1;

	if (len > size || all > size - len)
		return size + 1;
	entry += len;
	memcpy(entry, name, name_len);
	entry[name_len] = lines ? '\n' : '=';
	entry += name_len + 1;
	if (lines) {
		memcpy(entry, &bytes, sizeof(bytes));
		entry += sizeof(bytes);
	}
	memcpy(entry, value, value_len);
	entry[value_len] = '\n';
	return len + all;
}

int journal_send(int fd, const char *entry, size_t len)
{
	return send(fd, entry, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -errno;
}
