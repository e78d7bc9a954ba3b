/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel offers to the live source: for people, and for a bundle. */
#ifndef LIVE_FEATURES_H
#define LIVE_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "bpf/mpath_event.h"
#include "live/kernel_features.h"

#define FEATURES_TRACEPOINTS	32
#define FEATURES_PROBES		48
#define FEATURES_MISSING	32

struct json_object;
struct topo;

/**
 * struct feature_probe - a program for a driver without the series, and where it goes
 * @program:	"": there is no such one
 * @function:	one or several; "": none of these is there (asked by an earlier version)
 * @calls:	at the calls of this one; "": at the entry or return
 */
struct feature_probe {
	char	program[24], function[128], calls[64];
};

/* A fact in such a driver, see enum mpath_fact. @where it is learned; "": nowhere. */
struct feature_fact {
	enum probe_answer	given;
	bool			absent;		/* this driver has no such thing */
	char			where[160];
};

struct features {
	const char		*kind, *name;	/* of what this is; name: "", or what was given */
	struct utsname		uts;
	enum probe_answer	btf, core, stats;
	enum probe_answer	tracepoints[FEATURES_TRACEPOINTS];
	enum probe_answer	all_tracepoints;
	const char		*how;
	bool			cap_bpf, cap_perfmon, cap_sys_admin, cap_syslog;
	bool			unpatched;	/* no tracepoints: kprobes */
	bool			has_plan;	/* the driver's functions were looked at */
	enum probe_answer	nvme_btf;
	struct feature_probe	probes[FEATURES_PROBES];
	struct feature_fact	facts[MPATH_FACTS];
	struct topo		*topo;		/* NULL: could not be read */
	size_t			settable;	/* heads with the attribute */
	enum probe_answer	live;		/* can watch and collect work here? */
	char			missing[FEATURES_MISSING][256];
	size_t			nr_missing;
};

/*
 * Ask the running kernel, into zeroed @f. Needs no privilege. Who may load programs does, and
 * attaches them for a moment: what works is known then, and not concluded. 0 or -errno.
 */
int features_gather(struct features *f);

/* Is there a fact that cannot be learned, although the driver has what it is about? */
bool features_lack_facts(const struct features *f);

/* A new object. */
struct json_object *features_json(const struct features *f);

/*
 * What features_json() said of another host, into zeroed @f, without heads. Capabilities are those
 * of the process that asked there.
 */
void features_from_json(struct features *f, struct json_object *o);

/* Ask the running kernel, and write the answers. 0 or -errno. */
int features_write_json(FILE *out);

/* What is in it, not @f itself. */
void features_free(struct features *f);

#endif /* LIVE_FEATURES_H */
