// SPDX-License-Identifier: GPL-2.0-only
/* Options: every form, every refusal. Messages go to a pipe and are looked at. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "cmd/options.h"
#include "tests/unit/feed.h"

struct options {
	bool		json, verbose;
	const char	*name, *where, *file;
	__u64		count, interval, size;
};

static const struct opt table[] = {
	OPT_JSON(struct options, json),
	OPT_VERBOSE(struct options, verbose),
	OPT_HEAD(struct options, name),
	OPT_FILE(0, "file", struct options, file, "FILE", "where else"),
	OPT_OPTIONAL(0, "where", struct options, where, "DIR", "perhaps somewhere"),
	OPT_NUMBER('n', "count", struct options, count, "N", 1, 100, "how often"),
	OPT_DURATION('i', "interval", struct options, interval, "TIME", 1000000, 60 * SEC,
		     "how long"),
	OPT_SIZE(0, "size", struct options, size, "BYTES", 0, 0, "how much"),
	OPT_END,
};

static struct options o;	/* of the last run */

static int keep(void *options, int nr_args, char **args)
{
	o = *(const struct options *)options;
	assert_null(args[nr_args]);
	if (nr_args)
		assert_string_equal(args[0], "file");
	return 10 + nr_args;
}

static const struct command command = {
	.name = "test",
	.summary = "for a test",
	.args = "[FILE]",
	.max_args = 1,
	.options = table,
	.defaults = &(const struct options) { .count = 7777, .interval = 7777, .size = 7777 },
	.size = sizeof(struct options),
	.run = keep,
};

static char said[2048];		/* on stderr or stdout in the last run */

/*
 * Run a line, split at blanks; "''" is an empty word. Returns the number of arguments,
 * -EINVAL or -ECANCELED, as opts_parse() does.
 */
static int run(const char *line)
{
	static char words[512];
	char *argv[32] = { (char *)"test" };
	int argc = 1, fds[2], out, err, ret;
	ssize_t n;
	char *word;

	memset(&o, 0, sizeof(o));
	strcpy(words, line);
	for (word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "''") ? word : (char *)"";
	fflush(stdout);
	assert_int_equal(pipe(fds), 0);
	out = dup(1);
	err = dup(2);
	dup2(fds[1], 1);
	dup2(fds[1], 2);
	ret = command_run(&command, argc, argv);
	fflush(stdout);
	dup2(out, 1);
	dup2(err, 2);
	close(out);
	close(err);
	close(fds[1]);
	n = read(fds[0], said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	if (ret >= 10)
		return ret - 10;
	return ret == EXIT_USAGE ? -EINVAL : -ECANCELED;
}

static void refused(const char *line, const char *text)
{
	assert_int_equal(run(line), -EINVAL);
	if (!strstr(said, text))
		fail_msg("\"%s\" says \"%s\", not \"%s\"", line, said, text);
	assert_int_equal(opts_exit(-EINVAL), EXIT_USAGE);
}

static void test_forms(void **state)
{
	(void)state;
	assert_int_equal(run(""), 0);
	assert_string_equal(said, "");
	assert_int_equal(run("-jv file"), 1);
	assert_true(o.json && o.verbose);
	assert_int_equal(run("file --json"), 1);
	assert_true(o.json && !o.verbose);
	assert_int_equal(run("--head nvme0n1 --count=5"), 0);
	assert_string_equal(o.name, "nvme0n1");
	assert_int_equal(o.count, 5);
	assert_int_equal(run("-n5 -i 250ms"), 0);
	assert_int_equal(o.count, 5);
	assert_int_equal(o.interval, 250 * MS);
	assert_int_equal(run("-jn 9"), 0);
	assert_int_equal(o.count, 9);
	assert_int_equal(run("--size 16M"), 0);
	assert_int_equal(o.size, 16 << 20);
	assert_int_equal(run("--where file"), 1);
	assert_string_equal(o.where, "");
	assert_int_equal(run("--where=dir file"), 1);
	assert_string_equal(o.where, "dir");
	assert_int_equal(run("--file a.b"), 0);
	assert_string_equal(o.file, "a.b");
	assert_int_equal(run("file"), 1);
	assert_null(o.where);
	assert_int_equal(run("-- file"), 1);
	assert_int_equal(run("--head=-j"), 0);
	assert_string_equal(o.name, "-j");
	assert_false(o.json);
}

static void test_refused(void **state)
{
	(void)state;
	refused("--jsno", "unknown option \"--jsno\", did you mean \"--json\"?");
	refused("--zzzzzzz", "unknown option \"--zzzzzzz\"; \"nvme-mpathtop test --help\"");
	refused("-x", "unknown option \"-x\"");
	refused("--coun 5", "did you mean \"--count\"?");
	refused("--json=yes", "--json takes no value");
	refused("--file=", "--file: FILE is empty");
	refused("--where=", "--where: DIR is empty");
	refused("--head", "--head needs a value: --head NAME");
	refused("--head ''", "NAME is empty");
	refused("-n", "--count needs a value");
	refused("-n 0", "\"0\" is out of range, must be 1 to 100");
	refused("-n 101", "\"101\" is out of range");
	refused("-n -1", "\"-1\" is not a number");
	refused("-n abc", "\"abc\" is not a number");
	refused("-n 5x", "\"5x\" is not a number");
	refused("-n 99999999999999999999", "\"99999999999999999999\" is out of range");
	refused("-n ''", "\"\" is not a number");
	refused("-i 5y", "\"5y\" is not a duration");
	refused("-i 1h", "\"1h\" is out of range, must be 1 ms to 60.0 s");
	refused("--size 5X", "\"5X\" is not a size");
	refused("--size 99999999999999999T", "\"99999999999999999T\" is not a size");
	refused("file file", "unexpected argument \"file\"");
	refused("--\x1b[31m", "\"--\\x1b[31m\"");
	assert_int_equal(run(""), 0);
	assert_int_equal(o.count, 7777);
	assert_int_equal(o.interval, 7777);
}

static void test_help(void **state)
{
	(void)state;
	assert_int_equal(run("--help"), -ECANCELED);
	assert_non_null(
		strstr(said, "Usage: nvme-mpathtop test [OPTION]... [FILE]\n\nFor a test.\n"));
	assert_non_null(strstr(said, "-n, --count N"));
	assert_non_null(strstr(said, "    --size BYTES"));
	assert_int_equal(opts_exit(-ECANCELED), EXIT_OK);
	assert_int_equal(run("-h"), -ECANCELED);
	assert_int_equal(run("-jh"), -ECANCELED);
}

static void check_duration(const char *text, int err, __u64 want)
{
	__u64 ns = 1;

	assert_int_equal(parse_duration(text, &ns), err);
	assert_int_equal(ns, err ? 1 : want);
}

static void test_durations(void **state)
{
	(void)state;
	check_duration("10", 0, 10 * SEC);
	check_duration("1.5s", 0, 1500 * MS);
	check_duration("250ms", 0, 250 * MS);
	check_duration("3us", 0, 3000);
	check_duration("17ns", 0, 17);
	check_duration("2min", 0, 120 * SEC);
	check_duration("1h", 0, 3600 * SEC);
	check_duration("0.000000001", 0, 1);
	check_duration("1.25h", 0, 4500 * SEC);
	check_duration("213503d", 0, 213503ULL * 86400 * SEC);
	check_duration("213504d", -ERANGE, 0);
	check_duration("18446744073709551616", -ERANGE, 0);
	check_duration("", -EINVAL, 0);
	check_duration("-1", -EINVAL, 0);
	check_duration("+1", -EINVAL, 0);
	check_duration(" 1", -EINVAL, 0);
	check_duration("1 s", -EINVAL, 0);
	check_duration("1.", -EINVAL, 0);
	check_duration(".5", -EINVAL, 0);
	check_duration("1.0000000001", -EINVAL, 0);
	check_duration("1m", -EINVAL, 0);
	check_duration("0x10", -EINVAL, 0);
}

static void test_sizes(void **state)
{
	__u64 v;

	(void)state;
	assert_int_equal(parse_size("4096", &v), 0);
	assert_int_equal(v, 4096);
	assert_int_equal(parse_size("2G", &v), 0);
	assert_int_equal(v, 2ULL << 30);
	assert_int_equal(parse_size("16777216T", &v), -ERANGE);
	assert_int_equal(parse_size("1k", &v), -EINVAL);
	assert_int_equal(parse_size("1KB", &v), -EINVAL);
	assert_int_equal(parse_size("K", &v), -EINVAL);
}

static void test_suggest(void **state)
{
	static const char *const commands[] = { "watch", "collect", "report", "features", NULL };

	(void)state;
	assert_string_equal(opts_suggest("reprot", commands), "report");
	assert_string_equal(opts_suggest("rep", commands), "report");
	assert_string_equal(opts_suggest("feature", commands), "features");
	assert_string_equal(opts_suggest("Watch", commands), "watch");
	assert_null(opts_suggest("frobnicate", commands));
	assert_null(opts_suggest("", commands));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_help), cmocka_unit_test(test_durations),
		cmocka_unit_test(test_sizes), cmocka_unit_test(test_suggest),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
