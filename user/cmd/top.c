// SPDX-License-Identifier: GPL-2.0-only
/* top: the live console. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "cmd/commands.h"
#include "cmd/options.h"
#include "top/top.h"

static int top(const struct top_opts *opts)
{
	int err = top_run(opts);

	if (!err || err == -ECANCELED || err == -EPIPE || err == -EIO)
		return EXIT_OK;
	if (err != -EINVAL)		/* that was said already */
		fprintf(stderr, "nvme-mpathtop top: %s\n", strerror(-err));
	return EXIT_ERROR;
}

static const struct top_opts defaults = { .interval_ns = NS_PER_S, .speed = 1 };

static const struct opt options[] = {
	OPT_FLAG('b', "batch", struct top_opts, batch,
		 "print lines instead of a screen; default without a terminal"),
	OPT_NUMBER('n', "count", struct top_opts, count, "COUNT", 1, 0,
		   "in batch mode, exit after COUNT refreshes"),
	OPT_DURATION('i', "interval", struct top_opts, interval_ns, "TIME", NS_PER_S / 10,
		     3600 * NS_PER_S, "time between refreshes (default 1s)"),
	OPT_FILE(0, "record", struct top_opts, record, "DIR",
		 "start with the history that collect recorded in DIR"),
	OPT_FILE(0, "replay", struct top_opts, replay, "DIR",
		 "show a recording or bundle instead of this host"),
	OPT_NUMBER(0, "speed", struct top_opts, speed, "N", 1, 10000, "replay N times as fast"),
	OPT_STRING(0, "head", struct top_opts, head, "NAME",
		   "start with this filter, such as nvme0n1"),
	OPT_FLAG(0, "no-color", struct top_opts, no_color,
		 "monochrome, as with NO_COLOR in the environment"),
	OPT_UTC(struct top_opts, utc),
	OPT_VERBOSE(struct top_opts, verbose),
	OPT_END,
};

static int run(void *given, int nr_args, char **args)
{
	const struct top_opts *o = given;

	(void)nr_args;
	(void)args;
	if (o->replay && o->record) {
		fprintf(stderr, "nvme-mpathtop top: --replay and --record exclude each other\n");
		return EXIT_USAGE;
	}
	return top(o);
}

const struct command command_top = {
	.name = "top",
	.summary = "live console of heads, paths, windows and events",
	.options = options,
	.defaults = &defaults,
	.size = sizeof(defaults),
	.notes = "Needs the privileges of watch; without them heads and paths are shown from "
		 "sysfs.\n"
		 "--replay needs no privilege. The key h explains keys and columns. SIGINT and\n"
		 "SIGTERM end the console.\n",
	.run = run,
};
