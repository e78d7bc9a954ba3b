/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel offers to the live source: for people, and for a bundle. */
#ifndef LIVE_FEATURES_H
#define LIVE_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "live/kernel_features.h"

#define FEATURES_TRACEPOINTS	32
#define FEATURES_PROBES		32
#define FEATURES_MISSING	8

struct json_object;
struct stock;
struct topo;

/* A place in a driver without the series, see live/stock_probes.h. */
struct feature_probe {
	char			function[64];	/* "": none of these is there */
	bool			wanted;
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
	struct stock		*stock;		/* NULL: patched, or symbols cannot be read */
	enum probe_answer	nvme_btf, symbols;	/* symbols: all that are wanted */
	struct feature_probe	probes[FEATURES_PROBES];
	struct topo		*topo;		/* NULL: could not be read */
	size_t			settable;	/* heads with the attribute */
	enum probe_answer	live;		/* can watch and collect work here? */
	char			missing[FEATURES_MISSING][256];
	size_t			nr_missing;
};

/* Ask the running kernel, into zeroed @f. Needs no privilege. 0 or -errno. */
int features_gather(struct features *f);

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
