// SPDX-License-Identifier: GPL-2.0-only
/* Who stalled, in words: units and containers by their cgroups. */
#include <ctype.h>
#include <string.h>

#include "base/format.h"
#include "model/model.h"
#include "report/report.h"

#define DOT	" \xc2\xb7 "
#define SHOWN	5		/* cgroups; what more there are is "other" */
#define ID_LEN	32		/* so many hexadecimal digits in a row are an id, .. */
#define ID_KEPT	12		/* .. of which the first are enough */

static bool ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && !memcmp(s + len - n, end, n);
}

/* What systemd calls a unit: below it are the cgroups that the unit makes for itself. */
static bool is_unit(const char *part, size_t len)
{
	return ends_with(part, len, ".service") || ends_with(part, len, ".scope");
}

/* Parts of a path, from the last one on; false: there is no more. */
static bool part_before(const char *path, size_t *end, const char **part, size_t *len)
{
	size_t from;

	while (*end && path[*end - 1] == '/')
		(*end)--;
	for (from = *end; from && path[from - 1] != '/'; from--)
		;
	*part = path + from;
	*len = *end - from;
	*end = from;
	return *len;
}

static size_t hex_digits(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && isxdigit((unsigned char)s[n]))
		n++;
	return n;
}

/* Copy with long ids cut short. */
static void copy_short(char *buf, size_t size, const char *part, size_t len)
{
	size_t i = 0, n = 0, run, keep;

	while (i < len && n + 1 < size) {
		run = hex_digits(part + i, len - i);
		keep = run >= ID_LEN ? ID_KEPT : run ? run : 1;
		if (keep > size - 1 - n)
			keep = size - 1 - n;
		memcpy(buf + n, part + i, keep);
		n += keep;
		i += run ? run : 1;
	}
	buf[n] = '\0';
}

const char *view_unit(char *buf, size_t size, const char *path)
{
	size_t end = strlen(path), len, last_len;
	const char *part, *last;

	if (!part_before(path, &end, &last, &last_len)) {
		snprintf(buf, size, "%s", path);
		return buf;
	}
	part = last;
	len = last_len;
	while (!is_unit(part, len))
		if (!part_before(path, &end, &part, &len)) {
			part = last;
			len = last_len;
			break;
		}
	copy_short(buf, size, part, len);
	return buf;
}

/* The next in order after @before: more bios first, then as they were seen; NULL: there is none. */
static const struct model_who *next_who(const struct model_outage *o,
					const struct model_who *before)
{
	const struct model_who *best = NULL, *w;

	for (w = o->who; w < o->who + o->nr_who; w++) {
		if (before &&
		    (w->parked > before->parked || (w->parked == before->parked && w <= before)))
			continue;
		if (!best || w->parked > best->parked)
			best = w;
	}
	return best;
}

static void put_one(FILE *out, const struct model_who *w)
{
	char unit[VIEW_UNIT_LEN], shown[4 * VIEW_UNIT_LEN], comm[4 * MPATH_COMM_LEN + 1];

	if (*w->path)
		fputs(fmt_text(shown, sizeof(shown), view_unit(unit, sizeof(unit), w->path)), out);
	else if (w->cgroup)
		fprintf(out, "cgroup %llu", (unsigned long long)w->cgroup);
	else
		fputs("unknown", out);
	fprintf(out, " %llu", (unsigned long long)w->parked);
	if (w->pid)
		fprintf(out, " (%s %u%s)", fmt_text(comm, sizeof(comm), w->comm), w->pid,
			w->several ? " and others" : "");
}

void view_put_who(FILE *out, const struct model_outage *o)
{
	__u64 other = model_outage_parked(o);
	const struct model_who *w = NULL;
	unsigned int i;

	for (i = 0; i < SHOWN && (w = next_who(o, w)); i++) {
		if (i)
			fputs(DOT, out);
		put_one(out, w);
		other -= w->parked < other ? w->parked : other;
	}
	if (other)
		fprintf(out, DOT "other %llu", (unsigned long long)other);
}
