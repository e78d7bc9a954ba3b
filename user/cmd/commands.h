/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands of nvme-mpathtop. argv[0] is the name of the command; the
 * value returned is the exit status, an enum exit_status of cmd/options.h.
 */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

int cmd_top(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_collect(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_advise(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_bundle(int argc, char **argv);
int cmd_features(int argc, char **argv);

#endif /* CMD_COMMANDS_H */
