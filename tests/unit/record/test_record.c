// SPDX-License-Identifier: GPL-2.0-only
/* Record writer and reader: round trip, damage at every place, full disk, two writers. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "record/frames.h"
#include "record/reader.h"
#include "record/writer.h"
#include "tests/unit/feed.h"

static char dir[64];		/* of one test, removed after it */
static long room = -1;		/* bytes that still fit on the disk, -1: no limit */
static bool truncate_fails;

ssize_t __real_write(int fd, const void *buf, size_t len);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
int __real_ftruncate(int fd, off_t len);
int __wrap_ftruncate(int fd, off_t len);

/* A disk that fills up: first a short write, then none. */
ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
	if (room < 0 || fd <= 2)
		return __real_write(fd, buf, len);
	if (!room) {
		errno = ENOSPC;
		return -1;
	}
	if ((long)len > room)
		len = (size_t)room;
	room -= (long)len;
	return __real_write(fd, buf, len);
}

int __wrap_ftruncate(int fd, off_t len)
{
	if (!truncate_fails || !len)
		return __real_ftruncate(fd, len);
	errno = EIO;
	return -1;
}

static int setup(void **state)
{
	(void)state;
	room = -1;
	truncate_fails = false;
	strcpy(dir, "/tmp/mpath-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	room = -1;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static struct record_writer *open_writer(const struct record_writer_opts *opts)
{
	struct record_writer *w = record_writer_new();

	assert_non_null(w);
	if (record_writer_open(w, dir, opts))
		fail_msg("%s", record_writer_error(w));
	return w;
}

/* Small records of no special type, the payload tells them apart. */
static int put_number(struct record_writer *w, __u64 number)
{
	struct record rec = { .type = REC_END + 100,
			      .version = RECORD_VERSION,
			      .len = 5 + number % 3,
			      .time_ns = 1000 + number };
	char data[8];

	memset(data, (int)('a' + number % 26), sizeof(data));
	rec.data = data;
	return record_writer_put(w, &rec);
}

static void check_number(const struct record *rec, __u64 number)
{
	char data[8];

	memset(data, (int)('a' + number % 26), sizeof(data));
	assert_int_equal(rec->type, REC_END + 100);
	assert_int_equal(rec->version, RECORD_VERSION);
	assert_int_equal(rec->time_ns, 1000 + number);
	assert_int_equal(rec->len, 5 + number % 3);
	assert_memory_equal(rec->data, data, rec->len);
	assert_int_equal((uintptr_t)rec->data % 8, 0);
}

static struct record_reader *open_reader(const char *path)
{
	struct record_reader *r = record_reader_new();

	assert_non_null(r);
	if (record_reader_open(r, path))
		fail_msg("%s", record_reader_error(r));
	return r;
}

/* Read numbers from 0 on; returns how many there were before the end. */
static __u64 read_numbers(struct record_reader *r)
{
	struct record rec;
	__u64 n = 0;

	while (record_reader_next(r, &rec) == 1)
		check_number(&rec, n++);
	return n;
}

static void write_numbers(__u64 count)
{
	struct record_writer *w = open_writer(NULL);
	__u64 i;

	for (i = 0; i < count; i++)
		assert_int_equal(put_number(w, i), 0);
	assert_int_equal(record_writer_sync(w), 0);
	record_writer_free(w);
}

static size_t load(const char *name, char *buf, size_t size)
{
	FILE *f = fopen(path_of(name), "r");
	size_t n;

	assert_non_null(f);
	n = fread(buf, 1, size, f);
	fclose(f);
	return n;
}

static void store(const char *name, const char *buf, size_t len)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(buf, 1, len, f), len);
	fclose(f);
}

static void test_crc(void **state)
{
	unsigned char bytes[300];
	char zeros[32] = "";
	size_t i, len;

	(void)state;
	/* RFC 3720, B.4 */
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(crc32c(0, zeros, 32), 0x8a9136aa);
	assert_int_equal(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
	/* the instruction and the tables, at every length and alignment */
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37 + (i >> 3));
	for (i = 0; i < 64; i++)
		for (len = 0; len <= sizeof(bytes) - i; len++)
			assert_int_equal(crc32c(7, bytes + i, len),
					 crc32c_tables(7, bytes + i, len));
}

static void test_roundtrip(void **state)
{
	struct record_reader *r;
	struct record rec;
	struct stat st;

	(void)state;
	write_numbers(1000);
	r = open_reader(dir);
	assert_int_equal(read_numbers(r), 1000);
	assert_int_equal(record_reader_next(r, &rec), 0);
	assert_null(record_reader_remark(r, 0));
	record_reader_free(r);
	r = open_reader(path_of("00000001.mpr"));
	assert_int_equal(read_numbers(r), 1000);
	record_reader_free(r);
	assert_int_equal(stat(path_of("00000001.mpr"), &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0640, 0);
}

static void test_sizes(void **state)
{
	static char big[RECORD_MAX_LEN + 1];
	struct record rec = { .type = 200, .version = 1, .time_ns = 1, .data = big };
	struct record_writer *w = open_writer(NULL);
	struct record_reader *r;
	struct record got;

	(void)state;
	memset(big, 'B', sizeof(big));
	rec.len = RECORD_MAX_LEN;
	assert_int_equal(record_writer_put(w, &rec), 0);
	rec.len = RECORD_MAX_LEN + 1;
	assert_int_equal(record_writer_put(w, &rec), -EINVAL);
	rec.len = 0;
	assert_int_equal(record_writer_put(w, &rec), 0);
	record_writer_free(w);
	r = open_reader(dir);
	assert_int_equal(record_reader_next(r, &got), 1);
	assert_int_equal(got.len, RECORD_MAX_LEN);
	assert_memory_equal(got.data, big, RECORD_MAX_LEN);
	assert_int_equal(record_reader_next(r, &got), 1);
	assert_int_equal(got.len, 0);
	assert_int_equal(record_reader_next(r, &got), 0);
	record_reader_free(r);
}

#define RECORD_BYTES	32	/* one of put_number(): header and 8 bytes */
#define COUNT		6

/* Cut the file at every byte: all whole records are there, the rest is said. */
static void test_every_truncation(void **state)
{
	char buf[1024];
	size_t len, cut;

	(void)state;
	write_numbers(COUNT);
	len = load("00000001.mpr", buf, sizeof(buf));
	assert_int_equal(len, 32 + COUNT * RECORD_BYTES);
	for (cut = 0; cut < len; cut++) {
		struct record_reader *r = record_reader_new();
		__u64 whole = cut < 32 ? 0 : (cut - 32) / RECORD_BYTES;
		int err;

		store("00000001.mpr", buf, cut);
		err = record_reader_open(r, path_of("00000001.mpr"));
		assert_int_equal(err, cut < 32 ? -EBADMSG : 0);
		if (err) {
			assert_non_null(strstr(record_reader_error(r), "incomplete"));
		} else {
			const struct record_remark *m;

			assert_int_equal(read_numbers(r), whole);
			m = record_reader_remark(r, 0);
			if ((cut - 32) % RECORD_BYTES) {
				assert_non_null(m);
				assert_int_equal(m->damage, RECORD_TORN);
				assert_int_equal(m->offset, 32 + whole * RECORD_BYTES);
				assert_int_equal(m->bytes, cut - m->offset);
				assert_non_null(strstr(m->text, "00000001.mpr: offset"));
			} else {
				assert_null(m);
			}
		}
		record_reader_free(r);
	}
}

/* Does this bit make the length of the last record one that reaches beyond the end? */
static bool torn_end(const char *buf, size_t bit)
{
	size_t last = 32 + (COUNT - 1) * RECORD_BYTES;
	__u32 len;

	memcpy(&len, buf + last, sizeof(len));
	len ^= bit / 8 >= last && bit / 8 < last + sizeof(len) ? 1U << (bit - last * 8) : 0;
	return len > 8 && len <= RECORD_MAX_LEN;
}

/* Flip every bit: it is noticed, and all records but this one are there. */
static void test_every_bit(void **state)
{
	const struct record_remark *m;
	char buf[1024];
	struct record rec;
	size_t len, bit, i, lost;

	(void)state;
	write_numbers(COUNT);
	len = load("00000001.mpr", buf, sizeof(buf));
	for (bit = 0; bit < len * 8; bit++) {
		struct record_reader *r = record_reader_new();
		size_t at_byte = bit / 8;

		buf[at_byte] ^= (char)(1 << bit % 8);
		store("00000001.mpr", buf, len);
		buf[at_byte] ^= (char)(1 << bit % 8);
		if (record_reader_open(r, path_of("00000001.mpr")))
			fail_msg("%s", record_reader_error(r));
		lost = at_byte < 32 ? COUNT : (at_byte - 32) / RECORD_BYTES;
		for (i = 0; i < COUNT; i++) {
			if (i == lost)
				continue;
			assert_int_equal(record_reader_next(r, &rec), 1);
			check_number(&rec, i);
		}
		assert_int_equal(record_reader_next(r, &rec), 0);
		m = record_reader_remark(r, 0);
		assert_non_null(m);
		assert_int_equal(m->damage, lost == COUNT - 1 && torn_end(buf, bit) ? RECORD_TORN :
										      RECORD_CRC);
		assert_int_equal(m->offset, at_byte < 32 ? 0 : 32 + lost * RECORD_BYTES);
		assert_int_equal(m->bytes, RECORD_BYTES);
		assert_null(record_reader_remark(r, 1));
		record_reader_free(r);
	}
}

static void write_header(__u32 format, __u32 abi)
{
	struct record_file_header h = {
		.magic = RECORD_MAGIC, .format_version = format, .abi_version = abi, .segment = 1
	};

	h.crc = crc32c(0, &h, offsetof(struct record_file_header, crc));
	store("00000001.mpr", (char *)&h, sizeof(h));
}

static void expect_error(const char *path, int err, const char *text)
{
	struct record_reader *r = record_reader_new();

	assert_int_equal(record_reader_open(r, path), err);
	if (!strstr(record_reader_error(r), text))
		fail_msg("\"%s\" has no \"%s\"", record_reader_error(r), text);
	record_reader_free(r);
}

static void test_not_ours(void **state)
{
	(void)state;
	expect_error(path_of("none"), -ENOENT, "No such file");
	expect_error(dir, -ENOENT, "no record in this directory");
	store("x", "#!/bin/sh\necho hello, this is no record at all\n", 48);
	expect_error(path_of("x"), -ENOMSG, "not a nvme-mpathtop record");
	store("00000001.mpr", "", 0);
	expect_error(path_of("00000001.mpr"), -EBADMSG, "incomplete");
	expect_error(dir, -EBADMSG, "incomplete");
	expect_error("/dev/null", -ENOMSG, "not a regular file");
	write_header(RECORD_FORMAT_VERSION + 1, 1);
	expect_error(path_of("00000001.mpr"), -EPROTONOSUPPORT,
		     "written by a newer version 2, this tool reads up to 1");
	write_header(RECORD_FORMAT_VERSION, MPATH_ABI_VERSION + 6);
	expect_error(dir, -EPROTONOSUPPORT, "event ABI 7");
}

/* A length that is impossible, with a right CRC all the same. */
static void test_impossible_length(void **state)
{
	struct record_header h = { .len = RECORD_MAX_LEN + 1, .type = 1 };
	char buf[32 + sizeof(h)];
	struct record_reader *r;
	struct record rec;

	(void)state;
	write_header(1, 1);
	load("00000001.mpr", buf, 32);
	h.crc = crc32c(0, &h, sizeof(h));
	memcpy(buf + 32, &h, sizeof(h));
	store("00000001.mpr", buf, sizeof(buf));
	r = open_reader(dir);
	assert_int_equal(record_reader_next(r, &rec), 0);
	assert_int_equal(record_reader_remark(r, 0)->damage, RECORD_CRC);
	assert_non_null(strstr(record_reader_remark(r, 0)->text, "impossible length"));
	record_reader_free(r);
}

/* Damage in one segment does not hide the next one; a missing one is said. */
static void test_damaged_segment(void **state)
{
	struct record_reader *r;
	struct record rec;
	char buf[1024];
	size_t len;

	(void)state;
	write_numbers(4);
	write_numbers(2);
	write_numbers(3);
	len = load("00000001.mpr", buf, sizeof(buf));
	buf[32 + RECORD_BYTES + 25] ^= 1;
	store("00000001.mpr", buf, len);
	assert_int_equal(unlink(path_of("00000002.mpr")), 0);
	r = open_reader(dir);
	assert_int_equal(record_reader_next(r, &rec), 1);
	check_number(&rec, 0);
	assert_int_equal(record_reader_next(r, &rec), 1);
	check_number(&rec, 2);
	assert_int_equal(record_reader_next(r, &rec), 1);
	check_number(&rec, 3);
	assert_int_equal(read_numbers(r), 3);
	assert_int_equal(record_reader_remark(r, 0)->damage, RECORD_CRC);
	assert_int_equal(record_reader_remark(r, 0)->bytes, RECORD_BYTES);
	assert_int_equal(record_reader_remark(r, 1)->damage, RECORD_MISSING);
	assert_null(record_reader_remark(r, 2));
	record_reader_free(r);
}

/* A file that was never written to the disk, beside one that was. */
static void test_zeros(void **state)
{
	static const char zeros[4096];
	struct record_reader *r;

	(void)state;
	write_numbers(3);
	store("00000002.mpr", zeros, sizeof(zeros));
	r = open_reader(dir);
	assert_int_equal(read_numbers(r), 3);
	assert_int_equal(record_reader_remark(r, 0)->damage, RECORD_CRC);
	assert_int_equal(record_reader_remark(r, 0)->bytes, sizeof(zeros));
	assert_non_null(strstr(record_reader_remark(r, 0)->text, "begins with zeros"));
	record_reader_free(r);
	expect_error(path_of("00000002.mpr"), -EBADMSG, "begins with zeros");
}

/*
 * A file of what might be records, each as long as can be: the search gives up by the size of
 * the file, not by the product of both.
 */
static void test_search_is_bounded(void **state)
{
	const struct record_header h = { .type = 1, .version = 1, .len = 4096 };
	static char buf[256 << 10];
	struct frames f = { .fd = -1 };
	size_t have, i;

	(void)state;
	for (i = 0; i + sizeof(h) <= sizeof(buf); i += sizeof(h))
		memcpy(buf + i, &h, sizeof(h));
	store("x", buf, sizeof(buf));
	frames_begin(&f, open(path_of("x"), O_RDONLY));
	f.search = 1 << 20;
	assert_int_equal(frames_fill(&f, 8, &have), 0);
	assert_int_equal(frames_find(&f), 0);
	assert_int_equal(f.offset, 0);
	assert_in_range(f.search, 0, 2 * 4096);
	frames_free(&f);
}

static int segments(void)
{
	char line[96];
	FILE *f;
	int n;

	snprintf(line, sizeof(line), "ls %s | grep -c mpr$", dir);
	f = popen(line, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &n), 1);
	pclose(f);
	return n;
}

/* What a segment begins with is longer than a segment was to be. */
static void test_long_context(void **state)
{
	const struct record_writer_opts opts = { .segment_bytes = 65536 };
	static char topology[100000];
	const struct record rec = {
		.type = REC_TOPOLOGY,
		.version = RECORD_VERSION,
		.len = sizeof(topology),
		.data = topology,
	};
	struct record_writer *w = open_writer(&opts);
	__u64 i;

	(void)state;
	assert_int_equal(record_writer_put(w, &rec), 0);
	for (i = 0; i < 1000; i++)
		assert_int_equal(put_number(w, i), 0);
	assert_int_equal(segments(), 1);
	for (; i < 30000; i++)
		assert_int_equal(put_number(w, i), 0);
	assert_in_range(segments(), 3, 5);
	record_writer_free(w);
}

/* Without a size of its own a segment is a part of what is kept. */
static void test_total_alone(void **state)
{
	const struct record_writer_opts opts = { .total_bytes = 65536 };
	struct record_writer *w = open_writer(&opts);
	__u64 i;

	(void)state;
	for (i = 0; i < 20000; i++)
		assert_int_equal(put_number(w, i), 0);
	assert_in_range(segments(), 3, 4);
	record_writer_free(w);
}

/* Segments that are no regular files are not read, links not followed. */
static void test_odd_segments(void **state)
{
	struct record_reader *r;

	(void)state;
	write_numbers(3);
	assert_int_equal(symlink("00000001.mpr", path_of("00000002.mpr")), 0);
	assert_int_equal(mkfifo(path_of("00000003.mpr"), 0600), 0);
	r = open_reader(dir);
	assert_int_equal(read_numbers(r), 3);
	assert_int_equal(record_reader_remark(r, 0)->damage, RECORD_IO);
	assert_int_equal(record_reader_remark(r, 1)->damage, RECORD_NOT_OURS);
	record_reader_free(r);
}

static void test_read_while_written(void **state)
{
	struct record_writer *w = open_writer(NULL);
	struct record_reader *r;
	__u64 i;

	(void)state;
	for (i = 0; i < 20; i++) {
		assert_int_equal(put_number(w, i), 0);
		r = open_reader(dir);
		assert_int_equal(read_numbers(r), i + 1);
		assert_null(record_reader_remark(r, 0));
		record_reader_free(r);
	}
	record_writer_free(w);
}

static void test_two_writers(void **state)
{
	struct record_writer *a = open_writer(NULL), *b = record_writer_new();
	char pid[32];

	(void)state;
	assert_int_equal(record_writer_open(b, dir, NULL), -EBUSY);
	snprintf(pid, sizeof(pid), "process %d", (int)getpid());
	assert_non_null(strstr(record_writer_error(b), pid));
	record_writer_free(b);
	assert_int_equal(put_number(a, 0), 0);
	record_writer_free(a);
	b = open_writer(NULL);
	record_writer_free(b);
}

/* A new segment on demand, below other limits; none of what nothing is in yet. */
static void test_rotate(void **state)
{
	const struct record_writer_opts old = { .total_bytes = 1 << 20, .segment_bytes = 4096 };
	const struct record_writer_opts new = { .total_bytes = 1, .segment_bytes = 1 };
	struct record_writer *w = open_writer(&old);
	struct stat st;

	(void)state;
	assert_int_equal(record_writer_rotate(w, &old, 1), 0);
	assert_int_equal(put_number(w, 0), 0);
	assert_int_equal(record_writer_rotate(w, &old, 1), 1);
	assert_int_equal(put_number(w, 1), 0);
	assert_int_equal(stat(path_of("00000001.mpr"), &st), 0);
	assert_int_equal(stat(path_of("00000002.mpr"), &st), 0);
	assert_int_equal(record_writer_rotate(w, &new, 1), 1);
	assert_int_equal(stat(path_of("00000003.mpr"), &st), 0);
	assert_true(stat(path_of("00000001.mpr"), &st) < 0);
	assert_true(stat(path_of("00000002.mpr"), &st) < 0);
	record_writer_free(w);
	w = record_writer_new();
	assert_int_equal(record_writer_rotate(w, &new, 1), 0);
	record_writer_free(w);
}

static void test_odd_directories(void **state)
{
	struct record_writer *w = record_writer_new();
	char link[80];

	(void)state;
	assert_int_equal(record_writer_open(w, "/proc/no/such/dir", NULL), -ENOENT);
	record_writer_free(w);
	snprintf(link, sizeof(link), "%s/link/", dir);
	assert_int_equal(symlink("/tmp", path_of("link")), 0);
	w = record_writer_new();
	assert_true(record_writer_open(w, link, NULL) < 0);
	assert_non_null(strstr(record_writer_error(w), "symbolic link"));
	record_writer_free(w);
	store("file", "x", 1);
	w = record_writer_new();
	assert_int_equal(record_writer_open(w, path_of("file"), NULL), -ENOTDIR);
	record_writer_free(w);
	record_writer_free(NULL);
	record_reader_free(NULL);
}

/* The disk fills up at any byte of a record, then there is room again. */
static void test_full_disk(void **state)
{
	long left;

	(void)state;
	for (left = 0; left < 2 * RECORD_BYTES; left++) {
		struct record_writer *w = open_writer(NULL);
		struct record_reader *r;
		struct rec_gap gap;
		struct record rec;
		__u64 before = 2 + (__u64)left / RECORD_BYTES, i;
		char name[32];

		assert_int_equal(put_number(w, 0), 0);
		assert_int_equal(put_number(w, 1), 0);
		room = left;
		for (i = 2; i < before; i++)
			assert_int_equal(put_number(w, i), 0);
		for (; i < before + 3; i++)
			assert_int_equal(put_number(w, i), -ENOSPC);
		assert_int_equal(record_writer_lost(w), 3);
		assert_non_null(
			strstr(record_writer_error(w), "No space left on device; 3 records lost"));
		room = -1;
		assert_int_equal(put_number(w, before), 0);
		assert_int_equal(record_writer_lost(w), 0);
		record_writer_free(w);

		snprintf(name, sizeof(name), "%08ld.mpr", left + 1);
		r = open_reader(path_of(name));
		for (i = 0; i < before; i++) {
			assert_int_equal(record_reader_next(r, &rec), 1);
			check_number(&rec, i);
		}
		assert_int_equal(record_reader_next(r, &rec), 1);
		assert_int_equal(rec.type, REC_GAP);
		memcpy(&gap, rec.data, sizeof(gap));
		assert_int_equal(gap.records, 3);
		assert_int_equal(gap.from_ns, 1000 + before);
		assert_int_equal(gap.to_ns, 1000 + before + 2);
		assert_int_equal(gap.error, ENOSPC);
		assert_int_equal(record_reader_next(r, &rec), 1);
		check_number(&rec, before);
		assert_int_equal(record_reader_next(r, &rec), 0);
		assert_null(record_reader_remark(r, 0));
		record_reader_free(r);
	}
}

/* Half a record that cannot be cut off: the rest goes into a new segment. */
static void test_cannot_truncate(void **state)
{
	struct record_writer *w = open_writer(NULL);
	struct record_reader *r;
	struct record rec;

	(void)state;
	assert_int_equal(put_number(w, 0), 0);
	room = 10;
	truncate_fails = true;
	assert_int_equal(put_number(w, 1), -ENOSPC);
	room = -1;
	assert_int_equal(put_number(w, 2), 0);
	record_writer_free(w);
	r = open_reader(dir);
	assert_int_equal(record_reader_next(r, &rec), 1);
	check_number(&rec, 0);
	assert_int_equal(record_reader_next(r, &rec), 1);
	assert_int_equal(rec.type, REC_GAP);
	assert_int_equal(record_reader_next(r, &rec), 1);
	check_number(&rec, 2);
	assert_int_equal(record_reader_next(r, &rec), 0);
	assert_int_equal(record_reader_remark(r, 0)->damage, RECORD_TORN);
	record_reader_free(r);
}

/* No room even for the first segment: said, but not final. */
static void test_full_from_the_start(void **state)
{
	struct record_writer *w = record_writer_new();
	struct record_reader *r;
	struct record rec;

	(void)state;
	room = 0;
	assert_int_equal(record_writer_open(w, dir, NULL), -ENOSPC);
	assert_int_equal(put_number(w, 0), -ENOSPC);
	assert_int_not_equal(access(path_of("00000001.mpr"), F_OK), 0);
	room = -1;
	assert_int_equal(put_number(w, 1), 0);
	record_writer_free(w);
	r = open_reader(dir);
	assert_int_equal(record_reader_next(r, &rec), 1);
	assert_int_equal(rec.type, REC_GAP);
	assert_int_equal(record_reader_next(r, &rec), 1);
	check_number(&rec, 1);
	record_reader_free(r);
}

static int put_writer(void *ctx, const struct record *rec)
{
	return record_writer_put(ctx, rec);
}

/* What a full disk swallowed of host, clock and topology is written again. */
static void test_context_after_gap(void **state)
{
	struct record_writer *w = open_writer(NULL);
	struct feed f = feed_to(put_writer, w);
	struct record_reader *r;
	struct record rec;
	struct rec_host h = { .name = "host" };
	const __u16 want[] = { 150, REC_GAP, REC_HOST, 151 };
	size_t i;

	(void)state;
	put_record(&f, 150, "x", 1);
	room = 7;
	rec = (struct record) { .type = REC_HOST, .version = 1, .len = sizeof(h), .data = &h };
	assert_int_equal(record_writer_put(w, &rec), -ENOSPC);
	room = -1;
	put_record(&f, 151, "y", 1);
	record_writer_free(w);
	r = open_reader(dir);
	for (i = 0; i < 4; i++) {
		assert_int_equal(record_reader_next(r, &rec), 1);
		assert_int_equal(rec.type, want[i]);
	}
	assert_int_equal(record_reader_next(r, &rec), 0);
	record_reader_free(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc),
		TEST(test_roundtrip),
		TEST(test_sizes),
		TEST(test_every_truncation),
		TEST(test_every_bit),
		TEST(test_not_ours),
		TEST(test_impossible_length),
		TEST(test_damaged_segment),
		TEST(test_long_context),
		TEST(test_total_alone),
		TEST(test_zeros),
		TEST(test_search_is_bounded),
		TEST(test_odd_segments),
		TEST(test_read_while_written),
		TEST(test_two_writers),
		TEST(test_rotate),
		TEST(test_odd_directories),
		TEST(test_full_disk),
		TEST(test_cannot_truncate),
		TEST(test_full_from_the_start),
		TEST(test_context_after_gap),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
