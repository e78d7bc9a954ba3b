// SPDX-License-Identifier: GPL-2.0-only
/* The live source: the table of its programs and their links, and the text of its last error. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "live/internal.h"

const char *live_error(const struct live *s)
{
	return s->error;
}

int live_fail(struct live *s, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	return err;
}

int live_point_add(struct live *s, const struct live_point *point)
{
	if (s->nr_points == SRC_LIVE_PROGRAMS)
		return live_fail(s, -E2BIG, "more places for programs than there is room for");
	s->points[s->nr_points++] = *point;
	return 0;
}

int live_points_find(struct live *s)
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
	prog = bpf_object__find_program_by_name(s->obj, LIVE_HEAL);
	s->heal_fd = prog ? bpf_program__fd(prog) : -1;
	return 0;
}

unsigned int live_attached(const struct live *s)
{
	unsigned int i, n = 0;

	for (i = 0; i < s->nr_points; i++)
		n += !!s->links[i];
	return n;
}

/*
 * What the kernel says of the link of a kprobe, since 6.7; the headers may be older, and so may
 * the kernel, which leaves the rest as it is: zero.
 */
struct link_info {
	__u32	type, id, prog_id, pad;
	__u32	perf_type, pad_perf;
	__u64	function;
	__u32	function_len, offset;
	__u64	addr, missed, cookie;
};

#define PERF_KPROBE	3	/* enum bpf_perf_event_type */
#define PERF_KRETPROBE	4

/* Hits of a probe that ran no program: it was hit in a probe, or all of its returns were taken. */
static __u64 link_missed(const struct bpf_link *link)
{
	struct link_info info = {};
	__u32 len = sizeof(info);

	if (!link || bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &len) ||
	    (info.perf_type != PERF_KPROBE && info.perf_type != PERF_KRETPROBE))
		return 0;
	return info.missed;
}

/* One program may be at several places, and has one count of them all. */
static bool is_first(const struct live *s, unsigned int i)
{
	unsigned int k;

	for (k = 0; k < i; k++)
		if (!strcmp(s->points[k].program, s->points[i].program))
			return false;
	return true;
}

int live_program(const struct live *s, unsigned int i, struct live_program *p)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	if (i >= s->nr_points)
		return -ENOENT;
	memset(p, 0, sizeof(*p));
	p->name = s->points[i].name;
	p->where = s->points[i].where;
	p->attached = s->links[i];
	p->missed = link_missed(s->links[i]);
	if (s->programs[i] < 0 || bpf_obj_get_info_by_fd(s->programs[i], &info, &len))
		return 0;
	p->runs = info.run_cnt;
	if (is_first(s, i))
		p->missed += info.recursion_misses;
	return 0;
}

void live_detach(struct live *s)
{
	size_t i = s->nr_points;

	/* the other way round, for the reason that orders the tracepoints */
	while (i--) {
		/* what is pinned stays attached */
		if (s->links[i] && s->pinned)
			bpf_link__disconnect(s->links[i]);
		bpf_link__destroy(s->links[i]);
		s->links[i] = NULL;
	}
}
