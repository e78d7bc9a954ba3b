// SPDX-License-Identifier: GPL-2.0-only
/* The records of one open file, see record/frames.h, and record/record.h for the format. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "record/frames.h"

#define READ_BYTES	(64U << 10)

/* A search looks at each byte of a file once, and at what might be a record once more. */
#define SEARCH_FACTOR	4
#define SEARCH_MORE	(16ULL << 20)

void frames_begin(struct frames *f, int fd)
{
	struct stat st;

	f->fd = fd;
	f->offset = 0;
	f->at = 0;
	f->len = 0;
	f->search = SEARCH_MORE;
	if (!fstat(fd, &st) && st.st_size > 0)
		f->search += SEARCH_FACTOR * (__u64)st.st_size;
}

void frames_close(struct frames *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->at = 0;
	f->len = 0;
}

void frames_free(struct frames *f)
{
	frames_close(f);
	free(f->buf);
	f->buf = NULL;
}

int frames_fill(struct frames *f, size_t need, size_t *have)
{
	size_t left = f->len - f->at;
	ssize_t n = 1;

	*have = 0;
	if (left < need && f->at) {
		memmove(f->buf, f->buf + f->at, left);
		f->at = 0;
		f->len = left;
	}
	if (need > f->size) {
		size_t size = need > READ_BYTES ? need : READ_BYTES;
		char *more = realloc(f->buf, size);

		if (!more)
			return -ENOMEM;
		f->buf = more;
		f->size = size;
	}
	while (n > 0 && f->len - f->at < need) {
		do {
			n = read(f->fd, f->buf + f->len, f->size - f->len);
		} while (n < 0 && errno == EINTR);
		if (n < 0)
			return -errno;
		f->len += (size_t)n;
	}
	*have = f->len - f->at;
	return 0;
}

/* Bytes of a record in the file. */
static size_t whole_length(const struct record_header *h)
{
	return sizeof(*h) + ((h->len + 7U) & ~7U);
}

static bool is_sound(const struct frames *f, struct record_header h)
{
	const char *bytes = f->buf + f->at;
	__u32 crc = h.crc;

	h.crc = 0;
	return crc ==
	       crc32c(crc32c(0, &h, sizeof(h)), bytes + sizeof(h), whole_length(&h) - sizeof(h));
}

enum frames_result frames_next(struct frames *f, struct record *rec, char *why, size_t size)
{
	struct record_header h;
	size_t have, len = sizeof(h);
	int err;

	err = frames_fill(f, len, &have);
	if (!err && !have)
		return FRAMES_END;
	if (!err && have >= len) {
		memcpy(&h, f->buf + f->at, sizeof(h));
		if (h.len > RECORD_MAX_LEN) {
			snprintf(why, size, "impossible length %u: damaged", h.len);
			return FRAMES_DAMAGED;
		}
		len = whole_length(&h);
		err = frames_fill(f, len, &have);
	}
	if (err) {
		snprintf(why, size, "cannot read: %s", strerror(-err));
		return err == -ENOMEM ? FRAMES_NO_MEMORY : FRAMES_IO;
	}
	if (have < len) {
		snprintf(why, size,
			 "a record ends too early (%zu of %zu bytes): the "
			 "collector or the host stopped in it, or it is being written now",
			 have, len);
		return FRAMES_TORN;
	}
	if (!is_sound(f, h)) {
		snprintf(why, size, "a record is damaged (wrong CRC)");
		return FRAMES_DAMAGED;
	}
	rec->type = h.type;
	rec->version = h.version;
	rec->len = h.len;
	rec->flags = h.flags;
	rec->time_ns = h.time_ns;
	rec->data = f->buf + f->at + sizeof(h);
	f->at += len;
	f->offset += len;
	return FRAMES_GOOD;
}

/*
 * Might these be the first bytes of a record? Types, versions and flags beyond these have never
 * been written: most bytes of a payload are told by them.
 */
static bool is_plausible(const struct record_header *h)
{
	return h->type && h->type < 1024 && h->version && h->version < 64 && h->flags < 256 &&
	       h->len <= RECORD_MAX_LEN;
}

int frames_find(struct frames *f)
{
	const __u64 damage = f->offset;
	struct record_header h;
	size_t have, len;
	int err = 0;

	while (f->search > sizeof(h)) {
		err = frames_fill(f, 8, &have);
		if (err || have < 8)
			break;
		f->at += 8;
		f->offset += 8;
		f->search -= 8;
		err = frames_fill(f, sizeof(h), &have);
		if (err || have < sizeof(h))
			break;
		memcpy(&h, f->buf + f->at, sizeof(h));
		len = whole_length(&h);
		if (!is_plausible(&h) || len > f->search)
			continue;
		err = frames_fill(f, len, &have);
		if (err)
			break;
		if (have < len)
			continue;
		f->search -= len;
		if (is_sound(f, h))
			return 1;
	}
	f->offset = damage;
	return err == -ENOMEM ? err : 0;
}
