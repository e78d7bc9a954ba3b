/* SPDX-License-Identifier: GPL-2.0-only */
/* The groups of tests besides that of test_state.c; each returns how many tests failed. */
#ifndef GROUPS_H
#define GROUPS_H

#include "drive.h"

int run_heads(void);
int run_bios(void);
int run_losses(void);
int run_nameless(void);
int run_who(void);
int run_heal(void);

#endif /* GROUPS_H */
