/* SPDX-License-Identifier: GPL-2.0-only */
/* Signals that are read as data, in the loop of whoever wants them. */
#ifndef OS_SIGNALS_H
#define OS_SIGNALS_H

#include <stdbool.h>

/**
 * signals_open() - block signals and have them from a descriptor
 * @ending:	SIGINT, SIGTERM and SIGHUP
 * @also:	one more; 0: none
 *
 * Returns a non-blocking signalfd, or -errno.
 */
int signals_open(bool ending, int also);

#endif /* OS_SIGNALS_H */
