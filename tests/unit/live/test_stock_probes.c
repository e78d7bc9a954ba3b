// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where kprobes go in a driver without the series: symbols, and calls in a function's instructions.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "live/stock_probes.h"

static char path[] = "/tmp/mpathtop-kallsyms-XXXXXX";

static struct stock *read_symbols(const char *text)
{
	struct stock *s;
	FILE *f;
	int fd;

	strcpy(path + sizeof(path) - 7, "XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	s = stock_read(path);
	unlink(path);
	assert_non_null(s);
	return s;
}

static const struct stock_probe *probe_of(const char *program)
{
	const struct stock_probe *p;
	unsigned int i;

	for (i = 0; (p = stock_probe(i)); i++)
		if (!strcmp(p->program, program))
			return p;
	fail_msg("there is no probe %s", program);
	return NULL;
}

/* As 6.12 has them: no delayed removal, and a function of that name elsewhere. */
static const char old_driver[] = "ffffffff81000000 T _stext\n"
				 "ffffffff81001000 T bio_endio\n"
				 "ffffffff81002000 T _raw_spin_unlock_irq\n"
				 "ffffffff81003000 T mod_delayed_work_on\n"
				 "ffffffff81004000 D blk_steal_bios\n"
				 "ffffffffc0100000 t nvme_remove_head_work\t[other]\n"
				 "ffffffffc0200000 t nvme_ns_head_submit_bio\t[nvme_core]\n"
				 "ffffffffc0200040 t nvme_requeue_work\t[nvme_core]\n"
				 "ffffffffc0200080 T nvme_mpath_shutdown_disk\t[nvme_core]\n"
				 "ffffffffc0200090 t __pfx_nvme_alloc_ns\t[nvme_core]\n"
				 "ffffffffc02000a0 t nvme_alloc_ns\t[nvme_core]\n"
				 "ffffffffc0200100 T nvme_mpath_remove_disk\t[nvme_core]\n";

static void test_symbols(void **state)
{
	struct stock *s = read_symbols(old_driver);

	(void)state;
	assert_true(stock_has_addresses(s));
	assert_false(stock_has_windows(s));		/* of another module */
	assert_string_equal(stock_function(s, probe_of("mpath_bio_park")),
			    "nvme_ns_head_submit_bio");
	assert_string_equal(stock_function(s, probe_of("mpath_head_remove")),
			    "nvme_mpath_shutdown_disk");
	assert_null(stock_function(s, probe_of("mpath_failover")));	/* data of that name */
	assert_null(stock_function(s, probe_of("mpath_path_live")));
	stock_free(s);
}

static void test_wanted(void **state)
{
	struct stock *s = read_symbols(old_driver);

	(void)state;
	assert_true(stock_wanted(s, probe_of("mpath_bio_park")));
	/* and not there: an error */
	assert_true(stock_wanted(s, probe_of("mpath_path_live")));
	assert_true(stock_wanted(s, probe_of("mpath_path_add")));
	assert_false(stock_wanted(s, probe_of("mpath_path_join")));
	assert_false(stock_wanted(s, probe_of("mpath_work_arm")));
	assert_false(stock_wanted(s, probe_of("mpath_path_ana")));
	stock_free(s);

	s = read_symbols("ffffffffc0200000 t nvme_remove_head_work\t[nvme_core]\n"
			 "ffffffffc0200040 t nvme_update_ns_ana_state\t[nvme_core]\n");
	assert_true(stock_has_windows(s));
	assert_false(stock_wanted(s, probe_of("mpath_path_add")));
	assert_true(stock_wanted(s, probe_of("mpath_path_join")));
	assert_true(stock_wanted(s, probe_of("mpath_path_ana")));
	stock_free(s);
}

/* Without CAP_SYSLOG there are names only. Built in, there is no name of a module. */
static void test_hidden_addresses(void **state)
{
	struct stock *s = read_symbols("0000000000000000 t nvme_ns_head_submit_bio\n"
				       "0000000000000000 T bio_endio\n");

	(void)state;
	assert_false(stock_has_addresses(s));
	assert_string_equal(stock_function(s, probe_of("mpath_bio_park")),
			    "nvme_ns_head_submit_bio");
	stock_free(s);
}

static void test_nonsense(void **state)
{
	char line[5000];
	struct stock *s;

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "ffffffff81000000 t ", 19);
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	s = read_symbols(line);
	assert_false(stock_has_addresses(s));
	stock_free(s);
	s = read_symbols("\n\nno line\nffffffff81000000\nffffffff81000000 t\n");
	assert_false(stock_has_addresses(s));
	stock_free(s);
	assert_null(stock_read("/proc/self/no-such-file"));
}

#ifdef __x86_64__

static __u8 code[0x40];

static void put_call(unsigned int at, __u8 first, __u64 from, __u64 to)
{
	__s32 distance = (__s32)(to - (from + at + 5));

	code[at] = first;
	memcpy(code + at + 1, &distance, sizeof(distance));
}

#define FROM	0xffffffffc0200000ULL
#define TO	0xffffffff81001000ULL

static void test_calls(void **state)
{
	unsigned long at[STOCK_CALLS];

	(void)state;
	memset(code, 0x90, sizeof(code));
	assert_int_equal(stock_find_calls(code, sizeof(code), FROM, TO, at), 0);
	put_call(3, 0xe8, FROM, TO);
	put_call(9, 0xe9, FROM, TO);			/* a jump: who comes there is not called */
	put_call(15, 0xe8, FROM, TO + 8);		/* into its middle: another function */
	put_call(21, 0xe8, FROM, TO - 16);		/* call depth tracking */
	put_call(27, 0xe8, FROM, TO - 17);
	put_call(33, 0xcc, FROM, TO);			/* somebody has a probe there */
	put_call(sizeof(code) - 5, 0xe8, FROM, TO);	/* the very last */
	assert_int_equal(stock_find_calls(code, sizeof(code), FROM, TO, at), 4);
	assert_int_equal(at[0], 3);
	assert_int_equal(at[1], 21);
	assert_int_equal(at[2], 33);
	assert_int_equal(at[3], sizeof(code) - 5);
	/* cut off */
	assert_int_equal(stock_find_calls(code, sizeof(code) - 1, FROM, TO, at), 3);
	assert_int_equal(stock_find_calls(code, 4, FROM, TO, at), 0);
	/* more than there is room for */
	put_call(40, 0xe8, FROM, TO);
	put_call(46, 0xe8, FROM, TO);
	assert_int_equal(stock_find_calls(code, sizeof(code), FROM, TO, at), STOCK_CALLS);
}

static int read_code(void *ctx, __u64 addr, __u32 len, __u8 *to)
{
	int *err = ctx;

	if (*err)
		return *err;
	assert_int_equal(addr, FROM);
	assert_int_equal(len, sizeof(code));	/* up to the next symbol */
	memcpy(to, code, len);
	return 0;
}

static void test_places(void **state)
{
	struct stock *s = read_symbols(old_driver);
	unsigned long at[STOCK_CALLS];
	const char *name = NULL;
	int err = 0;

	(void)state;
	memset(code, 0x90, sizeof(code));
	put_call(7, 0xe8, FROM, 0xffffffff81002000ULL);
	assert_int_equal(stock_places(s, probe_of("mpath_bio_park"), read_code, &err, at, &name),
			 1);
	assert_int_equal(at[0], 7);
	assert_string_equal(name, "nvme_ns_head_submit_bio");
	/* it does not call that; there is nothing of that name; it cannot be read */
	assert_int_equal(stock_places(s, probe_of("mpath_bio_fail"), read_code, &err, at, &name),
			 -ENOENT);
	assert_int_equal(stock_places(s, probe_of("mpath_bio_unpark"), read_code, &err, at, &name),
			 -ENOENT);
	assert_int_equal(stock_places(s, probe_of("mpath_failover"), read_code, &err, at, &name),
			 -ENOENT);
	err = -EFAULT;
	assert_int_equal(stock_places(s, probe_of("mpath_bio_park"), read_code, &err, at, &name),
			 -EFAULT);
	/* the entry of a function is not read */
	assert_int_equal(stock_places(s, probe_of("mpath_head_remove"), read_code, &err, at, &name),
			 1);
	assert_int_equal(at[0], 0);
	stock_free(s);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_hidden_addresses),
		cmocka_unit_test(test_nonsense),
#ifdef __x86_64__
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_places),
#endif
	};

	return cmocka_run_group_tests_name("stock", tests, NULL, NULL);
}
