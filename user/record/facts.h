/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the facts that a kernel may have no place for, see enum mpath_fact. */
#ifndef RECORD_FACTS_H
#define RECORD_FACTS_H

#include <stddef.h>
#include <linux/types.h>

#include "bpf/mpath_event.h"

#define FACT(name)	(1U << MPATH_FACT_##name)

/* what cannot be told of bios unless all of these can */
#define FACTS_BIOS	(FACT(PARKED) | FACT(RESUBMITTED))
#define FACTS_WINDOWS	(FACT(WINDOW_ARMED) | FACT(WINDOW_ENDED) | FACT(MARGIN))
#define FACTS_ALL	((1U << MPATH_FACTS) - 1)

struct fact {
	const char	*name;	/* a stable word, for JSON */
	const char	*text;	/* what is not known without it */
};

/* NULL: there is no such fact. */
const struct fact *fact_row(unsigned int fact);

/* "failed I/Os, failovers": those of @facts, in @buf. Returns @buf. */
char *facts_text(char *buf, size_t len, __u32 facts);

/* Of rec_start.features: the facts that the attached programs cannot tell. */
__u32 facts_missing(__u32 features);
/* And the bits for it. */
__u32 facts_features(__u32 missing);

#endif /* RECORD_FACTS_H */
