/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file of options, as /etc/default/nvme-mpathtop: lines NAME=VALUE, with the name of a long
 * option in capitals and "_" for "-", the value as it is, or in quotes. A flag is yes or no. "#"
 * begins a comment. Other programs may have lines of their own in it: PRIVILEGES is passed over.
 */
#ifndef CMD_CONFIG_H
#define CMD_CONFIG_H

#include "cmd/options.h"

/**
 * config_read() - set the options that a file has
 * @text:	set to the text of the file, to be freed after the last use of @options; what was
 *		there is freed. NULL: there is no file
 *
 * A file that is not there has no options, which is said. Returns 0, or -EINVAL after a message.
 */
int config_read(const struct command *c, void *options, const char *path, char **text);

#endif /* CMD_CONFIG_H */
