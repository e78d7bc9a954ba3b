// SPDX-License-Identifier: GPL-2.0-only
/* nvme-mpathtop: which command a command line is for. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/format.h"
#include "base/version.h"
#include "cmd/commands.h"
#include "cmd/completion.h"

#define COMMAND_POINTER(name)	&command_##name,
static const struct command *const commands[] = { COMMANDS(COMMAND_POINTER) };
#define NR_COMMANDS	ARRAY_SIZE(commands)

static void print_help(FILE *out)
{
	size_t i;

	fprintf(out,
		"Usage: nvme-mpathtop [COMMAND] [OPTION]...\n\n"
		"Watch the grace windows of NVMe multipath heads: the time for which a head is\n"
		"kept after the loss of its last path.\n\nCommands:\n");
	for (i = 0; i < NR_COMMANDS; i++)
		fprintf(out, "  %-10s %s%s\n", commands[i]->name, commands[i]->summary,
			i ? "" : " (the default)");
	fprintf(out,
		"\n\"nvme-mpathtop COMMAND --help\" and \"nvme-mpathtop help COMMAND\" show the "
		"options\n"
		"of a command; --version, -V the version; --completion SHELL the completion\n"
		"for bash, zsh or fish.\n"
		"Exit status: 0 success, 1 failure, 2 invalid command line; report, "
		"advise and check\n"
		"have further ones, see nvme-mpathtop(8).\n");
}

static int unknown_command(const char *word)
{
	const char *names[NR_COMMANDS + 1], *like;
	bool option = *word == '-';
	char shown[80];
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		names[i] = commands[i]->name;
	names[i] = NULL;
	like = option ? NULL : opts_suggest(word, names);
	fprintf(stderr, "nvme-mpathtop: unknown %s \"%s\"", option ? "option" : "command",
		fmt_text(shown, sizeof(shown), word));
	if (like)
		fprintf(stderr, ", did you mean \"%s\"?", like);
	fprintf(stderr, "%s there are:", like ? "" : ";");
	for (i = 0; i < NR_COMMANDS; i++)
		fprintf(stderr, " %s", names[i]);
	fprintf(stderr, "; \"nvme-mpathtop --help\" explains them\n");
	return EXIT_USAGE;
}

static int complete(const char *shell)
{
	char shown[80];

	if (!strcmp(shell, "bash")) {
		completion_bash(stdout, commands, NR_COMMANDS);
	} else if (!strcmp(shell, "zsh")) {
		completion_zsh(stdout, commands, NR_COMMANDS);
	} else if (!strcmp(shell, "fish")) {
		completion_fish(stdout, commands, NR_COMMANDS);
	} else {
		fprintf(stderr,
			"nvme-mpathtop: --completion: there is none for \"%s\"; bash, zsh, fish\n",
			fmt_text(shown, sizeof(shown), shell));
		return EXIT_USAGE;
	}
	return fflush(stdout) ? EXIT_ERROR : EXIT_OK;
}

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(name, commands[i]->name))
			return commands[i];
	return NULL;
}

/* help [COMMAND], as its --help */
static int help(int argc, char **argv)
{
	char *line[] = { NULL, (char *)"--help", NULL };
	const struct command *c;

	if (argc < 3) {
		print_help(stdout);
		return EXIT_OK;
	}
	c = find(argv[2]);
	if (!c)
		return unknown_command(argv[2]);
	line[0] = argv[2];
	return command_run(c, 2, line);
}

/* Is it one of these words? The last one is NULL. */
static bool is(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	const struct command *c;

	/* a reader that goes is an error like any other, after which things are put away */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return command_run(commands[0], 1, (char *[]) { "top", NULL });
	if (is(argv[1], (const char *const[]) { "help", "--help", "-h", NULL }))
		return help(argc, argv);
	if (is(argv[1], (const char *const[]) { "version", "--version", "-V", NULL })) {
		printf("nvme-mpathtop %s\n", version_text);
		return EXIT_OK;
	}
	if (argc == 3 && !strcmp(argv[1], "--completion"))
		return complete(argv[2]);
	if (argv[1][0] == '-')
		return command_run(commands[0], argc, argv);
	c = find(argv[1]);
	return c ? command_run(c, argc - 1, argv + 1) : unknown_command(argv[1]);
}
