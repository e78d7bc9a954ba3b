// SPDX-License-Identifier: GPL-2.0-only
/* What a kernel offers to the live source: asked for, as JSON, and read back from it. */
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/json.h"
#include "live/features.h"
#include "live/live.h"
#include "live/stock_probes.h"
#include "live/switches.h"
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

static void append(char *to, size_t len, const char *sep, const char *text)
{
	size_t at = strlen(to);

	snprintf(to + at, len - at, "%s%s", at ? sep : "", text);
}

static void describe_place(char *to, size_t len, const struct stock_probe *p, const char *function)
{
	char at[128];

	snprintf(at, sizeof(at), "%s%s%.*s", function,
		 p->at == STOCK_RETURN ? ", return" :
		 p->at == STOCK_CALL   ? ", " :
					 "",
		 p->at == STOCK_CALL ? (int)strcspn(p->callees, " ") : 0,
		 p->at == STOCK_CALL ? p->callees : "");
	if (!strstr(to, at))
		append(to, len, "; ", at);
}

/* The names of the functions that a row is in; of instructions that cannot be read, may be. */
static const char *function_of(const struct stock_probe *p, const struct stock_row *row,
			       unsigned int nth)
{
	if (row->nr)
		return nth < row->nr ? row->places[nth].function : NULL;
	return nth ? NULL : p->functions;
}

static struct feature_probe *probe_get(struct features *f, const char *program)
{
	size_t i;

	for (i = 0; i < FEATURES_PROBES - 1; i++)
		if (!*f->probes[i].program || !strcmp(f->probes[i].program, program))
			break;
	return &f->probes[i];
}

static void gather_row(struct features *f, const struct stock_probe *p, const struct stock_row *row,
		       const struct stock_plan *plan)
{
	struct feature_probe *probe = probe_get(f, p->program);
	const char *function;
	unsigned int k, fact;

	snprintf(probe->program, sizeof(probe->program), "%s", p->program);
	snprintf(probe->calls, sizeof(probe->calls), "%.*s",
		 p->callees ? (int)strcspn(p->callees, " ") : 0, p->callees ? p->callees : "");
	for (k = 0; (function = function_of(p, row, k)); k++) {
		if (!strstr(probe->function, function))
			append(probe->function, sizeof(probe->function), " ", function);
		for (fact = 0; fact < MPATH_FACTS; fact++)
			if ((plan->given & p->facts & (1U << fact)) &&
			    (p->ways & (1U << plan->way[fact])))
				describe_place(f->facts[fact].where, sizeof(f->facts[fact].where),
					       p, function);
	}
}

static void gather_plan(struct features *f, const struct stock_plan *plan)
{
	const struct stock_probe *p;
	unsigned int i;

	f->has_plan = true;
	memset(f->probes, 0, sizeof(f->probes));
	memset(f->facts, 0, sizeof(f->facts));
	for (i = 0; (p = stock_probe(i)); i++)
		if (plan->rows[i].used)
			gather_row(f, p, &plan->rows[i], plan);
	for (i = 0; i < MPATH_FACTS; i++) {
		f->facts[i].absent = plan->absent & (1U << i);
		f->facts[i].given = plan->unsure & (1U << i) ? PROBE_UNKNOWN :
				    plan->given & (1U << i)  ? PROBE_YES :
							       PROBE_NO;
	}
}

/* By name alone, for who may do no more. */
static void gather_names(struct features *f)
{
	struct stock *stock = stock_new();
	struct stock_plan *plan = calloc(1, sizeof(*plan));

	if (stock && plan && !stock_plan(stock, NULL, NULL, plan))
		gather_plan(f, plan);
	free(plan);
	stock_free(stock);
}

/* What is lost, or never was there, although all that is there is used. */
static void missing_probes(struct features *f)
{
	unsigned int i;

	if (!f->has_plan)
		missing(f, "watch and collect: /proc/kallsyms cannot be read, which has the places "
			   "for kprobes");
	for (i = 0; f->has_plan && i < MPATH_FACTS; i++)
		if (f->facts[i].given == PROBE_NO && !f->facts[i].absent)
			missing(f, "%s: this driver has no place where it could be learned",
				fact_row(i)->text);
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
	if (f->has_plan && f->facts[MPATH_FACT_WINDOW_ARMED].absent)
		missing(f, "grace windows: this driver removes a head together with its last path; "
			   "outages, parked and failed I/Os, stalls and causes are seen");
	else if (f->has_plan)
		missing(f, "moves of the deadline and closed windows: this driver leaves an open "
			   "window as it was armed, whatever is written to delayed_removal_secs");
}

/* Nothing was tried: is there a fact that can be learned? */
static enum probe_answer probes_usable(const struct features *f)
{
	enum probe_answer facts = PROBE_NO;
	unsigned int i;

#ifndef __x86_64__
	return PROBE_NO;
#endif
	if (!f->has_plan)
		facts = PROBE_UNKNOWN;
	for (i = 0; i < MPATH_FACTS; i++)
		if (f->facts[i].given == PROBE_YES ||
		    (f->facts[i].given == PROBE_UNKNOWN && facts == PROBE_NO))
			facts = f->facts[i].given;
	return f->cap_sys_admin && f->cap_syslog ? both(f->nvme_btf, facts) : PROBE_NO;
}

bool features_lack_facts(const struct features *f)
{
	unsigned int i;

	for (i = 0; f->has_plan && i < MPATH_FACTS; i++)
		if (f->facts[i].given == PROBE_NO && !f->facts[i].absent)
			return true;
	return false;
}

/* ---- this host ---- */

/*
 * Do what watch and collect do, and take it back: of what they would refuse here, they say why.
 * False: this process may not.
 */
static bool try_live(struct features *f)
{
	const struct live_opts small = { .max_heads = 1, .max_bios = 1, .max_outages = 1 };
	struct live *live;
	int err;

	if (!f->cap_bpf || !f->cap_perfmon || f->core != PROBE_YES ||
	    (f->unpatched && (!f->cap_sys_admin || !f->cap_syslog)))
		return false;
	live = live_new();
	if (!live)
		return false;
	err = live_load(live, &small);
	err = err ? err : live_attach(live);
	f->live = err ? PROBE_NO : PROBE_YES;
	if (err)
		missing(f, "watch and collect: %s", live_error(live));
	if (live_plan(live))
		gather_plan(f, live_plan(live));
	live_free(live);
	return true;
}

/* What would be attached, and never run: live_load() refuses for the same reason. */
static bool missing_switches(struct features *f)
{
	char text[SWITCH_TEXT];
	unsigned int i;

	for (i = 0; switch_in_the_way("", f->unpatched, i, text); i++)
		missing(f, "watch and collect: %s", text);
	return i;
}

static void conclude(struct features *f)
{
	char caps[64];

	if (missing_switches(f)) {
		f->live = PROBE_NO;
	} else if (!try_live(f)) {
		f->live = both(f->btf, f->core);
		f->live = both(f->live, f->unpatched ? probes_usable(f) : f->all_tracepoints);
		if (!f->cap_bpf || !f->cap_perfmon)
			f->live = PROBE_NO;
	}
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
	    !f->facts[MPATH_FACT_WINDOW_ARMED].absent)
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
		gather_names(f);
	if (topo_scan(SYSFS, &f->topo))
		f->topo = NULL;
	for (i = 0; f->topo && i < f->topo->nr_heads; i++)
		f->settable += f->topo->heads[i].setting_s != TOPO_NO_SETTING;
	conclude(f);
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

/* null unless the driver is without the series; only what is used is in it */
static struct json_object *json_probes(const struct features *f)
{
	struct json_object *root, *o;
	size_t i;

	if (!f->unpatched)
		return NULL;
	root = json_object_new_object();
	for (i = 0; i < FEATURES_PROBES && *f->probes[i].program; i++) {
		const struct feature_probe *p = &f->probes[i];

		o = json_object_new_object();
		json_object_object_add(o, "function",
				       *p->function ? json_object_new_string(p->function) : NULL);
		json_object_object_add(o, "calls",
				       *p->calls ? json_object_new_string(p->calls) : NULL);
		json_object_object_add(root, p->program, o);
	}
	return root;
}

/* null unless the driver is without the series, and was looked at; without what it has not got */
static struct json_object *json_facts(const struct features *f)
{
	struct json_object *root, *o;
	size_t i;

	if (!f->has_plan)
		return NULL;
	root = json_object_new_object();
	for (i = 0; i < MPATH_FACTS; i++) {
		if (f->facts[i].absent)
			continue;
		o = json_object_new_object();
		add_answer(o, "given", f->facts[i].given);
		json_object_object_add(o, "where",
				       *f->facts[i].where ?
					       json_object_new_string(f->facts[i].where) :
					       NULL);
		json_object_object_add(root, fact_row((unsigned int)i)->name, o);
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
	json_object_object_add(root, "facts", json_facts(f));
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

static void probes_from(struct features *f, struct json_object *probes)
{
	struct feature_probe *p = f->probes;

	f->unpatched = json_object_is_type(probes, json_type_object);
	if (!f->unpatched)
		return;
	json_object_object_foreach(probes, program, o)
	{
		const char *calls = text_of(o, "calls"), *function = text_of(o, "function");

		if (p == f->probes + FEATURES_PROBES - 1)
			return;
		fmt_text(p->program, sizeof(p->program), program);
		fmt_text(p->function, sizeof(p->function), strcmp(function, "-") ? function : "");
		fmt_text(p->calls, sizeof(p->calls), strcmp(calls, "-") ? calls : "");
		p++;
	}
}

static void facts_from(struct features *f, struct json_object *facts)
{
	struct json_object *o;
	unsigned int i;

	f->has_plan = json_object_is_type(facts, json_type_object);
	for (i = 0; f->has_plan && i < MPATH_FACTS; i++) {
		f->facts[i].absent = !json_object_object_get_ex(facts, fact_row(i)->name, &o);
		if (f->facts[i].absent)
			continue;
		f->facts[i].given = answer_of(o, "given");
		fmt_text(f->facts[i].where, sizeof(f->facts[i].where), text_of(o, "where"));
	}
}

void features_from_json(struct features *f, struct json_object *o)
{
	struct json_object *points = NULL, *caps = NULL, *list = NULL, *probes = NULL;
	struct json_object *facts = NULL;
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
	json_object_object_get_ex(o, "facts", &facts);
	facts_from(f, facts);
	if (!json_object_object_get_ex(o, "missing", &list) ||
	    !json_object_is_type(list, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(list) && f->nr_missing < FEATURES_MISSING; i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(list, i));

		if (text)
			fmt_text(f->missing[f->nr_missing++], sizeof(f->missing[0]), text);
	}
}
