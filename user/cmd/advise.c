// SPDX-License-Identifier: GPL-2.0-only
/* advise: which setting would have been enough, by what was recorded. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/advise.h"
#include "base/array.h"
#include "base/format.h"
#include "base/json.h"
#include "cmd/commands.h"
#include "cmd/options.h"
#include "input/load.h"
#include "model/model.h"
#include "record/reader.h"
#include "report/json.h"

#define ADVISE_SCHEMA	"nvme-mpathtop-advise/1"
#define MAX_INPUTS	1000
/* windows in a model; of the others only the wait is kept */
#define KEPT		1000
#define HUNG_TASK_S	120		/* default of kernel.hung_task_timeout_secs */

/* One head, also over several recordings: its namespace is the same. */
struct group {
	char		name[MPATH_NAME_LEN];
	char		nqn[224];
	__u32		nsid;
	__s64		setting_s;
	bool		setting_known;
	struct advise	*a;
};

struct groups {
	struct group	*groups;
	size_t		nr;
	__u64		percent, guard;
	int		err;
};

static const char notes[] =
	"A wait is the time from the loss of the last path to the return of the namespace, to\n"
	"the same disk or, after a removal, as a new one. A window without a recorded return\n"
	"counts as not saved; one that was open at the end of the recording only if it had\n"
	"waited longer than all others, else it is left out.\n\n"
	"Exit status: 0 there is advice for every head, 1 failure, 2 invalid command line,\n"
	"4 there is none for a head, the advice rests on too few windows, or a recording is\n"
	"damaged.\n";

static bool same_head(const struct group *g, const struct model_head *h)
{
	if (*g->nqn || *h->nqn)
		return g->nsid == h->nsid && !strcmp(g->nqn, h->nqn);
	return !strcmp(g->name, h->name);
}

/* NULL when memory is short. */
static struct group *group_of(struct groups *gs, const struct model_head *h)
{
	struct group *more, *g;
	size_t i;

	for (i = 0; i < gs->nr; i++)
		if (same_head(&gs->groups[i], h))
			return &gs->groups[i];
	more = array_more(gs->groups, gs->nr, sizeof(*more));
	if (!more)
		return NULL;
	gs->groups = more;
	g = &more[gs->nr];
	*g = (struct group) { .nsid = h->nsid, .a = advise_new() };
	if (!g->a)
		return NULL;
	TOPO_TEXT(g->name, h->name);
	TOPO_TEXT(g->nqn, h->nqn);
	gs->nr++;
	return g;
}

static void add_window(void *ctx, const struct model_window *w)
{
	struct groups *gs = ctx;
	struct group *g = group_of(gs, w->head);

	if (!g || advise_add(g->a, w))
		gs->err = -ENOMEM;
}

/* Windows that the model still has, and the heads as they are last. */
static void add_rest(struct groups *gs, const struct view_input *in, size_t nr,
		     const struct view_opts *vo)
{
	const struct model_window *w;
	const struct model_head *h;
	struct group *g;
	size_t i, k;

	for (i = 0; i < nr; i++) {
		for (k = 0; (w = model_window(in[i].m, k)); k++)
			if (view_wants_window(vo, w))
				add_window(gs, w);
		for (k = 0; (h = model_head(in[i].m, k)); k++) {
			g = view_wants_head(vo, h) ? group_of(gs, h) : NULL;
			if (!g || !h->setting_known)
				continue;
			TOPO_TEXT(g->name, h->name);
			g->setting_known = h->setting_s != TOPO_NO_SETTING;
			g->setting_s = h->setting_s;
		}
	}
}

static bool is_good(const struct advice *r)
{
	return r->possible && !r->needed;
}

/* ---- text ---- */

static void text_basis(const struct advice *r)
{
	char a[FMT_LEN], b[FMT_LEN];

	printf("rests on %llu window%s", (unsigned long long)r->windows,
	       r->windows == 1 ? "" : "s");
	if (r->returned)
		printf(": %llu back after %s .. %s", (unsigned long long)r->returned,
		       fmt_duration(a, sizeof(a), r->shortest_ns),
		       fmt_duration(b, sizeof(b), r->longest_ns));
	if (r->not_returned)
		printf("%s %llu not back while recorded, for at least %s", r->returned ? "," : ":",
		       (unsigned long long)r->not_returned,
		       fmt_duration(a, sizeof(a), r->watched_ns));
	if (r->unknown)
		printf("; %llu more left out, of which too little is known",
		       (unsigned long long)r->unknown);
	putchar('\n');
}

static void text_warnings(const struct groups *gs, const struct advice *r)
{
	if (!r->possible && r->returned)
		printf("warning  %llu %% of %llu windows cannot be saved: only %llu came back; the "
		       "advice is for these\n",
		       (unsigned long long)gs->percent, (unsigned long long)r->windows,
		       (unsigned long long)r->returned);
	if (r->needed)
		printf("warning  too few windows: %llu are needed to say something about %llu %%\n",
		       (unsigned long long)r->needed, (unsigned long long)gs->percent);
	if (r->setting_s > HUNG_TASK_S)
		printf("warning  tasks that wait for more than %d s are reported as hung "
		       "(kernel.hung_task_timeout_secs)\n",
		       HUNG_TASK_S);
}

static void text_group(const struct groups *gs, const struct group *g)
{
	char name[4 * MPATH_NAME_LEN], nqn[4 * 224];
	struct advice r;

	advise_ask(g->a, (unsigned int)gs->percent * 10, (unsigned int)gs->guard, &r);
	printf("\n%s (%s, nsid %u)", fmt_text(name, sizeof(name), g->name),
	       *g->nqn ? fmt_text(nqn, sizeof(nqn), g->nqn) : "-", g->nsid);
	if (g->setting_known)
		printf("  now %lld s", (long long)g->setting_s);
	putchar('\n');
	if (!r.windows) {
		printf("advice   none: no window%s\n",
		       r.unknown ? " of which enough is known" : "");
		return;
	}
	if (!r.returned)
		printf("advice   none: no setting can be shown to save a window, none came back\n");
	else
		printf("advice   %llu s: saves %llu of %llu windows",
		       (unsigned long long)r.setting_s, (unsigned long long)r.saved,
		       (unsigned long long)r.windows);
	if (r.returned && g->setting_known)
		printf("; %lld s saves %llu", (long long)g->setting_s,
		       (unsigned long long)advise_saved(g->a, (__u64)g->setting_s));
	if (r.returned)
		putchar('\n');
	text_basis(&r);
	text_warnings(gs, &r);
}

static void text_input(const struct view_input *in)
{
	char name[1024];

	printf("%-8s %s\n", view_input_kind(in), fmt_text(name, sizeof(name), in->name));
	view_put_part(stdout, in, "         ", "\n");
}

static void show_text(const struct groups *gs, const struct view_input *in, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		text_input(&in[i]);
	for (i = 0; i < nr; i++)
		view_put_damage(stdout, &in[i], nr > 1);
	printf("wanted   %llu %% of the windows, and %llu %% longer than that takes\n",
	       (unsigned long long)gs->percent, (unsigned long long)gs->guard);
	for (i = 0; i < gs->nr; i++)
		text_group(gs, &gs->groups[i]);
	if (!gs->nr)
		printf("\nno heads in this recording\n");
}

/* ---- JSON ---- */

static struct json_object *json_group(const struct groups *gs, const struct group *g)
{
	struct json_object *o = json_object_new_object();
	struct advice r;

	advise_ask(g->a, (unsigned int)gs->percent * 10, (unsigned int)gs->guard, &r);
	json_add_text(o, "head", g->name);
	json_add_text(o, "nqn", g->nqn);
	json_add_count(o, "nsid", g->nsid);
	json_add_int(o, "setting_seconds", g->setting_s, g->setting_known);
	json_add_int(o, "saved_by_setting",
		     (__s64)(g->setting_known ? advise_saved(g->a, (__u64)g->setting_s) : 0),
		     g->setting_known);
	json_add_int(o, "advised_seconds", (__s64)r.setting_s, r.returned);
	json_add_int(o, "saved_by_advice", (__s64)r.saved, r.returned);
	json_add_bool(o, "share_possible", r.possible);
	json_add_seconds(o, "quantile_seconds", (__s64)r.quantile_ns, r.possible);
	json_add_count(o, "windows", r.windows);
	json_add_count(o, "returned", r.returned);
	json_add_count(o, "not_returned", r.not_returned);
	json_add_count(o, "unknown", r.unknown);
	json_add_seconds(o, "shortest_seconds", (__s64)r.shortest_ns, r.returned);
	json_add_seconds(o, "longest_seconds", (__s64)r.longest_ns, r.returned);
	json_add_seconds(o, "watched_seconds", (__s64)r.watched_ns, r.not_returned);
	json_add_bool(o, "too_few", r.needed);
	json_add_int(o, "windows_needed", (__s64)r.needed, r.needed);
	return o;
}

static int show_json(const struct groups *gs, const struct view_input *in, size_t nr)
{
	struct json_object *o = json_object_new_object(), *heads = json_object_new_array(),
			   *inputs = json_object_new_array(), *damage = json_object_new_array(),
			   *one;
	size_t i;

	for (i = 0; i < nr; i++) {
		one = json_object_new_object();
		json_add_text(one, "record", in[i].name);
		json_add_text(one, "kind", view_input_kind(&in[i]));
		json_add_count(one, "files_before", record_reader_before(in[i].reader));
		json_add_count(one, "repeated", in[i].repeated);
		json_object_array_add(inputs, one);
		view_json_damage(damage, &in[i], i);
	}
	for (i = 0; i < gs->nr; i++)
		json_object_array_add(heads, json_group(gs, &gs->groups[i]));
	json_add_text(o, "schema", ADVISE_SCHEMA);
	json_add(o, "inputs", inputs);
	json_add(o, "damage", damage);
	json_add_count(o, "share_percent", gs->percent);
	json_add_count(o, "guard_percent", gs->guard);
	json_add(o, "heads", heads);
	return json_write(stdout, o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
}

static int show(const struct groups *gs, const struct view_input *in, size_t nr, bool json)
{
	int err = 0, status = EXIT_OK;
	struct advice r;
	size_t i;

	if (json)
		err = show_json(gs, in, nr);
	else
		show_text(gs, in, nr);
	if (err || fflush(stdout)) {
		if (err == -EPIPE || errno == EPIPE)
			return EXIT_ERROR;
		fprintf(stderr, "nvme-mpathtop: cannot write: %s\n", strerror(err ? -err : errno));
		return EXIT_ERROR;
	}
	for (i = 0; i < nr; i++)
		if (record_reader_remark(in[i].reader, 0))
			status = EXIT_INCOMPLETE;
	for (i = 0; i < gs->nr; i++) {
		advise_ask(gs->groups[i].a, (unsigned int)gs->percent * 10, (unsigned int)gs->guard,
			   &r);
		if (!is_good(&r))
			status = EXIT_INCOMPLETE;
	}
	return gs->nr ? status : EXIT_INCOMPLETE;
}

static int advise(struct groups *gs, char **paths, size_t nr, struct inputs_opts *io,
		  struct view_opts *vo, bool json)
{
	struct inputs *in = NULL;
	int status = EXIT_ERROR;
	size_t i;

	io->forget = add_window;
	io->ctx = gs;
	if (!inputs_read(paths, nr, io, vo, &in)) {
		nr = inputs_count(in);
		add_rest(gs, inputs_views(in), nr, vo);
		if (gs->err)
			fprintf(stderr, "nvme-mpathtop: out of memory\n");
		else
			status = show(gs, inputs_views(in), nr, json);
	}
	inputs_free(in);
	for (i = 0; i < gs->nr; i++)
		advise_free(gs->groups[i].a);
	free(gs->groups);
	return status;
}

struct advise_options {
	struct groups		gs;
	struct inputs_opts	io;
	struct view_opts	vo;
	bool			json;
};

static const struct advise_options defaults = {
	.gs = { .percent = 95, .guard = 20 },
	.io.windows = KEPT,
};

static const struct opt options[] = {
	OPT_JSON(struct advise_options, json),
	OPT_UTC(struct advise_options, vo.utc),
	OPT_HEAD(struct advise_options, vo.head),
	OPT_SINCE(struct advise_options, io.since),
	OPT_UNTIL(struct advise_options, io.until),
	OPT_NUMBER(0, "share", struct advise_options, gs.percent, "PERCENT", 1, 100,
		   "share of the windows to be saved (default 95)"),
	OPT_NUMBER(0, "guard", struct advise_options, gs.guard, "PERCENT", 0, 1000,
		   "safety margin on the longest of their waits (default 20)"),
	OPT_END,
};

static int run(void *given, int nr_args, char **args)
{
	struct advise_options *o = given;
	char *here[] = { (char *)"." };

	return advise(&o->gs, nr_args ? args : here, nr_args ? (size_t)nr_args : 1, &o->io, &o->vo,
		      o->json);
}

const struct command command_advise = {
	.name = "advise",
	.summary = "recommend a delayed_removal_secs from recorded outages",
	.args = "[FILE|DIR]...",
	.max_args = MAX_INPUTS,
	.options = options,
	.defaults = &defaults,
	.size = sizeof(defaults),
	.notes = notes,
	.run = run,
};
