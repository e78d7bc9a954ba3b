// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recordings as they are in the field: torn, damaged, written while they are read, by clocks
 * that are set, kept for a time only. Never a crash, never another number without a
 * remark, and everything before the damage is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/idle.h"
#include "os/tmpdir.h"
#include "record/reader.h"
#include "record/segments.h"
#include "record/writer.h"
#include "report/text.h"
#include "tests/unit/feed.h"

static char dir[] = "/tmp/test_rough.XXXXXX";
static struct record_writer *w;
static struct model *given;	/* what the writer was given */
static struct idle *idle;
static struct feed f;

static int put_writer(void *ctx, const struct record *rec)
{
	int err = record_writer_put(ctx, rec);

	assert_int_equal(model_feed(given, rec), 0);
	return err;
}

static bool is_idle(void *ctx, __u64 now_ns)
{
	(void)ctx;
	return idle_at(idle, now_ns);
}

static void open_writer(const struct record_writer_opts *opts)
{
	w = record_writer_new();
	assert_int_equal(record_writer_open(w, dir, opts), 0);
	f.put = put_writer;
	f.ctx = w;
}

static int setup(void **state)
{
	(void)state;
	strcpy(strstr(dir, "rough.") + 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	given = model_new();
	idle = idle_new(given);
	f = (struct feed) { .head_id = 1, .nsid = 1 };
	strcpy(f.head, "nvme0n1");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	record_writer_free(w);
	w = NULL;
	idle_free(idle);
	model_free(given);
	rmtree(dir);
	return 0;
}

/* What a report says of a recording, and whether it has a remark; NULL: it cannot be opened. */
struct told {
	char	*text;
	size_t	records, windows;
	bool	remark;
	int	skipped;
};

static void tell(struct told *t, const char *path, __s64 since)
{
	const struct view_opts vo = { .utc = true, .has_since = since, .since = since };
	struct record_reader *r = record_reader_new();
	struct model *m = model_new();
	const struct model_window *win;
	struct record rec;
	size_t size, i;
	__s64 before;
	FILE *out;

	*t = (struct told) { 0 };
	if (!record_reader_open(r, path)) {
		if (since)
			t->skipped = record_reader_since(r, since, &before);
		while (record_reader_next(r, &rec) > 0) {
			t->records++;
			assert_int_equal(model_feed(m, &rec), 0);
		}
		if (record_reader_remark(r, 0))
			model_set_damaged(m);
		model_finish(m);
		for (i = 0; (win = model_window(m, i)); i++)
			t->windows += view_wants_window(&vo, win);
		out = open_memstream(&t->text, &size);
		for (i = 0; (win = model_window(m, i)); i++)
			if (view_wants_window(&vo, win))
				view_text_window(out, win, &vo);
		fclose(out);
		/* what is not in the record is a remark as well: it has no end */
		t->remark = record_reader_remark(r, 0) || model_remark(m, 0);
	}
	model_free(m);
	record_reader_free(r);
}

static char *segment(__u32 number)
{
	static char path[256];
	char name[RECORD_NAME_LEN];

	record_segment_name(name, number);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static char *load(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	char *bytes;

	assert_int_equal(fstat(fd, &st), 0);
	*len = (size_t)st.st_size;
	bytes = malloc(*len);
	assert_int_equal(read(fd, bytes, *len), *len);
	close(fd);
	return bytes;
}

/* Where each record of a segment ends. */
static size_t ends_of(const char *bytes, size_t len, size_t *ends, size_t max)
{
	size_t at = sizeof(struct record_file_header), n = 0;
	struct record_header h;

	while (at + sizeof(h) <= len) {
		memcpy(&h, bytes + at, sizeof(h));
		at += sizeof(h) + ((h.len + 7U) & ~7U);
		assert_true(n < max);
		ends[n++] = at;
	}
	assert_int_equal(at, len);
	return n;
}

static void write_small(void)
{
	open_writer(NULL);
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	scene_return(&f, 20000, 2);
	put_end(&f);
	record_writer_free(w);
	w = NULL;
}

/* Cut at every byte of the last 4 KiB, and of the whole second half. */
static void test_torn(void **state)
{
	size_t len, cut, n, i, whole, ends[200];
	struct told all, torn;
	char *path = segment(1), *bytes;

	(void)state;
	write_small();
	bytes = load(path, &len);
	n = ends_of(bytes, len, ends, 200);
	tell(&all, path, 0);
	assert_int_equal(all.records, n);
	assert_false(all.remark);
	for (cut = len - 1; cut >= 32 && cut + 4096 >= len; cut--) {
		assert_int_equal(truncate(path, (off_t)cut), 0);
		for (i = 0, whole = 0; i < n; i++)
			whole += ends[i] <= cut;
		tell(&torn, path, 0);
		assert_int_equal(torn.records, whole);
		assert_true(torn.remark || !torn.records);
		free(torn.text);
	}
	free(all.text);
	free(bytes);
}

/* A recording of a window without the long counters, each bit of it turned. */
static void test_bits(void **state)
{
	struct told all, bad;
	char *path = segment(1), *bytes;
	size_t len, bit;
	int fd;

	(void)state;
	open_writer(NULL);
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	at(&f, 21000);
	ev_add(&f, "nvme0c2n1", 2, 1, 10000);
	ev_work(&f, MPATH_WORK_CANCELLED, 30000, 10104, 0);
	put_end(&f);
	record_writer_free(w);
	w = NULL;
	bytes = load(path, &len);
	tell(&all, path, 0);
	fd = open(path, O_WRONLY);
	for (bit = 0; bit < len * 8; bit++) {
		char turned = (char)(bytes[bit / 8] ^ (1 << bit % 8));

		assert_int_equal(pwrite(fd, &turned, 1, (off_t)(bit / 8)), 1);
		tell(&bad, path, 0);
		if (bad.text && !bad.remark)
			fail_msg("bit %zu of byte %zu: no remark", bit % 8, bit / 8);
		free(bad.text);
		assert_int_equal(pwrite(fd, bytes + bit / 8, 1, (off_t)(bit / 8)), 1);
	}
	close(fd);
	free(all.text);
	free(bytes);
}

/* A reader that comes at any moment sees what is written so far, and nothing amiss. */
static size_t written;

static int put_and_read(void *ctx, const struct record *rec)
{
	struct record_reader *r = record_reader_new();
	int err = put_writer(ctx, rec);
	struct record got;
	size_t n = 0;

	written++;
	assert_int_equal(record_reader_open(r, dir), 0);
	while (record_reader_next(r, &got) > 0)
		n += !(got.flags & RECORD_REPEAT);
	assert_int_equal(n, written);
	assert_null(record_reader_remark(r, 0));
	record_reader_free(r);
	return err;
}

static void test_read_while_written(void **state)
{
	const struct record_writer_opts opts = { .segment_bytes = 8192 };
	int i;

	(void)state;
	open_writer(&opts);
	written = 0;
	f.put = put_and_read;
	scene_two_paths(&f);
	for (i = 0; i < 5; i++) {
		scene_lose(&f, f.now / MS + 1000);
		scene_return(&f, 5000, 2);
	}
	assert_int_equal(access(segment(3), F_OK), 0);
}

/* Segments go while a reader has listed them, but has not come to them. */
static void test_gone_while_read(void **state)
{
	const struct record_writer_opts opts = { .segment_bytes = 8192 };
	struct record_reader *r;
	struct record rec;
	int i, n = 0;

	(void)state;
	open_writer(&opts);
	scene_two_paths(&f);
	for (i = 0; i < 5; i++) {
		scene_lose(&f, f.now / MS + 1000);
		scene_return(&f, 5000, 2);
	}
	r = record_reader_new();
	assert_int_equal(record_reader_open(r, dir), 0);
	unlink(segment(2));
	while (record_reader_next(r, &rec) > 0)
		n++;
	assert_true(n > 10);
	assert_non_null(record_reader_remark(r, 0));	/* that one is missing now */
	record_reader_free(r);
}

static void test_two_writers(void **state)
{
	struct record_writer *second = record_writer_new();

	(void)state;
	open_writer(NULL);
	assert_int_equal(record_writer_open(second, dir, NULL), -EBUSY);
	assert_non_null(strstr(record_writer_error(second), "another collector"));
	record_writer_free(second);
	put_host(&f, "b");
	assert_int_not_equal(access(segment(2), F_OK), 0);
}

/* A segment for each minute of records; those last written too long ago go. */
static void test_age(void **state)
{
	const struct record_writer_opts opts = { .segment_ns = 60 * SEC, .keep_ns = 3600 * SEC };
	struct timespec old[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
	int i;

	(void)state;
	open_writer(&opts);
	scene_two_paths(&f);
	for (i = 1; i <= 10; i++) {
		at(&f, (__u64)i * 30500);
		put_clock(&f);
	}
	assert_int_equal(access(segment(4), F_OK), 0);
	assert_int_not_equal(access(segment(6), F_OK), 0);
	utimensat(AT_FDCWD, segment(1), old, 0);
	at(&f, 400000);
	put_clock(&f);
	at(&f, 500000);
	put_clock(&f);
	assert_int_not_equal(access(segment(1), F_OK), 0);
	assert_int_equal(access(segment(2), F_OK), 0);
}

/* A clock that jumps ahead makes everything old: what was written last stays all the same. */
static void test_age_keeps_last(void **state)
{
	const struct record_writer_opts opts = { .segment_ns = 60 * SEC, .keep_ns = SEC };
	struct timespec old[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };

	(void)state;
	open_writer(&opts);
	at(&f, 1000);
	scene_two_paths(&f);
	utimensat(AT_FDCWD, segment(1), old, 0);
	at(&f, 100000);
	put_clock(&f);
	assert_int_equal(access(segment(2), F_OK), 0);
	assert_int_equal(access(segment(1), F_OK), 0);
	utimensat(AT_FDCWD, segment(1), old, 0);
	at(&f, 200000);
	put_clock(&f);
	assert_int_not_equal(access(segment(1), F_OK), 0);
	assert_int_equal(access(segment(2), F_OK), 0);
}

/* ---- looking for a time ---- */

static void compare_since(__s64 since, bool must_skip)
{
	struct told fast, slow;
	char copy[64], cmd[600];

	/* all of it in one file has nothing to skip: what it says is right */
	snprintf(copy, sizeof(copy), "%s/all", dir);
	snprintf(cmd, sizeof(cmd),
		 "rm -rf %s; mkdir %s && cp %s/*.mpr %s/ && cd %s && for i in *.mpr; do "
		 "[ $i = 00000001.mpr ] || { tail -c +33 $i >> 00000001.mpr && rm $i; }; done",
		 copy, copy, dir, copy, copy);
	assert_int_equal(system(cmd), 0);
	tell(&fast, dir, since);
	tell(&slow, copy, since);
	assert_int_equal(slow.skipped, 0);
	assert_true(!must_skip || fast.skipped > 0);
	assert_true(!must_skip || fast.records < slow.records);
	assert_int_equal(fast.windows, slow.windows);
	assert_string_equal(fast.text, slow.text);
	free(fast.text);
	free(slow.text);
}

/* Whatever time is asked for, the answer is that of reading everything. */
static void test_since(void **state)
{
	const struct record_writer_opts opts = { .segment_ns = 90 * SEC, .quiet = is_idle };
	int i;

	(void)state;
	open_writer(&opts);
	at(&f, 500);
	scene_two_paths(&f);
	for (i = 0; i < 12; i++) {
		at(&f, f.now / MS + 100000);
		put_clock(&f);
		scene_lose(&f, f.now / MS + 1000);
		scene_return(&f, 20000, 2);
		ev_remove(&f, "nvme0c2n1", 2, 1);
		ev_add(&f, "nvme0c0n1", 0, 1, MPATH_NO_WINDOW);
		ev_live(&f, "nvme0c0n1", 0, true);
		ev_add(&f, "nvme0c1n1", 1, 2, MPATH_NO_WINDOW);
		ev_live(&f, "nvme0c1n1", 1, true);
	}
	put_end(&f);
	for (i = 0; i < 1600; i += 37)
		compare_since(REAL0 + (__s64)i * (__s64)SEC, i > 1000);
}

/* While a window is open no segment is one to begin with. */
static void test_since_open_window(void **state)
{
	const struct record_writer_opts opts = { .segment_ns = 10 * SEC, .quiet = is_idle };
	struct told t;
	int i;

	(void)state;
	open_writer(&opts);
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	for (i = 0; i < 10; i++) {
		at(&f, f.now / MS + 20000);
		put_clock(&f);
	}
	assert_int_equal(access(segment(8), F_OK), 0);
	tell(&t, dir, REAL0 + 190 * (__s64)SEC);
	assert_int_equal(t.skipped, 0);
	assert_int_equal(t.windows, 1);
	free(t.text);
}

/* The clock is set back: what was before it has later times, and is not passed over. */
static void test_since_clock_set_back(void **state)
{
	const struct record_writer_opts opts = { .segment_ns = 60 * SEC, .quiet = is_idle };
	struct rec_clock back;
	struct told t;

	(void)state;
	open_writer(&opts);
	scene_two_paths(&f);
	scene_lose(&f, 100000);
	scene_return(&f, 5000, 2);
	ev_add(&f, "nvme0c0n1", 0, 2, MPATH_NO_WINDOW);
	ev_live(&f, "nvme0c0n1", 0, true);
	at(&f, 300000);
	back = (struct rec_clock) { .boottime_ns = f.now,
				    .realtime_ns = REAL0 - 3600 * (__s64)SEC };
	put_record(&f, REC_CLOCK, &back, sizeof(back));
	at(&f, 500000);
	put_record(&f, REC_CLOCK, &(struct rec_clock) { f.now, REAL0 - 3400 * (__s64)SEC },
		   sizeof(back));
	/* the window was at REAL0 + 100 s, long after what the clock says now */
	tell(&t, dir, REAL0 + 50 * (__s64)SEC);
	assert_int_equal(t.windows, 1);
	assert_int_equal(t.skipped, 0);
	free(t.text);
}

/* Durations do not change with the clock, nor when the host sleeps: boot time goes on. */
static void test_clock_and_suspend(void **state)
{
	struct rec_clock c;
	struct told t;

	(void)state;
	open_writer(NULL);
	scene_two_paths(&f);
	scene_lose(&f, 1000);
	/* eight hours of sleep, and then the clock is wrong by a year */
	at(&f, f.now / MS + 8 * 3600000);
	c = (struct rec_clock) { .boottime_ns = f.now,
				 .realtime_ns = REAL0 - 31536000LL * (__s64)SEC };
	put_record(&f, REC_CLOCK, &c, sizeof(c));
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	put_end(&f);
	tell(&t, dir, 0);
	assert_non_null(strstr(t.text, "REMOVED"));
	assert_non_null(strstr(t.text, "8 h 00 min"));
	free(t.text);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIR(test_torn),
		WITH_DIR(test_bits),
		WITH_DIR(test_read_while_written),
		WITH_DIR(test_gone_while_read),
		WITH_DIR(test_two_writers),
		WITH_DIR(test_age),
		WITH_DIR(test_age_keeps_last),
		WITH_DIR(test_since),
		WITH_DIR(test_since_open_window),
		WITH_DIR(test_since_clock_set_back),
		WITH_DIR(test_clock_and_suspend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
