// SPDX-License-Identifier: GPL-2.0-only
/* nvme-mpathtop: which command a command line is for. */
#include <errno.h>
#include <signal.h>
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
	fprintf(out, "\n\"nvme-mpathtop COMMAND --help\" shows the options of a command;\n"
		     "--version the version, --completion bash the completion for bash.\n"
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

int main(int argc, char **argv)
{
	size_t i;

	/* a reader that goes is an error like any other, after which things are put away */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return command_run(commands[0], 1, (char *[]) { "top", NULL });
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help(stdout);
		return EXIT_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("nvme-mpathtop %s\n", version_text);
		return EXIT_OK;
	}
	if (argc == 3 && !strcmp(argv[1], "--completion") && !strcmp(argv[2], "bash")) {
		completion_bash(stdout, commands, NR_COMMANDS);
		return fflush(stdout) ? EXIT_ERROR : EXIT_OK;
	}
	if (argv[1][0] == '-')
		return command_run(commands[0], argc, argv);
	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(argv[1], commands[i]->name))
			return command_run(commands[i], argc - 1, argv + 1);
	return unknown_command(argv[1]);
}
