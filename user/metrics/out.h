/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples of the text exposition format, as they are written. */
#ifndef METRICS_OUT_H
#define METRICS_OUT_H

#include <stdio.h>

#include "metrics/internal.h"

struct metrics_out {
	FILE				*f;
	struct metrics			*x;
	const struct metrics_self	*self;
};

void out_text(struct metrics_out *o, const char *text);
void out_number(struct metrics_out *o, __u64 v);

/* Up to the value. @label NULL: no further label; its @value needs no escaping. */
void out_series(struct metrics_out *o, const char *name, const char *suffix, const char *labels,
		const char *label, const char *value);

/* A line of a number. */
void out_sample(struct metrics_out *o, const char *name, const char *suffix, const char *labels,
		const char *label, const char *value, __u64 number);

/* A line of nanoseconds, which are written as seconds, exactly. */
void out_sample_seconds(struct metrics_out *o, const char *name, const char *suffix,
			const char *labels, const char *label, const char *value, __u64 ns);

/* Wall time of a moment of a session; nothing if that is not known. */
void out_sample_time(struct metrics_out *o, const char *name, const char *labels,
		     const struct model_session *s, __u64 boot_ns);

void out_histogram(struct metrics_out *o, const char *name, const char *labels,
		   const struct metrics_hist *h);

/*
 * A text that a device has made up, as the value of a label: what is not
 * printable ASCII as everywhere (fmt_text()), then quoted as the format wants it.
 */
const char *out_quote(char *buf, size_t size, const char *text);

/* One more label, with such a text, behind others. */
void out_label(struct metrics_out *o, const char *name, const char *text);

#endif /* METRICS_OUT_H */
