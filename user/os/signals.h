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
 * What whoever started this process had ignored stays ignored, as nohup wants it.
 * Returns a non-blocking signalfd, or -errno.
 */
int signals_open(bool ending, int also);

/* Has this process a terminal that hangs up, of which SIGHUP tells? */
bool signals_terminal(void);

#endif /* OS_SIGNALS_H */
