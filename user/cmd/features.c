// SPDX-License-Identifier: GPL-2.0-only
/*
 * features: what this kernel offers, what the tool uses of it, what is
 * therefore missing. Works without any privilege; what cannot be known then is
 * shown as "-" (JSON: null), which is neither yes nor no.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/json.h"
#include "cmd/commands.h"
#include "cmd/options.h"
#include "input/open.h"
#include "live/features.h"
#include "live/live.h"
#include "record/facts.h"
#include "sysfs/topology_source.h"

#define JSON_FLAGS		(JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE)

/* ---- text ---- */

static const char *word(enum probe_answer a)
{
	return a == PROBE_YES ? "yes" : a == PROBE_NO ? "no" : "-";
}

static void text_line(const char *what, const char *answer)
{
	printf("  %-38s %s\n", what, answer);
}

static void text_heads(const struct topo *t)
{
	const struct topo_head *h;
	char name[4 * TOPO_NAME_LEN], value[32];
	size_t i, k, paths;

	printf("\nheads                                    delayed_removal_secs  paths\n");
	if (!t)
		printf("  -\n");
	if (t && !t->nr_heads)
		printf("  none\n");
	for (i = 0; t && i < t->nr_heads; i++) {
		h = &t->heads[i];
		snprintf(value, sizeof(value), "-");
		if (h->setting_s != TOPO_NO_SETTING)
			snprintf(value, sizeof(value), "%lld", (long long)h->setting_s);
		for (k = 0, paths = 0; k < t->nr_paths; k++)
			paths += !strcmp(t->paths[k].head, h->name);
		printf("  %-38s %-21s %zu\n", fmt_text(name, sizeof(name), h->name), value, paths);
	}
}

static void text_probes(const struct features *f)
{
	const struct feature_probe *p;
	char where[200];
	size_t i;

	printf("\nkprobes, as the driver is without the patch series\n");
	text_line("type information of nvme_core", word(f->nvme_btf));
	for (i = 0; !f->has_plan && i < FEATURES_PROBES && *f->probes[i].program; i++) {
		p = &f->probes[i];
		snprintf(where, sizeof(where), "%s%s%s", *p->function ? p->function : p->program,
			 *p->calls ? ", " : "", p->calls);
		printf("  %-60s %s\n", where, *p->function ? "yes" : "no");
	}
}

static void text_facts(const struct features *f)
{
	char shown[sizeof(f->facts[0].where) * 4];
	const struct feature_fact *fact;
	unsigned int i;

	printf("\nfacts, and where they are learned\n");
	for (i = 0; i < MPATH_FACTS; i++) {
		fact = &f->facts[i];
		if (!fact->absent)
			printf("  %-38s %-3s  %s\n", fact_row(i)->text, word(fact->given),
			       fmt_text(shown, sizeof(shown), fact->where));
	}
}

static const char *uses(const struct features *f)
{
	if (f->live != PROBE_YES)
		return "libnvme and sysfs; recordings made elsewhere (report)";
	return f->unpatched ?
		       "kprobes, BPF maps and ring buffer; libnvme and sysfs; uevents" :
		       "raw tracepoints, BPF maps and ring buffer; libnvme and sysfs; uevents";
}

static void show_text(const struct features *f)
{
	char shown[512];
	const char *name;
	size_t i;

	if (*f->name)
		printf("%-8s %s\n", f->kind, fmt_text(shown, sizeof(shown), f->name));
	printf("kernel %s %s\n", f->uts.release, f->uts.machine);
	text_line("type information (BTF)", word(f->btf));
	text_line("nvme_core", word(f->core));
	text_line("run counts (kernel.bpf_stats_enabled)", word(f->stats));
	printf("\ntracepoints, system nvme, asked: %s\n", f->how);
	for (i = 0; i < FEATURES_TRACEPOINTS && (name = live_tracepoint(i)); i++)
		text_line(name, word(f->tracepoints[i]));
	if (f->unpatched)
		text_probes(f);
	if (f->has_plan)
		text_facts(f);
	printf("\ncapabilities of %s\n", *f->name ? "who made it" : "this process");
	text_line("CAP_BPF", f->cap_bpf ? "yes" : "no");
	text_line("CAP_PERFMON", f->cap_perfmon ? "yes" : "no");
	if (f->unpatched) {
		text_line("CAP_SYS_ADMIN", f->cap_sys_admin ? "yes" : "no");
		text_line("CAP_SYSLOG", f->cap_syslog ? "yes" : "no");
	}
	text_heads(f->topo);
	printf("\nuses     %s\n", uses(f));
	for (i = 0; i < f->nr_missing; i++)
		printf("%s%s\n", i ? "         " : "missing  ", f->missing[i]);
	if (!f->nr_missing)
		printf("missing  nothing\n");
}

/* ---- of a bundle ---- */

static int gather_from(struct features *f, const struct input *source)
{
	const char *root = input_root(source);
	struct json_object *o;
	char path[4096];

	o = input_json(source, "features.json");
	if (!o)
		return -ENOENT;
	features_from_json(f, o);
	json_object_put(o);
	snprintf(path, sizeof(path), "%s/sys", root);
	if (topo_scan(path, &f->topo))
		f->topo = NULL;
	return 0;
}

/* @path: NULL is this host */
static int gather_any(struct features *f, const char *path)
{
	struct input *source;
	char shown[512];
	int err;

	if (!path) {
		err = features_gather(f);
		if (err)
			fprintf(stderr, "nvme-mpathtop features: %s\n", strerror(-err));
		return err;
	}
	err = input_open(path, INPUT_ALL, &source);
	if (err)
		return err;
	f->kind = input_kind_name(source);
	f->name = path;
	err = gather_from(f, source);
	if (err)
		fprintf(stderr,
			"nvme-mpathtop features: %s: no features in this %s; give a bundle\n",
			fmt_text(shown, sizeof(shown), path), f->kind);
	input_free(source);
	return err;
}

struct features_options {
	bool	json;
};

static const struct features_options defaults;

static const struct opt options[] = {
	OPT_JSON(struct features_options, json),
	OPT_END,
};

#define EXIT_NOTHING	3	/* nothing can be watched there */
#define EXIT_PARTLY	4	/* it can, but a fact is missing */

static int status_of(const struct features *f)
{
	if (f->live != PROBE_YES)
		return EXIT_NOTHING;
	return features_lack_facts(f) ? EXIT_PARTLY : EXIT_OK;
}

static int run(void *given, int nr_args, char **args)
{
	const struct features_options *o = given;
	struct features f = {};
	int status;

	if (gather_any(&f, nr_args ? args[0] : NULL))
		return EXIT_ERROR;
	status = status_of(&f);
	if (o->json)
		json_write(stdout, features_json(&f), JSON_FLAGS);
	else
		show_text(&f);
	features_free(&f);
	if (fflush(stdout)) {
		if (errno == EPIPE)
			return EXIT_ERROR;
		fprintf(stderr, "nvme-mpathtop features: cannot write: %s\n", strerror(errno));
		return EXIT_ERROR;
	}
	return status;
}

const struct command command_features = {
	.name = "features",
	.summary = "list what the running kernel offers, and what is unavailable",
	.args = "[BUNDLE]",
	.max_args = 1,
	.options = options,
	.defaults = &defaults,
	.size = sizeof(defaults),
	.notes = "Changes nothing and needs no privilege; as root more can be determined.\n"
		 "For a bundle, the output stored when the bundle was created is printed.\n",
	.run = run,
};
