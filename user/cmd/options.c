// SPDX-License-Identifier: GPL-2.0-only
/* Commands and their options: parsing, --help and errors from one structure. */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/parse.h"
#include "cmd/options.h"
#include "os/journal.h"

#define TOOL		"nvme-mpathtop"
#define MAX_OPTIONS	64

/* ---- values ---- */

static int set_time(const struct opt *o, struct when *value, const char *text, const char *where)
{
	char shown[80];
	int err = when_parse(text, value);

	if (!err)
		return 0;
	say(SAY_ERROR, TOOL ": %s--%s: \"%s\" is not a time%s such as " WHEN_FORMS, where, o->name,
	    fmt_text(shown, sizeof(shown), text), err == -ERANGE ? " that exists," : "");
	return -EINVAL;
}

static int set_value(const struct opt *o, void *value, const char *text, const char *where)
{
	static const char *const what[] = {
		[OPT_KIND_NUMBER] = "a number",
		[OPT_KIND_DURATION] = "a duration such as 250ms, 10, 1.5s, 2min, 1h",
		[OPT_KIND_SIZE] = "a size in bytes such as 4096, 64K, 16M, 2G",
	};
	int (*const parse[])(const char *, __u64 *) = {
		[OPT_KIND_NUMBER] = parse_number,
		[OPT_KIND_DURATION] = parse_duration,
		[OPT_KIND_SIZE] = parse_size,
	};
	char shown[80];
	__u64 v;
	int err;

	if (o->kind == OPT_KIND_STRING || o->kind == OPT_KIND_FILE ||
	    o->kind == OPT_KIND_OPTIONAL || o->kind == OPT_KIND_CONFIG) {
		if (!*text) {
			say(SAY_ERROR, TOOL ": %s--%s: %s is empty", where, o->name, o->arg);
			return -EINVAL;
		}
		*(const char **)value = text;
		return 0;
	}
	if (o->kind == OPT_KIND_TIME)
		return set_time(o, value, text, where);
	err = parse[o->kind](text, &v);
	if (!err && (v < o->min || (o->max && v > o->max)))
		err = -ERANGE;
	if (!err) {
		*(__u64 *)value = v;
		return 0;
	}
	fmt_text(shown, sizeof(shown), text);
	if (err == -ERANGE && o->max && o->kind == OPT_KIND_DURATION) {
		char lo[FMT_LEN], hi[FMT_LEN];

		say(SAY_ERROR, TOOL ": %s--%s: \"%s\" is out of range, must be %s to %s", where,
		    o->name, shown, fmt_duration(lo, sizeof(lo), o->min),
		    fmt_duration(hi, sizeof(hi), o->max));
	} else if (err == -ERANGE && o->max) {
		say(SAY_ERROR, TOOL ": %s--%s: \"%s\" is out of range, must be %llu to %llu", where,
		    o->name, shown, (unsigned long long)o->min, (unsigned long long)o->max);
	} else {
		say(SAY_ERROR, TOOL ": %s--%s: \"%s\" is not %s%s", where, o->name, shown,
		    what[o->kind], err == -ERANGE ? " in range" : "");
	}
	return -EINVAL;
}

/* ---- help ---- */

static void print_option(char letter, const char *name, const char *arg, const char *help,
			 bool optional)
{
	char left[64];
	int n;

	if (letter)
		n = snprintf(left, sizeof(left), "-%c, --%s", letter, name);
	else
		n = snprintf(left, sizeof(left), "    --%s", name);
	if (arg && n > 0 && (size_t)n < sizeof(left))
		snprintf(left + n, sizeof(left) - (size_t)n, optional ? "[=%s]" : " %s", arg);
	printf("  %-24s %s\n", left, help);
}

static void print_help(const struct command *c)
{
	const struct opt *p;

	printf("Usage: " TOOL " %s [OPTION]...%s%s\n\n%c%s.\n\nOptions:\n", c->name,
	       c->args ? " " : "", c->args ? c->args : "", toupper(*c->summary), c->summary + 1);
	for (p = c->options; p->kind != OPT_KIND_END; p++)
		print_option(p->letter, p->name, p->arg, p->help, p->kind == OPT_KIND_OPTIONAL);
	print_option('h', "help", NULL, "show this help", false);
	if (c->notes)
		printf("\n%s", c->notes);
}

/* ---- errors ---- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edit distance of two words; long words are cut. */
static size_t distance(const char *a, const char *b)
{
	size_t row[33], la = strnlen(a, 32), lb = strnlen(b, 32), i, k;

	for (k = 0; k <= lb; k++)
		row[k] = k;
	for (i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (k = 1; k <= lb; k++) {
			size_t above = row[k];

			row[k] = least(least(row[k], row[k - 1]) + 1,
				       diagonal + (a[i - 1] != b[k - 1]));
			diagonal = above;
		}
	}
	return row[lb];
}

const char *opts_suggest(const char *word, const char *const *names)
{
	const char *best = NULL;
	size_t best_distance = 0, d;

	for (; *names; names++) {
		d = distance(word, *names);
		if (*word && strlen(word) > 1 && !strncmp(*names, word, strlen(word)))
			d = 1;
		if (!best || d < best_distance) {
			best = *names;
			best_distance = d;
		}
	}
	/* more than a third of it wrong is another word */
	return best && best_distance <= strlen(best) / 3 + 1 && best_distance < strlen(best) ?
		       best :
		       NULL;
}

static int unknown_option(const struct command *c, const char *dashes, const char *name, size_t len)
{
	const char *names[MAX_OPTIONS + 2], *like;
	char shown[80], word[64];
	const struct opt *p;
	size_t n = 0;

	snprintf(word, sizeof(word), "%.*s", (int)least(len, sizeof(word) - 1), name);
	fmt_text_n(shown, sizeof(shown), name, len);
	for (p = c->options; p->kind != OPT_KIND_END && n < MAX_OPTIONS; p++)
		names[n++] = p->name;
	names[n++] = "help";
	names[n] = NULL;
	like = dashes[1] ? opts_suggest(word, names) : NULL;
	fprintf(stderr, TOOL ": %s: unknown option \"%s%s\"", c->name, dashes, shown);
	if (like)
		fprintf(stderr, ", did you mean \"--%s\"?\n", like);
	else
		fprintf(stderr, "; \"" TOOL " %s --help\" lists what there is\n", c->name);
	return -EINVAL;
}

/* ---- parsing ---- */

struct parser {
	const struct command	*c;
	char			*options;	/* the structure */
	char			**argv;
	int			argc, at;	/* argv[at] is being read */
};

static void *value_of(const struct parser *p, const struct opt *o)
{
	return p->options + o->offset;
}

static const char *next_value(struct parser *p)
{
	return p->at + 1 < p->argc ? p->argv[++p->at] : NULL;
}

static int no_value(const struct opt *o)
{
	fprintf(stderr, TOOL ": --%s needs a value: --%s %s\n", o->name, o->name, o->arg);
	return -EINVAL;
}

static const struct opt *find(const struct command *c, const char *name, size_t len)
{
	const struct opt *o;

	for (o = c->options; o->kind != OPT_KIND_END; o++)
		if (strlen(o->name) == len && !strncmp(o->name, name, len))
			return o;
	return NULL;
}

int opts_set(const struct command *c, void *options, const char *where, const char *name,
	     size_t len, const char *value)
{
	const struct opt *o = find(c, name, len);
	char shown[80];
	bool yes;

	if (!o || o->kind == OPT_KIND_CONFIG)
		return -ENOENT;
	if (o->kind != OPT_KIND_FLAG)
		return set_value(o, (char *)options + o->offset, value, where);
	yes = !strcmp(value, "yes");
	if (!yes && strcmp(value, "no")) {
		fprintf(stderr, TOOL ": %s--%s: \"%s\" is neither yes nor no\n", where, o->name,
			fmt_text(shown, sizeof(shown), value));
		return -EINVAL;
	}
	*(bool *)((char *)options + o->offset) = yes;
	return 0;
}

/* A value from the command line. */
static int take(struct parser *p, const struct opt *o, const char *value)
{
	if (!value)
		return no_value(o);
	if (o->kind == OPT_KIND_CONFIG && *value)
		return p->c->config(p->c, p->options, value, value_of(p, o));
	return set_value(o, value_of(p, o), value, "");
}

static int parse_long(struct parser *p, const char *text)
{
	size_t len = strcspn(text, "=");
	const char *value = text[len] ? text + len + 1 : NULL;
	const struct opt *o;

	if (!strncmp(text, "help=", 5)) {
		fprintf(stderr, TOOL ": --help takes no value; \"" TOOL " %s --help\"\n",
			p->c->name);
		return -EINVAL;
	}
	if (!strcmp(text, "help")) {
		print_help(p->c);
		return -ECANCELED;
	}
	o = find(p->c, text, len);
	if (!o)
		return unknown_option(p->c, "--", text, len);
	if (o->kind == OPT_KIND_FLAG) {
		if (value) {
			fprintf(stderr, TOOL ": --%s takes no value\n", o->name);
			return -EINVAL;
		}
		*(bool *)value_of(p, o) = true;
		return 0;
	}
	if (!value && o->kind == OPT_KIND_OPTIONAL) {
		*(const char **)value_of(p, o) = "";
		return 0;
	}
	return take(p, o, value ? value : next_value(p));
}

static int parse_letters(struct parser *p, const char *text)
{
	const struct opt *o;
	const char *value;

	for (; *text; text++) {
		if (*text == 'h') {
			print_help(p->c);
			return -ECANCELED;
		}
		for (o = p->c->options; o->kind != OPT_KIND_END; o++)
			if (o->letter == *text)
				break;
		if (o->kind == OPT_KIND_END)
			return unknown_option(p->c, "-", text, 1);
		if (o->kind == OPT_KIND_FLAG) {
			*(bool *)value_of(p, o) = true;
			continue;
		}
		value = text[1] ? text + 1 : next_value(p);
		return take(p, o, value);
	}
	return 0;
}

/* A recording is given to most commands as an argument; to those that are about now, otherwise. */
static const char *instead(const struct command *c)
{
	const struct opt *opt;

	for (opt = c->options; opt->kind != OPT_KIND_END; opt++)
		if (!strcmp(opt->name, "replay"))
			return "; --replay shows a recording or a bundle";
	return "";
}

static int check_args(const struct command *c, int n, char **args)
{
	char shown[80];

	if (n > c->max_args) {
		fprintf(stderr,
			TOOL ": %s: unexpected argument \"%s\"; usage: " TOOL
			     " %s [OPTION]...%s%s%s\n",
			c->name, fmt_text(shown, sizeof(shown), args[c->max_args]), c->name,
			c->args ? " " : "", c->args ? c->args : "", instead(c));
		return -EINVAL;
	}
	if (n < c->min_args) {
		fprintf(stderr,
			TOOL ": %s: an argument is missing; usage: " TOOL " %s [OPTION]... %s\n",
			c->name, c->name, c->args);
		return -EINVAL;
	}
	return n;
}

int opts_parse(const struct command *c, void *options, int argc, char **argv, char ***args)
{
	struct parser p = { .c = c, .options = options, .argv = argv, .argc = argc, .at = 1 };
	bool only_args = false;
	int n = 0, err;

	for (; p.at < argc; p.at++) {
		char *arg = argv[p.at];

		if (only_args || arg[0] != '-' || !arg[1]) {
			argv[1 + n++] = arg;
			continue;
		}
		if (!strcmp(arg, "--")) {
			only_args = true;
			continue;
		}
		err = arg[1] == '-' ? parse_long(&p, arg + 2) : parse_letters(&p, arg + 1);
		if (err)
			return err;
	}
	argv[1 + n] = NULL;
	*args = argv + 1;
	return check_args(c, n, *args);
}

int opts_exit(int err)
{
	return err == -ECANCELED ? EXIT_OK : EXIT_USAGE;
}

/* What command_run() was called with, for opts_again(): parsing moves arguments. */
static struct {
	int	argc;
	char	**argv;
} given;

static char **copy_of(char **argv, int argc)
{
	char **copy = calloc((size_t)argc + 1, sizeof(*copy));

	if (copy)
		memcpy(copy, argv, (size_t)argc * sizeof(*copy));
	return copy;
}

/* The text of a file of options, of a line that was refused after it was read. */
static int refuse(const struct command *c, void *options, int err)
{
	const struct opt *o;
	char **text;

	for (o = c->options; o->kind != OPT_KIND_END; o++) {
		if (o->kind != OPT_KIND_CONFIG)
			continue;
		text = (char **)((char *)options + o->offset);
		free(*text);
		*text = NULL;
	}
	return err;
}

int opts_again(const struct command *c, void *options)
{
	char **argv = copy_of(given.argv, given.argc), **args;
	int ret = -ENOMEM;

	if (argv) {
		memcpy(options, c->defaults, c->size);
		ret = opts_parse(c, options, given.argc, argv, &args);
	} else
		memset(options, 0, c->size);
	free(argv);
	return ret < 0 ? refuse(c, options, ret) : 0;
}

int command_run(const struct command *c, int argc, char **argv)
{
	void *options = malloc(c->size);
	char **args = NULL;
	int ret;

	given.argc = argc;
	given.argv = copy_of(argv, argc);
	if (!options || !given.argv) {
		fprintf(stderr, TOOL " %s: out of memory\n", c->name);
		ret = EXIT_ERROR;
	} else {
		memcpy(options, c->defaults, c->size);
		ret = opts_parse(c, options, argc, argv, &args);
		ret = ret < 0 ? opts_exit(refuse(c, options, ret)) : c->run(options, ret, args);
	}
	free(given.argv);
	free(options);
	return ret;
}
