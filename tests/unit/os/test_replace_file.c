// SPDX-License-Identifier: GPL-2.0-only
/* A file that is replaced as a whole, and everything that may be in its way. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/output_file.h"
#include "os/replace_file.h"
#include "tests/unit/feed.h"

static char base[64];		/* of one test, removed after it; files are in base/dir */
static struct textfile *t;

static const char *path_of(const char *name)
{
	static char path[8][128];
	static int i;

	i = (i + 1) % 8;
	snprintf(path[i], sizeof(path[i]), "%s/%s", base, name);
	return path[i];
}

static int setup(void **state)
{
	(void)state;
	strcpy(base, "/tmp/mpath-test-XXXXXX");
	if (!mkdtemp(base) || mkdir(path_of("dir"), 0755))
		return -1;
	t = textfile_new(path_of("dir/a.prom"), 0644);
	return t ? 0 : -1;
}

static int teardown(void **state)
{
	char command[192];

	(void)state;
	textfile_free(t);
	t = NULL;
	snprintf(command, sizeof(command), "chmod -R u+rwX %s; rm -rf %s", base, base);
	return system(command);
}

static int write_it(const char *text)
{
	FILE *out;
	int ret = textfile_begin(t, &out);

	if (ret)
		return ret;
	fputs(text, out);
	return textfile_end(t);
}

static void expect_content(const char *name, const char *text)
{
	char buf[256] = "";
	FILE *in = fopen(path_of(name), "r");

	assert_non_null(in);
	buf[fread(buf, 1, sizeof(buf) - 1, in)] = '\0';
	fclose(in);
	assert_string_equal(buf, text);
}

static void expect_error(int ret, int want, const char *text)
{
	assert_int_equal(ret, want);
	if (!strstr(textfile_error(t), text))
		fail_msg("no \"%s\" in \"%s\"", text, textfile_error(t));
	assert_null(strchr(textfile_error(t), '\n'));
}

/* Files in base/dir. */
static int entries(void)
{
	char command[128];
	FILE *p;
	int n;

	snprintf(command, sizeof(command), "ls -A %s | wc -l", path_of("dir"));
	p = popen(command, "r");
	assert_non_null(p);
	assert_int_equal(fscanf(p, "%d", &n), 1);
	pclose(p);
	return n;
}

static void test_replaced(void **state)
{
	mode_t mask = umask(077);
	struct stat st;

	(void)state;
	assert_int_equal(write_it("one"), 0);
	expect_content("dir/a.prom", "one");
	assert_int_equal(write_it("two"), 0);
	expect_content("dir/a.prom", "two");
	umask(mask);
	assert_int_equal(stat(path_of("dir/a.prom"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(entries(), 1);
}

static void test_reader_has_the_old_one(void **state)
{
	char buf[4] = "";
	FILE *out;
	int fd;

	(void)state;
	assert_int_equal(write_it("one"), 0);
	fd = open(path_of("dir/a.prom"), O_RDONLY);
	assert_int_equal(textfile_begin(t, &out), 0);
	fputs("two", out);
	expect_content("dir/a.prom", "one");
	assert_int_equal(textfile_end(t), 0);
	assert_int_equal(read(fd, buf, 3), 3);
	assert_string_equal(buf, "one");
	close(fd);
	/* and keeps it when the writer changes its mind */
	assert_int_equal(textfile_begin(t, &out), 0);
	fputs("three", out);
	textfile_cancel(t);
	expect_content("dir/a.prom", "two");
	assert_int_equal(entries(), 1);
}

static void test_leftovers(void **state)
{
	(void)state;
	fclose(fopen(path_of("dir/.a.prom.123.tmp"), "w"));
	fclose(fopen(path_of("dir/.a.prom.x.tmp"), "w"));	/* not ours */
	fclose(fopen(path_of("dir/.b.prom.123.tmp"), "w"));
	assert_int_equal(write_it("one"), 0);
	assert_int_equal(access(path_of("dir/.a.prom.123.tmp"), F_OK), -1);
	assert_int_equal(entries(), 3);
}

static void test_directory_comes_and_goes(void **state)
{
	(void)state;
	assert_int_equal(write_it("one"), 0);
	assert_int_equal(rename(path_of("dir"), path_of("away")), 0);
	expect_error(write_it("two"), -ENOENT,
		     "dir/a.prom: cannot open its directory: No such file or "
		     "directory; make the directory");
	expect_content("away/a.prom", "one");
	assert_int_equal(mkdir(path_of("dir"), 0755), 0);
	assert_int_equal(write_it("three"), 0);
	expect_content("dir/a.prom", "three");
	expect_content("away/a.prom", "one");
}

static void test_directory_is_a_link(void **state)
{
	(void)state;
	assert_int_equal(rename(path_of("dir"), path_of("elsewhere")), 0);
	assert_int_equal(symlink("elsewhere", path_of("dir")), 0);
	expect_error(write_it("one"), -ENOTDIR, "symbolic link; name a real directory");
	assert_int_equal(access(path_of("elsewhere/a.prom"), F_OK), -1);
}

static void test_file_is_a_link(void **state)
{
	(void)state;
	fclose(fopen(path_of("precious"), "w"));
	assert_int_equal(symlink("../precious", path_of("dir/a.prom")), 0);
	expect_error(write_it("one"), 1, "a symbolic link had this name; it was not followed");
	expect_content("precious", "");
	expect_content("dir/a.prom", "one");
	assert_int_equal(write_it("two"), 0);
	expect_content("precious", "");
}

/* The name of the new file is known: whoever puts a link there gains nothing. */
static void test_temporary_is_a_link(void **state)
{
	char name[64];

	(void)state;
	fclose(fopen(path_of("precious"), "w"));
	assert_int_equal(write_it("one"), 0);
	snprintf(name, sizeof(name), "dir/.a.prom.%d.tmp", (int)getpid());
	assert_int_equal(symlink("../precious", path_of(name)), 0);
	assert_int_equal(write_it("two"), 0);
	expect_content("precious", "");
	expect_content("dir/a.prom", "two");
	assert_int_equal(mkdir(path_of(name), 0755), 0);
	expect_error(write_it("three"), -EEXIST, "cannot create a file beside it");
	expect_content("dir/a.prom", "two");
}

static void test_file_is_a_directory(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path_of("dir/a.prom"), 0755), 0);
	expect_error(write_it("one"), -EISDIR,
		     "a.prom: cannot replace it: Is a directory; remove the "
		     "directory of that name");
	assert_int_equal(entries(), 1);
	assert_int_equal(rmdir(path_of("dir/a.prom")), 0);
	assert_int_equal(write_it("two"), 0);
}

static void test_read_only_directory(void **state)
{
	uid_t uid = geteuid();
	int ret;

	(void)state;
	assert_int_equal(chmod(base, 0755), 0);
	assert_int_equal(chmod(path_of("dir"), 0555), 0);
	/* root with its capabilities may write anywhere */
	assert_int_equal(uid ? 0 : seteuid(65534), 0);
	ret = write_it("one");
	assert_int_equal(uid ? 0 : seteuid(0), 0);
	expect_error(ret, -EACCES,
		     "cannot create a file beside it: Permission denied; make the "
		     "directory writable");
	assert_int_equal(chmod(path_of("dir"), 0755), 0);
	assert_int_equal(write_it("two"), 0);
}

/* At every size of the disk: what was there stays, nothing else is left. */
static void test_full_disk(void **state)
{
	struct rlimit old, room;
	char text[300];
	int ret;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(write_it("one"), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	room = old;
	for (room.rlim_cur = 0; room.rlim_cur < sizeof(text) - 1; room.rlim_cur += 50) {
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &room), 0);
		ret = write_it(text);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		expect_error(ret, -EFBIG,
			     "cannot write: File too large; make room; what was there stays");
		expect_content("dir/a.prom", "one");
		assert_int_equal(entries(), 1);
	}
	assert_int_equal(write_it("two"), 0);
	expect_content("dir/a.prom", "two");
}

static void test_read(void **state)
{
	size_t len;
	void *buf;

	(void)state;
	assert_int_equal(textfile_read(t, 100, &buf, &len), -ENOENT);
	assert_int_equal(write_it("content"), 0);
	assert_int_equal(textfile_read(t, 7, &buf, &len), 0);
	assert_int_equal(len, 7);
	assert_memory_equal(buf, "content", 7);
	free(buf);
	expect_error(textfile_read(t, 6, &buf, &len), -EFBIG, "too long");
	assert_int_equal(textfile_put_aside(t, "bad"), 0);
	expect_content("dir/a.prom.bad", "content");
	assert_int_equal(textfile_read(t, 100, &buf, &len), -ENOENT);
	assert_int_equal(symlink("a.prom.bad", path_of("dir/a.prom")), 0);
	expect_error(textfile_read(t, 100, &buf, &len), -ELOOP, "symbolic link");
	unlink(path_of("dir/a.prom"));
	assert_int_equal(mkfifo(path_of("dir/a.prom"), 0600), 0);
	expect_error(textfile_read(t, 100, &buf, &len), -EINVAL, "not a regular file");
}

static void test_lock(void **state)
{
	struct textfile *other;

	(void)state;
	assert_int_equal(textfile_lock(t), 0);
	other = textfile_new(path_of("dir/a.prom"), 0644);
	assert_int_equal(textfile_lock(other), -EBUSY);
	assert_non_null(strstr(textfile_error(other), "another collector"));
	textfile_free(t);
	t = other;
	assert_int_equal(textfile_lock(t), 0);
}

static void test_odd_names(void **state)
{
	(void)state;
	textfile_free(t);
	t = textfile_new(path_of("dir/%s \x1b[31m\n.prom"), 0644);
	assert_int_equal(write_it("one"), 0);
	assert_int_equal(rename(path_of("dir"), path_of("away")), 0);
	expect_error(write_it("two"), -ENOENT, "dir/%s \\x1b[31m\\x0a.prom: cannot open");
	/* a slash at the end is not a way around the link */
	assert_int_equal(symlink("away", path_of("dir")), 0);
	textfile_free(t);
	t = textfile_new(path_of("dir//b.prom"), 0644);
	expect_error(write_it("one"), -ENOTDIR, "symbolic link");
}

/* ---- what a command writes once ---- */

static int write_once(const char *path, const char *text, int err)
{
	struct outfile o;
	int ret = outfile_open(&o, path);

	if (ret)
		return ret;
	fputs(text, o.f);
	return outfile_close(&o, err);
}

static void test_once(void **state)
{
	mode_t mask = umask(027);
	struct stat st;

	(void)state;
	assert_int_equal(symlink("dir", path_of("link")), 0);
	assert_int_equal(write_once(path_of("link/r.html"), "one", 0), 0);
	expect_content("dir/r.html", "one");
	assert_int_equal(stat(path_of("dir/r.html"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	umask(077);
	assert_int_equal(write_once(path_of("dir/r.html"), "two", 0), 0);
	umask(mask);
	expect_content("dir/r.html", "two");
	assert_int_equal(stat(path_of("dir/r.html"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* the writer gave up, nothing is left */
	assert_int_equal(write_once(path_of("dir/r.html"), "three", -ENOMEM), -ENOMEM);
	expect_content("dir/r.html", "two");
	assert_int_equal(write_once(path_of("away/r.html"), "one", 0), -ENOENT);
	assert_int_equal(entries(), 1);
}

/* A link is replaced, not followed; a device, a pipe, or a link to one stays what it is. */
static void test_once_no_file(void **state)
{
	struct stat st;

	(void)state;
	fclose(fopen(path_of("precious"), "w"));
	assert_int_equal(symlink("../precious", path_of("dir/a")), 0);
	assert_int_equal(write_once(path_of("dir/a"), "one", 0), 0);
	expect_content("precious", "");
	expect_content("dir/a", "one");
	assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
	assert_int_equal(write_once(path_of("pipe"), "one", 0), -EEXIST);
	assert_int_equal(symlink("../pipe", path_of("dir/b")), 0);
	assert_int_equal(write_once(path_of("dir/b"), "one", 0), -EEXIST);
	assert_int_equal(lstat(path_of("dir/b"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(path_of("pipe"), &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(entries(), 2);
}

/* The stream failed long before its end, and says why all the same. */
static void test_once_full(void **state)
{
	struct rlimit old, room;
	struct outfile o;
	int i;

	(void)state;
	assert_int_equal(write_once(path_of("dir/a"), "one", 0), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	room = old;
	room.rlim_cur = 100000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &room), 0);
	assert_int_equal(outfile_open(&o, path_of("dir/a")), 0);
	for (i = 0; i < 100000; i++)
		fputs("0123456789", o.f);
	assert_true(ferror(o.f));
	errno = 0;
	assert_int_equal(outfile_close(&o, -EIO), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	expect_content("dir/a", "one");
	assert_int_equal(entries(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reader_has_the_old_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leftovers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_directory_comes_and_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_directory_is_a_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file_is_a_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_temporary_is_a_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file_is_a_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read_only_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_odd_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_once_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_once_full, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
