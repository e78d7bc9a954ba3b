// SPDX-License-Identifier: GPL-2.0-only
/* Findings, worst first, and what could not be looked at. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/format.h"
#include "check/internal.h"

struct check *check_new(void)
{
	return calloc(1, sizeof(struct check));
}

void check_free(struct check *c)
{
	if (!c)
		return;
	free(c->findings);
	free(c);
}

const struct check_finding *check_finding(const struct check *c, size_t i)
{
	return i < c->nr ? &c->findings[i] : NULL;
}

const char *check_skipped(const struct check *c, size_t i)
{
	return i < c->nr_skipped ? c->skipped[i] : NULL;
}

const char *check_severity_name(enum check_severity severity)
{
	static const char *const names[CHECK_SEVERITIES] = { "error", "warning", "note" };

	return names[severity];
}

void check_add(struct check *c, const char *rule, enum check_severity severity, const char *object,
	       const char *what, const char *advice)
{
	struct check_finding *more = array_more(c->findings, c->nr, sizeof(*more)), *f;
	size_t i = c->nr;

	if (!more) {
		c->err = -ENOMEM;
		return;
	}
	c->findings = more;
	/* worst first, else in the order of the rules */
	while (i && more[i - 1].severity > severity)
		i--;
	f = &more[i];
	memmove(f + 1, f, (c->nr++ - i) * sizeof(*f));
	*f = (struct check_finding) { .rule = rule, .severity = severity };
	fmt_text(f->object, sizeof(f->object), object);
	fmt_text(f->what, sizeof(f->what), what);
	fmt_text(f->advice, sizeof(f->advice), advice);
}

void check_skip(struct check *c, const char *fmt, ...)
{
	va_list ap;

	if (c->nr_skipped == CHECK_MAX_SKIPPED)
		return;
	va_start(ap, fmt);
	vsnprintf(c->skipped[c->nr_skipped++], sizeof(c->skipped[0]), fmt, ap);
	va_end(ap);
}
