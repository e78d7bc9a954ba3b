// SPDX-License-Identifier: GPL-2.0-only
/* report: read recordings, feed models, show what they then know. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/units.h"
#include "cmd/commands.h"
#include "cmd/options.h"
#include "input/load.h"
#include "model/model.h"
#include "os/output_file.h"
#include "record/reader.h"
#include "report/html.h"
#include "report/json.h"
#include "report/text.h"

#define MAX_INPUTS	1000
#define WINDOWS		5000
#define HTML_WINDOWS	200		/* a page has to be opened and scrolled */
#define NOT_GIVEN	(~0ULL)
#define MAX_SETTING	(4294967ULL * NS_PER_S)

static const char notes[] =
	"FILE is a bundle or a single segment (NNNNNNNN.mpr), DIR a recording or an unpacked\n"
	"bundle (default: the current directory). The windows of several recordings, from\n"
	"different hosts or boots, are merged by wall time.\n\n"
	"--since and --until: -10min is relative to the end of the recording, 03:04 is on its\n"
	"last day. Dates are local time, or UTC with --utc.\n\n"
	"Exit status: 0 no head was removed and nothing is missing, 1 failure, 2 invalid\n"
	"command line, 3 a head was removed, 4 the recording is damaged or its data incomplete,\n"
	"5 a window was open at the end of the recording; the first of 3, 4, 5 that applies.\n";

static int report_status(const struct view_input *in, size_t nr, const struct view_opts *vo)
{
	struct view_tally sum;
	bool incomplete;
	size_t i;
	int o;

	view_count(in, nr, vo, &sum);
	incomplete = sum.incomplete;
	for (i = 0; i < nr; i++)
		incomplete |= record_reader_remark(in[i].reader, 0) || model_events_lost(in[i].m);
	for (o = 0; o < MODEL_OUTCOMES; o++)
		if (sum.count[o] && outcome_gone(o))
			return EXIT_REMOVED;
	if (incomplete)
		return EXIT_INCOMPLETE;
	return sum.count[MODEL_PENDING] ? EXIT_PENDING : EXIT_OK;
}

/* Is the head there at all, at some time? */
static bool has_head(const struct view_input *in, const char *name)
{
	const struct view_opts only = { .head = name };
	const struct model_window *w;
	const struct model_head *h;
	size_t i;

	for (i = 0; (h = model_head(in->m, i)); i++)
		if (view_wants_head(&only, h))
			return true;
	for (i = 0; (w = model_window(in->m, i)); i++)
		if (view_wants_window(&only, w))
			return true;
	return in->forgotten && in->forgotten->windows;
}

/* A head that was asked for and is not in the recording is a mistake, not an empty report. */
static bool head_is_there(const struct view_input *in, size_t nr, const char *head)
{
	const struct model_head *h;
	char name[256];
	size_t i, k, n = 0;

	if (!head)
		return true;
	for (i = 0; i < nr; i++)
		if (has_head(&in[i], head))
			return true;
	fprintf(stderr, "nvme-mpathtop: %s%s:", fmt_text(name, sizeof(name), in->name),
		nr > 1 ? " and others" : "");
	fprintf(stderr, " no head \"%s\" in this recording; it has",
		fmt_text(name, sizeof(name), head));
	for (i = 0; i < nr; i++)
		for (k = 0; (h = model_head(in[i].m, k)); k++, n++)
			fprintf(stderr, " %s", fmt_text(name, sizeof(name), h->name));
	fputs(n ? "\n" : " none\n", stderr);
	return false;
}

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HTML };

/* How the report is written, and where. */
struct output {
	enum format	format;
	const char	*file;
};

static int show(const struct view_input *in, size_t nr, const struct output *output,
		const struct view_opts *vo)
{
	static int (*const reports[])(FILE *, const struct view_input *, size_t,
				      const struct view_opts *) = {
		[FORMAT_TEXT] = view_text_report,
		[FORMAT_JSON] = view_json_report,
		[FORMAT_HTML] = view_html_report,
	};
	struct outfile out;

	if (!head_is_there(in, nr, vo->head))
		return EXIT_ERROR;
	if (outfile_open(&out, output->file))
		return EXIT_ERROR;
	if (outfile_close(&out, reports[output->format](out.f, in, nr, vo)))
		return EXIT_ERROR;
	return report_status(in, nr, vo);
}

struct report_options {
	struct inputs_opts	io;
	struct view_opts	vo;
	const char		*html;
	__u64			setting;
	bool			json;
};

static const struct report_options defaults = {
	.io.windows = NOT_GIVEN,
	.setting = NOT_GIVEN,
};

static const struct opt options[] = {
	OPT_JSON(struct report_options, json),
	OPT_FILE(0, "html", struct report_options, html, "FILE",
		 "write a self-contained page to FILE"),
	OPT_UTC(struct report_options, vo.utc),
	OPT_HEAD(struct report_options, vo.head),
	OPT_SINCE(struct report_options, io.since),
	OPT_UNTIL(struct report_options, io.until),
	OPT_DURATION(0, "what-if", struct report_options, setting, "SECS", 0, MAX_SETTING,
		     "add the outcomes with a delayed_removal_secs of SECS"),
	OPT_NUMBER(0, "windows", struct report_options, io.windows, "N", 0, 100000000,
		   "print the newest N windows, count the others (0: all)"),
	OPT_END,
};

static int run(void *given, int nr_args, char **args)
{
	char *here[] = { (char *)"." }, **paths = nr_args ? args : here;
	size_t nr = nr_args ? (size_t)nr_args : 1;
	struct report_options *o = given;
	int status = EXIT_ERROR;
	struct inputs *in = NULL;
	struct output output = {
		.format = o->html ? FORMAT_HTML :
			  o->json ? FORMAT_JSON :
				    FORMAT_TEXT,
		.file = o->html ? o->html : "-",
	};

	if (o->json && o->html) {
		fprintf(stderr, "nvme-mpathtop: report: --json or --html, not both\n");
		return EXIT_USAGE;
	}
	o->io.timeline = o->html;
	if (o->io.windows == NOT_GIVEN)
		o->io.windows = o->html ? HTML_WINDOWS : WINDOWS;
	o->vo.what_if = o->setting != NOT_GIVEN;
	o->vo.setting_ns = o->vo.what_if ? (__s64)o->setting : 0;
	if (!inputs_read(paths, nr, &o->io, &o->vo, &in))
		status = show(inputs_views(in), inputs_count(in), &output, &o->vo);
	inputs_free(in);
	return status;
}

const struct command command_report = {
	.name = "report",
	.summary = "print the windows of a recording with outcomes and stalls",
	.args = "[FILE|DIR]...",
	.max_args = MAX_INPUTS,
	.options = options,
	.defaults = &defaults,
	.size = sizeof(defaults),
	.notes = notes,
	.run = run,
};
