/* SPDX-License-Identifier: GPL-2.0-only */
/* The completion of command lines by a shell. */
#ifndef CMD_COMPLETION_H
#define CMD_COMPLETION_H

#include <stdio.h>

#include "cmd/options.h"

/* Print functions for bash to complete the commands, of which the first is the default. */
void completion_bash(FILE *out, const struct command *const *commands, size_t nr);

/* The same for zsh, as a file of its function path, and for fish. */
void completion_zsh(FILE *out, const struct command *const *commands, size_t nr);
void completion_fish(FILE *out, const struct command *const *commands, size_t nr);

#endif /* CMD_COMPLETION_H */
