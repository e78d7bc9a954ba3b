// SPDX-License-Identifier: GPL-2.0-only
/* What this kernel offers. Nothing here goes by the kernel's version. */
#define _GNU_SOURCE	/* O_PATH */
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "live/kernel_features.h"

struct probe_tracepoints {
	const char	*how;
	int		events;		/* directory events/nvme in tracefs, or -1 */
	bool		tracefs;
	struct btf	*base, *core;	/* core may be base, if nvme_core is built in */
};

enum probe_answer probe_btf(void)
{
	if (!access("/sys/kernel/btf/vmlinux", R_OK))
		return PROBE_YES;
	return errno == ENOENT ? PROBE_NO : PROBE_UNKNOWN;
}

/*
 * A directory there has every module, and every built-in one with parameters;
 * nvme_core has some (drivers/nvme/host/core.c).
 */
enum probe_answer probe_nvme_core(void)
{
	if (!access("/sys/module/nvme_core", F_OK))
		return PROBE_YES;
	return errno == ENOENT && !access("/sys/module", X_OK) ? PROBE_NO : PROBE_UNKNOWN;
}

/* only modules that can be unloaded have an initstate */
static bool is_built_in(void)
{
	return probe_nvme_core() == PROBE_YES && access("/sys/module/nvme_core/initstate", F_OK);
}

enum probe_answer probe_nvme_btf(void)
{
	if (!access("/sys/kernel/btf/nvme_core", F_OK))
		return PROBE_YES;
	if (probe_nvme_core() != PROBE_YES)
		return PROBE_UNKNOWN;
	return is_built_in() ? probe_btf() : PROBE_NO;
}

/* The first line of a file; "": there is none. */
static const char *first_line(const char *path, char *buf, size_t len)
{
	FILE *f = fopen(path, "re");

	buf[0] = '\0';
	if (f && !fgets(buf, (int)len, f))
		buf[0] = '\0';
	if (f)
		fclose(f);
	return buf;
}

enum probe_answer probe_kprobes(char *why, size_t len)
{
	char line[80];

	if (access("/sys/bus/event_source/devices/kprobe", F_OK) && errno == ENOENT &&
	    !access("/sys/bus/event_source/devices", F_OK)) {
		snprintf(why, len, "this kernel has none (CONFIG_KPROBE_EVENTS)");
		return PROBE_NO;
	}
	if (strstr(first_line("/sys/kernel/security/lockdown", line, sizeof(line)),
		   "[confidentiality]")) {
		snprintf(why, len,
			 "the kernel is locked down for confidentiality, which refuses "
			 "them (/sys/kernel/security/lockdown)");
		return PROBE_NO;
	}
	if (first_line("/sys/kernel/debug/kprobes/enabled", line, sizeof(line))[0] == '0') {
		snprintf(why, len,
			 "they are switched off; echo 1 > "
			 "/sys/kernel/debug/kprobes/enabled");
		return PROBE_NO;
	}
	return PROBE_YES;
}

enum probe_answer probe_bpf_stats(void)
{
	FILE *f = fopen("/proc/sys/kernel/bpf_stats_enabled", "re");
	int on;

	if (!f)
		return PROBE_UNKNOWN;
	if (fscanf(f, "%d", &on) != 1)
		on = -1;
	fclose(f);
	return on < 0 ? PROBE_UNKNOWN : on ? PROBE_YES : PROBE_NO;
}

static int open_events(void)
{
	static const char *const roots[] = {
		"/sys/kernel/tracing/events",
		"/sys/kernel/debug/tracing/events",
	};
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		fd = open(roots[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

struct probe_tracepoints *probe_tracepoints_new(void)
{
	struct probe_tracepoints *p = calloc(1, sizeof(*p));
	int events;

	if (!p)
		return NULL;
	p->how = "-";
	p->events = -1;
	events = open_events();
	if (events >= 0) {
		p->tracefs = true;
		p->how = "tracefs";
		p->events = openat(events, "nvme", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(events);
		return p;
	}
	p->base = btf__load_vmlinux_btf();
	if (!p->base)
		return p;
	if (!access("/sys/kernel/btf/nvme_core", R_OK))
		p->core = btf__load_module_btf("nvme_core", p->base);
	else if (is_built_in())
		p->core = p->base;
	if (p->core)
		p->how = "BTF of nvme_core";
	return p;
}

enum probe_answer probe_tracepoint(struct probe_tracepoints *p, const char *name)
{
	char type[96];
	struct stat st;

	if (p->tracefs && p->events >= 0)
		return fstatat(p->events, name, &st, 0) ? PROBE_NO : PROBE_YES;
	if (p->tracefs)		/* what a module has that is not loaded cannot be told */
		return probe_nvme_core() == PROBE_YES ? PROBE_NO : PROBE_UNKNOWN;
	if (!p->core)
		return PROBE_UNKNOWN;
	/* Every tracepoint leaves a typedef btf_trace_NAME, see include/trace/bpf_probe.h. */
	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return btf__find_by_name_kind(p->core, type, BTF_KIND_TYPEDEF) > 0 ? PROBE_YES : PROBE_NO;
}

const char *probe_tracepoints_how(const struct probe_tracepoints *p)
{
	return p->how;
}

void probe_tracepoints_free(struct probe_tracepoints *p)
{
	if (!p)
		return;
	if (p->events >= 0)
		close(p->events);
	if (p->core != p->base)
		btf__free(p->core);
	btf__free(p->base);
	free(p);
}
