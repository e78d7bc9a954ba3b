/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands and their options: one structure per command drives parsing, --help,
 * the completion of a shell and the error messages. Options may stand anywhere,
 * "--" ends them, "--name=value", "--name value", "-n value", "-nvalue" and "-jv"
 * are understood. Names are never abbreviated, so that a new option cannot break
 * a script.
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
	/* report; the first that applies. Others have their own meaning for them */
	EXIT_REMOVED	= 3,	/* a head was removed */
	EXIT_INCOMPLETE	= 4,	/* the recording is damaged, or its data incomplete */
	EXIT_PENDING	= 5,	/* a window was open when the recording ended */
	/* collect only */
	EXIT_NEVER	= 6,	/* not on this host as it is: starting again is no use */
};

enum opt_kind {
	OPT_KIND_END,		/* end of a table */
	OPT_KIND_FLAG,		/* bool: no value */
	OPT_KIND_STRING,	/* const char *: anything but empty */
	OPT_KIND_FILE,		/* const char *: the same, the name of a file or directory */
	OPT_KIND_OPTIONAL,	/* the same, "--name" sets "", a value comes as "--name=value" */
	OPT_KIND_NUMBER,	/* __u64: decimal, within min..max */
	OPT_KIND_DURATION,	/* __u64 nanoseconds: "250ms", "1.5s", "10min", "2h", "1d", "5" */
	OPT_KIND_TIME,		/* struct when: a point in time, see base/time_arg.h */
	OPT_KIND_SIZE,		/* __u64 bytes: "4096", "64K", "16M", "2G", powers of 1024 */
	OPT_KIND_CONFIG,	/* char *: text of a file of options, see cmd/config.h */
};

/**
 * struct opt - one option
 * @letter:	short form, or 0
 * @name:	long form, without dashes
 * @kind:	how the value is read, and the type that it has
 * @offset:	of the value in the options of the command; keeps the default if not given
 * @arg:	name of the value in --help ("DIR"), NULL for flags
 * @help:	one line
 * @min,@max:	bounds in units of the value for numbers, durations, sizes; max 0: none
 */
struct opt {
	char		letter;
	const char	*name;
	enum opt_kind	kind;
	size_t		offset;
	const char	*arg;
	const char	*help;
	__u64		min, max;
};

/* Where member @m of structure @s is. Does not compile if its type is not @type. */
#define OPT_OFFSET(s, m, type)	_Generic(((s *)0)->m, type : offsetof(s, m))

/* letter, name, structure and member, then what the kind needs, and the help */
#define OPT_FLAG(l, n, s, m, h) \
	{ \
		(l), (n), OPT_KIND_FLAG, OPT_OFFSET(s, m, bool), NULL, (h), 0, 0 \
	}
#define OPT_STRING(l, n, s, m, a, h) \
	{ \
		(l), (n), OPT_KIND_STRING, OPT_OFFSET(s, m, const char *), (a), (h), 0, 0 \
	}
#define OPT_FILE(l, n, s, m, a, h) \
	{ \
		(l), (n), OPT_KIND_FILE, OPT_OFFSET(s, m, const char *), (a), (h), 0, 0 \
	}
#define OPT_CONFIG(l, n, s, m, a, h) \
	{ \
		(l), (n), OPT_KIND_CONFIG, OPT_OFFSET(s, m, char *), (a), (h), 0, 0 \
	}
#define OPT_OPTIONAL(l, n, s, m, a, h) \
	{ \
		(l), (n), OPT_KIND_OPTIONAL, OPT_OFFSET(s, m, const char *), (a), (h), 0, 0 \
	}
#define OPT_NUMBER(l, n, s, m, a, lo, hi, h) \
	{ \
		(l), (n), OPT_KIND_NUMBER, OPT_OFFSET(s, m, __u64), (a), (h), (lo), (hi) \
	}
#define OPT_DURATION(l, n, s, m, a, lo, hi, h) \
	{ \
		(l), (n), OPT_KIND_DURATION, OPT_OFFSET(s, m, __u64), (a), (h), (lo), (hi) \
	}
#define OPT_SIZE(l, n, s, m, a, lo, hi, h) \
	{ \
		(l), (n), OPT_KIND_SIZE, OPT_OFFSET(s, m, __u64), (a), (h), (lo), (hi) \
	}
#define OPT_TIME(l, n, s, m, h) \
	{ \
		(l), (n), OPT_KIND_TIME, OPT_OFFSET(s, m, struct when), "TIME", (h), 0, 0 \
	}
#define OPT_END \
	{ \
		0, NULL, OPT_KIND_END, 0, NULL, NULL, 0, 0 \
	}

/* Options that read the same in every command that has them. */
#define OPT_JSON(s, m)		OPT_FLAG('j', "json", s, m, "print JSON instead of text")
#define OPT_UTC(s, m)	  OPT_FLAG(0, "utc", s, m, "print wall times in UTC instead of local time")
#define OPT_HEAD(s, m)	  OPT_STRING(0, "head", s, m, "NAME", "only this head, such as nvme0n1")
#define OPT_SINCE(s, m)		OPT_TIME(0, "since", s, m, "nothing before TIME: " WHEN_FORMS)
#define OPT_UNTIL(s, m)		OPT_TIME(0, "until", s, m, "nothing after TIME")
#define OPT_VERBOSE(s, m)	OPT_FLAG('v', "verbose", s, m, "print more messages")

/**
 * struct command - a command with its options and arguments
 * @name:	such as "report"
 * @summary:	one line for --help, without capital and full stop
 * @args:	how its arguments, names of files, are shown, such as "[FILE|DIR]"; NULL: it
 *		takes none
 * @min_args,@max_args: how many arguments it takes
 * @options:	table ending with OPT_END; --help is understood without being in it
 * @defaults:	the structure that the table is about, as it is without options
 * @size:	of that structure
 * @config:	config_read() of cmd/config.h, if there is an option of OPT_KIND_CONFIG
 * @notes:	text printed at the end of --help, or NULL
 * @run:	the command; @options is a copy of @defaults with what was given, @args are
 *		@nr_args arguments and a NULL. Returns an enum exit_status
 */
struct command {
	const char		*name;
	const char		*summary;
	const char		*args;
	int			min_args, max_args;
	const struct opt	*options;
	const void		*defaults;
	size_t			size;
	int (*config)(const struct command *c, void *options, const char *path, char **text);
	const char		*notes;
	int			(*run)(void *options, int nr_args, char **args);
};

/**
 * command_run() - read a command line, and do what it says
 * @argv:	argv[0] is the name of the command; arguments are moved to the front
 *
 * Returns an enum exit_status.
 */
int command_run(const struct command *c, int argc, char **argv);

/**
 * opts_parse() - read a command line into a structure
 * @options:	the structure, with the defaults
 * @argv:	argv[0] is the command; arguments are moved to the front
 * @args:	set to the arguments that are no options (a part of @argv), and a NULL
 *
 * Returns the number of arguments; -EINVAL after a message on stderr (exit with
 * EXIT_USAGE); -ECANCELED after --help was printed on stdout (exit with EXIT_OK).
 */
int opts_parse(const struct command *c, void *options, int argc, char **argv, char ***args);

/**
 * opts_again() - the options once more, with a file of options as it is now
 * @options:	the structure, filled anew
 *
 * For a command that command_run() runs, of its own command line. Returns 0, or -EINVAL after a
 * message on stderr.
 */
int opts_again(const struct command *c, void *options);

/**
 * opts_set() - set one option by name, as if it stood on the command line
 * @where:	what the message about a wrong value begins with, "" or "FILE, line 3: "
 * @name:	@len bytes of it
 *
 * Returns 0, -ENOENT without a message if there is no such option, -EINVAL after one.
 */
int opts_set(const struct command *c, void *options, const char *where, const char *name,
	     size_t len, const char *value);

/* Exit status for a negative return of opts_parse(). */
int opts_exit(int err);

/**
 * opts_suggest() - the entry of @names (ending with NULL) most like @word
 * NULL if none is similar.
 */
const char *opts_suggest(const char *word, const char *const *names);

#endif /* CMD_OPTIONS_H */
