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
	"FILE is a bundle, or one segment (NNNNNNNN.mpr), DIR a recording of collect --record, or\n"
	"a bundle that was unpacked; of several,\n"
	"from different hosts or boots, the windows are shown in one order.\n"
	"Without an argument the present directory is read.\n\n"
	"--since and --until: -10min counts from the end of the recording, 03:04 is on its last\n"
	"day. Dates are local time, or UTC with --utc.\n\n"
	"Exit status: 0 no head was removed and nothing is missing, 1 the report failed,\n"
	"2 wrong usage, 3 a head was removed, 4 the recording is damaged or its data\n"
	"incomplete, 5 a window was open when the recording ended; the first of 3, 4, 5\n"
	"that applies.\n";

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

int cmd_report(int argc, char **argv)
{
	struct inputs_opts io = { .windows = NOT_GIVEN };
	struct output output = { .file = "-" };
	struct view_opts vo = { .utc = false };
	const char *html = NULL;
	__u64 setting = NOT_GIVEN;
	bool json = false;
	const struct opt table[] = {
		OPT_JSON(&json),
		OPT_STRING(0, "html", &html, "FILE", "write a page to FILE: one file, no script"),
		OPT_UTC(&vo.utc),
		OPT_HEAD(&vo.head),
		OPT_SINCE(&io.since),
		OPT_UNTIL(&io.until),
		OPT_DURATION(0, "what-if", &setting, "SECS", 0, MAX_SETTING,
			     "how windows would have ended with this delayed_removal_secs"),
		OPT_NUMBER(0, "windows", &io.windows, "N", 0, 100000000,
			   "show so many windows, the newest, and count the others; 0: all"),
		OPT_END,
	};
	const struct opts opts = {
		.command = "report",
		.summary = "What happened in a recording.",
		.args = "[FILE|DIR]...",
		.max_args = MAX_INPUTS,
		.options = table,
		.notes = notes,
	};
	char *here[] = { (char *)"." }, **args;
	int n, status = EXIT_ERROR;
	struct inputs *in = NULL;

	n = opts_parse(&opts, argc, argv, &args);
	if (n < 0)
		return opts_exit(n);
	if (json && html) {
		fprintf(stderr, "nvme-mpathtop: report: --json or --html, not both\n");
		return EXIT_USAGE;
	}
	output.format = html ? FORMAT_HTML : json ? FORMAT_JSON : FORMAT_TEXT;
	output.file = html ? html : "-";
	io.timeline = html;
	if (io.windows == NOT_GIVEN)
		io.windows = html ? HTML_WINDOWS : WINDOWS;
	if (!n) {
		args = here;
		n = 1;
	}
	vo.what_if = setting != NOT_GIVEN;
	vo.setting_ns = vo.what_if ? (__s64)setting : 0;
	if (!inputs_read(args, (size_t)n, &io, &vo, &in))
		status = show(inputs_views(in), (size_t)n, &output, &vo);
	inputs_free(in);
	return status;
}
