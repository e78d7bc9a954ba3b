/* SPDX-License-Identifier: GPL-2.0-only */
/* What is absent, in words: the same wherever it is told. */
#ifndef REPORT_ABSENCE_H
#define REPORT_ABSENCE_H

#include <stdio.h>

#include "analysis/walk.h"
#include "model/types.h"

#define ABSENCE_LEN	800

/* A stable word: "no-disk", "no-path", ... */
const char *view_absence_rule(const struct absence *a);
/* The same for its reason: "ana", "refused", ... */
const char *view_absence_reason(const struct absence *a);

/* Which head, controller or subsystem: "nvme0n1". Not escaped, as the others. */
const char *view_absence_object(const struct absence *a, char *buf, size_t size);
/* What of it, to stand behind its name. */
const char *view_absence_what(const struct absence *a, char *buf, size_t size);
const char *view_absence_advice(const struct absence *a, char *buf, size_t size);

/*
 * A line for each, "nvme1  is live, ...", escaped, on a stream; those that may be meant so only
 * with @minor. @indent: before the second line and the ones after it. Returns how many.
 */
size_t view_put_absences(FILE *out, const struct topo *t, const char *first, const char *indent,
			 bool minor);

#endif /* REPORT_ABSENCE_H */
