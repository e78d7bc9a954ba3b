// SPDX-License-Identifier: GPL-2.0-only
/* What an offline command reads: recordings into models. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/timeline.h"
#include "base/format.h"
#include "input/join.h"
#include "input/load.h"
#include "input/open.h"
#include "input/repeated.h"
#include "model/model.h"
#include "record/reader.h"

struct reading {
	struct inputs		*all;
	struct input		*source;
	struct joined		*from;
	struct record_reader	*reader;
	int			skipped;	/* segments before --since */
	struct model		*m;
	struct timeline		*timeline;		/* NULL: not wanted */
	struct view_tally	forgotten;
	size_t			repeated;	/* of these: told by another input */
};

struct inputs {
	size_t			nr;
	const struct view_opts	*vo;
	const struct inputs_opts *opts;		/* during inputs_read() */
	struct repeated		*repeated;
	struct joined		*joined;
	int			err;
	struct view_input	*views;
	struct reading		*inputs;
};

const struct view_input *inputs_views(const struct inputs *in)
{
	return in->views;
}

void inputs_free(struct inputs *in)
{
	size_t i;

	if (!in)
		return;
	for (i = 0; in->inputs && i < in->nr; i++) {
		timeline_free(in->inputs[i].timeline);
		model_free(in->inputs[i].m);
		record_reader_free(in->inputs[i].reader);
		input_free(in->inputs[i].source);
	}
	repeated_free(in->repeated);
	joined_free(in->joined, in->nr);
	free(in->inputs);
	free(in->views);
	free(in);
}

static bool wanted(void *ctx, const struct model_window *w)
{
	const struct reading *in = ctx;

	return view_wants_window(in->all->vo, w);
}

static void forget(void *ctx, const struct model_window *w)
{
	struct reading *in = ctx;
	int told;

	if (!view_wants_window(in->all->vo, w))
		return;
	told = repeated_forget(in->all->repeated, in->m, w, in->all->nr > 1);
	if (told < 0)
		in->all->err = told;
	in->repeated += told > 0;
	if (told)
		return;
	view_tally_add(&in->forgotten, w, in->all->vo);
	if (in->all->opts->forget)
		in->all->opts->forget(in->all->opts->ctx, w);
}

static int open_reader(const struct reading *in, struct record_reader **reader)
{
	const struct input *source = in->source;
	int err = -ENOMEM;

	*reader = record_reader_new();
	if (*reader) {
		record_reader_call(*reader, input_record_name(source));
		if (in->from->nr)
			record_reader_only(*reader, in->from->numbers, in->from->nr);
		err = record_reader_open(*reader, input_record(source));
	}
	if (err)
		fprintf(stderr, "nvme-mpathtop: %s\n",
			*reader ? record_reader_error(*reader) : "out of memory");
	return err;
}

static int cannot_go_on(const char *path, int err)
{
	char shown[256];

	fprintf(stderr, "nvme-mpathtop: %s: cannot go on: %s\n",
		fmt_text(shown, sizeof(shown), path), strerror(-err));
	return err;
}

static int read_one(struct reading *in)
{
	const char *path = input_record_name(in->source);
	struct record rec;
	__u64 damages = 0;
	__s64 before;
	int ret;

	ret = open_reader(in, &in->reader);
	if (ret)
		return ret;
	if (in->all->vo->has_since) {
		in->skipped = record_reader_since(in->reader, in->all->vo->since, &before);
		if (in->skipped < 0)
			return cannot_go_on(path, in->skipped);
	}
	while ((ret = record_reader_next(in->reader, &rec)) > 0) {
		/* damage before this record concerns what was open there */
		if (record_reader_damage(in->reader, &damages))
			model_set_damaged(in->m);
		ret = model_feed(in->m, &rec);
		if (ret)
			break;
	}
	if (!ret && record_reader_damage(in->reader, &damages))
		model_set_damaged(in->m);
	if (!ret)
		ret = model_finish(in->m);
	return ret ? cannot_go_on(path, ret) : 0;
}

/* Wall time of the last record; *@real_ns only grows. */
static int find_end(const struct reading *in, __s64 *real_ns)
{
	struct record_reader *reader;
	struct rec_clock clock = { 0 };
	__u64 last = 0;
	struct record rec;
	__s64 before;
	int ret;

	ret = open_reader(in, &reader);
	if (!ret) {
		/* the last segments are enough; what is before them is not later */
		ret = record_reader_since(reader, INT64_MAX, &before);
		if (before > *real_ns)
			*real_ns = before;
		ret = ret < 0 ? ret : 0;
	}
	while (!ret && (ret = record_reader_next(reader, &rec)) > 0) {
		ret = 0;
		if (rec.type == REC_CLOCK && rec.len >= sizeof(clock)) {
			memcpy(&clock, rec.data, sizeof(clock));
			last = 0;
		}
		if (rec.flags & RECORD_REPEAT)
			continue;
		if (rec.time_ns > last)
			last = rec.time_ns;
		if (clock.boottime_ns && last >= clock.boottime_ns &&
		    clock.realtime_ns + (__s64)(last - clock.boottime_ns) > *real_ns)
			*real_ns = clock.realtime_ns + (__s64)(last - clock.boottime_ns);
	}
	record_reader_free(reader);
	return ret < 0 ? ret : 0;
}

static int resolve(const char *option, const struct when *w, __s64 end, bool utc, bool *has,
		   __s64 *real_ns)
{
	*has = w->kind != WHEN_NONE;
	if (!*has || !when_resolve(w, utc, end, real_ns))
		return 0;
	fprintf(stderr, "nvme-mpathtop: --%s: no such point in time\n", option);
	return -ERANGE;
}

static bool needs_end(const struct when *w)
{
	return w->kind == WHEN_BEFORE_END || w->kind == WHEN_TIME_OF_DAY;
}

/* What is relative counts from the end of what is read, not from now. */
static int resolve_times(const struct inputs *in, const struct inputs_opts *opts,
			 struct view_opts *vo)
{
	const size_t nr = in->nr;
	__s64 end = 0;
	size_t i;
	int err;

	for (i = 0; i < nr && (needs_end(&opts->since) || needs_end(&opts->until)); i++) {
		err = find_end(&in->inputs[i], &end);
		if (err)
			return err;
	}
	if (!end && (needs_end(&opts->since) || needs_end(&opts->until))) {
		fprintf(stderr,
			"nvme-mpathtop: %s: --since and --until need wall times, but no "
			"clock was recorded\n",
			in->joined[0].path);
		return -ENOENT;
	}
	err = resolve("since", &opts->since, end, vo->utc, &vo->has_since, &vo->since);
	if (!err)
		err = resolve("until", &opts->until, end, vo->utc, &vo->has_until, &vo->until);
	if (!err && vo->has_since && vo->has_until && vo->since > vo->until) {
		fprintf(stderr, "nvme-mpathtop: --since is after --until: nothing is left\n");
		err = -EINVAL;
	}
	return err;
}

static int open_source(const char *path, struct input **source)
{
	char shown[256];
	int err = input_open(path, INPUT_RECORDING, source);

	if (err || !input_root(*source) || !access(input_record(*source), F_OK))
		return err;
	fprintf(stderr,
		"nvme-mpathtop: %s: there is no record in this %s, only what a host looks "
		"like; check reads it\n",
		fmt_text(shown, sizeof(shown), path), input_kind_name(*source));
	return -ENOENT;
}

static int begin(struct inputs *in, size_t i, const struct inputs_opts *opts)
{
	struct model_limit limit = {
		.windows = opts->windows,
		.wanted = wanted,
		.forget = forget,
		.ctx = &in->inputs[i],
	};

	in->inputs[i].m = model_new();
	if (in->inputs[i].m && opts->timeline)
		in->inputs[i].timeline = timeline_new(in->inputs[i].m);
	if (!in->inputs[i].m || (opts->timeline && !in->inputs[i].timeline))
		return cannot_go_on(in->joined[i].path, -ENOMEM);
	model_set_limit(in->inputs[i].m, &limit);
	return 0;
}

static int open_all(struct inputs *in, char **paths, size_t nr)
{
	int n = join_segments(paths, nr, &in->joined), err = 0;
	size_t i;

	if (n < 0)
		return cannot_go_on(paths[0], n);
	in->nr = (size_t)n;
	in->views = calloc(in->nr, sizeof(*in->views));
	in->inputs = calloc(in->nr, sizeof(*in->inputs));
	in->repeated = repeated_new();
	if (!in->views || !in->inputs || !in->repeated)
		return cannot_go_on(paths[0], -ENOMEM);
	for (i = 0; i < in->nr && !err; i++) {
		in->inputs[i].all = in;
		in->inputs[i].from = &in->joined[i];
		err = open_source(in->joined[i].path, &in->inputs[i].source);
	}
	return err;
}

static void set_view(struct inputs *in, size_t i)
{
	const struct reading *r = &in->inputs[i];

	in->views[i] = (struct view_input) {
		.name = in->joined[i].path,
		.kind = input_kind_name(r->source),
		.m = r->m,
		.reader = r->reader,
		.forgotten = &r->forgotten,
		.timeline = r->timeline,
		.skipped = r->skipped,
		.repeated = r->repeated,
		.given = in->joined[i].nr,
	};
}

int inputs_read(char **paths, size_t nr, const struct inputs_opts *opts, struct view_opts *vo,
		struct inputs **result)
{
	struct inputs *in = calloc(1, sizeof(*in));
	size_t i;
	int err;

	*result = in;
	if (!in)
		return cannot_go_on(paths[0], -ENOMEM);
	in->vo = vo;
	in->opts = opts;
	err = open_all(in, paths, nr);
	if (!err)
		err = resolve_times(in, opts, vo);
	for (i = 0; i < in->nr && !err; i++) {
		err = begin(in, i, opts);
		if (!err)
			err = read_one(&in->inputs[i]);
		set_view(in, i);
	}
	if (err)
		return err;
	err = in->err ? in->err : repeated_find(in->repeated, in->views, in->nr, vo);
	return err ? cannot_go_on(paths[0], err) : 0;
}

size_t inputs_count(const struct inputs *in)
{
	return in->nr;
}
