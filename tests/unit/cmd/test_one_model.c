// SPDX-License-Identifier: GPL-2.0-only
/*
 * The collector's model has several listeners: a recording and metrics made beside each other are
 * what each would be with a model of its own. Recordings of tests/golden, from the top of the tree.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/idle.h"
#include "metrics/metrics.h"
#include "os/tmpdir.h"
#include "record/reader.h"
#include "record/writer.h"
#include "tests/unit/feed.h"

/* A collector, or a part of one: what is NULL it does not have. */
struct collector {
	struct model		*m;
	struct record_writer	*writer;
	struct idle		*idle;
	struct metrics		*metrics;
	char			*dir;		/* of the writer */
};

static bool is_idle(void *ctx, __u64 now_ns)
{
	const struct collector *c = ctx;

	return idle_at(c->idle, now_ns);
}

static int put(void *ctx, const struct model *m, const struct record *rec)
{
	const struct collector *c = ctx;

	(void)m;
	return record_writer_put(c->writer, rec);
}

static void begin(struct collector *c, bool records, bool counts)
{
	const struct model_listener writes = { .record_before = put, .ctx = c };
	const struct record_writer_opts opts = { .segment_ns = SEC, .quiet = is_idle, .ctx = c };

	*c = (struct collector) { .m = model_new() };
	if (records) {
		assert_int_equal(tmpdir_make(&c->dir), 0);
		assert_int_equal(model_listen(c->m, &writes), 0);
		c->idle = idle_new(c->m);
		c->writer = record_writer_new();
		assert_int_equal(record_writer_open(c->writer, c->dir, &opts), 0);
	}
	if (counts)
		c->metrics = metrics_new(c->m);
}

static void end(struct collector *c)
{
	metrics_free(c->metrics);
	record_writer_free(c->writer);
	idle_free(c->idle);
	model_free(c->m);
	tmpdir_remove(c->dir);
}

static char *text_of(struct collector *c)
{
	const struct metrics_self self = { .version = "1.0" };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(metrics_write(c->metrics, &self, out), 0);
	fclose(out);
	return text;
}

/*
 * Every byte of all segments: also which of them a reader may begin with. Returns how many there
 * are.
 */
static size_t compare_segments(const char *a, const char *b)
{
	char cmd[256], pattern[128];
	size_t nr;
	glob_t g;

	snprintf(cmd, sizeof(cmd), "diff -r %s %s", a, b);
	assert_int_equal(system(cmd), 0);
	snprintf(pattern, sizeof(pattern), "%s/*.mpr", a);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	nr = g.gl_pathc;
	globfree(&g);
	return nr;
}

static void feed_all(const char *path, struct collector **to)
{
	struct record_reader *r = record_reader_new();
	struct record rec;
	size_t i;

	assert_int_equal(record_reader_open(r, path), 0);
	while (record_reader_next(r, &rec) > 0)
		for (i = 0; to[i]; i++)
			assert_int_equal(model_feed(to[i]->m, &rec), 0);
	assert_null(record_reader_remark(r, 0));
	record_reader_free(r);
}

static size_t compare(const char *path)
{
	struct collector both, records, counts, *all[] = { &both, &records, &counts, NULL };
	char *one, *own;
	size_t segments;

	begin(&both, true, true);
	begin(&records, true, false);
	begin(&counts, false, true);
	feed_all(path, all);
	one = text_of(&both);
	own = text_of(&counts);
	assert_string_equal(one, own);
	assert_non_null(strstr(one, "nvme_mpath_windows_total"));
	segments = compare_segments(both.dir, records.dir);
	free(one);
	free(own);
	end(&both);
	end(&records);
	end(&counts);
	return segments;
}

static void test_recordings(void **state)
{
	size_t i, segments = 0;
	glob_t g;

	(void)state;
	assert_int_equal(glob("tests/golden/*/record", 0, NULL, &g), 0);
	assert_true(g.gl_pathc > 5);
	for (i = 0; i < g.gl_pathc; i++)
		segments += compare(g.gl_pathv[i]);
	assert_true(segments > 5 * g.gl_pathc);
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recordings),
	};

	return cmocka_run_group_tests_name("one_model", tests, NULL, NULL);
}
