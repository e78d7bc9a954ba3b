/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands of nvme-mpathtop. Each is in cmd/NAME.c, as command_NAME, and has
 * a place in this list, which is the order of --help. The first is the default.
 */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "cmd/options.h"

#define COMMANDS(command) \
	command(top) command(watch) command(collect) command(report) command(advise) \
		command(check) command(bundle) command(features)

#define COMMAND_DECLARE(name)	extern const struct command command_##name;
COMMANDS(COMMAND_DECLARE)

#endif /* CMD_COMMANDS_H */
