// SPDX-License-Identifier: GPL-2.0-only
/* The live source on a driver without the series: its programs, and where they go. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gen/kprobe.skel.h"
#include "gen/read_text.skel.h"
#include "live/internal.h"
#include "live/kernel_features.h"
#include "live/pin_dir.h"
#include "live/stock_probes.h"
#include "os/caps.h"

/* The coarse clocks move with the jiffies. */
static __u64 tick(void)
{
	struct timespec ts;

	return clock_getres(CLOCK_MONOTONIC_COARSE, &ts) ? 0 : (__u64)ts.tv_nsec;
}

static int check(struct live *s)
{
	char why[200];

#ifndef __x86_64__
	return live_fail(s, -EOPNOTSUPP,
			 "nvme_core was built without this project's patch series, "
			 "and probes into such a driver are made for x86-64 only; install the "
			 "patched modules, see 'nvme-mpathtop features'");
#endif
	if (!s->stock)
		return live_fail(s, -ENOENT,
				 "nvme_core was built without this project's patch series, "
				 "and to probe it takes /proc/kallsyms, which cannot be read");
	if (!stock_has_addresses(s->stock) && !caps_have_syslog())
		return live_fail(s, -EPERM,
				 "nvme_core was built without this project's patch series, "
				 "and to probe it takes the addresses in /proc/kallsyms, which are "
				 "hidden; run this as root, or with CAP_SYSLOG as well");
	if (!caps_have_sys_admin())
		return live_fail(s, -EPERM,
				 "nvme_core was built without this project's patch series, and to "
				 "probe it takes CAP_SYS_ADMIN, which the kernel wants of who asks "
				 "for the types of a module; run this as root");
	if (probe_nvme_btf() == PROBE_NO)
		return live_fail(
			s, -EOPNOTSUPP,
			"nvme_core was built without this project's patch "
			"series, and to probe it takes its type information, which is not in "
			"/sys/kernel/btf/nvme_core (CONFIG_DEBUG_INFO_BTF_MODULES); install "
			"the patched modules, which do without");
	if (probe_kprobes(why, sizeof(why)) == PROBE_NO)
		return live_fail(s, -EOPNOTSUPP,
				 "nvme_core was built without this project's patch series, and to "
				 "probe it takes kprobes: %s",
				 why);
	return 0;
}

/* ---- where the programs go ---- */

static int read_text(void *ctx, __u64 addr, __u32 len, __u8 *to)
{
	const struct mpath_read_text *skel = ctx;
	__u64 args[2] = { addr, len };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));
	static struct mpath_text text;
	__u32 zero = 0;
	int err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.read_text), &opts);

	if (err)
		return err;
	if (bpf_map_lookup_elem(bpf_map__fd(skel->maps.text), &zero, &text))
		return -errno;
	if (text.len != len)
		return -EFAULT;
	memcpy(to, text.code, len);
	return 0;
}

static int no_facts(struct live *s)
{
	return live_fail(s, -EOPNOTSUPP,
			 "nvme_core was built without this project's patch series, and there is no "
			 "place in this one where anything could be learned; install the patched "
			 "modules, see 'nvme-mpathtop features'");
}

static int make_plan(struct live *s)
{
	struct mpath_read_text *skel = mpath_read_text__open_and_load();
	int err;

	s->plan = malloc(sizeof(*s->plan));
	if (!s->plan)
		err = -ENOMEM;
	else
		err = stock_plan(s->stock, read_text, skel, s->plan);
	if (!skel && !err)
		err = live_fail(s, -EPERM,
				"the program that reads the kernel's instructions cannot be "
				"loaded; is the kernel locked down "
				"(/sys/kernel/security/lockdown)?");
	mpath_read_text__destroy(skel);
	return err ? err : s->plan->given ? 0 : no_facts(s);
}

static bool is_used(const struct live *s, const char *program)
{
	const struct stock_probe *p;
	unsigned int i;

	for (i = 0; (p = stock_probe(i)); i++)
		if (s->plan->rows[i].used && !strcmp(p->program, program))
			return true;
	return !strcmp(program, LIVE_HEAL);
}

static int open_programs(struct live *s)
{
	struct mpath_kprobe *skel = mpath_kprobe__open();
	struct bpf_program *prog;

	if (!skel)
		return live_fail(s, -ENOMEM, "the BPF programs cannot be opened");
	s->stock_skel = skel;
	s->obj = skel->obj;
	s->maps = (struct live_maps) {
		.events = skel->maps.events,
		.heads = skel->maps.heads,
		.bios = skel->maps.bios,
		.outages = skel->maps.outages,
		.losses = skel->maps.losses,
		.who = skel->maps.who,
		.meta = skel->maps.meta,
	};
	if (tick())
		skel->rodata->tick_ns = tick();
	skel->rodata->untold = s->plan->missing | s->plan->absent;
	/* what looks into what this driver does not have could not be loaded */
	bpf_object__for_each_program(prog, s->obj)
		bpf_program__set_autoload(prog, is_used(s, bpf_program__name(prog)));
	return 0;
}

int live_stock_open(struct live *s)
{
	int err;

	s->stock = stock_new();
	err = check(s);
	err = err ? err : make_plan(s);
	return err ? err : open_programs(s);
}

static int add(struct live *s, const struct stock_probe *p, const struct stock_place *place,
	       unsigned int nth)
{
	struct live_point point = {
		.program = p->program,
		.function = place->function,
		.addr = place->addr ? place->addr + place->offset : 0,
		.ret = p->at == STOCK_RETURN,
	};

	snprintf(point.name, sizeof(point.name), nth ? "%s_%u" : "%s", p->program, nth + 1);
	snprintf(point.where, sizeof(point.where), "%s%s%.*s", place->function,
		 p->at == STOCK_RETURN ? ", return" :
		 p->at == STOCK_CALL   ? ", " :
					 "",
		 p->at == STOCK_CALL ? (int)strcspn(p->callees, " ") : 0,
		 p->at == STOCK_CALL ? p->callees : "");
	return live_point_add(s, &point);
}

/* How many places of its program there are before this row's. */
static unsigned int places_before(const struct live *s, unsigned int row)
{
	unsigned int i, n = 0;

	for (i = 0; i < row; i++)
		if (s->plan->rows[i].used &&
		    !strcmp(stock_probe(i)->program, stock_probe(row)->program))
			n += s->plan->rows[i].nr;
	return n;
}

static int add_places(struct live *s)
{
	unsigned int i, k, nth;
	int err = 0;

	s->nr_points = 0;
	for (i = 0; stock_probe(i); i++) {
		nth = places_before(s, i);
		for (k = 0; !err && s->plan->rows[i].used && k < s->plan->rows[i].nr; k++)
			err = add(s, stock_probe(i), &s->plan->rows[i].places[k], nth + k);
	}
	return err;
}

/* ---- what the kernel does not take ---- */

static char refused[64];	/* name of the program that the kernel has not loaded */
static libbpf_print_fn_t print_on;

static int note_refused(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	static const char begin[] = "prog '";
	char text[256];
	va_list copy;

	va_copy(copy, ap);
	vsnprintf(text, sizeof(text), fmt, copy);
	va_end(copy);
	if (level == LIBBPF_WARN && strstr(text, "load failed")) {
		const char *name = strstr(text, begin);

		if (name) {
			name += sizeof(begin) - 1;
			snprintf(refused, sizeof(refused), "%.*s", (int)strcspn(name, "'"), name);
		}
	}
	return print_on ? print_on(level, fmt, ap) : 0;
}

static int load(struct live *s)
{
	int err;

	refused[0] = '\0';
	print_on = libbpf_set_print(note_refused);
	err = bpf_object__load(s->obj);
	libbpf_set_print(print_on);
	return err;
}

/* What this program tells must be learned elsewhere, or not at all. */
static int without(struct live *s, const char *program)
{
	__u32 sizes[4] = {
		bpf_map__max_entries(s->maps.events),
		bpf_map__max_entries(s->maps.heads),
		bpf_map__max_entries(s->maps.bios),
		bpf_map__max_entries(s->maps.outages),
	};
	unsigned int i;
	int err;

	for (i = 0; stock_probe(i); i++)
		if (!strcmp(stock_probe(i)->program, program))
			s->plan->rows[i].there = PROBE_NO;
	stock_decide(s->plan);
	mpath_kprobe__destroy(s->stock_skel);
	s->stock_skel = NULL;
	s->obj = NULL;
	if (!s->plan->given)
		return no_facts(s);
	err = open_programs(s);
	if (err)
		return err;
	bpf_map__set_max_entries(s->maps.events, sizes[0]);
	bpf_map__set_max_entries(s->maps.heads, sizes[1]);
	bpf_map__set_max_entries(s->maps.bios, sizes[2]);
	bpf_map__set_max_entries(s->maps.outages, sizes[3]);
	return 0;
}

int live_stock_load(struct live *s)
{
	int err = load(s);

	while (err && err != -EPERM && *refused) {
		if (without(s, refused))
			return -EOPNOTSUPP;
		err = load(s);
	}
	return err ? err : add_places(s);
}

int live_stock_without(struct live *s, const char *program)
{
	int err;

	live_close_reading(s);
	err = without(s, program);
	err = err ? err : live_stock_load(s);
	err = err ? err : live_points_find(s);
	return err ? err : live_open_reading(s);
}

/* ---- what was pinned ---- */

static bool is_pinned(struct live *s, const char *program)
{
	const char *path = pins_path(s->pins, "link", program);

	return path && !access(path, F_OK);
}

/* Has an earlier row the same program? */
static bool places_pinned_before(unsigned int row)
{
	unsigned int i;

	for (i = 0; i < row; i++)
		if (!strcmp(stock_probe(i)->program, stock_probe(row)->program))
			return true;
	return false;
}

/* Of the programs that an earlier collector had a place for. */
int live_stock_places_pinned(struct live *s)
{
	struct stock_place place = {};
	const struct stock_probe *p;
	unsigned int i, k;
	char name[24];
	int err = 0;

	for (i = 0; (p = stock_probe(i)); i++) {
		place.function = p->functions;
		s->plan->rows[i].there = is_pinned(s, p->program) ? PROBE_YES : PROBE_NO;
		if (i && places_pinned_before(i))
			continue;
		for (k = 0; !err && k < STOCK_PLACES; k++) {
			snprintf(name, sizeof(name), k ? "%s_%u" : "%s", p->program, k + 1);
			if (is_pinned(s, name))
				err = add(s, p, &place, k);
		}
	}
	stock_decide(s->plan);
	return err;
}

const struct stock_plan *live_plan(const struct live *s)
{
	return s->plan;
}

__u32 live_missing(const struct live *s)
{
	return s->plan ? s->plan->missing : 0;
}
