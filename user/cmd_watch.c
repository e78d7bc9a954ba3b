// SPDX-License-Identifier: GPL-2.0-only
/* watch: one line per event, as it happens. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmds.h"
#include "model.h"
#include "opts.h"
#include "session.h"
#include "view_event.h"

struct watch {
	struct model		*model;
	struct view_opts	view;
	bool			json;
	__u64			count;		/* events still to show; 0: no limit */
	int			err;		/* of a line written in the model's callback */
};

static int flush(int written)
{
	if (written > 0 && fflush(stdout))
		return -errno;
	return written;
}

static void on_change(void *ctx, const struct model *m, enum model_change what,
		      const struct model_window *w)
{
	struct watch *wt = ctx;
	int n;

	n = flush(wt->json ? view_change_json(stdout, m, what, w, &wt->view) :
		  view_change_text(stdout, m, what, w, &wt->view));
	if (n < 0 && !wt->err)
		wt->err = n;
}

/* -ECANCELED: as many events as were asked for. */
static int on_record(void *ctx, const struct record *rec)
{
	struct watch *wt = ctx;
	int n;

	n = model_feed(wt->model, rec);
	if (n < 0)
		return n;
	if (wt->err)
		return wt->err;
	n = flush(wt->json ? view_event_json(stdout, wt->model, rec, &wt->view) :
		  view_event_text(stdout, wt->model, rec, &wt->view));
	if (n < 0)
		return n;
	if (n && rec->type == REC_EVENT && wt->count && !--wt->count)
		return -ECANCELED;
	return 0;
}

static int watch(struct watch *wt, bool verbose)
{
	struct session_opts opts = {
		.live.verbose = verbose, .fn = on_record, .ctx = wt, .hangup_fd = STDOUT_FILENO,
	};
	struct session *s = session_new();
	int status = EXIT_ERROR, err;

	wt->model = model_new();
	if (!s || !wt->model) {
		fprintf(stderr, "nvme-mpathtop watch: %s\n", strerror(ENOMEM));
		goto out;
	}
	model_set_callback(wt->model, on_change, wt);
	if (session_open(s, &opts)) {
		fprintf(stderr, "nvme-mpathtop watch: %s\n", session_error(s));
		goto out;
	}
	err = session_run(s);
	if (!err || err == -ECANCELED || err == -EPIPE)
		status = EXIT_OK;
	else
		fprintf(stderr, "nvme-mpathtop watch: %s\n", strerror(-err));
out:
	session_free(s);
	model_free(wt->model);
	return status;
}

int cmd_watch(int argc, char **argv)
{
	struct watch wt = {};
	bool verbose = false;
	const struct opt options[] = {
		OPT_JSON(&wt.json),
		OPT_HEAD(&wt.view.head),
		OPT_NUMBER('n', "count", &wt.count, "COUNT", 1, 0, "end after COUNT events"),
		OPT_UTC(&wt.view.utc),
		OPT_VERBOSE(&verbose),
		OPT_END
	};
	const struct opts o = {
		.command = "watch",
		.summary = "one line per event, as it happens",
		.options = options,
		.notes = "Needs CAP_BPF and CAP_PERFMON, and nvme_core with the patch series.\n"
			 "SIGINT and SIGTERM end it.\n",
	};
	char **args;
	int n = opts_parse(&o, argc, argv, &args);

	if (n < 0)
		return opts_exit(n);
	signal(SIGPIPE, SIG_IGN);
	return watch(&wt, verbose);
}
