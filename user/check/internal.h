/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of check share: the findings below, the rules in between, check/check.c above. */
#ifndef CHECK_INTERNAL_H
#define CHECK_INTERNAL_H

#include "check/check.h"

struct check {
	struct check_finding	*findings;	/* worst first */
	size_t			nr;
	char			skipped[CHECK_MAX_SKIPPED][160];
	size_t			nr_skipped;
	int			err;		/* -ENOMEM: findings are missing */
};

/* ---- check/findings.c ---- */

/**
 * check_add() - a finding, behind those that are as bad
 * @rule:	a constant: it is kept as it is
 * @object:	which head, controller or disk, may be ""; texts are escaped, and cut if too long
 *
 * No memory: @c->err is set.
 */
void check_add(struct check *c, const char *rule, enum check_severity severity, const char *object,
	       const char *what, const char *advice);

/* ---- tables of rules, each ends with NULL ---- */

/* Adds what it finds of a host, or why it cannot tell. */
typedef void (*check_rule_fn)(struct check *c, const struct host *h);

extern const check_rule_fn check_path_rules[];		/* check/rules_path.c */
extern const check_rule_fn check_walk_rules[];		/* check/rules_walk.c */
extern const check_rule_fn check_kernel_rules[];	/* check/rules_kernel.c */
extern const check_rule_fn check_head_rules[];		/* check/rules_head.c */

#endif /* CHECK_INTERNAL_H */
