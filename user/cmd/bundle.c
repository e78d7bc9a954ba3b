// SPDX-License-Identifier: GPL-2.0-only
/* bundle: everything that a bug report needs, in one file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/json.h"
#include "base/version.h"
#include "bundle/make.h"
#include "bundle/read.h"
#include "check/output.h"
#include "cmd/commands.h"
#include "cmd/options.h"
#include "input/load.h"
#include "live/features.h"
#include "live/live.h"
#include "os/output_file.h"

#define JSON_FLAGS	(JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE)
#define KEPT		10000		/* windows that check looks at */

struct bundle {
	const char	*file, *record;
	__u64		record_bytes, log_bytes;
	bool		masked;
	struct mask	*mask;
	struct stage	stage;
};

static const char notes[] =
	"Contents: the recording, sysfs of nvme and the heads, the kernel log, parameters of the\n"
	"modules, limits, udev rules about nvme, the output of features and check. Keys of\n"
	"authentication are never included. The contents are listed at the end; review them\n"
	"before you pass the bundle on. report, advise, check and features read a bundle in\n"
	"place of a host.\n\n"
	"--mask replaces host names, addresses and serial numbers by host-1, address-1,\n"
	"serial-1 and so on, consistently. Namespace identifiers (UUID, EUI-64) stay.\n";

/* ---- what the tool itself has to say ---- */

static void add_memory(struct stage *s, const char *name, int (*write)(FILE *out, void *ctx),
		       void *ctx)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err = out ? write(out, ctx) : -ENOMEM;

	if (out && fclose(out) && !err)
		err = -ENOMEM;
	if (err)
		stage_note(s, "%s: left out: %s", name, strerror(-err));
	else
		stage_text(s, name, text, len);
	free(text);
}

static int put_features(FILE *out, void *ctx)
{
	(void)ctx;
	return features_write_json(out);
}

struct lint {
	struct check	*c;
	struct check_of	of;
};

static int put_check_text(FILE *out, void *ctx)
{
	const struct lint *l = ctx;

	return check_view_text(out, l->c, &l->of);
}

static int put_check_json(FILE *out, void *ctx)
{
	const struct lint *l = ctx;

	return json_write(out, check_view_json(l->c, &l->of), JSON_FLAGS);
}

/* Of what is in the bundle, so that it says the same here and there. */
static int run_check(struct bundle *b, struct lint *l, struct host **h)
{
	const struct inputs_opts io = { .windows = KEPT };
	struct probe_tracepoints *p = probe_tracepoints_new();
	struct inputs *in = NULL;
	struct view_opts vo = { .utc = true };
	char path[4096], *paths[] = { path };
	int err = host_read(b->stage.path, h);

	if (!err && p) {
		(*h)->series = probe_tracepoint(p, live_tracepoint(0));
		err = check_host(l->c, *h);
	}
	probe_tracepoints_free(p);
	snprintf(path, sizeof(path), "%s/record", b->stage.path);
	if (!err && b->record) {
		err = inputs_read(paths, 1, &io, &vo, &in);
		if (!err)
			err = check_record(l->c, inputs_views(in)[0].m);
		inputs_free(in);
	}
	return err;
}

static void add_check(struct bundle *b)
{
	struct lint l = { .c = check_new(), .of = { "host", "", "", "" } };
	struct host *h = NULL;
	int err = l.c ? run_check(b, &l, &h) : -ENOMEM;

	if (err) {
		stage_note(&b->stage, "check: left out: %s", strerror(-err));
	} else {
		l.of.host = h->name;
		l.of.kernel = h->kernel;
		add_memory(&b->stage, "check.txt", put_check_text, &l);
		add_memory(&b->stage, "check.json", put_check_json, &l);
	}
	host_free(h);
	check_free(l.c);
}

/* ---- the list of what is in it ---- */

static struct json_object *json_members(const struct stage *s)
{
	struct json_object *list = json_object_new_array(), *o;
	size_t i;

	for (i = 0; i < s->nr; i++) {
		if (s->members[i].directory)
			continue;
		o = json_object_new_object();
		json_add_text(o, "name", s->members[i].name);
		json_add_count(o, "bytes", s->members[i].bytes);
		json_object_array_add(list, o);
	}
	return list;
}

static int put_manifest(FILE *out, void *ctx)
{
	struct json_object *o = json_object_new_object(), *left_out = json_object_new_array();
	const struct bundle *b = ctx;
	char when[FMT_TIME_LEN], shown[1024];
	size_t i;

	json_add_text(o, "schema", BUNDLE_SCHEMA);
	json_add_text(o, "made", fmt_rfc3339(when, sizeof(when), realtime_ns()));
	json_add_text(o, "tool", "nvme-mpathtop " MPATHTOP_VERSION);
	json_add_bool(o, "masked", b->masked);
	json_add(o, "members", json_members(&b->stage));
	for (i = 0; i < b->stage.nr_notes; i++)
		json_object_array_add(left_out,
				      json_object_new_string(
					      fmt_text(shown, sizeof(shown), b->stage.notes[i])));
	json_add(o, "left_out", left_out);
	return json_write(out, o, JSON_FLAGS);
}

/* How much of a name makes the group: sys/class/nvme, record, kernel.log. */
static size_t group_len(const char *name)
{
	unsigned int parts = strncmp(name, "sys/", 4) ? 1 : 3;
	size_t len = strcspn(name, "/");

	while (--parts && name[len])
		len += 1 + strcspn(name + len + 1, "/");
	return len;
}

/* A directory of many files is one line. Returns the first member behind it. */
static size_t show_group(const struct stage *s, size_t i)
{
	const char *first = s->members[i].name;
	size_t len = group_len(first), k, n = 0;
	unsigned long long bytes = 0;
	char shown[300];

	for (k = i; k < s->nr && group_len(s->members[k].name) == len &&
		    !strncmp(s->members[k].name, first, len);
	     k++) {
		n += !s->members[k].directory;
		bytes += s->members[k].bytes;
	}
	if (n)
		printf("  %-44s %6zu file%s %10llu bytes\n",
		       fmt_text_n(shown, sizeof(shown), first, len), n, n == 1 ? " " : "s", bytes);
	return k;
}

static void show_contents(const struct bundle *b)
{
	const struct stage *s = &b->stage;
	char shown[1024];
	size_t i;

	printf("%s holds%s\n", fmt_text(shown, sizeof(shown), b->file),
	       b->masked ? ", with names of hosts and serial numbers masked:" : ":");
	for (i = 0; i < s->nr;)
		i = show_group(s, i);
	for (i = 0; i < s->nr_notes; i++)
		printf("%s %s\n",
		       i ? "         " : "left out:", fmt_text(shown, sizeof(shown), s->notes[i]));
	if (!b->record)
		printf("no record: --record DIR adds one\n");
}

/* ---- making it ---- */

static int write_file(struct bundle *b)
{
	char why[300] = "", shown[512];
	struct outfile out;
	int err = outfile_open(&out, b->file);

	if (err)
		return err;
	err = bundle_write(&b->stage, out.fd, time(NULL), why, sizeof(why));
	if (!err || !*why)
		return outfile_close(&out, err);
	fprintf(stderr, "nvme-mpathtop bundle: %s: %s\n", fmt_text(shown, sizeof(shown), b->file),
		why);
	outfile_cancel(&out);
	return err;
}

static int gather_names(struct bundle *b)
{
	int err;

	b->mask = mask_new();
	err = b->mask ? bundle_mask_host(b->mask) : -ENOMEM;
	if (!err && b->record)
		err = bundle_mask_record(b->mask, b->record);
	b->stage.mask = b->mask;
	return err;
}

static int by_name(const void *a, const void *b)
{
	const struct stage_member *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int make(struct bundle *b)
{
	struct stage *s = &b->stage;
	int err = stage_open(s);

	if (!err && b->masked)
		err = gather_names(b);
	if (err)
		return err;
	bundle_add_host(s);
	bundle_add_log(s, b->log_bytes);
	if (b->record)
		bundle_add_record(s, b->record, b->record_bytes);
	/* what the tool says is of what is masked already, and has keys that are no names */
	s->mask = NULL;
	add_memory(s, "features.json", put_features, NULL);
	if (!s->err)
		add_check(b);
	if (s->nr)
		qsort(s->members, s->nr, sizeof(*s->members), by_name);
	add_memory(s, BUNDLE_MANIFEST, put_manifest, b);
	if (s->err)
		fprintf(stderr, "nvme-mpathtop bundle: cannot put it together in %s: %s%s\n",
			s->path, strerror(-s->err),
			s->err == -ENOSPC || s->err == -EDQUOT ? "; make room, or set TMPDIR" : "");
	return s->err ? s->err : write_file(b);
}

static const struct bundle defaults = {
	.record_bytes = 64ULL << 20,
	.log_bytes = 1ULL << 20,
};

static const struct opt options[] = {
	OPT_FILE(0, "record", struct bundle, record, "DIR", "the recording to include"),
	OPT_SIZE(0, "record-size", struct bundle, record_bytes, "SIZE", 1, 1ULL << 30,
		 "at most this much of it, the newest files (default 64M)"),
	OPT_SIZE(0, "log-size", struct bundle, log_bytes, "SIZE", 0, 64ULL << 20,
		 "at most this much of the kernel log (default 1M, 0: none)"),
	OPT_FLAG(0, "mask", struct bundle, masked, "mask host names, addresses and serial numbers"),
	OPT_END,
};

static int run(void *given, int nr_args, char **args)
{
	struct bundle *b = given;
	int status = EXIT_ERROR;

	(void)nr_args;
	b->file = args[0];
	if (!make(b)) {
		if (strcmp(b->file, "-"))
			show_contents(b);
		status = fflush(stdout) ? EXIT_ERROR : EXIT_OK;
	}
	stage_free(&b->stage);
	mask_free(b->mask);
	return status;
}

const struct command command_bundle = {
	.name = "bundle",
	.summary = "pack everything that a bug report needs into one file",
	.args = "FILE.tar.gz",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.defaults = &defaults,
	.size = sizeof(defaults),
	.notes = notes,
	.run = run,
};
