// SPDX-License-Identifier: GPL-2.0-only
/* Names of cgroups. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "os/cgroups.h"

static char root[] = "/tmp/mpath-cgroups-XXXXXX";

static __u64 make(const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	if (*name)
		assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static void unmake(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(rmdir(path), 0);
}

/* By inode number, below a mount that is not there and one that is; what was found stays known. */
static void test_names(void **state)
{
	const char *mounts[] = { "/nonexistent", root, NULL };
	struct cgroups *c;
	__u64 top, a, ab;

	(void)state;
	assert_non_null(mkdtemp(root));
	c = cgroups_new(mounts);
	top = make("");
	a = make("a.slice");
	ab = make("a.slice/b.service");
	assert_string_equal(cgroups_path(c, top), "/");
	assert_string_equal(cgroups_path(c, ab), "/a.slice/b.service");
	assert_string_equal(cgroups_path(c, a), "/a.slice");
	assert_string_equal(cgroups_path(c, 0), "");
	assert_string_equal(cgroups_path(c, ~0ULL), "");
	unmake("a.slice/b.service");
	assert_string_equal(cgroups_path(c, ab), "/a.slice/b.service");
	unmake("a.slice");
	unmake("");
	cgroups_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names) };

	return cmocka_run_group_tests_name("cgroups", tests, NULL, NULL);
}
