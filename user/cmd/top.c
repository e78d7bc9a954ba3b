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

int cmd_top(int argc, char **argv)
{
	struct top_opts t = { .interval_ns = NS_PER_S, .speed = 1 };
	const struct opt options[] = {
		OPT_FLAG('b', "batch", &t.batch,
			 "lines instead of a screen; also without a terminal"),
		OPT_NUMBER('n', "count", &t.count, "COUNT", 1, 0,
			   "batch: end after COUNT refreshes"),
		OPT_DURATION('i', "interval", &t.interval_ns, "TIME", NS_PER_S / 10,
			     3600 * NS_PER_S, "between two refreshes (default 1s)"),
		OPT_STRING(0, "record", &t.record, "DIR",
			   "begin with what collect recorded in DIR"),
		OPT_STRING(0, "replay", &t.replay, "DIR",
			   "show a recording or bundle instead of this host"),
		OPT_NUMBER(0, "speed", &t.speed, "N", 1, 10000, "replay N times as fast"),
		OPT_STRING(0, "head", &t.head, "NAME", "begin with this filter, such as nvme0n1"),
		OPT_FLAG(0, "no-color", &t.no_color,
			 "monochrome, as with NO_COLOR in the environment"),
		OPT_UTC(&t.utc),
		OPT_VERBOSE(&t.verbose),
		OPT_END,
	};
	const struct opts o = {
		.command = "top",
		.summary = "live console of heads, paths, windows and events",
		.options = options,
		.notes = "Needs what watch needs; without that it shows heads and paths as sysfs has\n"
			 "them. --replay needs nothing.\n"
			 "In the console h shows the keys. SIGINT and SIGTERM end it.\n",
	};

	char **args;
	int n;

	n = opts_parse(&o, argc, argv, &args);
	if (n >= 0 && t.replay && t.record) {
		fprintf(stderr, "nvme-mpathtop top: --replay and --record exclude each other\n");
		n = -EINVAL;
	}
	if (n < 0)
		return opts_exit(n);
	return top(&t);
}
