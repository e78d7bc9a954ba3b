// SPDX-License-Identifier: GPL-2.0-only
/* The end of each window of a golden recording, as somebody at the journal's socket gets it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/collect_journal.h"
#include "os/journal.h"
#include "os/tmpdir.h"
#include "record/reader.h"
#include "tests/unit/feed.h"

static char *dir;
static char path[100];
static int journal;	/* the other end */

static void listen_there(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(journal, (struct sockaddr *)&at, sizeof(at)), 0);
}

/* The next entry with a NUL; false: there is none. */
static bool next(char *entry, size_t size)
{
	ssize_t n = recv(journal, entry, size - 1, 0);

	entry[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static void has(const char *entry, const char *line)
{
	size_t len = strlen(line);
	const char *at = entry;

	while ((at = strstr(at, line))) {
		if ((at == entry || at[-1] == '\n') && at[len] == '\n')
			return;
		at++;
	}
	fail_msg("no line \"%s\" in \"%s\"", line, entry);
}

static void feed_file(struct model *m, const char *record)
{
	struct record_reader *r = record_reader_new();
	struct record rec;

	assert_int_equal(record_reader_open(r, record), 0);
	while (record_reader_next(r, &rec) > 0)
		assert_int_equal(model_feed(m, &rec), 0);
	record_reader_free(r);
}

static void test_entries(void **state)
{
	struct model *m = model_new();
	struct window_journal *j;
	char entry[4096];

	(void)state;
	j = window_journal_new(m, path);
	assert_non_null(j);
	feed_file(m, "tests/golden/recovered/record");
	assert_true(next(entry, sizeof(entry)));
	has(entry, "MESSAGE=nvme1n1: window 1: RECOVERED with 4.3 s of 10 s left");
	has(entry, "PRIORITY=5");
	has(entry, "SYSLOG_IDENTIFIER=nvme-mpathtop");
	has(entry, "NVME_MPATH_HEAD=nvme1n1");
	has(entry, "NVME_MPATH_NQN=nqn.2019-08.org.qemu:mpath0");
	has(entry, "NVME_MPATH_NSID=1");
	has(entry, "NVME_MPATH_OUTCOME=recovered");
	has(entry, "NVME_MPATH_WINDOW=1");
	has(entry, "NVME_MPATH_SETTING_SECONDS=10.000000");
	assert_non_null(strstr(entry, "\nNVME_MPATH_MARGIN_SECONDS=4.3"));
	assert_non_null(strstr(entry, "\nNVME_MPATH_LASTED_SECONDS=5.7"));
	assert_false(next(entry, sizeof(entry)));
	window_journal_free(j);
	model_free(m);
}

static void test_removed(void **state)
{
	struct model *m = model_new();
	struct window_journal *j = window_journal_new(m, path);
	char entry[4096];

	(void)state;
	assert_non_null(j);
	feed_file(m, "tests/golden/removed/record");
	assert_true(next(entry, sizeof(entry)));
	has(entry, "PRIORITY=3");
	has(entry, "NVME_MPATH_OUTCOME=removed");
	assert_null(strstr(entry, "MARGIN"));
	window_journal_free(j);
	model_free(m);
}

static void test_fields(void **state)
{
	static const char lines[] = "A=b\nC\n\3\0\0\0\0\0\0\0d\ne\n";
	char entry[64];
	size_t len = 0;

	(void)state;
	len = journal_field(entry, len, sizeof(entry), "A", "b");
	len = journal_field(entry, len, sizeof(entry), "C", "d\ne");
	assert_int_equal(len, sizeof(lines) - 1);
	assert_memory_equal(entry, lines, len);
	assert_true(journal_field(entry, len, len + 3, "D", "x") > len + 3);
	assert_int_equal(journal_field(entry, len, len + 3, "D", ""), len + 3);
	assert_true(journal_field(entry, sizeof(entry) + 1, sizeof(entry), "D", "") >
		    sizeof(entry));
	assert_true(journal_open("/proc/no/such/socket") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_removed),
		cmocka_unit_test(test_fields),
	};
	int ret;

	assert_int_equal(tmpdir_make(&dir), 0);
	snprintf(path, sizeof(path), "%s/socket", dir);
	listen_there();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	close(journal);
	tmpdir_remove(dir);
	return ret;
}
