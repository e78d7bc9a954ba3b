/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Command line options: one table per command drives parsing, --help and the
 * error messages. Options may stand anywhere, "--" ends them, "--name=value",
 * "--name value", "-n value", "-nvalue" and "-jv" are understood. Names are
 * never abbreviated, so that a new option cannot break a script.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "base/time_arg.h"

/* Exit statuses of every command; documented in nvme-mpathtop.8. */
enum exit_status {
	EXIT_OK		= 0,
	EXIT_ERROR	= 1,	/* something failed at run time */
	EXIT_USAGE	= 2,	/* the command line is wrong, nothing was done */
	/* report only; the first that applies */
	EXIT_REMOVED	= 3,	/* a head was removed */
	EXIT_INCOMPLETE	= 4,	/* the recording is damaged, or its data incomplete */
	EXIT_PENDING	= 5,	/* a window was open when the recording ended */
};

enum opt_kind {
	OPT_KIND_END,		/* end of a table */
	OPT_KIND_FLAG,		/* bool *: no value */
	OPT_KIND_STRING,	/* const char **: anything but empty */
	OPT_KIND_OPTIONAL,	/* const char **: "--name" sets "", a value comes as "--name=value" */
	OPT_KIND_NUMBER,	/* __u64 *: decimal, within min..max */
	OPT_KIND_DURATION,	/* __u64 * nanoseconds: "250ms", "1.5s", "10min", "2h", "1d", "5" */
	OPT_KIND_TIME,		/* struct when *: a point in time, see base/time_arg.h */
	OPT_KIND_SIZE,		/* __u64 * bytes: "4096", "64K", "16M", "2G", powers of 1024 */
};

/**
 * struct opt - one option
 * @letter:	short form, or 0
 * @name:	long form, without dashes
 * @kind:	how the value is read, and what @value points to
 * @value:	where it goes; keeps its value (the default) if the option is not given
 * @arg:	name of the value in --help ("DIR"), NULL for flags
 * @help:	one line
 * @min,@max:	bounds in units of @value for numbers, durations, sizes; max 0: none
 */
struct opt {
	char		letter;
	const char	*name;
	enum opt_kind	kind;
	void		*value;
	const char	*arg;
	const char	*help;
	__u64		min, max;
};

#define OPT_FLAG(l, n, v, h) \
	{ \
		(l), (n), OPT_KIND_FLAG, (v), NULL, (h), 0, 0 \
	}
#define OPT_STRING(l, n, v, a, h) \
	{ \
		(l), (n), OPT_KIND_STRING, (v), (a), (h), 0, 0 \
	}
#define OPT_OPTIONAL(l, n, v, a, h) \
	{ \
		(l), (n), OPT_KIND_OPTIONAL, (v), (a), (h), 0, 0 \
	}
#define OPT_NUMBER(l, n, v, a, lo, hi, h) \
	{ \
		(l), (n), OPT_KIND_NUMBER, (v), (a), (h), (lo), (hi) \
	}
#define OPT_DURATION(l, n, v, a, lo, hi, h) \
	{ \
		(l), (n), OPT_KIND_DURATION, (v), (a), (h), (lo), (hi) \
	}
#define OPT_SIZE(l, n, v, a, lo, hi, h) \
	{ \
		(l), (n), OPT_KIND_SIZE, (v), (a), (h), (lo), (hi) \
	}
#define OPT_TIME(l, n, v, h) \
	{ \
		(l), (n), OPT_KIND_TIME, (v), "TIME", (h), 0, 0 \
	}
#define OPT_END \
	{ \
		0, NULL, OPT_KIND_END, NULL, NULL, NULL, 0, 0 \
	}

/* Options that read the same in every command that has them. */
#define OPT_JSON(v)	OPT_FLAG('j', "json", (v), "JSON instead of text")
#define OPT_UTC(v)	OPT_FLAG(0, "utc", (v), "wall times in UTC instead of local time")
#define OPT_HEAD(v)	OPT_STRING(0, "head", (v), "NAME", "only this head, such as nvme0n1")
#define OPT_SINCE(v)	OPT_TIME(0, "since", (v), "only from then on: " WHEN_FORMS)
#define OPT_UNTIL(v)	OPT_TIME(0, "until", (v), "only up to then")
#define OPT_VERBOSE(v)	OPT_FLAG('v', "verbose", (v), "say more")

/**
 * struct opts - a command's options and arguments
 * @command:	name, such as "report"
 * @summary:	one line for --help
 * @args:	how its arguments are shown, such as "[FILE|DIR]"; NULL: it takes none
 * @min_args,@max_args: how many arguments it takes
 * @options:	table ending with OPT_END; --help is understood without being in it
 * @notes:	text printed at the end of --help, or NULL
 */
struct opts {
	const char		*command;
	const char		*summary;
	const char		*args;
	int			min_args, max_args;
	const struct opt	*options;
	const char		*notes;
};

/**
 * opts_parse() - read a command line into the variables of the table
 * @argv:	argv[0] is the command; arguments are moved to the front
 * @args:	set to the arguments that are no options (a part of @argv)
 *
 * Returns the number of arguments; -EINVAL after a message on stderr (exit with
 * EXIT_USAGE); -ECANCELED after --help was printed on stdout (exit with EXIT_OK).
 */
int opts_parse(const struct opts *o, int argc, char **argv, char ***args);

/* Exit status for a negative return of opts_parse(). */
int opts_exit(int err);

/**
 * opts_suggest() - the entry of @names (ending with NULL) most like @word
 * NULL if none is similar.
 */
const char *opts_suggest(const char *word, const char *const *names);

#endif /* CMD_OPTIONS_H */
