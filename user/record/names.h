/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the numbers in a record. */
#ifndef RECORD_NAMES_H
#define RECORD_NAMES_H

/* Names for enums of mpath_event.h; unknown values give "?". */
const char *fmt_ctrl_state(int state);		/* "live" ..., -1: "-" */
const char *fmt_ana_state(int state);		/* "optimized" ..., 0 or -1: "-" */
/* The other way round, from the names that sysfs has; -1: none of them. */
int names_ctrl_state(const char *name);
int names_ana_state(const char *name);

const char *fmt_op_class(unsigned int op);	/* enum mpath_op: "read", "write", "other" */
const char *fmt_op(int req_op);			/* enum req_op: "read", "write" ..., "other" */

#endif /* RECORD_NAMES_H */
