// SPDX-License-Identifier: GPL-2.0-only
/* What a kernel offers to the live source: asked for, as JSON, and read back from it. */
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <string.h>

#include "base/format.h"
#include "base/json.h"
#include "live/features.h"
#include "live/live.h"
#include "live/stock_probes.h"
#include "os/caps.h"
#include "sysfs/topology_source.h"

#define FEATURES_SCHEMA		"nvme-mpathtop-features/1"
#define JSON_FLAGS		(JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE)

static enum probe_answer both(enum probe_answer a, enum probe_answer b)
{
	if (a == PROBE_NO || b == PROBE_NO)
		return PROBE_NO;
	return a == PROBE_YES && b == PROBE_YES ? PROBE_YES : PROBE_UNKNOWN;
}

static __attribute__((format(printf, 2, 3))) void missing(struct features *f, const char *fmt, ...)
{
	va_list ap;

	if (f->nr_missing == FEATURES_MISSING)
		return;
	va_start(ap, fmt);
	vsnprintf(f->missing[f->nr_missing++], sizeof(f->missing[0]), fmt, ap);
	va_end(ap);
}

/* ---- a driver without the series ---- */

static void gather_probes(struct features *f)
{
	const struct stock_probe *p;
	const char *function;
	unsigned int i;

	f->stock = stock_new();
	f->symbols = f->stock ? PROBE_YES : PROBE_UNKNOWN;
	for (i = 0; f->stock && i < FEATURES_PROBES && (p = stock_probe(i)); i++) {
		f->probes[i].wanted = stock_wanted(f->stock, p);
		function = stock_function(f->stock, p);
		snprintf(f->probes[i].function, sizeof(f->probes[i].function), "%s",
			 function ? function : "");
		if (f->probes[i].wanted && !function)
			f->symbols = PROBE_NO;
	}
}

/* What is lost, or never was there, although all that is there is used. */
static void missing_probes(struct features *f)
{
	const struct stock_probe *p;
	unsigned int i;

	if (!f->stock)
		missing(f, "watch and collect: /proc/kallsyms cannot be read, which has the places "
			   "for kprobes");
	for (i = 0; f->stock && i < FEATURES_PROBES && (p = stock_probe(i)); i++)
		if (!*f->probes[i].function && (f->probes[i].wanted || p->when == STOCK_OPTIONAL))
			missing(f, "%s%s: the driver has no function %s",
				f->probes[i].wanted ? "watch and collect, so " : "", p->gives,
				p->functions);
	if (f->nvme_btf == PROBE_NO)
		missing(f, "watch and collect: no type information of nvme_core; it takes "
			   "CONFIG_DEBUG_INFO_BTF_MODULES=y, or the patch series");
	if (!f->cap_sys_admin)
		missing(f,
			"watch and collect: this process lacks CAP_SYS_ADMIN, which kprobes in a "
			"driver without the patch series take: the types of a module are for "
			"nobody else");
	if (!f->cap_syslog)
		missing(f, "watch and collect: this process lacks CAP_SYSLOG, without which "
			   "/proc/kallsyms tells no addresses");
	if (f->stock && !stock_has_windows(f->stock))
		missing(f, "grace windows: this driver removes a head together with its last path; "
			   "outages, parked and failed I/Os, stalls and causes are seen");
	else if (f->stock)
		missing(f, "moves of the deadline and closed windows: this driver leaves an open "
			   "window as it was armed, whatever is written to delayed_removal_secs");
}

static enum probe_answer probes_usable(const struct features *f)
{
	enum probe_answer a = both(f->nvme_btf, f->symbols);

#ifndef __x86_64__
	return PROBE_NO;
#endif
	return f->cap_sys_admin && f->cap_syslog ? a : PROBE_NO;
}

/* ---- this host ---- */

static void conclude(struct features *f)
{
	char caps[64];

	f->live = both(f->btf, f->core);
	f->live = both(f->live, f->unpatched ? probes_usable(f) : f->all_tracepoints);
	if (!f->cap_bpf || !f->cap_perfmon)
		f->live = PROBE_NO;

	if (f->btf == PROBE_NO)
		missing(f, "watch and collect: the kernel has no type information; build it with "
			   "CONFIG_DEBUG_INFO_BTF=y");
	if (caps_missing(caps, sizeof(caps)))
		missing(f, "watch and collect: this process lacks %s; run them as root", caps);
	if (f->core == PROBE_NO)
		missing(f, "watch and collect: nvme_core is not loaded; modprobe nvme");
	else if (f->unpatched)
		missing_probes(f);
	else if (f->all_tracepoints == PROBE_UNKNOWN)
		missing(f, "an answer about the tracepoints: ask again as root");
	if (f->topo && f->topo->nr_heads && !f->settable &&
	    !(f->stock && !stock_has_windows(f->stock)))
		missing(f, "grace windows: no head has delayed_removal_secs");
	if (!f->topo)
		missing(f, "the topology: /sys cannot be read");
}

int features_gather(struct features *f)
{
	struct probe_tracepoints *p = probe_tracepoints_new();
	const char *name;
	size_t i;

	if (!p)
		return -ENOMEM;
	f->kind = "host";
	f->name = "";
	uname(&f->uts);
	f->btf = probe_btf();
	f->core = probe_nvme_core();
	f->nvme_btf = probe_nvme_btf();
	f->stats = probe_bpf_stats();
	f->cap_bpf = caps_have_bpf();
	f->cap_perfmon = caps_have_perfmon();
	f->cap_sys_admin = caps_have_sys_admin();
	f->cap_syslog = caps_have_syslog();
	f->how = probe_tracepoints_how(p);
	f->all_tracepoints = PROBE_YES;
	for (i = 0; i < FEATURES_TRACEPOINTS && (name = live_tracepoint(i)); i++) {
		f->tracepoints[i] = probe_tracepoint(p, name);
		f->all_tracepoints = both(f->all_tracepoints, f->tracepoints[i]);
	}
	probe_tracepoints_free(p);
	f->unpatched = f->core == PROBE_YES && f->tracepoints[0] == PROBE_NO;
	if (f->unpatched)
		gather_probes(f);
	if (topo_scan(SYSFS, &f->topo))
		f->topo = NULL;
	for (i = 0; f->topo && i < f->topo->nr_heads; i++)
		f->settable += f->topo->heads[i].setting_s != TOPO_NO_SETTING;
	conclude(f);
	stock_free(f->stock);
	f->stock = NULL;
	return 0;
}

void features_free(struct features *f)
{
	topo_free(f->topo);
	f->topo = NULL;
}

/* ---- JSON ---- */

static void add_answer(struct json_object *o, const char *key, enum probe_answer a)
{
	json_object_object_add(o, key,
			       a == PROBE_UNKNOWN ? NULL : json_object_new_boolean(a == PROBE_YES));
}

static struct json_object *json_heads(const struct topo *t)
{
	struct json_object *list, *o;
	const struct topo_head *h;
	char name[4 * TOPO_NAME_LEN];
	size_t i;

	if (!t)
		return NULL;
	list = json_object_new_array();
	for (i = 0; i < t->nr_heads; i++) {
		h = &t->heads[i];
		o = json_object_new_object();
		json_object_object_add(o, "name",
				       json_object_new_string(
					       fmt_text(name, sizeof(name), h->name)));
		json_object_object_add(o, "delayed_removal_secs",
				       h->setting_s == TOPO_NO_SETTING ?
					       NULL :
					       json_object_new_int64(h->setting_s));
		json_object_array_add(list, o);
	}
	return list;
}

/* null unless the driver is without the series; only what it wants is in it */
static struct json_object *json_probes(const struct features *f)
{
	struct json_object *root, *o;
	const struct stock_probe *p;
	size_t i;

	if (!f->unpatched)
		return NULL;
	root = json_object_new_object();
	for (i = 0; i < FEATURES_PROBES && (p = stock_probe(i)); i++) {
		if (!f->probes[i].wanted && p->when != STOCK_OPTIONAL)
			continue;
		o = json_object_new_object();
		json_object_object_add(o, "function",
				       *f->probes[i].function ?
					       json_object_new_string(f->probes[i].function) :
					       NULL);
		json_object_object_add(o, "calls",
				       p->callee ? json_object_new_string(p->callee) : NULL);
		json_object_object_add(root, p->program, o);
	}
	return root;
}

struct json_object *features_json(const struct features *f)
{
	struct json_object *root = json_object_new_object(), *o;
	const char *name;
	size_t i;

	json_object_object_add(root, "schema", json_object_new_string(FEATURES_SCHEMA));
	json_add_text(root, "kind", f->kind);
	json_add_text(root, "name", f->name);
	json_object_object_add(root, "kernel", json_object_new_string(f->uts.release));
	json_object_object_add(root, "machine", json_object_new_string(f->uts.machine));
	add_answer(root, "btf", f->btf);
	add_answer(root, "nvme_core", f->core);
	add_answer(root, "bpf_stats", f->stats);
	json_object_object_add(root, "tracepoints_asked", json_object_new_string(f->how));
	o = json_object_new_object();
	for (i = 0; i < FEATURES_TRACEPOINTS && (name = live_tracepoint(i)); i++)
		add_answer(o, name, f->tracepoints[i]);
	json_object_object_add(root, "tracepoints", o);
	o = json_object_new_object();
	json_object_object_add(o, "CAP_BPF", json_object_new_boolean(f->cap_bpf));
	json_object_object_add(o, "CAP_PERFMON", json_object_new_boolean(f->cap_perfmon));
	json_object_object_add(o, "CAP_SYS_ADMIN", json_object_new_boolean(f->cap_sys_admin));
	json_object_object_add(o, "CAP_SYSLOG", json_object_new_boolean(f->cap_syslog));
	json_object_object_add(root, "capabilities", o);
	add_answer(root, "nvme_core_btf", f->nvme_btf);
	json_object_object_add(root, "kprobes", json_probes(f));
	json_object_object_add(root, "heads", json_heads(f->topo));
	add_answer(root, "live", f->live);
	o = json_object_new_array();
	for (i = 0; i < f->nr_missing; i++)
		json_object_array_add(o, json_object_new_string(f->missing[i]));
	json_object_object_add(root, "missing", o);
	return root;
}

int features_write_json(FILE *out)
{
	struct features f = {};
	int err = features_gather(&f);

	if (err)
		return err;
	err = json_write(out, features_json(&f), JSON_FLAGS);
	features_free(&f);
	return err;
}

/* ---- from JSON ---- */

static enum probe_answer answer_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_boolean))
		return PROBE_UNKNOWN;
	return json_object_get_boolean(v) ? PROBE_YES : PROBE_NO;
}

static const char *text_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_string) ?
		       json_object_get_string(v) :
		       "-";
}

/* Of each probe: is it wanted, and the name of its function. */
static void probes_from(struct features *f, struct json_object *probes)
{
	const struct stock_probe *p;
	struct json_object *o;
	unsigned int i;

	f->unpatched = json_object_is_type(probes, json_type_object);
	f->symbols = PROBE_YES;
	for (i = 0; f->unpatched && i < FEATURES_PROBES && (p = stock_probe(i)); i++) {
		f->probes[i].wanted = json_object_object_get_ex(probes, p->program, &o);
		if (f->probes[i].wanted && strcmp(text_of(o, "function"), "-"))
			fmt_text(f->probes[i].function, sizeof(f->probes[i].function),
				 text_of(o, "function"));
	}
}

void features_from_json(struct features *f, struct json_object *o)
{
	struct json_object *points = NULL, *caps = NULL, *list = NULL, *probes = NULL;
	const char *name, *how = text_of(o, "tracepoints_asked");
	size_t i;

	fmt_text(f->uts.release, sizeof(f->uts.release), text_of(o, "kernel"));
	fmt_text(f->uts.machine, sizeof(f->uts.machine), text_of(o, "machine"));
	f->btf = answer_of(o, "btf");
	f->core = answer_of(o, "nvme_core");
	f->stats = answer_of(o, "bpf_stats");
	f->live = answer_of(o, "live");
	f->how = !strcmp(how, "tracefs") ? "tracefs" : !strcmp(how, "-") ? "-" : "BTF of nvme_core";
	json_object_object_get_ex(o, "tracepoints", &points);
	for (i = 0; i < FEATURES_TRACEPOINTS && (name = live_tracepoint(i)); i++)
		f->tracepoints[i] = answer_of(points, name);
	json_object_object_get_ex(o, "capabilities", &caps);
	f->cap_bpf = answer_of(caps, "CAP_BPF") == PROBE_YES;
	f->cap_perfmon = answer_of(caps, "CAP_PERFMON") == PROBE_YES;
	f->cap_sys_admin = answer_of(caps, "CAP_SYS_ADMIN") == PROBE_YES;
	f->cap_syslog = answer_of(caps, "CAP_SYSLOG") == PROBE_YES;
	f->nvme_btf = answer_of(o, "nvme_core_btf");
	json_object_object_get_ex(o, "kprobes", &probes);
	probes_from(f, probes);
	if (!json_object_object_get_ex(o, "missing", &list) ||
	    !json_object_is_type(list, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(list) && f->nr_missing < FEATURES_MISSING; i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(list, i));

		if (text)
			fmt_text(f->missing[f->nr_missing++], sizeof(f->missing[0]), text);
	}
}
