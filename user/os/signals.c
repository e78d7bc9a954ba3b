// SPDX-License-Identifier: GPL-2.0-only
/* Signals that are read as data. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>

#include "os/signals.h"

int signals_open(bool ending, int also)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	if (ending) {
		sigaddset(&set, SIGINT);
		sigaddset(&set, SIGTERM);
		sigaddset(&set, SIGHUP);
	}
	if (also)
		sigaddset(&set, also);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
