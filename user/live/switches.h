/* SPDX-License-Identifier: GPL-2.0-only */
/* Switches of a hardened host that take away what the programs need, although all seems well. */
#ifndef LIVE_SWITCHES_H
#define LIVE_SWITCHES_H

#include <stdbool.h>
#include <stddef.h>

#define SWITCH_TEXT	256

/**
 * switch_in_the_way() - which switch keeps the programs from running, and what to do
 * @root:	where /proc and /sys are: "" or, for a test, a directory
 * @stock:	the driver is without the series: probes and addresses are needed
 * @i:		the i-th of them, from 0
 *
 * False: there are no more. What cannot be read is not in the way for all that is known.
 */
bool switch_in_the_way(const char *root, bool stock, unsigned int i, char text[SWITCH_TEXT]);

#endif /* LIVE_SWITCHES_H */
