// SPDX-License-Identifier: GPL-2.0-only
/* report: read a recording, feed the model, show what it then knows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmds.h"
#include "fmt.h"
#include "model.h"
#include "opts.h"
#include "record.h"
#include "view_json.h"
#include "view_text.h"

static const char notes[] =
	"FILE is one segment (NNNNNNNN.mpr), DIR a recording of collect --record.\n"
	"Without an argument the present directory is read.\n\n"
	"Exit status: 0 no head was removed and nothing is missing, 1 the report failed,\n"
	"2 wrong usage, 3 a head was removed, 4 the recording is damaged or its data\n"
	"incomplete, 5 a window was open when the recording ended; the first of 3, 4, 5\n"
	"that applies.\n";

/* Read all of it. 0 or -errno after a message. */
static int read_record(struct record_reader *reader, struct model *m, const char *path)
{
	struct record rec;
	size_t remarks = 0;
	int ret;

	ret = record_reader_open(reader, path);
	if (ret) {
		fprintf(stderr, "nvme-mpathtop: %s\n", record_reader_error(reader));
		return ret;
	}
	while ((ret = record_reader_next(reader, &rec)) > 0) {
		/* damage before this record concerns what was open there */
		for (; record_reader_remark(reader, remarks); remarks++)
			model_set_damaged(m);
		ret = model_feed(m, &rec);
		if (ret)
			break;
	}
	if (ret) {
		fprintf(stderr, "nvme-mpathtop: %s: cannot go on: %s\n", path, strerror(-ret));
		return ret;
	}
	if (record_reader_remark(reader, remarks))
		model_set_damaged(m);
	return model_finish(m);
}

static int report_status(const struct model *m, const struct record_reader *reader,
			 const struct view_opts *vo)
{
	bool incomplete = record_reader_remark(reader, 0) || model_events_lost(m);
	bool removed = false, pending = false;
	const struct model_window *w;
	size_t i;

	for (i = 0; (w = model_window(m, i)); i++) {
		if (!view_wants_window(vo, w))
			continue;
		removed |= w->outcome == MODEL_REMOVED || w->outcome == MODEL_CLOSED ||
			   w->outcome == MODEL_NOT_ARMED;
		pending |= w->outcome == MODEL_PENDING;
		incomplete |= w->missing || w->outcome == MODEL_UNKNOWN;
	}
	if (removed)
		return EXIT_REMOVED;
	if (incomplete)
		return EXIT_INCOMPLETE;
	return pending ? EXIT_PENDING : EXIT_OK;
}

/* A head that was asked for and is not in the recording is a mistake, not an empty report. */
static bool head_is_there(const struct model *m, const char *path, const struct view_opts *vo)
{
	const struct model_window *w;
	const struct model_head *h;
	char name[64];
	size_t i;

	for (i = 0; (h = model_head(m, i)); i++)
		if (view_wants_head(vo, h))
			return true;
	for (i = 0; (w = model_window(m, i)); i++)
		if (view_wants_window(vo, w))
			return true;
	if (!vo->head)
		return true;
	fprintf(stderr, "nvme-mpathtop: %s: no head \"%s\" in this recording; it has", path,
		fmt_text(name, sizeof(name), vo->head));
	for (i = 0; (h = model_head(m, i)); i++)
		fprintf(stderr, " %s", fmt_text(name, sizeof(name), h->name));
	fputs(i ? "\n" : " none\n", stderr);
	return false;
}

static int show(const struct model *m, const char *path, const struct record_reader *reader,
		bool json, const struct view_opts *vo)
{
	int err;

	if (!head_is_there(m, path, vo))
		return EXIT_ERROR;
	if (json)
		err = view_json_report(stdout, m, path, reader, vo);
	else
		err = view_text_report(stdout, m, path, reader, vo);
	if (!err && fflush(stdout))
		err = -errno;
	if (err) {
		fprintf(stderr, "nvme-mpathtop: cannot write the report: %s\n", strerror(-err));
		return EXIT_ERROR;
	}
	return report_status(m, reader, vo);
}

int cmd_report(int argc, char **argv)
{
	struct view_opts vo = { .utc = false };
	bool json = false;
	const struct opt table[] = {
		OPT_JSON(&json),
		OPT_UTC(&vo.utc),
		OPT_HEAD(&vo.head),
		OPT_END
	};
	const struct opts opts = {
		.command = "report", .summary = "What happened in a recording.",
		.args = "[FILE|DIR]", .max_args = 1, .options = table, .notes = notes,
	};
	struct record_reader *reader;
	int n, status = EXIT_ERROR;
	const char *path;
	struct model *m;
	char **args;

	n = opts_parse(&opts, argc, argv, &args);
	if (n < 0)
		return opts_exit(n);
	path = n ? args[0] : ".";
	reader = record_reader_new();
	m = model_new();
	if (!reader || !m)
		fprintf(stderr, "nvme-mpathtop: out of memory\n");
	else if (!read_record(reader, m, path))
		status = show(m, path, reader, json, &vo);
	model_free(m);
	record_reader_free(reader);
	return status;
}
