// SPDX-License-Identifier: GPL-2.0-only
/* Names of the numbers in a record. */
#include <stddef.h>

#include "base/array.h"
#include "bpf/mpath_event.h"
#include "record/names.h"

static const char *name_of(const char *const *names, size_t n, int value)
{
	return value >= 0 && (size_t)value < n && names[value] ? names[value] : "?";
}

#define NAME_OF(names, value)	name_of(names, ARRAY_SIZE(names), value)

const char *fmt_ctrl_state(int state)
{
	static const char *const names[] = {
		[MPATH_CTRL_NEW] = "new",
		[MPATH_CTRL_LIVE] = "live",
		[MPATH_CTRL_RESETTING] = "resetting",
		[MPATH_CTRL_CONNECTING] = "connecting",
		[MPATH_CTRL_DELETING] = "deleting",
		[MPATH_CTRL_DELETING_NOIO] = "deleting (no IO)",
		[MPATH_CTRL_DEAD] = "dead",
	};

	return state < 0 ? "-" : NAME_OF(names, state);
}

const char *fmt_ana_state(int state)
{
	/* NVMe base specification, ANA group descriptor */
	static const char *const names[16] = {
		[1] = "optimized", [2] = "non-optimized", [3] = "inaccessible",
		[4] = "persistent-loss", [15] = "change",
	};

	return state <= 0 ? "-" : NAME_OF(names, state);
}

const char *fmt_op_class(unsigned int op)
{
	static const char *const names[MPATH_OPS] = { "read", "write", "other" };

	return op < MPATH_OPS ? names[op] : "?";
}

const char *fmt_op(int req_op)
{
	/* include/linux/blk_types.h: these numbers are the same in 6.1 .. 7.3 */
	static const char *const names[] = {
		[0] = "read",	 [1] = "write",	       [2] = "flush",
		[3] = "discard", [5] = "secure-erase", [9] = "write-zeroes",
	};

	if (req_op < 0 || (size_t)req_op >= ARRAY_SIZE(names) || !names[req_op])
		return "other";
	return names[req_op];
}
