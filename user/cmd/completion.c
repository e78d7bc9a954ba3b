// SPDX-License-Identifier: GPL-2.0-only
/* The completions for bash, zsh and fish, from the commands and their options. */
#include <string.h>

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
		"\t--completion) names='bash zsh fish' ;;\n"
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

/* ---- zsh and fish: with the help of each option ---- */

/* A text between single quotes; what else zsh reads there, with a backslash. */
static void put_quoted(FILE *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr(special, *text))
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

static void zsh_spec(FILE *out, char letter, const char *name, const char *help)
{
	if (letter)
		fprintf(out, "{-%c,--%s}'[", letter, name);
	else
		fprintf(out, "'--%s[", name);
	put_quoted(out, help, "[]:\\");
	fputc(']', out);
}

static void zsh_option(FILE *out, const struct opt *o)
{
	bool optional = o->kind == OPT_KIND_OPTIONAL;

	fputs("\t\t\t", out);
	if (optional)
		fprintf(out, "'--%s=-[", o->name);
	if (optional) {
		put_quoted(out, o->help, "[]:\\");
		fputc(']', out);
	} else {
		zsh_spec(out, o->letter, o->name, o->help);
	}
	if (o->arg) {
		fputs(optional ? "::" : ":", out);
		put_quoted(out, o->arg, ":\\");
		fputs(is_file(o) || optional ? ":_files" : ":", out);
	}
	fputs("' \\\n", out);
}

void completion_zsh(FILE *out, const struct command *const *commands, size_t nr)
{
	const struct opt *o;
	size_t i;

	fprintf(out, "#compdef nvme-mpathtop\n"
		     "# Printed by nvme-mpathtop --completion zsh.\n\n"
		     "_nvme_mpathtop()\n{\n"
		     "\tlocal command=${words[2]}\n"
		     "\tif (( CURRENT == 2 )) && [[ $command != -* ]]; then\n"
		     "\t\tlocal -a commands=(\n");
	for (i = 0; i < nr; i++) {
		fprintf(out, "\t\t\t'%s:", commands[i]->name);
		put_quoted(out, commands[i]->summary, "");
		fputs("'\n", out);
	}
	fprintf(out,
		"\t\t)\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
		"\tif [[ $command = -* ]]; then\n\t\tcommand=%s\n\telse\n"
		"\t\tshift words\n\t\t(( CURRENT-- ))\n\tfi\n\tcase $command in\n",
		commands[0]->name);
	for (i = 0; i < nr; i++) {
		fprintf(out, "\t%s)\n\t\t_arguments -s \\\n", commands[i]->name);
		for (o = commands[i]->options; o->kind != OPT_KIND_END; o++)
			zsh_option(out, o);
		fputs("\t\t\t", out);
		zsh_spec(out, 'h', "help", "show the options");
		fprintf(out, "'%s\n\t\t;;\n", commands[i]->args ? " '*:file:_files'" : "");
	}
	fprintf(out, "\tesac\n}\n\n_nvme_mpathtop \"$@\"\n");
}

static void fish_option(FILE *out, const char *command, const struct opt *o)
{
	fprintf(out, "complete -c nvme-mpathtop -n '__fish_seen_subcommand_from %s'", command);
	if (o->letter)
		fprintf(out, " -s %c", o->letter);
	fprintf(out, " -l %s", o->name);
	if (is_file(o))
		fputs(" -r -F", out);
	else if (has_value(o))
		fputs(" -x", out);
	fputs(" -d '", out);
	for (const char *p = o->help; *p; p++) {
		if (*p == '\'' || *p == '\\')
			fputc('\\', out);
		fputc(*p, out);
	}
	fputs("'\n", out);
}

void completion_fish(FILE *out, const struct command *const *commands, size_t nr)
{
	const struct opt *o;
	size_t i;

	fprintf(out, "# Printed by nvme-mpathtop --completion fish.\n\n");
	for (i = 0; i < nr; i++)
		fprintf(out, "complete -c nvme-mpathtop -n __fish_use_subcommand %s-a %s -d '%s'\n",
			"-f ", commands[i]->name, commands[i]->summary);
	for (i = 0; i < nr; i++) {
		for (o = commands[i]->options; o->kind != OPT_KIND_END; o++)
			fish_option(out, commands[i]->name, o);
		if (!commands[i]->args)
			fprintf(out,
				"complete -c nvme-mpathtop "
				"-n '__fish_seen_subcommand_from %s' -f\n",
				commands[i]->name);
	}
}
