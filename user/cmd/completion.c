// SPDX-License-Identifier: GPL-2.0-only
/* The completion for bash, from the commands and their options. */
#include "cmd/completion.h"

static bool is_file(const struct opt *o)
{
	return o->kind == OPT_KIND_FILE || o->kind == OPT_KIND_CONFIG;
}

/* With a value that nothing is known of. */
static bool has_value(const struct opt *o)
{
	return o->kind != OPT_KIND_FLAG && o->kind != OPT_KIND_OPTIONAL && !is_file(o);
}

static void print_options(FILE *out, const struct opt *o)
{
	for (; o->kind != OPT_KIND_END; o++)
		fprintf(out, "--%s ", o->name);
	fprintf(out, "--help");
}

/* What follows an option of one sort; nothing if there is no such option. */
static void print_follows(FILE *out, const struct opt *o, bool (*wanted)(const struct opt *),
			  const char *action)
{
	const char *before = "\t\t";

	for (; o->kind != OPT_KIND_END; o++) {
		if (!wanted(o))
			continue;
		fputs(before, out);
		if (o->letter)
			fprintf(out, "-%c | ", o->letter);
		fprintf(out, "--%s", o->name);
		before = " | ";
	}
	if (*before != '\t')
		fprintf(out, ") %s ;;\n", action);
}

static void print_command(FILE *out, const struct command *c)
{
	fprintf(out, "\t%s)\n\t\toptions='", c->name);
	print_options(out, c->options);
	fprintf(out, "'\n\t\tcase $prev in\n");
	print_follows(out, c->options, is_file, "options='' files=1");
	print_follows(out, c->options, has_value, "options=''");
	fprintf(out, "\t\t*) files=%s ;;\n\t\tesac\n\t\t;;\n", c->args ? "1" : "''");
}

static void print_names(FILE *out, const struct command *const *commands, size_t nr)
{
	size_t i;

	fprintf(out, "\t'')\n\t\toptions='--version --completion ");
	print_options(out, commands[0]->options);
	fprintf(out, "'\n\t\tnames='");
	for (i = 0; i < nr; i++)
		fprintf(out, "%s%s", i ? " " : "", commands[i]->name);
	fprintf(out, "'\n\t\t;;\n");
}

void completion_bash(FILE *out, const struct command *const *commands, size_t nr)
{
	size_t i;

	fprintf(out,
		"# shellcheck shell=bash\n"
		"# Completion of nvme-mpathtop(8), printed by nvme-mpathtop --completion bash.\n\n"
		"_nvme_mpathtop()\n{\n"
		"\tlocal cur=$2 prev=$3 command=${COMP_WORDS[1]} options='' names='' files=''\n\n"
		"\tcase $command in\n"
		"\t--completion) names=bash ;;\n"
		"\t-*) command=%s ;;\n"
		"\tesac\n"
		"\t[ \"$COMP_CWORD\" -gt 1 ] || command=''\n"
		"\tcase $command in\n",
		commands[0]->name);
	print_names(out, commands, nr);
	for (i = 0; i < nr; i++)
		print_command(out, commands[i]);
	fprintf(out, "\tesac\n"
		     "\t# --name=value is three words\n"
		     "\tif [ \"$prev\" = = ] || [ \"$cur\" = = ]; then\n"
		     "\t\tfiles=1 cur=${cur#=}\n"
		     "\tfi\n"
		     "\tcase $cur in\n"
		     "\t-*) mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\") ;;\n"
		     "\t*) mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$cur\"\n"
		     "\t\t[ -z \"$files\" ] || compgen -f -- \"$cur\") ;;\n"
		     "\tesac\n"
		     "\t[ -z \"$files\" ] || compopt -o filenames 2> /dev/null\n"
		     "}\n\n"
		     "complete -F _nvme_mpathtop nvme-mpathtop\n");
}
