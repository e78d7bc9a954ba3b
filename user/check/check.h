/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of check: what in a host's configuration, or in what was recorded,
 * will not do what its owner expects. Pure: facts in, findings out.
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "model/types.h"
#include "sysfs/host.h"

enum check_severity {
	CHECK_ERROR,		/* I/O can hang, fail or be lost against expectation */
	CHECK_WARNING,		/* something does not do what it seems to */
	CHECK_NOTE,		/* worth knowing */
	CHECK_SEVERITIES,
};

struct check_finding {
	const char		*rule;		/* stable word */
	enum check_severity	severity;
	/* which head, controller, disk; escaped; may be "" */
	char			object[64];
	char			what[600];	/* escaped */
	char			advice[800];	/* what to do; escaped */
};

#define CHECK_MAX_SKIPPED	16

struct check;

/* NULL when memory is short. */
struct check *check_new(void);
void check_free(struct check *c);	/* NULL is fine */

/* Apply all rules about a host. Returns 0 or -ENOMEM. */
int check_host(struct check *c, const struct host *h);

/* Apply the rules about how the kernel behaved. Returns 0 or -ENOMEM. */
int check_record(struct check *c, const struct model *m);

/* The i-th finding, worst first, NULL behind the last. */
const struct check_finding *check_finding(const struct check *c, size_t i);

/* Rules that could not be applied, and why; NULL behind the last. */
const char *check_skipped(const struct check *c, size_t i);

/* A rule could not be applied: "rule: why". At most CHECK_MAX_SKIPPED are kept. */
void check_skip(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

const char *check_severity_name(enum check_severity severity);	/* "error" ... */

#endif /* CHECK_CHECK_H */
