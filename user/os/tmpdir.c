// SPDX-License-Identifier: GPL-2.0-only
/* A private directory below TMPDIR that does not stay. */
#define _GNU_SOURCE
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "os/tmpdir.h"

#define MAX_DIRS	64		/* at a time, that a signal removes */
#define FIRST		3		/* behind rm -rf -- */

static char *command[FIRST + MAX_DIRS + 1] = { (char *)"rm", (char *)"-rf", (char *)"--" };
static volatile sig_atomic_t nr_dirs;

/* Walking a directory is nothing for a signal handler; to start somebody who does is. */
static void on_signal(int sig)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };

	if (nr_dirs && !fork()) {
		execv("/bin/rm", command);
		_exit(127);
	}
	sigaction(sig, &dfl, NULL);
	raise(sig);
}

static void take_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction now, sa = { .sa_handler = on_signal };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigaction(signals[i], NULL, &now) && now.sa_handler == SIG_DFL)
			sigaction(signals[i], &sa, NULL);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

void rmtree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *tmpdir_where(void)
{
	const char *tmp = getenv("TMPDIR");

	return tmp && *tmp ? tmp : "/tmp";
}

int tmpdir_make(char **path)
{
	sigset_t all, before;
	int err = 0;

	if (asprintf(path, "%s/nvme-mpathtop.XXXXXX", tmpdir_where()) < 0) {
		*path = NULL;
		return -ENOMEM;
	}
	take_signals();
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (!mkdtemp(*path)) {
		err = -errno;
	} else if (nr_dirs < MAX_DIRS) {
		command[FIRST + nr_dirs] = *path;
		nr_dirs++;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (err) {
		free(*path);
		*path = NULL;
	}
	return err;
}

void tmpdir_remove(char *path)
{
	sigset_t all, before;
	int i;

	if (!path)
		return;
	rmtree(path);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	for (i = 0; i < nr_dirs && command[FIRST + i] != path; i++)
		;
	if (i < nr_dirs) {
		nr_dirs--;
		command[FIRST + i] = command[FIRST + nr_dirs];
		command[FIRST + nr_dirs] = NULL;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	free(path);
}
