// SPDX-License-Identifier: GPL-2.0-only
/* Signals that are read as data. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "os/signals.h"

static void add_unless_ignored(sigset_t *set, int number)
{
	struct sigaction old;

	if (sigaction(number, NULL, &old) || old.sa_handler != SIG_IGN)
		sigaddset(set, number);
}

bool signals_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int signals_open(bool ending, int also)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	if (ending) {
		add_unless_ignored(&set, SIGINT);
		add_unless_ignored(&set, SIGTERM);
		add_unless_ignored(&set, SIGHUP);
	}
	if (also)
		sigaddset(&set, also);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
