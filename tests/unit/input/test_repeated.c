// SPDX-License-Identifier: GPL-2.0-only
/* What is read more than once counts once; of a part of a recording the rest is said. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input/load.h"
#include "model/model.h"
#include "os/tmpdir.h"
#include "record/reader.h"
#include "record/segments.h"
#include "record/writer.h"
#include "report/text.h"
#include "tests/unit/feed.h"

static char dir[] = "/tmp/test_twice.XXXXXX";
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static struct record_writer *w;
static struct feed f;

/* What a report of some recordings says. */
struct told {
	size_t	inputs;
	__u64	windows, repeated, before, windows_before;
	__u64	count[MODEL_OUTCOMES];
	char	*text;
};

static int setup(void **state)
{
	(void)state;
	strcpy(strstr(dir, "twice.") + 6, "XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	rmtree(dir);
	return 0;
}

static char *part(const char *name)
{
	static char paths[4][128];
	static int n;
	char *path = paths[n++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

/* Two windows, the first at @ms. */
static void record(const char *name, __u64 ms, const struct record_writer_opts *opts)
{
	w = record_writer_new();
	assert_int_equal(record_writer_open(w, part(name), opts), 0);
	f = feed_to((int (*)(void *, const struct record *))record_writer_put, w);
	at(&f, ms - 500);
	scene_two_paths(&f);
	scene_lose(&f, ms);
	scene_return(&f, 20000, 2);
	ev_remove(&f, "nvme0c2n1", 2, 1);
	ev_add(&f, "nvme0c0n1", 0, 1, MPATH_NO_WINDOW);
	ev_live(&f, "nvme0c0n1", 0, true);
	ev_add(&f, "nvme0c1n1", 1, 2, MPATH_NO_WINDOW);
	ev_live(&f, "nvme0c1n1", 1, true);
	scene_lose(&f, ms + 60000);
	scene_return(&f, 5000, 3);
	put_end(&f);
	record_writer_free(w);
	w = NULL;
}

static void shell(const char *command)
{
	char line[256];

	snprintf(line, sizeof(line), "cd %s && %s", dir, command);
	assert_int_equal(system(line), 0);
}

static void tell(struct told *t, __u64 kept, size_t nr, char **paths)
{
	const struct inputs_opts opts = { .windows = kept };
	struct view_opts vo = { .utc = true };
	const struct view_input *views;
	struct view_tally sum;
	struct inputs *in;
	size_t size, i;
	FILE *out;

	*t = (struct told) { 0 };
	assert_int_equal(inputs_read(paths, nr, &opts, &vo, &in), 0);
	views = inputs_views(in);
	nr = inputs_count(in);
	t->inputs = nr;
	view_count(views, nr, &vo, &sum);
	t->windows = sum.windows;
	memcpy(t->count, sum.count, sizeof(t->count));
	for (i = 0; i < nr; i++)
		t->repeated += views[i].repeated;
	t->before = record_reader_before(views[0].reader);
	t->windows_before = model_head(views[0].m, 0)->windows_before;
	out = open_memstream(&t->text, &size);
	assert_int_equal(view_text_report(out, views, nr, &vo), 0);
	fclose(out);
	inputs_free(in);
}

static void expect(__u64 kept, size_t nr, char **paths, __u64 windows, __u64 repeated)
{
	struct told t;

	tell(&t, kept, nr, paths);
	assert_int_equal(t.windows, windows);
	assert_int_equal(t.count[MODEL_RECOVERED], windows);
	assert_int_equal(t.repeated, repeated);
	assert_int_equal(!!strstr(t.text, "each counts once"), !!repeated);
	free(t.text);
}

/* The same recording given again and again, whatever of it is forgotten meanwhile. */
static void test_copies(void **state)
{
	char *paths[] = { part("a"), part("b"), part("a") };
	__u64 kept;

	(void)state;
	record("a", 1000, NULL);
	shell("cp -r a b");
	for (kept = 0; kept <= 3; kept++) {
		expect(kept, 1, paths, 2, 0);
		expect(kept, 3, paths, 2, 4);
	}
}

/* The second half of one is in the other, which was taken while a window was open. */
static void test_overlap(void **state)
{
	char *paths[] = { part("a"), part("b") }, *turned[] = { paths[1], paths[0] };

	(void)state;
	record("a", 1000, NULL);
	shell("mkdir b && head -c $(($(stat -c %s a/00000001.mpr) * 3 / 4 / 8 * 8)) "
	      "a/00000001.mpr > b/00000001.mpr");
	expect(0, 2, paths, 2, 2);
	expect(0, 2, turned, 2, 2);
}

/* A copy of a file in the same directory, with a number of its own. */
static void test_same_directory(void **state)
{
	char *paths[] = { part("a") };
	struct told t;

	(void)state;
	record("a", 1000, NULL);
	record("a", 1000, NULL);
	assert_int_equal(access(part("a/00000002.mpr"), F_OK), 0);
	tell(&t, 0, 1, paths);
	assert_int_equal(t.windows, 2);
	assert_int_equal(t.repeated, 2);
	free(t.text);
}

/* Windows of the same number that came one after the other are not the same. */
static void test_other_windows(void **state)
{
	char *paths[] = { part("a"), part("b") };

	(void)state;
	record("a", 1000, NULL);
	record("b", 500000, NULL);
	expect(0, 2, paths, 4, 0);
	expect(1, 2, paths, 4, 0);
}

/* Of a recording without its first files: which part it is. */
static void test_part(void **state)
{
	const struct record_writer_opts opts = { .segment_bytes = 4096 };
	char *paths[] = { part("a") };
	struct told all, some;

	(void)state;
	record("a", 1000, &opts);
	tell(&all, 0, 1, paths);
	assert_int_equal(all.before, 0);
	assert_int_equal(all.windows_before, 0);
	assert_int_equal(all.windows, 2);
	assert_null(strstr(all.text, "a part of a recording"));
	shell("rm a/00000001.mpr a/00000002.mpr");
	tell(&some, 0, 1, paths);
	assert_int_equal(some.before, 2);
	assert_int_equal(some.windows + some.windows_before, 2);
	assert_true(some.windows_before > 0);
	assert_non_null(strstr(some.text, "a part of a recording: 2 older files are not here"));
	assert_non_null(strstr(some.text, "1 earlier window of nvme0n1 is not in it"));
	assert_null(strstr(some.text, "03:04:05"));
	free(all.text);
	free(some.text);
}

/* Its files given one by one, in any order: no window ends where a file does. */
static void test_one_by_one(void **state)
{
	const struct record_writer_opts opts = { .segment_bytes = 4096 };
	char *dir_path[] = { part("a") }, names[8][128], *paths[8];
	struct told all, files;
	size_t i, n;

	(void)state;
	record("a", 1000, &opts);
	tell(&all, 0, 1, dir_path);
	for (n = 0; n < 8; n++) {
		snprintf(names[n], sizeof(names[n]), "%s/a/%08zu.mpr", dir, n + 1);
		if (access(names[n], F_OK))
			break;
	}
	assert_in_range(n, 3, 7);
	for (i = 0; i < n; i++)
		paths[i] = names[(i + 2) % n];
	tell(&files, 0, n, paths);
	assert_int_equal(files.inputs, 1);
	assert_int_equal(files.windows, all.windows);
	assert_int_equal(files.repeated, 0);
	assert_int_equal(files.count[MODEL_PENDING], 0);
	assert_string_equal(strstr(files.text, "window 1"), strstr(all.text, "window 1"));
	free(files.text);
	/* without the first two it is a part */
	tell(&files, 0, n - 2, paths);
	assert_int_equal(files.before, 2);
	free(files.text);
	/* one alone is a file, and beside another recording it is another one */
	tell(&files, 0, 1, paths);
	assert_int_equal(files.inputs, 1);
	assert_int_equal(files.before, 2);
	free(files.text);
	free(all.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_copies),	  TEST(test_overlap), TEST(test_same_directory),
		TEST(test_other_windows), TEST(test_part),    TEST(test_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
