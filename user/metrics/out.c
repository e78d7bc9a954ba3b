// SPDX-License-Identifier: GPL-2.0-only
/* Writing samples: without printf(), as 1024 heads have 140000 of them. */
#include <string.h>

#include "base/format.h"
#include "metrics/out.h"

void out_text(struct metrics_out *o, const char *text)
{
	fwrite_unlocked(text, 1, strlen(text), o->f);
}

void out_number(struct metrics_out *o, __u64 v)
{
	char buf[24], *p = buf + sizeof(buf);

	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	fwrite_unlocked(p, 1, (size_t)(buf + sizeof(buf) - p), o->f);
}

/* Nanoseconds as seconds, exactly. */
static void out_seconds(struct metrics_out *o, __u64 ns)
{
	char buf[10] = ".000000000";
	__u64 rest = ns % NS_PER_S;
	size_t i = sizeof(buf);

	out_number(o, ns / NS_PER_S);
	if (!rest)
		return;
	for (; i > 1; rest /= 10)
		buf[--i] = (char)('0' + rest % 10);
	for (i = sizeof(buf); buf[i - 1] == '0'; i--)
		;
	fwrite_unlocked(buf, 1, i, o->f);
}

void out_series(struct metrics_out *o, const char *name, const char *suffix, const char *labels,
		const char *label, const char *value)
{
	out_text(o, name);
	out_text(o, suffix);
	if (*labels || label)
		putc_unlocked('{', o->f);
	out_text(o, labels);
	if (label) {
		if (*labels)
			putc_unlocked(',', o->f);
		out_text(o, label);
		out_text(o, "=\"");
		out_text(o, value);
		putc_unlocked('"', o->f);
	}
	if (*labels || label)
		putc_unlocked('}', o->f);
	putc_unlocked(' ', o->f);
}

void out_sample(struct metrics_out *o, const char *name, const char *suffix, const char *labels,
		const char *label, const char *value, __u64 number)
{
	out_series(o, name, suffix, labels, label, value);
	out_number(o, number);
	putc_unlocked('\n', o->f);
}

void out_sample_seconds(struct metrics_out *o, const char *name, const char *suffix,
			const char *labels, const char *label, const char *value, __u64 ns)
{
	out_series(o, name, suffix, labels, label, value);
	out_seconds(o, ns);
	putc_unlocked('\n', o->f);
}

void out_sample_time(struct metrics_out *o, const char *name, const char *labels,
		     const struct model_session *s, __u64 boot_ns)
{
	__s64 real_ns;

	if (boot_ns && !model_wall_ns(s, boot_ns, &real_ns) && real_ns > 0)
		out_sample_seconds(o, name, "", labels, NULL, NULL, (__u64)real_ns);
}

void out_histogram(struct metrics_out *o, const char *name, const char *labels,
		   const struct metrics_hist *h)
{
	__u64 sum = 0;
	size_t i;

	for (i = 0; i <= METRICS_EDGES; i++) {
		sum += h->bucket[i];
		out_sample(o, name, "_bucket", labels, "le",
			   i < METRICS_EDGES ? metrics_edges[i].le : "+Inf", sum);
	}
	out_sample_seconds(o, name, "_sum", labels, NULL, NULL, h->sum_ns);
	out_sample(o, name, "_count", labels, NULL, NULL, sum);
}

const char *out_quote(char *buf, size_t size, const char *text)
{
	char shown[512];
	const char *p;
	size_t at = 0;

	fmt_text(shown, sizeof(shown), text);
	for (p = shown; *p && at + 2 < size; p++) {
		if (*p == '\\' || *p == '"')
			buf[at++] = '\\';
		buf[at++] = *p;
	}
	buf[at] = '\0';
	return buf;
}

void out_label(struct metrics_out *o, const char *name, const char *text)
{
	char buf[1024];

	putc_unlocked(',', o->f);
	out_text(o, name);
	out_text(o, "=\"");
	out_text(o, out_quote(buf, sizeof(buf), text));
	putc_unlocked('"', o->f);
}
