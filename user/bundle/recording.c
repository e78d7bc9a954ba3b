// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recording in a bundle. As it is, byte for byte; or masked: record by
 * record, each with its new length and checksum. Damage stays damage, without what is behind it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/format.h"
#include "bundle/make.h"
#include "record/reader.h"
#include "record/segments.h"
#include "record/topology.h"
#include "record/types.h"
#include "record/validate.h"
#include "record/writer.h"

static int open_dir(const char *dir)
{
	char shown[512];
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = -errno;

	if (fd >= 0)
		return fd;
	fprintf(stderr,
		"nvme-mpathtop bundle: %s: cannot open: %s; give a directory that collect "
		"--record has written\n",
		fmt_text(shown, sizeof(shown), dir), strerror(-err));
	return err;
}

/* ---- names ---- */

static int mask_texts(struct mask *m, const struct record *rec, const struct record_type_info *info)
{
	const struct record_text *t;
	const char *text;
	int err = 0;

	if (rec->len < info->min_len)
		return 0;
	for (t = info->texts; !err && t < info->texts + RECORD_TEXTS && t->size; t++) {
		text = (const char *)rec->data + t->offset;
		if (t->names == TEXT_HOST_NAME && record_text_ok(text, t->size))
			err = mask_add(m, MASK_HOST, text);
	}
	return err;
}

static int mask_record(struct mask *m, const struct record *rec)
{
	const struct record_type_info *info = record_type_info(rec->type);
	struct topo *t;
	int err;

	if (info && info->names == RECORD_NAMES_TEXTS)
		return mask_texts(m, rec, info);
	if (!info || info->names != RECORD_NAMES_TOPOLOGY)
		return 0;
	err = topo_decode(rec->data, rec->len, &t);
	if (err)
		return err == -ENOMEM ? err : 0;
	err = mask_add_topo(m, t);
	topo_free(t);
	return err;
}

int bundle_mask_record(struct mask *m, const char *dir)
{
	struct record_reader *r = record_reader_new();
	struct record rec;
	int ret = r ? record_reader_open(r, dir) : -ENOMEM;

	if (ret)
		fprintf(stderr, "nvme-mpathtop bundle: %s\n",
			r ? record_reader_error(r) : "out of memory");
	while (!ret && (ret = record_reader_next(r, &rec)) > 0)
		ret = mask_record(m, &rec);
	record_reader_free(r);
	return ret;
}

/* ---- masked ---- */

static int put_bytes(int fd, const void *bytes, size_t len)
{
	ssize_t n = write(fd, bytes, len);

	return n == (ssize_t)len ? 0 : n < 0 ? -errno : -ENOSPC;
}

static int put_record(int fd, const struct record *rec)
{
	size_t len = record_image_len(rec->len);
	void *image = malloc(len);
	int err;

	if (!image)
		return -ENOMEM;
	record_put_image(image, rec, rec->flags);
	err = put_bytes(fd, image, len);
	free(image);
	return err;
}

/* Masks the texts of a payload that has them all. -EBADMSG: one has no end. */
static int mask_payload(const struct mask *m, char *payload, const struct record_type_info *info)
{
	const struct record_text *t;
	int err = 0;

	for (t = info->texts; !err && t < info->texts + RECORD_TEXTS && t->size; t++)
		if (t->names != TEXT_PLAIN)
			err = record_text_ok(payload + t->offset, t->size) ?
				      mask_field(m, payload + t->offset, t->size) :
				      -EBADMSG;
	return err;
}

/* What cannot be understood cannot be masked: a payload of that kind is left out. */
static int put_texts(const struct mask *m, int fd, struct record *rec,
		     const struct record_type_info *info)
{
	char *copy = NULL;
	int err = -EBADMSG;

	if (rec->len >= info->min_len) {
		copy = malloc(info->min_len);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, rec->data, info->min_len);
		err = mask_payload(m, copy, info);
	}
	rec->data = copy;
	rec->len = err ? 0 : info->min_len;
	if (!err || err == -EBADMSG)
		err = put_record(fd, rec);
	free(copy);
	return err;
}

static int put_topology(const struct mask *m, int fd, const struct record *rec)
{
	struct record masked = *rec;
	struct topo *t;
	void *buf = NULL;
	size_t len = 0;
	int err = topo_decode(rec->data, rec->len, &t);

	if (err == -ENOMEM)
		return err;
	if (!err) {
		err = mask_topo(m, t);
		if (!err)
			err = topo_encode(t, &buf, &len);
		topo_free(t);
		if (err)
			return err;
	}
	masked.data = buf;
	masked.len = (__u32)len;
	err = put_record(fd, &masked);
	free(buf);
	return err;
}

static int put_masked(struct stage *s, int fd, struct record *rec, bool *unknown)
{
	const struct record_type_info *info = record_type_info(rec->type);

	switch (info ? info->names : RECORD_NAMES_UNKNOWN) {
	case RECORD_NAMES_NONE:
		return put_record(fd, rec);
	case RECORD_NAMES_TEXTS:
		return put_texts(s->mask, fd, rec, info);
	case RECORD_NAMES_TOPOLOGY:
		return put_topology(s->mask, fd, rec);
	case RECORD_NAMES_UNKNOWN:
		break;
	}
	*unknown = true;		/* nobody knows which names are in there */
	return 0;
}

/* Something that every reader takes for damage, in place of what was damaged. */
static int put_damage(int fd)
{
	struct record_header h = { .type = REC_GAP, .version = RECORD_VERSION, .crc = 1 };

	return put_bytes(fd, &h, sizeof(h));
}

static int put_segment(struct stage *s, int fd, int dirfd, const char *name, const char *path)
{
	struct record_reader *r = record_reader_new();
	struct record_file_header h = { 0 };
	bool unknown = false;
	__u64 damages = 0;
	struct record rec;
	int ret, in;

	if (!r)
		return -ENOMEM;
	in = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (in >= 0 && pread(in, &h, sizeof(h), 0) < (ssize_t)sizeof(h))
		h.crc ^= 1;
	ret = put_bytes(fd, &h, sizeof(h));
	if (!ret && !record_reader_open(r, path)) {
		while ((ret = record_reader_next(r, &rec)) > 0) {
			ret = record_reader_damage(r, &damages) ? put_damage(fd) : 0;
			if (!ret)
				ret = put_masked(s, fd, &rec, &unknown);
			if (ret)
				break;
		}
		if (!ret && record_reader_damage(r, &damages))
			ret = put_damage(fd);
	}
	if (in >= 0)
		close(in);
	if (unknown)
		stage_note(s,
			   "record/%s: records of an unknown kind left out: they cannot be masked",
			   name);
	record_reader_free(r);
	return ret;
}

/* ---- which ---- */

static int copy_segment(int fd, int dirfd, const char *name)
{
	char block[65536];
	int in = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), err = 0;
	ssize_t n;

	if (in < 0)
		return errno == ENOENT ? 0 : -errno;	/* it was the oldest, and went */
	while (!err && (n = read(in, block, sizeof(block))) > 0)
		err = put_bytes(fd, block, (size_t)n);
	close(in);
	return err;
}

static void add_segment(struct stage *s, int dirfd, const char *dir, __u32 number)
{
	char name[RECORD_NAME_LEN], member[RECORD_NAME_LEN + 8], path[4096];
	int fd, err;

	record_segment_name(name, number);
	snprintf(member, sizeof(member), "record/%s", name);
	fd = stage_create(s, member);
	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	err = s->mask ? put_segment(s, fd, dirfd, name, path) : copy_segment(fd, dirfd, name);
	if (err && !s->err)
		s->err = err;
	stage_close(s, fd);
}

void bundle_add_record(struct stage *s, const char *dir, __u64 bytes)
{
	char name[RECORD_NAME_LEN], path[1024];
	__u32 *numbers = NULL;
	size_t n = 0, first;
	struct stat st;
	__u64 sum = 0;
	int dirfd = open_dir(dir), err;

	err = dirfd < 0 ? dirfd : record_list_segments(dirfd, &numbers, &n);
	if (!err && !n) {
		fprintf(stderr,
			"nvme-mpathtop bundle: %s: no record in this directory; give one that "
			"collect --record has written\n",
			fmt_text(path, sizeof(path), dir));
		err = -ENOENT;
	}
	for (first = n; !err && first; first--) {
		record_segment_name(name, numbers[first - 1]);
		if (!fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
			sum += (__u64)st.st_size;
		if (sum > bytes && first < n)
			break;
	}
	if (first)
		stage_note(s, "record: the oldest %zu of %zu files left out (--record-size)", first,
			   n);
	for (; !err && first < n && !s->err; first++)
		add_segment(s, dirfd, dir, numbers[first]);
	free(numbers);
	if (dirfd >= 0)
		close(dirfd);
	if (err && !s->err)
		s->err = err;
}
