// SPDX-License-Identifier: GPL-2.0-only
/* The live source on a driver without the series: its programs, and where they go. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gen/kprobe.skel.h"
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
	if (!stock_has_addresses(s->stock))
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
	return 0;
}

int live_stock_open(struct live *s)
{
	const struct stock_probe *p;
	struct mpath_kprobe *skel;
	unsigned int i;
	int err;

	s->stock = stock_new();
	err = check(s);
	if (err)
		return err;
	skel = mpath_kprobe__open();
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
	/* what looks into what this driver does not have could not be loaded */
	for (i = 0; (p = stock_probe(i)); i++)
		if (!stock_wanted(s->stock, p))
			bpf_program__set_autoload(bpf_object__find_program_by_name(s->obj,
										   p->program),
						  false);
	return 0;
}

static int read_text(void *ctx, __u64 addr, __u32 len, __u8 *to)
{
	const struct mpath_kprobe *skel = ctx;
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

static int add(struct live *s, const struct stock_probe *p, const char *function,
	       unsigned long offset, int nth)
{
	struct live_point point = {
		.program = p->program,
		.function = function,
		.offset = offset,
		.ret = p->ret,
	};

	snprintf(point.name, sizeof(point.name), nth ? "%s_%d" : "%s", p->program, nth + 1);
	snprintf(point.where, sizeof(point.where), "%s%s%s", function,
		 p->ret	   ? ", return" :
		 p->callee ? ", " :
			     "",
		 p->callee && !p->ret ? p->callee : "");
	return live_point_add(s, &point);
}

static int places_error(struct live *s, const struct stock_probe *p, int err)
{
	if (err != -ENOENT)
		return live_fail(s, err,
				 "the instructions of %s cannot be read: %s; is the kernel locked "
				 "down (/sys/kernel/security/lockdown)?",
				 p->functions, strerror(-err));
	return live_fail(s, -EOPNOTSUPP,
			 "nvme_core was built without this project's patch series, and this one "
			 "cannot be probed: %s%s%s%s; so %s could not be told. Install the patched "
			 "modules, see 'nvme-mpathtop features'",
			 p->callee ? "no call of " : "there is no function ",
			 p->callee ? p->callee : "", p->callee ? " in " : "", p->functions,
			 p->gives);
}

int live_stock_places(struct live *s)
{
	unsigned long offsets[STOCK_CALLS];
	const struct stock_probe *p;
	const char *function;
	unsigned int i;
	int n, k, err = 0;

	for (i = 0; !err && (p = stock_probe(i)); i++) {
		if (!stock_wanted(s->stock, p))
			continue;
		n = stock_places(s->stock, p, read_text, s->stock_skel, offsets, &function);
		if (n < 0)
			return places_error(s, p, n);
		for (k = 0; !err && k < n; k++)
			err = add(s, p, function, offsets[k], k);
	}
	return err;
}

int live_stock_places_pinned(struct live *s)
{
	const struct stock_probe *p;
	const char *path;
	char name[24];
	unsigned int i;
	int k, err = 0;

	for (i = 0; (p = stock_probe(i)); i++)
		for (k = 0; !err && k < STOCK_CALLS; k++) {
			snprintf(name, sizeof(name), k ? "%s_%d" : "%s", p->program, k + 1);
			path = pins_path(s->pins, "link", name);
			if (path && !access(path, F_OK))
				err = add(s, p, p->functions, 0, k);
		}
	return err;
}
