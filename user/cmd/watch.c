// SPDX-License-Identifier: GPL-2.0-only
/* watch: one line per event, as it happens, or as it was recorded. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/options.h"
#include "input/open.h"
#include "live/loop.h"
#include "model/model.h"
#include "record/reader.h"
#include "report/event.h"

struct watch {
	struct model		*model;
	struct view_opts	view;
	bool			json;
	__u64			count;		/* events still to show; 0: no limit */
};

static int flush(int written)
{
	if (written > 0 && fflush(stdout))
		return -errno;
	return written;
}

static int on_window(void *ctx, const struct model *m, enum model_change what,
		     const struct model_window *w)
{
	const struct watch *wt = ctx;
	int n = flush(wt->json ? view_change_json(stdout, m, what, w, &wt->view) :
				 view_change_text(stdout, m, what, w, &wt->view));

	return n < 0 ? n : 0;
}

/* -ECANCELED: as many events as were asked for. */
static int on_understood(void *ctx, const struct model *m, const struct record *rec)
{
	struct watch *wt = ctx;
	int n = flush(wt->json ? view_event_json(stdout, m, rec, &wt->view) :
				 view_event_text(stdout, m, rec, &wt->view));

	if (n > 0 && rec->type == REC_EVENT && wt->count && !--wt->count)
		return -ECANCELED;
	return n < 0 ? n : 0;
}

static int on_record(void *ctx, const struct record *rec)
{
	const struct watch *wt = ctx;

	return model_feed(wt->model, rec);
}

/* Of what a reader passed over; *@shown of them were said already. */
static void show_damage(struct watch *wt, const struct record_reader *reader, size_t *shown)
{
	const struct record_remark *r;

	while ((r = record_reader_remark(reader, *shown))) {
		model_set_damaged(wt->model);
		fprintf(stderr, "nvme-mpathtop watch: %s\n", r->text);
		++*shown;
	}
}

static int play(struct watch *wt, struct record_reader *reader)
{
	size_t shown = 0;
	struct record rec;
	int ret;

	while ((ret = record_reader_next(reader, &rec)) > 0) {
		show_damage(wt, reader, &shown);
		ret = model_feed(wt->model, &rec);
		if (ret < 0)
			return ret;
	}
	show_damage(wt, reader, &shown);
	if (!ret)
		ret = model_finish(wt->model);
	return !ret && shown ? -EBADMSG : ret;
}

/* A recording, or that of a bundle, from its begin to its end. */
static int replay(struct watch *wt, const char *path)
{
	struct record_reader *reader = record_reader_new();
	struct input *source = NULL;
	int status = EXIT_ERROR, err;

	if (!reader || !wt->model) {
		fprintf(stderr, "nvme-mpathtop watch: %s\n", strerror(ENOMEM));
		goto out;
	}
	if (input_open(path, INPUT_RECORDING, &source))
		goto out;
	record_reader_call(reader, input_record_name(source));
	if (record_reader_open(reader, input_record(source))) {
		fprintf(stderr, "nvme-mpathtop watch: %s\n", record_reader_error(reader));
		goto out;
	}
	err = (wt->json ? view_source_json : view_source_text)(stdout, input_kind_name(source),
							       path);
	if (err > 0)
		err = play(wt, reader);
	status = !err || err == -ECANCELED || err == -EPIPE ? EXIT_OK :
		 err == -EBADMSG			    ? EXIT_INCOMPLETE :
							      EXIT_ERROR;
	if (status == EXIT_ERROR)
		fprintf(stderr, "nvme-mpathtop watch: %s\n", strerror(-err));
out:
	record_reader_free(reader);
	input_free(source);
	return status;
}

static void waiting(void)
{
	fprintf(stderr,
		"nvme-mpathtop watch: waiting: the kernel module nvme_core is not loaded yet\n");
}

static int watch(struct watch *wt, bool verbose)
{
	struct live_loop_opts opts = {
		.live.verbose = verbose,
		.fn = on_record,
		.ctx = wt,
		.hangup_fd = STDOUT_FILENO,
		.waiting = waiting,
	};
	struct live_loop *loop = live_loop_new();
	int status = EXIT_ERROR, err;

	if (!loop || !wt->model) {
		fprintf(stderr, "nvme-mpathtop watch: %s\n", strerror(ENOMEM));
		goto out;
	}
	err = live_loop_open(loop, &opts);
	if (err && err != -ECANCELED) {
		fprintf(stderr, "nvme-mpathtop watch: %s\n", live_loop_error(loop));
		goto out;
	}
	err = err ? err : live_loop_run(loop);
	if (!err || err == -ECANCELED || err == -EPIPE)
		status = EXIT_OK;
	else
		fprintf(stderr, "nvme-mpathtop watch: %s\n", strerror(-err));
out:
	live_loop_free(loop);
	return status;
}

static struct model *new_model(struct watch *wt)
{
	const struct model_listener lines = {
		.window = on_window,
		.record_after = on_understood,
		.ctx = wt,
	};
	struct model *m = model_new();

	if (!m || !model_listen(m, &lines))
		return m;
	model_free(m);
	return NULL;
}

struct watch_options {
	struct watch	wt;
	const char	*replay;
	bool		verbose;
};

static const struct watch_options defaults;

static const struct opt options[] = {
	OPT_JSON(struct watch_options, wt.json),
	OPT_HEAD(struct watch_options, wt.view.head),
	OPT_NUMBER('n', "count", struct watch_options, wt.count, "COUNT", 1, 0,
		   "exit after COUNT events"),
	OPT_FILE(0, "replay", struct watch_options, replay, "RECORD",
		 "print the events of a recording or a bundle instead"),
	OPT_UTC(struct watch_options, wt.view.utc),
	OPT_VERBOSE(struct watch_options, verbose),
	OPT_END,
};

static int run(void *given, int nr_args, char **args)
{
	struct watch_options *o = given;
	struct watch *wt = &o->wt;
	int status;

	(void)nr_args;
	(void)args;
	wt->model = new_model(wt);
	status = o->replay ? replay(wt, o->replay) : watch(wt, o->verbose);
	model_free(wt->model);
	return status;
}

const struct command command_watch = {
	.name = "watch",
	.summary = "print one line per event, as it happens",
	.options = options,
	.defaults = &defaults,
	.size = sizeof(defaults),
	.notes = "Needs CAP_BPF and CAP_PERFMON, and for an unpatched driver CAP_SYS_ADMIN and\n"
		 "CAP_SYSLOG (kprobes, see features). --replay needs no privilege.\n"
		 "SIGINT and SIGTERM end the command.\n",
	.run = run,
};
