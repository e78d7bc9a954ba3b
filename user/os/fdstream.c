// SPDX-License-Identifier: GPL-2.0-only
/* A stream that can say why it failed. */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "os/fdstream.h"

#define BUFFER	(1 << 16)

/* All or nothing, as stdio wants it: 0 is the error. */
static ssize_t put(void *cookie, const char *bytes, size_t len)
{
	struct fdstream *s = cookie;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(s->fd, bytes + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (!s->err)
				s->err = n ? -errno : -EIO;
			return 0;
		}
		done += (size_t)n;
	}
	return (ssize_t)len;
}

FILE *fdstream_open(struct fdstream *s)
{
	FILE *f = fopencookie(s, "w", (cookie_io_functions_t) { .write = put });

	s->err = 0;
	if (f)
		setvbuf(f, NULL, _IOFBF, BUFFER);
	return f;
}

int fdstream_flush(const struct fdstream *s, FILE *f)
{
	int failed = fflush(f) | ferror(f);

	return s->err ? s->err : failed ? -EIO : 0;
}
