// SPDX-License-Identifier: GPL-2.0-only
/* Rules about what is not there: disks, paths, namespaces, connections. */
#include <errno.h>
#include <stdlib.h>

#include "analysis/walk.h"
#include "check/internal.h"
#include "report/absence.h"

static void absent(struct check *c, const struct host *h)
{
	char object[TOPO_NAME_LEN], what[ABSENCE_LEN], advice[ABSENCE_LEN];
	struct absence *list = NULL;
	bool unknown = false;
	size_t nr = 0, i;

	if (walk(h->topo, &list, &nr)) {
		c->err = -ENOMEM;
		return;
	}
	for (i = 0; i < nr; i++) {
		const struct absence *a = &list[i];

		unknown |= a->reason == ABSENT_NOT_KNOWN && !a->minor;
		check_add(c, view_absence_rule(a), a->minor ? CHECK_NOTE : CHECK_WARNING,
			  view_absence_object(a, object, sizeof(object)),
			  view_absence_what(a, what, sizeof(what)),
			  view_absence_advice(a, advice, sizeof(advice)));
	}
	if (unknown && !h->log_read)
		check_skip(c, "reasons of no-path and no-namespace: the kernel's log could not be "
			      "read; ask again as root");
	free(list);
}

const check_rule_fn check_walk_rules[] = { absent, NULL };
