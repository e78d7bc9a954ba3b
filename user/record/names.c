// SPDX-License-Identifier: GPL-2.0-only
/* Names of the numbers in a record. */
#include <stddef.h>
#include <string.h>

#include "base/array.h"
#include "bpf/mpath_event.h"
#include "record/names.h"

static const char *name_of(const char *const *names, size_t n, int value)
{
	return value >= 0 && (size_t)value < n && names[value] ? names[value] : "?";
}

#define NAME_OF(names, value)	name_of(names, ARRAY_SIZE(names), value)

/* As in the attribute state of a controller: nvme_sysfs_show_state(). */
static const char *const ctrl_states[] = {
	[MPATH_CTRL_NEW] = "new",
	[MPATH_CTRL_LIVE] = "live",
	[MPATH_CTRL_RESETTING] = "resetting",
	[MPATH_CTRL_CONNECTING] = "connecting",
	[MPATH_CTRL_DELETING] = "deleting",
	[MPATH_CTRL_DELETING_NOIO] = "deleting (no IO)",
	[MPATH_CTRL_DEAD] = "dead",
};

/* As in ana_state of a path, nvme_ana_state_names[]; numbers of the NVMe base specification. */
static const char *const ana_states[16] = {
	[1] = "optimized", [2] = "non-optimized", [3] = "inaccessible",
	[4] = "persistent-loss", [15] = "change",
};

static int number_of(const char *const *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (names[i] && !strcmp(names[i], name))
			return (int)i;
	return -1;
}

const char *fmt_ctrl_state(int state)
{
	return state < 0 ? "-" : NAME_OF(ctrl_states, state);
}

const char *fmt_ana_state(int state)
{
	return state <= 0 ? "-" : NAME_OF(ana_states, state);
}

int names_ctrl_state(const char *name)
{
	return number_of(ctrl_states, ARRAY_SIZE(ctrl_states), name);
}

int names_ana_state(const char *name)
{
	return number_of(ana_states, ARRAY_SIZE(ana_states), name);
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
