// SPDX-License-Identifier: GPL-2.0-only
/* A recording of many segments, read into a model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "record/reader.h"
#include "record/writer.h"
#include "tests/unit/feed.h"

static char dir[64];		/* of one test, removed after it */

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/mpath-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static int put_writer(void *ctx, const struct record *rec)
{
	return record_writer_put(ctx, rec);
}

/* Each segment can be read alone, the size is bounded, and the whole is one recording. */
static void test_rotation(void **state)
{
	const struct record_writer_opts opts = { .segment_bytes = 4096, .total_bytes = 5 * 4096 };
	struct record_writer *w = record_writer_new();
	struct model *m = model_new();
	struct feed f = feed_to(put_writer, w);
	struct record_reader *r;
	__u64 bytes = 0, events = 0;
	struct record rec;
	struct stat st;
	char name[96];
	int i, first = 0;

	(void)state;
	assert_int_equal(record_writer_open(w, dir, &opts), 0);
	scene_two_paths(&f);
	for (i = 0; i < 1000; i++) {
		at(&f, 1000 + (__u64)i);
		ev_bio(&f, MPATH_BIO_FIRST, 0);
	}
	put_end(&f);
	record_writer_free(w);
	for (i = 1; i < 200; i++) {
		snprintf(name, sizeof(name), "%s/%08d.mpr", dir, i);
		if (stat(name, &st))
			continue;
		assert_true(st.st_size <= 4096);
		bytes += (__u64)st.st_size;
		if (!first)
			first = i;
	}
	assert_true(first > 5);
	assert_true(bytes <= 5 * 4096 && bytes > 3 * 4096);
	r = record_reader_new();
	assert_int_equal(record_reader_open(r, dir), 0);
	while (record_reader_next(r, &rec) == 1) {
		assert_int_equal(model_feed(m, &rec), 0);
		events += rec.type == REC_EVENT;
		if (rec.type == REC_HOST)
			assert_true(rec.flags & RECORD_REPEAT);
	}
	assert_int_equal(model_finish(m), 0);
	assert_true(events > 50 && events < 1000);
	assert_null(record_reader_remark(r, 0));
	assert_null(model_remark(m, 0));
	assert_null(model_session(m, 1));
	assert_string_equal(model_session_host(model_session(m, 0))->name, "host");
	assert_non_null(model_head(m, 0));
	record_reader_free(r);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rotation, setup, teardown),
	};

	return cmocka_run_group_tests_name("segments", tests, NULL, NULL);
}
