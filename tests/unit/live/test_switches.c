// SPDX-License-Identifier: GPL-2.0-only
/* Switches of a hardened host: each one is seen and said, where it is in the way. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "live/switches.h"

static char root[] = "/tmp/switches-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[300], *at;
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", root, name);
	for (at = strchr(path + sizeof(root), '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(path, 0700);
		*at = '/';
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static const struct {
	const char	*file, *off, *on, *word;
	bool		stock;
} each[] = {
	{ "/proc/sys/kernel/ftrace_enabled", "0\n", "1\n", "ftrace_enabled", true },
	{ "/sys/kernel/debug/kprobes/enabled", "0\n", "1\n", "kprobes", true },
	{ "/proc/sys/kernel/kptr_restrict", "2\n", "1\n", "kptr_restrict", true },
	{ "/sys/kernel/security/lockdown", "none integrity [confidentiality]\n",
	  "none [integrity] confidentiality\n", "lockdown", false },
};

#define SWITCHES	(sizeof(each) / sizeof(each[0]))

static void test_each(void **state)
{
	char text[SWITCH_TEXT];
	size_t i;

	(void)state;
	assert_false(switch_in_the_way(root, true, 0, text));
	for (i = 0; i < SWITCHES; i++)
		put(each[i].file, each[i].on);
	assert_false(switch_in_the_way(root, true, 0, text));
	for (i = 0; i < SWITCHES; i++) {
		put(each[i].file, each[i].off);
		assert_true(switch_in_the_way(root, true, 0, text));
		assert_non_null(strstr(text, each[i].word));
		assert_false(switch_in_the_way(root, true, 1, text));
		/* with the series only what keeps programs from being loaded matters */
		assert_int_equal(switch_in_the_way(root, false, 0, text), !each[i].stock);
		put(each[i].file, each[i].on);
	}
	for (i = 0; i < SWITCHES; i++)
		put(each[i].file, each[i].off);
	for (i = 0; i < SWITCHES; i++)
		assert_true(switch_in_the_way(root, true, (unsigned int)i, text));
	assert_false(switch_in_the_way(root, true, SWITCHES, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_each) };
	char command[64];
	int failed;

	if (!mkdtemp(root))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command) ? 1 : failed;
}
