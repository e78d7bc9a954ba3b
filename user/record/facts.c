// SPDX-License-Identifier: GPL-2.0-only
/* Names of the facts that a kernel may have no place for. */
#include <stdio.h>
#include <string.h>

#include "record/facts.h"
#include "record/record.h"

static const struct fact facts[MPATH_FACTS] = {
	[MPATH_FACT_PATH_LOST] = { "path_lost", "when a path went" },
	[MPATH_FACT_PATH_BACK] = { "path_back", "when a path came back" },
	[MPATH_FACT_PATH_USABLE] = { "path_usable", "when a path became usable" },
	[MPATH_FACT_ANA] = { "ana", "when a path became inaccessible (ANA)" },
	[MPATH_FACT_HEAD_REMOVED] = { "head_removed", "the removal of a head" },
	[MPATH_FACT_WINDOW_ARMED] = { "window_armed", "windows and their deadline" },
	[MPATH_FACT_WINDOW_ENDED] = { "window_ended", "the end of a window" },
	[MPATH_FACT_MARGIN] = { "margin", "the margin of a window" },
	[MPATH_FACT_PARKED] = { "parked", "I/Os that wait" },
	[MPATH_FACT_RESUBMITTED] = { "resubmitted", "how long I/Os waited" },
	[MPATH_FACT_FAILED] = { "failed", "failed I/Os" },
	[MPATH_FACT_FAILOVER] = { "failover", "failovers and the I/Os that they park" },
	[MPATH_FACT_CTRL_STATE] = { "ctrl_state", "states of controllers" },
	[MPATH_FACT_CAUSE] = { "cause", "causes" },
};

const struct fact *fact_row(unsigned int fact)
{
	return fact < MPATH_FACTS ? &facts[fact] : NULL;
}

char *facts_text(char *buf, size_t len, __u32 which)
{
	size_t at = 0;
	unsigned int i;

	buf[0] = '\0';
	for (i = 0; i < MPATH_FACTS && at < len; i++)
		if (which & (1U << i))
			at += (size_t)snprintf(buf + at, len - at, "%s%s", at ? ", " : "",
					       facts[i].text);
	return buf;
}

__u32 facts_missing(__u32 features)
{
	return (features >> REC_FEATURE_FACTS_SHIFT) & FACTS_ALL;
}

__u32 facts_features(__u32 missing)
{
	return (missing & FACTS_ALL) << REC_FEATURE_FACTS_SHIFT;
}
