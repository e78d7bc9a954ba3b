// SPDX-License-Identifier: GPL-2.0-only
/* A file of options: its lines, and what is said of those that are wrong. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/config.h"
#include "os/tmpdir.h"
#include "tests/unit/feed.h"

struct options {
	char		*config;
	const char	*name, *pin;
	__u64		size;
	bool		verbose;
};

static const struct opt table[] = {
	OPT_HEAD(struct options, name),
	OPT_OPTIONAL(0, "pin", struct options, pin, "DIR", "where"),
	OPT_SIZE(0, "total-size", struct options, size, "SIZE", 100, 5000, "how much"),
	OPT_CONFIG(0, "config", struct options, config, "FILE", "options"),
	OPT_VERBOSE(struct options, verbose),
	OPT_END,
};

static struct options last;
static char name[64];		/* of the last run: it goes with the options */
static const char *path;
static const char *again;	/* text of the file while the command runs */
static int again_ret;

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int run_command(void *given, int nr_args, char **args);

static const struct command command = {
	.name = "test",
	.summary = "for a test",
	.options = table,
	.defaults = &(const struct options) { .size = 777 },
	.size = sizeof(struct options),
	.config = config_read,
	.run = run_command,
};

static int run_command(void *given, int nr_args, char **args)
{
	struct options *o = given, more;

	(void)nr_args;
	(void)args;
	if (again) {
		write_file(again);
		again_ret = opts_again(&command, &more);
		free(o->config);
		*o = more;
	}
	last = *o;
	snprintf(name, sizeof(name), "%s", o->name ? o->name : "-");
	free(o->config);
	return EXIT_OK;
}

static char said[2048];

/* The options that a file with this text, and then @more, gives; what is said is kept. */
static int run(const char *text, const char *more)
{
	char *argv[] = { (char *)"test", (char *)"--config", (char *)path, (char *)more, NULL };
	int fds[2], err, ret;
	ssize_t n;

	if (text)
		write_file(text);
	else
		unlink(path);
	fflush(stderr);
	assert_int_equal(pipe(fds), 0);
	err = dup(2);
	dup2(fds[1], 2);
	ret = command_run(&command, more ? 4 : 3, argv);
	dup2(err, 2);
	close(err);
	close(fds[1]);
	n = read(fds[0], said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	return ret;
}

static void refused(const char *text, const char *line, const char *why)
{
	assert_int_equal(run(text, NULL), EXIT_USAGE);
	if (!strstr(said, path) || !strstr(said, line) || !strstr(said, why))
		fail_msg("\"%s\" says \"%s\", not \"%s ... %s\"", text, said, line, why);
}

static void test_forms(void **state)
{
	(void)state;
	assert_int_equal(run("", NULL), EXIT_OK);
	assert_int_equal(last.size, 777);
	assert_int_equal(run("# TOTAL_SIZE=1\n\n \tTOTAL_SIZE=1K \t\nHEAD=\"nvme0n1\"\n"
			     "PIN='/run/x'\nVERBOSE=yes\nPRIVILEGES=kprobes",
			     NULL),
			 EXIT_OK);
	assert_string_equal(said, "");
	assert_int_equal(last.size, 1024);
	assert_string_equal(name, "nvme0n1");
	assert_true(last.verbose);
	assert_int_equal(run("VERBOSE=yes\nVERBOSE=no\nTOTAL_SIZE=200", "--total-size=300"),
			 EXIT_OK);
	assert_int_equal(last.size, 300);
	assert_false(last.verbose);
	assert_int_equal(run(NULL, NULL), EXIT_OK);
	assert_int_equal(last.size, 777);
	assert_non_null(strstr(said, "is not there"));
}

static void test_refused(void **state)
{
	(void)state;
	refused("\n\nTOTAL_SIZE=x\n", ", line 3: ", "\"x\" is not a size");
	refused("TOTAL_SIZE=1", ", line 1: ", "must be 100 to 5000");
	refused("HEAD=", ", line 1: ", "is empty");
	refused("VERBOSE=1", ", line 1: ", "neither yes nor no");
	refused("TOTAL-SIZE=200", ", line 1: ", "NAME=VALUE");
	refused("total_size=200", ", line 1: ", "NAME=VALUE");
	refused("TOTAL_SIZE", ", line 1: ", "NAME=VALUE");
	refused("HEAD=\"nvme0n1", ", line 1: ", "quotes");
	refused("HEAD=a\\b", ", line 1: ", "backslash");
	refused("TOTAL=200", ", line 1: ", "no option TOTAL;");
	refused("CONFIG=/etc/other", ", line 1: ", "no option CONFIG;");
	assert_int_equal(run("TOTAL_SIZE=200", "--config"), EXIT_USAGE);
}

static void test_no_file(void **state)
{
	const char *file = path;

	(void)state;
	path = "/proc/self";
	assert_int_equal(run(NULL, NULL), EXIT_USAGE);
	assert_non_null(strstr(said, "/proc/self: cannot read the file of options"));
	path = file;
}

/* The file as it is now, below the same command line. */
static void test_again(void **state)
{
	(void)state;
	again = "TOTAL_SIZE=400\nHEAD=nvme1n1\n";
	assert_int_equal(run("TOTAL_SIZE=200\nVERBOSE=yes\n", "--head=nvme2n1"), EXIT_OK);
	assert_int_equal(again_ret, 0);
	assert_int_equal(last.size, 400);
	assert_false(last.verbose);
	assert_string_equal(name, "nvme2n1");
	again = "TOTAL_SIZE=4\n";
	assert_int_equal(run("TOTAL_SIZE=200\n", NULL), EXIT_OK);
	assert_true(again_ret < 0);
	again = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_again),
	};
	char file[300], *dir;
	int ret;

	assert_int_equal(tmpdir_make(&dir), 0);
	snprintf(file, sizeof(file), "%s/options", dir);
	path = file;
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	tmpdir_remove(dir);
	return ret;
}
