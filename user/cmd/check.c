// SPDX-License-Identifier: GPL-2.0-only
/* check: lints a host, a bundle, or how a kernel behaved in a recording. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/format.h"
#include "base/json.h"
#include "check/output.h"
#include "cmd/commands.h"
#include "cmd/options.h"
#include "input/load.h"
#include "input/open.h"
#include "live/kernel_features.h"
#include "live/live.h"
#include "model/model.h"
#include "record/reader.h"

#define KEPT	10000		/* windows */

static const char notes[] =
	"Without an argument this host is examined; nothing is changed, no command is sent to a\n"
	"device. A bundle has the configuration of its host and the behaviour of its kernel, a\n"
	"recording only the behaviour.\n\n"
	"Exit status: 0 only notes, 1 failure, 2 invalid command line, 3 there are errors,\n"
	"4 there are none, but some rule could not be applied, 5 there are only warnings.\n";

static enum probe_answer has_series(void)
{
	struct probe_tracepoints *p = probe_tracepoints_new();
	enum probe_answer answer = PROBE_UNKNOWN;

	if (p)
		answer = probe_tracepoint(p, live_tracepoint(0));
	probe_tracepoints_free(p);
	return answer;
}

/* What features said when the bundle was made. */
static enum probe_answer series_of(const struct input *source)
{
	enum probe_answer answer = PROBE_UNKNOWN;
	struct json_object *o = input_json(source, "features.json"), *points, *one;

	if (json_object_object_get_ex(o, "tracepoints", &points) &&
	    json_object_object_get_ex(points, live_tracepoint(0), &one) &&
	    json_object_is_type(one, json_type_boolean))
		answer = json_object_get_boolean(one) ? PROBE_YES : PROBE_NO;
	json_object_put(o);
	return answer;
}

/* One run of the command; its parts live as long as it does. */
struct run {
	struct check		*c;
	struct check_of		of;
	struct host		*h;
	struct input		*source;
	struct inputs		*in;
	struct view_opts	vo;
};

static int check_root(struct run *r, const char *root, enum probe_answer series)
{
	int err = host_read(root, &r->h);
	char shown[512];

	if (err) {
		fprintf(stderr, "nvme-mpathtop check: %s: cannot read sysfs: %s\n",
			fmt_text(shown, sizeof(shown), *root ? root : "/"), strerror(-err));
		return err;
	}
	r->h->series = series;
	r->of.host = r->h->name;
	r->of.kernel = r->h->kernel;
	return check_host(r->c, r->h);
}

/* The windows, and the name and kernel of the last session. */
static int check_records(struct run *r, char *path)
{
	const struct inputs_opts io = { .windows = KEPT };
	const struct record_remark *damage;
	const struct model_session *s;
	const struct model *m;
	size_t i;
	int err;

	err = inputs_read(&path, 1, &io, &r->vo, &r->in);
	if (err)
		return err;
	m = inputs_views(r->in)[0].m;
	for (i = 0; (damage = record_reader_remark(inputs_views(r->in)[0].reader, i)); i++)
		check_skip(r->c, "all rules about what happened: of what is damaged: %s",
			   damage->text);
	if (inputs_views(r->in)[0].forgotten->windows)
		check_skip(r->c,
			   "early-removal, stranded, setting-lost: of windows before the newest %d",
			   KEPT);
	s = model_current(m);
	if (s && !*r->of.host)
		r->of.host = model_session_host(s)->name;
	if (s && !*r->of.kernel)
		r->of.kernel = model_session_host(s)->kernel;
	return check_record(r->c, m);
}

static int status_of(const struct check *c)
{
	const struct check_finding *worst = check_finding(c, 0);

	if (worst && worst->severity == CHECK_ERROR)
		return EXIT_REMOVED;
	if (check_skipped(c, 0))
		return EXIT_INCOMPLETE;
	return worst && worst->severity == CHECK_WARNING ? EXIT_PENDING : EXIT_OK;
}

static int show(const struct check *c, const struct check_of *of, bool json)
{
	int err = json ? json_write(stdout, check_view_json(c, of),
				    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE) :
			 check_view_text(stdout, c, of);

	if (!err && fflush(stdout))
		err = -errno;
	if (!err)
		return status_of(c);
	if (err != -EPIPE)
		fprintf(stderr, "nvme-mpathtop check: cannot write: %s\n", strerror(-err));
	return EXIT_ERROR;
}

/* @path: NULL is this host */
static int check_one(struct run *r, char *path)
{
	const char *root;
	int err;

	if (!path) {
		r->of.kind = "host";
		return check_root(r, "", has_series());
	}
	err = input_open(path, INPUT_ALL, &r->source);
	if (err)
		return err;
	r->of.kind = input_kind_name(r->source);
	r->of.name = path;
	root = input_root(r->source);
	if (root)
		err = check_root(r, root, series_of(r->source));
	if (!err && (!root || !access(input_record(r->source), F_OK)))
		err = check_records(r, root ? (char *)input_record(r->source) : path);
	return err;
}

struct check_options {
	bool	json;
};

static const struct check_options defaults;

static const struct opt options[] = {
	OPT_JSON(struct check_options, json),
	OPT_END,
};

static int run(void *given, int nr_args, char **args)
{
	const struct check_options *o = given;
	struct run r = { .of = { "", "", "", "" } };
	int status = EXIT_ERROR, err;

	r.c = check_new();
	err = r.c ? check_one(&r, nr_args ? args[0] : NULL) : -ENOMEM;
	if (!err)
		status = show(r.c, &r.of, o->json);
	else if (err == -ENOMEM)
		fprintf(stderr, "nvme-mpathtop check: out of memory\n");
	inputs_free(r.in);
	input_free(r.source);
	host_free(r.h);
	check_free(r.c);
	return status;
}

const struct command command_check = {
	.name = "check",
	.summary = "find settings of a host that do not have the intended effect",
	.args = "[BUNDLE|DIR]",
	.max_args = 1,
	.options = options,
	.defaults = &defaults,
	.size = sizeof(defaults),
	.notes = notes,
	.run = run,
};
