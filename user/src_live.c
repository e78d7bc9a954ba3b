// SPDX-License-Identifier: GPL-2.0-only
/* The live source: the table of programs, loading and attaching them. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "caps.h"
#include "cgroups.h"
#include "mpath.skel.h"
#include "mpath_stock.skel.h"
#include "pins.h"
#include "probe.h"
#include "src_live_priv.h"
#include "stock.h"

/*
 * In the order of attaching. What takes bios off the books comes before what
 * puts them there, and what ends an outage before what begins one: nothing is
 * remembered of which the end could be missed.
 */
static const struct {
	const char *program, *tracepoint;
} table[] = {
	{ "mpath_requeue_work",	"nvme_mpath_requeue_work" },
	{ "mpath_bio_unpark",	"nvme_mpath_bio_unpark" },
	{ "mpath_bio_fail",	"nvme_mpath_bio_fail" },
	{ "mpath_bio_park",	"nvme_mpath_bio_park" },
	{ "mpath_failover",	"nvme_mpath_failover" },
	{ "mpath_path_add",	"nvme_mpath_path_add" },
	{ "mpath_path_live",	"nvme_mpath_path_live" },
	{ "mpath_path_remove",	"nvme_mpath_path_remove" },
	{ "mpath_head_remove",	"nvme_mpath_head_remove" },
	{ "mpath_remove_work",	"nvme_mpath_remove_work" },
	{ "mpath_ctrl_state",	"nvme_ctrl_state" },
};

#define TRACEPOINTS	(sizeof(table) / sizeof(*table))

const char *src_live_tracepoint(unsigned int i)
{
	return i < TRACEPOINTS ? table[i].tracepoint : NULL;
}

int live_point_add(struct src_live *s, const struct live_point *point)
{
	if (s->nr_points == SRC_LIVE_PROGRAMS)
		return live_fail(s, -E2BIG, "more places for programs than there is room for");
	s->points[s->nr_points++] = *point;
	return 0;
}

static int add_tracepoints(struct src_live *s)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < TRACEPOINTS; i++) {
		struct live_point p = { .program = table[i].program };

		snprintf(p.name, sizeof(p.name), "%s", table[i].program);
		snprintf(p.where, sizeof(p.where), "%s", table[i].tracepoint);
		err = live_point_add(s, &p);
	}
	return err;
}

const char *src_live_error(const struct src_live *s)
{
	return s->error;
}

int live_fail(struct src_live *s, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	return err;
}

/* ---- life cycle ---- */

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

struct src_live *src_live_new(void)
{
	struct src_live *s = calloc(1, sizeof(*s));
	size_t i;

	if (!s)
		return NULL;
	s->epoll_fd = -1;
	s->timer_fd = -1;
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

static int check_host(struct src_live *s)
{
	char caps[64];

	if (probe_btf() == PROBE_NO)
		return live_fail(s, -EOPNOTSUPP, "this kernel has no type information in "
				 "/sys/kernel/btf/vmlinux; it must be built with "
				 "CONFIG_DEBUG_INFO_BTF=y");
	if (caps_missing(caps, sizeof(caps)))
		return live_fail(s, -EPERM, "loading BPF programs takes %s, which this process "
				 "lacks; run it as root or give it the capabilities, as in "
				 "setpriv --ambient-caps or AmbientCapabilities= of systemd", caps);
	if (probe_nvme_core() == PROBE_NO)
		return live_fail(s, -ENODEV, "the kernel module nvme_core is not loaded; load it "
				 "(modprobe nvme)");
	return 0;
}

static int load_error(struct src_live *s, int err)
{
	switch (-err) {
	case EPERM:
	case EACCES:
		return live_fail(s, err, "the kernel refused the BPF programs: %s; is it locked "
				 "down (/sys/kernel/security/lockdown), or does a container or LSM "
				 "forbid bpf()? -v shows what libbpf says", strerror(-err));
	case ENOMEM:
		return live_fail(s, err, "no memory for the BPF maps; fewer parked bios need less, "
				 "and RLIMIT_MEMLOCK may be too low");
	default:
		return live_fail(s, err, "the BPF programs cannot be loaded: %s; "
				 "-v shows what libbpf says", strerror(-err));
	}
}

static int find_programs(struct src_live *s)
{
	struct bpf_program *prog;
	unsigned int i;

	for (i = 0; i < s->nr_points; i++) {
		prog = bpf_object__find_program_by_name(s->obj, s->points[i].program);
		if (!prog)
			return live_fail(s, -ENOENT, "program %s is not in this build",
					 s->points[i].program);
		s->programs[i] = bpf_program__fd(prog);
	}
	return 0;
}

static int load_programs(struct src_live *s)
{
	int err = bpf_object__load(s->obj);

	if (err)
		return load_error(s, err);
	err = s->stock ? live_stock_places(s) : 0;
	return err ? err : find_programs(s);
}

static int open_series(struct src_live *s)
{
	s->skel = mpath__open();
	if (!s->skel)
		return load_error(s, errno ? -errno : -ENOMEM);
	s->obj = s->skel->obj;
	s->maps = (struct live_maps) {
		.events = s->skel->maps.events, .heads = s->skel->maps.heads,
		.bios = s->skel->maps.bios, .outages = s->skel->maps.outages,
		.losses = s->skel->maps.losses, .who = s->skel->maps.who,
		.meta = s->skel->maps.meta,
	};
	return add_tracepoints(s);
}

/* No answer is taken for a yes: attaching will tell. */
static bool has_series(void)
{
	struct probe_tracepoints *p = probe_tracepoints_new();
	bool no = p && probe_tracepoint(p, table[0].tracepoint) == PROBE_NO;

	probe_tracepoints_free(p);
	return !no;
}

static int set_size(struct bpf_map *map, __u32 entries)
{
	return entries ? bpf_map__set_max_entries(map, entries) : 0;
}

int src_live_load(struct src_live *s, const struct src_live_opts *opts)
{
	static const struct src_live_opts defaults;
	int err = check_host(s);

	if (err)
		return err;
	if (!opts)
		opts = &defaults;
	libbpf_set_print(opts->verbose ? print_down : print_nothing);
	err = has_series() ? open_series(s) : live_stock_open(s);
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
	err = src_live_open_reading(s);
	if (err)
		return live_fail(s, err, "the ring buffer cannot be opened: %s", strerror(-err));
	return 0;
}

static int attach_error(struct src_live *s, const struct live_point *point, int err)
{
	const char *tracepoint = point->where;

	if (point->function)
		return live_fail(s, err, "%s cannot be probed: %s; are kprobes switched off "
				 "(/sys/kernel/debug/kprobes/enabled), or is nvme_core being "
				 "unloaded?", point->where, strerror(-err));
	if (err != -ENOENT)
		return live_fail(s, err, "tracepoint nvme:%s cannot be attached to: %s",
				 tracepoint, strerror(-err));
	if (probe_nvme_core() == PROBE_NO)
		return live_fail(s, -ENODEV, "nvme_core was unloaded just now");
	return live_fail(s, -EOPNOTSUPP, "the nvme_core of this kernel has no tracepoint nvme:%s: "
			 "it was built without this project's patch series; install the patched "
			 "modules and reload nvme_core, see 'nvme-mpathtop features'", tracepoint);
}

void src_live_detach(struct src_live *s)
{
	size_t i = s->nr_points;

	/* the other way round, for the same reason */
	while (i--) {
		/* what is pinned stays attached */
		if (s->links[i] && s->pinned)
			bpf_link__disconnect(s->links[i]);
		bpf_link__destroy(s->links[i]);
		s->links[i] = NULL;
	}
}

static struct bpf_link *attach(struct bpf_program *prog, const struct live_point *point)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .offset = point->offset, .retprobe = point->ret);

	return point->function ?
	       bpf_program__attach_kprobe_opts(prog, point->function, &opts) :
	       bpf_program__attach_raw_tracepoint(prog, point->where);
}

int src_live_attach(struct src_live *s)
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
		src_live_detach(s);
		return attach_error(s, &s->points[i], err);
	}
	return s->pins ? live_pin_all(s) : 0;
}

bool src_live_has_series(const struct src_live *s)
{
	return !s->stock;
}

bool src_live_continues(const struct src_live *s)
{
	return s->taken_over;
}

__u64 src_live_attachment(const struct src_live *s)
{
	return s->pinned ? s->attachment : 0;
}

void src_live_free(struct src_live *s)
{
	size_t i;

	if (!s)
		return;
	src_live_detach(s);
	src_live_close_reading(s);
	for (i = 0; s->taken_over && i < s->nr_points; i++)
		if (s->programs[i] >= 0)
			close(s->programs[i]);
	mpath__destroy(s->skel);
	mpath_stock__destroy(s->stock_skel);
	stock_free(s->stock);
	pins_free(s->pins);
	cgroups_free(s->cgroups);
	free(s);
}

/* ---- programs ---- */

unsigned int src_live_attached(const struct src_live *s)
{
	unsigned int i, n = 0;

	for (i = 0; i < s->nr_points; i++)
		n += !!s->links[i];
	return n;
}

int src_live_program(const struct src_live *s, unsigned int i, struct src_live_program *p)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	if (i >= s->nr_points)
		return -ENOENT;
	memset(p, 0, sizeof(*p));
	p->name = s->points[i].name;
	p->where = s->points[i].where;
	p->attached = s->links[i];
	if (s->programs[i] < 0 || bpf_obj_get_info_by_fd(s->programs[i], &info, &len))
		return 0;
	p->runs = info.run_cnt;
	p->missed = info.recursion_misses;
	return 0;
}
