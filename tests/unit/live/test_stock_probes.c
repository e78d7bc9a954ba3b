// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be learned of a driver without the series, and where: symbols, calls in a function's
 * instructions, and facts, in drivers made up here and in those of Debian's kernels, which
 * tests/unit/live/capture took from the packages.
 */
#include <dirent.h>
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

static struct stock_plan plan;

static unsigned int row_of(const char *program)
{
	const struct stock_probe *p;
	unsigned int i;

	for (i = 0; (p = stock_probe(i)); i++)
		if (!strcmp(p->program, program))
			return i;
	fail_msg("there is no probe %s", program);
	return 0;
}

static const struct stock_row *planned(const char *program)
{
	return &plan.rows[row_of(program)];
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
	assert_int_equal(stock_plan(s, NULL, NULL, &plan), 0);
	assert_string_equal(planned("mpath_head_remove")->places[0].function,
			    "nvme_mpath_shutdown_disk");
	/* the instructions are not read, so it may be */
	assert_int_equal(planned("mpath_bio_park")->there, PROBE_UNKNOWN);
	assert_int_equal(planned("mpath_failover")->there, PROBE_NO);	/* data of that name */
	assert_int_equal(planned("mpath_path_live")->there, PROBE_NO);
	/* nor does the kernel have what is called */
	assert_int_equal(planned("mpath_bio_unpark")->there, PROBE_NO);
	assert_int_equal(plan.absent, FACTS_WINDOWS);
	assert_false(planned("mpath_path_join")->wanted);
	assert_false(planned("mpath_work_arm")->wanted);
	stock_free(s);
}

/* A work or an attribute alone shows that there are windows. */
static void test_windows(void **state)
{
	static const char *const signs[] = {
		"ffffffffc0200000 t nvme_remove_head_work\t[nvme_core]\n",
		"ffffffffc0200000 t delayed_removal_secs_show\t[nvme_core]\n",
		"ffffffffc0200000 t nvme_remove_head_work.llvm.123456\t[nvme_core]\n",
	};
	struct stock *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		s = read_symbols(signs[i]);
		assert_true(stock_has_windows(s));
		assert_int_equal(stock_plan(s, NULL, NULL, &plan), 0);
		assert_int_equal(plan.absent, 0);
		assert_false(planned("mpath_head_remove")->wanted);
		stock_free(s);
	}
}

/* Without CAP_SYSLOG there are names only. Built in, there is no name of a module. */
static void test_hidden_addresses(void **state)
{
	struct stock *s = read_symbols("0000000000000000 t nvme_ns_head_submit_bio\n"
				       "0000000000000000 t nvme_mpath_set_live\n"
				       "0000000000000000 T bio_endio\n");

	(void)state;
	assert_false(stock_has_addresses(s));
	assert_int_equal(stock_plan(s, NULL, NULL, &plan), 0);
	assert_int_equal(planned("mpath_bio_fail")->there, PROBE_UNKNOWN);
	assert_true(plan.unsure & FACT(FAILED));
	/* what goes by name does without */
	assert_int_equal(planned("mpath_path_live")->there, PROBE_YES);
	assert_int_equal(planned("mpath_path_live")->places[0].addr, 0);
	assert_true(plan.given & ~plan.unsure & FACT(PATH_USABLE));
	stock_free(s);
}

/* What compilers make of names, and who else has them. */
static void test_renamed(void **state)
{
	struct stock *s = read_symbols(
		"ffffffff81000000 T nvme_mpath_set_live\n"
		"ffffffffc0200000 t nvme_mpath_set_live.llvm.77\t[nvme_core]\n"
		"ffffffffc0200100 t nvme_mpath_set_live.cold\t[nvme_core]\n"
		"ffffffffc0200200 t nvme_ns_remove.isra.0\t[nvme_core]\n"
		"ffffffffc0200300 t nvme_failover_req\t[nvme_core]\n"
		"ffffffffc0200400 t nvme_failover_req\t[nvme_core]\n"
		"ffffffffc0200500 t nvme_update_ns_ana_state.constprop.0\t[nvme_core]\n");

	(void)state;
	assert_int_equal(stock_plan(s, NULL, NULL, &plan), 0);
	/* of the module, and not the part that is seldom run */
	assert_int_equal(planned("mpath_path_live")->nr, 1);
	assert_int_equal(planned("mpath_path_live")->places[0].addr, 0xffffffffc0200000ULL);
	/* its arguments are others */
	assert_int_equal(planned("mpath_ns_remove")->there, PROBE_NO);
	assert_int_equal(planned("mpath_path_ana")->there, PROBE_NO);
	/* two of the same name: both */
	assert_int_equal(planned("mpath_failing_over")->nr, 2);
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
	s = read_symbols(
		"\n\nno line\nffffffff81000000\nffffffff81000000 t\nffffffff81000000 t .\n");
	assert_false(stock_has_addresses(s));
	assert_int_equal(stock_plan(s, NULL, NULL, &plan), 0);
	assert_int_equal(plan.given, 0);
	assert_int_equal(plan.missing, FACTS_ALL & ~FACTS_WINDOWS);
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
#define ROOM	8

static void test_calls(void **state)
{
	unsigned long at[ROOM];

	(void)state;
	memset(code, 0x90, sizeof(code));
	assert_int_equal(stock_find_calls(code, sizeof(code), FROM, TO, at, ROOM), 0);
	put_call(3, 0xe8, FROM, TO);
	put_call(9, 0xe9, FROM, TO);			/* the last thing that a function does */
	put_call(15, 0xe8, FROM, TO + 8);		/* into its middle: another function */
	put_call(21, 0xe8, FROM, TO - 16);		/* call depth tracking */
	put_call(27, 0xe8, FROM, TO - 17);
	put_call(33, 0xcc, FROM, TO);			/* somebody has a probe there */
	put_call(39, 0xe8, FROM, TO + 4);		/* behind its endbr64 */
	put_call(45, 0x85, FROM, TO);			/* the end of a conditional jump */
	put_call(sizeof(code) - 5, 0xe8, FROM, TO);	/* the very last */
	assert_int_equal(stock_find_calls(code, sizeof(code), FROM, TO, at, ROOM), 6);
	assert_int_equal(at[0], 3);
	assert_int_equal(at[1], 9);
	assert_int_equal(at[2], 21);
	assert_int_equal(at[3], 33);
	assert_int_equal(at[4], 39);
	assert_int_equal(at[5], sizeof(code) - 5);
	/* cut off */
	assert_int_equal(stock_find_calls(code, sizeof(code) - 1, FROM, TO, at, ROOM), 5);
	assert_int_equal(stock_find_calls(code, 4, FROM, TO, at, ROOM), 0);
	/* more than there is room for: how many is told */
	assert_int_equal(stock_find_calls(code, sizeof(code), FROM, TO, at, 2), 6);
}

static int read_code(void *ctx, __u64 addr, __u32 len, __u8 *to)
{
	int *err = ctx;

	if (*err)
		return *err;
	if (addr != FROM)
		return -EFAULT;
	assert_int_equal(len, sizeof(code));	/* up to the next symbol */
	memcpy(to, code, len);
	return 0;
}

static void test_places(void **state)
{
	struct stock *s = read_symbols(old_driver);
	int err = 0;

	(void)state;
	memset(code, 0x90, sizeof(code));
	put_call(7, 0xe8, FROM, 0xffffffff81002000ULL);
	assert_int_equal(stock_plan(s, read_code, &err, &plan), 0);
	assert_int_equal(planned("mpath_bio_park")->nr, 1);
	assert_int_equal(planned("mpath_bio_park")->places[0].addr, FROM);
	assert_int_equal(planned("mpath_bio_park")->places[0].offset, 7);
	assert_string_equal(planned("mpath_bio_park")->places[0].function,
			    "nvme_ns_head_submit_bio");
	/* nobody sees it taken from the queue again */
	assert_false(planned("mpath_bio_park")->used);
	assert_true(plan.missing & FACT(PARKED));
	/* it does not call that */
	assert_int_equal(planned("mpath_bio_fail")->there, PROBE_NO);
	/* it cannot be read: who attaches there does not believe */
	err = -EFAULT;
	assert_int_equal(stock_plan(s, read_code, &err, &plan), 0);
	assert_int_equal(planned("mpath_bio_park")->there, PROBE_NO);
	/* the entry of a function is not read */
	assert_int_equal(planned("mpath_head_remove")->there, PROBE_YES);
	assert_true(plan.given & FACT(HEAD_REMOVED));
	stock_free(s);
}

/* More calls than there is room for: none is taken, as the rest would be missed. */
static int read_many(void *ctx, __u64 addr, __u32 len, __u8 *to)
{
	__u32 i;

	(void)ctx;
	memset(to, 0x90, len);
	for (i = 0; addr == FROM && i + 5 <= len && i < 5 * (STOCK_PLACES + 1); i += 5) {
		put_call(0, 0xe8, FROM + i, 0xffffffff81001000ULL);
		memcpy(to + i, code, 5);
	}
	return 0;
}

static void test_too_many(void **state)
{
	struct stock *s = read_symbols("ffffffff81001000 T bio_endio\n"
				       "ffffffffc0200000 t nvme_ns_head_submit_bio\t[nvme_core]\n"
				       "ffffffffc0201000 t next\t[nvme_core]\n");

	(void)state;
	assert_int_equal(stock_plan(s, read_many, NULL, &plan), 0);
	assert_int_equal(planned("mpath_bio_fail")->err, -E2BIG);
	assert_int_equal(planned("mpath_bio_fail")->there, PROBE_NO);
	assert_true(plan.missing & FACT(FAILED));
	stock_free(s);
}

/* ---- drivers of real kernels ---- */

#define DRIVERS	"tests/unit/live/drivers"

static struct driver {
	char	name[256], *text;
	__u64	from;
	__u8	code[1 << 18];
	bool	known[1 << 18];
} driver;

static void read_line(const char *line)
{
	__u64 at;
	int n = 0;

	if (sscanf(line, "text %llx %n", &at, &n) != 1)
		return;
	if (!driver.from)
		driver.from = at & ~0xfffffULL;
	for (at -= driver.from; sscanf(line + n, "%2hhx", &driver.code[at]) == 1; n += 2) {
		assert_true(at < sizeof(driver.code));
		driver.known[at++] = true;
	}
}

static void load_driver(const char *name)
{
	char file[600], *line;
	long size;
	FILE *f;

	memset(&driver, 0, sizeof(driver));
	snprintf(driver.name, sizeof(driver.name), "%s", name);
	snprintf(file, sizeof(file), DRIVERS "/%s", name);
	f = fopen(file, "r");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	driver.text = calloc(1, (size_t)size + 1);
	assert_non_null(driver.text);
	assert_int_equal(fread(driver.text, 1, (size_t)size, f), size);
	fclose(f);
	for (line = driver.text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		read_line(line);
}

/* What lies between the functions is not in the file. */
static int read_driver(void *ctx, __u64 addr, __u32 len, __u8 *to)
{
	__u32 i;

	(void)ctx;
	if (addr < driver.from || addr + len > driver.from + sizeof(driver.code))
		return -EFAULT;
	for (i = 0; i < len; i++)
		to[i] = driver.known[addr - driver.from + i] ? driver.code[addr - driver.from + i] :
							       0x90;
	return 0;
}

/* The plan without functions of these names, NULL behind the last. */
static void plan_without(const char *const *hidden)
{
	char *text = strdup(driver.text), *at;
	struct stock *s;
	size_t len;

	assert_non_null(text);
	for (; *hidden; hidden++) {
		len = strlen(*hidden);
		for (at = text; (at = strstr(at, *hidden)); at += len)
			if (at > text && at[-1] == ' ' && strchr(".\t\n", at[len]))
				memset(at, 'x', len);
	}
	s = read_symbols(text);
	assert_int_equal(stock_plan(s, read_driver, NULL, &plan), 0);
	/* names in the plan are those of the symbols: none is looked at below */
	stock_free(s);
	free(text);
}

static void each_driver(void (*test)(void))
{
	DIR *dir = opendir(DRIVERS);
	struct dirent *d;
	int n = 0;

	assert_non_null(dir);
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		load_driver(d->d_name);
		test();
		free(driver.text);
		n++;
	}
	closedir(dir);
	assert_true(n >= 5);
}

/* Everything can be learned of each, windows from 6.16 on. */
static void whole_driver(void)
{
	static const char *const none[] = { NULL };
	unsigned int major = 0, minor = 0;
	char buf[512];

	assert_int_equal(sscanf(driver.name, "%u.%u", &major, &minor), 2);
	plan_without(none);
	if (plan.missing)
		fail_msg("%s: no place for: %s", driver.name,
			 facts_text(buf, sizeof(buf), plan.missing));
	assert_int_equal(plan.unsure, 0);
	assert_int_equal(plan.absent, major > 6 || (major == 6 && minor >= 16) ? 0 : FACTS_WINDOWS);
}

static void test_drivers(void **state)
{
	(void)state;
	each_driver(whole_driver);
}

/* Call depth tracking, as the kernel makes it at run time: each call leads before its function. */
static void tracked_driver(void)
{
	static const char *const none[] = { NULL };
	__u32 i;
	__s32 distance;

	for (i = 0; i + 5 < sizeof(driver.code); i++) {
		if (!driver.known[i] || driver.code[i] != 0xe8)
			continue;
		memcpy(&distance, driver.code + i + 1, sizeof(distance));
		/* of the kernel: far away */
		if (distance > -(1 << 24))
			continue;
		distance -= 11;
		memcpy(driver.code + i + 1, &distance, sizeof(distance));
	}
	plan_without(none);
	assert_int_equal(plan.missing, 0);
}

static void test_call_depth(void **state)
{
	(void)state;
	each_driver(tracked_driver);
}

/* Does the way that a fact is learned by need a function of this name? */
static bool way_needs(unsigned int fact, unsigned int way, const char *name)
{
	const struct stock_probe *p;
	unsigned int i, k;
	size_t len = strlen(name);

	for (i = 0; (p = stock_probe(i)); i++) {
		const char *lists[] = { p->functions, p->callees };

		if (!(p->facts & (1U << fact)) || !(p->ways & (1U << way)))
			continue;
		for (k = 0; k < 2; k++) {
			const char *at = lists[k];

			while (at && (at = strstr(at, name))) {
				if ((at == lists[k] || at[-1] == ' ') &&
				    (!at[len] || at[len] == ' '))
					return true;
				at += len;
			}
		}
	}
	return false;
}

/* Those which cannot be told because the other one cannot: see stock_decide(). */
static __u32 with_it(__u32 facts)
{
	return facts & FACTS_BIOS ? facts | FACTS_BIOS : facts;
}

/* Hidden, @name costs nothing but facts that were learned with it, which go elsewhere or away. */
static void hide(const char *name)
{
	const char *const hidden[] = { name, NULL }, *const none[] = { NULL };
	struct stock_plan before;
	unsigned int fact;
	__u32 needed = 0;

	plan_without(none);
	before = plan;
	for (fact = 0; fact < MPATH_FACTS; fact++)
		if ((before.given & (1U << fact)) && way_needs(fact, before.way[fact], name))
			needed |= 1U << fact;
	plan_without(hidden);
	assert_int_equal(plan.absent, before.absent);
	assert_int_equal(plan.given | plan.missing | plan.absent, FACTS_ALL);
	assert_int_equal(plan.given & plan.missing, 0);
	for (fact = 0; fact < MPATH_FACTS; fact++) {
		if (!(before.given & (1U << fact)))
			continue;
		if (!(needed & (1U << fact)) && (plan.given & (1U << fact)))
			assert_int_equal(plan.way[fact], before.way[fact]);
		if ((plan.given & (1U << fact)) && strcmp(name, "_raw_spin_lock_irq") &&
		    strcmp(name, "_raw_spin_unlock_irq") && strcmp(name, "rt_spin_lock"))
			assert_true(plan.way[fact] >= before.way[fact]);
	}
	if (plan.missing & ~with_it(needed))
		fail_msg("%s without %s: others are missing, too", driver.name, name);
}

/* Each name of the table in turn. */
static void hide_each(void)
{
	const struct stock_probe *p;
	const char *at;
	char name[64];
	unsigned int i, k;
	size_t len;

	for (i = 0; (p = stock_probe(i)); i++) {
		const char *lists[] = { p->functions, p->callees };

		for (k = 0; k < 2; k++)
			for (at = lists[k]; at && *at; at += len + strspn(at + len, " ")) {
				len = strcspn(at, " ");
				snprintf(name, sizeof(name), "%.*s", (int)len, at);
				hide(name);
			}
	}
}

static void test_each_hidden(void **state)
{
	(void)state;
	each_driver(hide_each);
}

/* All names that a fact could be learned with: it is missing, and what shares no name is not. */
static void lose_each(void)
{
	static char names[64][64];
	const char *hidden[65];
	const struct stock_probe *p;
	unsigned int fact, other, way, i, n, k;
	const char *at;
	size_t len;

	for (fact = 0; fact < MPATH_FACTS; fact++) {
		for (i = 0, n = 0; (p = stock_probe(i)); i++)
			for (at = p->functions; (p->facts & (1U << fact)) && *at && n < 64;
			     at += len + strspn(at + len, " ")) {
				len = strcspn(at, " ");
				snprintf(names[n], sizeof(names[n]), "%.*s", (int)len, at);
				hidden[n] = names[n];
				n++;
			}
		hidden[n] = NULL;
		plan_without(hidden);
		assert_false(plan.given & (1U << fact));
		for (other = 0; other < MPATH_FACTS; other++) {
			bool shares = false;

			/* of two that need each other, either's names are both's */
			for (i = 0; i < MPATH_FACTS; i++)
				for (way = 0; with_it(1U << other) & (1U << i) && way < STOCK_WAYS;
				     way++)
					for (k = 0; k < n; k++)
						shares |= way_needs(i, way, names[k]);
			if (!shares && !(plan.absent & (1U << other)) && other != fact &&
			    plan.missing & (1U << other))
				fail_msg("%s: %s went with %s", driver.name, fact_row(other)->name,
					 fact_row(fact)->name);
		}
	}
}

static void test_each_lost(void **state)
{
	(void)state;
	each_driver(lose_each);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_hidden_addresses),
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_nonsense),
#ifdef __x86_64__
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_drivers),
		cmocka_unit_test(test_call_depth),
		cmocka_unit_test(test_each_hidden),
		cmocka_unit_test(test_each_lost),
#endif
	};

	return cmocka_run_group_tests_name("stock", tests, NULL, NULL);
}
