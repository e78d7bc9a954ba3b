/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One row per family of metrics. HELP and TYPE, the samples of counters, their place in the saved
 * state, and the table in user/share/prometheus/README.md follow from it.
 */
#ifndef METRICS_FAMILIES_H
#define METRICS_FAMILIES_H

#include "metrics/gauges.h"

enum metrics_of { METRICS_OF_HEAD, METRICS_OF_PATH, METRICS_OF_COLLECTOR };

enum metrics_kind {
	METRICS_NO_FIELD,
	METRICS_COUNT,		/* numbers, one for each value of the label */
	METRICS_SUM,		/* struct metrics_sum, the same */
	METRICS_HISTOGRAM,	/* one struct metrics_hist */
};

/*
 * A label that parts the field. The order of its values is that of the numbers in the state: a new
 * value comes last, and one that is given up leaves a hole.
 */
struct metrics_label {
	const char	*name;
	const char	*(*value)(int i);	/* NULL: this one is not shown */
};

/**
 * struct metrics_family - a row
 * @name:	with its prefix
 * @type:	of the exposition format
 * @unit:	of the documentation; NULL: none
 * @needs:	facts without which the numbers would not be true, a bit for each; left out then
 * @more:	further labels, for the documentation; NULL: only that of @label
 * @example:	a query, for the documentation
 * @label:	has @nr values, or NULL
 * @nr:		numbers or sums in the field; for a gauge series of a head. 0 is 1.
 * @kind:	of the field
 * @tag:	of its first number in the state, the next ones follow; 0: it is not saved here
 * @offset:	in struct metrics_counts for a head, in struct metrics_totals for the collector
 * @head:	one of these instead of the samples of the field
 */
struct metrics_family {
	const char			*name;
	const char			*type;
	const char			*unit;
	__u32				needs;
	const char			*help;
	const char			*more;
	const char			*example;
	enum metrics_of			of;
	const struct metrics_label	*label;
	size_t				nr;
	enum metrics_kind		kind;
	__u16				tag;
	size_t				offset;
	metrics_put_head		*head;
	metrics_put_path		*path;
	metrics_put_self		*self;
};

/* In the order of the text; ends with a row without a name. */
extern const struct metrics_family metrics_families[];

/* Numbers in the field, each of which has a tag; a histogram has one tag for all. */
size_t metrics_family_numbers(const struct metrics_family *f);

/* Series of one head, path, or collector, at most. */
size_t metrics_family_series(const struct metrics_family *f);

#endif /* METRICS_FAMILIES_H */
