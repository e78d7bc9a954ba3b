// SPDX-License-Identifier: GPL-2.0-only
/* The live source: loading and attaching its programs. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "gen/tracepoint.skel.h"
#include "gen/kprobe.skel.h"
#include "live/internal.h"
#include "live/kernel_features.h"
#include "live/module.h"
#include "live/pin_dir.h"
#include "live/stock_probes.h"
#include "live/switches.h"
#include "os/caps.h"
#include "os/cgroups.h"

static int print_nothing(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

static int print_down(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, ap);
}

struct live *live_new(void)
{
	struct live *s = calloc(1, sizeof(*s));
	size_t i;

	if (!s)
		return NULL;
	s->epoll_fd = -1;
	s->timer_fd = -1;
	s->heal_fd = -1;
	for (i = 0; i < SRC_LIVE_PROGRAMS; i++)
		s->programs[i] = -1;
	s->cgroups = cgroups_new(cgroups_mounts);
	if (!s->cgroups) {
		free(s);
		return NULL;
	}
	if (getrandom(&s->attachment, sizeof(s->attachment), 0) != sizeof(s->attachment))
		s->attachment = 0;
	return s;
}

static int check_host(struct live *s)
{
	char caps[64];

	if (probe_btf() == PROBE_NO)
		return live_fail(s, -EOPNOTSUPP,
				 "this kernel has no type information in "
				 "/sys/kernel/btf/vmlinux; it must be built with "
				 "CONFIG_DEBUG_INFO_BTF=y");
	if (caps_missing(caps, sizeof(caps)))
		return live_fail(s, -EPERM,
				 "loading BPF programs takes %s, which this process "
				 "lacks; run it as root or give it the capabilities, as in "
				 "setpriv --ambient-caps or AmbientCapabilities= of systemd",
				 caps);
	if (probe_nvme_core() == PROBE_NO)
		return live_fail(s, -ENODEV,
				 "the kernel module nvme_core is not loaded; load it "
				 "(modprobe nvme)");
	return 0;
}

static int load_error(struct live *s, int err)
{
	switch (-err) {
	case EPERM:
	case EACCES:
		return live_fail(s, err,
				 "the kernel refused the BPF programs: %s; is it locked "
				 "down (/sys/kernel/security/lockdown), or does a container or LSM "
				 "forbid bpf()? -v shows what libbpf says",
				 strerror(-err));
	case ENOMEM:
		return live_fail(s, err,
				 "no memory for the BPF maps; fewer parked I/Os need less, "
				 "and RLIMIT_MEMLOCK may be too low");
	default:
		return live_fail(s, err,
				 "the BPF programs cannot be loaded: %s; "
				 "-v shows what libbpf says",
				 strerror(-err));
	}
}

static int load_programs(struct live *s)
{
	int err = s->stock ? live_stock_load(s) : bpf_object__load(s->obj);

	if (err)
		return *s->error ? err : load_error(s, err);
	return live_points_find(s);
}

static int open_series(struct live *s)
{
	s->skel = mpath_tracepoint__open();
	if (!s->skel)
		return load_error(s, errno ? -errno : -ENOMEM);
	s->obj = s->skel->obj;
	s->maps = (struct live_maps) {
		.events = s->skel->maps.events,
		.heads = s->skel->maps.heads,
		.bios = s->skel->maps.bios,
		.outages = s->skel->maps.outages,
		.losses = s->skel->maps.losses,
		.who = s->skel->maps.who,
		.meta = s->skel->maps.meta,
	};
	return live_tracepoints_add(s);
}

/* No answer is taken for a yes: attaching will tell. */
static bool has_series(void)
{
	struct probe_tracepoints *p = probe_tracepoints_new();
	bool no = p && probe_tracepoint(p, live_tracepoint(0)) == PROBE_NO;

	probe_tracepoints_free(p);
	return !no;
}

static int set_size(struct bpf_map *map, __u32 entries)
{
	return entries ? bpf_map__set_max_entries(map, entries) : 0;
}

int live_load(struct live *s, const struct live_opts *opts)
{
	static const struct live_opts defaults;
	int err = check_host(s);
	char text[SWITCH_TEXT];
	bool series;

	if (err)
		return err;
	if (!opts)
		opts = &defaults;
	s->module = module_load_id();
	s->anew = opts->anew;
	libbpf_set_print(opts->verbose ? print_down : print_nothing);
	series = has_series();
	if (switch_in_the_way("", !series, 0, text))
		return live_fail(s, -EPERM, "%s; see 'nvme-mpathtop features'", text);
	err = series ? open_series(s) : live_stock_open(s);
	if (err)
		return err;
	err = set_size(s->maps.events, opts->ring_bytes);
	err = err ? err : set_size(s->maps.heads, opts->max_heads);
	err = err ? err : set_size(s->maps.bios, opts->max_bios);
	err = err ? err : set_size(s->maps.outages, opts->max_outages);
	if (err)
		return live_fail(s, err, "a size for the BPF maps is not usable: %s",
				 strerror(-err));
	err = opts->pin ? live_pin_open(s, opts->pin) : 0;
	if (!err && !s->taken_over)
		err = load_programs(s);
	if (err)
		return err;
	err = live_open_reading(s);
	if (err)
		return live_fail(s, err, "the ring buffer cannot be opened: %s", strerror(-err));
	return 0;
}

static int attach_error(struct live *s, const struct live_point *point, int err)
{
	const char *tracepoint = point->where;

	if (point->function)
		return live_fail(s, err,
				 "%s cannot be probed: %s; are kprobes switched off "
				 "(/sys/kernel/debug/kprobes/enabled), or is nvme_core being "
				 "unloaded?",
				 point->where, strerror(-err));
	if (err != -ENOENT)
		return live_fail(s, err, "tracepoint nvme:%s cannot be attached to: %s", tracepoint,
				 strerror(-err));
	if (probe_nvme_core() == PROBE_NO)
		return live_fail(s, -ENODEV, "nvme_core was unloaded just now");
	return live_fail(s, -EOPNOTSUPP,
			 "the nvme_core of this kernel has no tracepoint nvme:%s: "
			 "it was built without this project's patch series; install the patched "
			 "modules and reload nvme_core, see 'nvme-mpathtop features'",
			 tracepoint);
}

static struct bpf_link *attach(struct bpf_program *prog, const struct live_point *point)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .offset = point->addr, .retprobe = point->ret);
	const char *function = point->addr ? NULL : point->function;

	return point->function ? bpf_program__attach_kprobe_opts(prog, function, &opts) :
				 bpf_program__attach_raw_tracepoint(prog, point->where);
}

int live_attach(struct live *s)
{
	struct bpf_program *prog;
	unsigned int i;
	int err;

	if (s->taken_over) {
		live_pin_sign(s);
		return 0;
	}
	for (i = 0; i < s->nr_points; i++) {
		prog = bpf_object__find_program_by_name(s->obj, s->points[i].program);
		s->links[i] = attach(prog, &s->points[i]);
		if (s->links[i])
			continue;
		err = errno ? -errno : -EINVAL;
		live_detach(s);
		if (s->stock && !live_stock_without(s, s->points[i].program))
			return live_attach(s);
		return *s->error ? err : attach_error(s, &s->points[i], err);
	}
	return s->pins ? live_pin_all(s) : 0;
}

bool live_has_series(const struct live *s)
{
	return !s->stock;
}

__u64 live_module(const struct live *s)
{
	return s->module;
}

bool live_continues(const struct live *s)
{
	return s->taken_over;
}

__u64 live_attachment(const struct live *s)
{
	return s->pinned ? s->attachment : 0;
}

void live_free(struct live *s)
{
	size_t i;

	if (!s)
		return;
	live_detach(s);
	live_close_reading(s);
	for (i = 0; s->taken_over && i < s->nr_points; i++)
		if (s->programs[i] >= 0)
			close(s->programs[i]);
	if (s->taken_over && s->heal_fd >= 0)
		close(s->heal_fd);
	free(s->listed);
	mpath_tracepoint__destroy(s->skel);
	mpath_kprobe__destroy(s->stock_skel);
	stock_free(s->stock);
	free(s->plan);
	pins_free(s->pins);
	cgroups_free(s->cgroups);
	free(s);
}
