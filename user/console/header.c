// SPDX-License-Identifier: GPL-2.0-only
/* What is above the views: host, source, time; heads, windows and I/Os in sums. */
#include <string.h>

#include "base/array.h"
#include "console/internal.h"
#include "model/model.h"

static int put_counts(struct screen *s, int row, const struct console_data *d)
{
	/* in the order of their urgency */
	static const int order[] = { HEAD_GRACE, HEAD_NO_USABLE_PATH, HEAD_REMOVED, HEAD_DEGRADED,
				     -1, HEAD_HEALTHY };
	size_t count[HEAD_STATES + 1] = { 0 }, i, k;
	const struct model_head *h;
	bool first = true;
	int col;

	for (i = 0; (h = model_head(d->m, i)); i++)
		count[model_head_state(h) + 1]++;
	col = screen_printf(s, row, 0, INK_BOLD, "Heads %zu", i);
	for (k = 0; k < ARRAY_SIZE(order); k++) {
		size_t n = count[order[k] + 1];

		if (!n)
			continue;
		col = screen_text(s, row, col, INK_DIM, first ? ": " : " · ");
		first = false;
		col = screen_printf(s, row, col, console_state_ink(order[k]), "%zu %s", n,
				    console_state_text(order[k]));
	}
	return col;
}

static int put_windows(struct screen *s, int row, int col, const struct console_data *d)
{
	bool first = true;
	__u64 sum = 0;
	int i;

	for (i = 0; i < MODEL_OUTCOMES; i++)
		sum += model_count(d->m, i);
	if (!sum && d->alert)		/* none would have been seen */
		return screen_text(s, row, col, INK_BOLD, "Windows -");
	col = screen_printf(s, row, col, INK_BOLD, "Windows %llu", (unsigned long long)sum);
	for (i = 0; i < MODEL_OUTCOMES; i++) {
		__u64 n = model_count(d->m, i);

		if (!n)
			continue;
		col = screen_text(s, row, col, INK_DIM, first ? ": " : " · ");
		first = false;
		col = screen_printf(s, row, col, console_outcomes_ink(i), "%llu %s",
				    (unsigned long long)n, console_outcome_text(i));
	}
	return col;
}

static int put_queue(struct screen *s, int row, int col, const struct console_data *d)
{
	__u64 depth, sum = 0, age, oldest = 0, lost = model_events_lost(d->m);
	const struct model_head *h;
	char buf[FMT_LEN];
	bool at_most, known = false;
	size_t i;

	for (i = 0; (h = model_head(d->m, i)); i++) {
		if (!console_parked(h, &depth))
			continue;
		known = true;
		sum += depth;
		if (console_oldest(d, h, &age, &at_most) && age > oldest)
			oldest = age;
	}
	col = screen_text(s, row, col, INK_BOLD, "Queued ");
	if (known)
		col = screen_printf(s, row, col, sum ? INK_BAD : INK_GOOD, "%llu",
				    (unsigned long long)sum);
	else
		col = screen_text(s, row, col, INK_DIM, "-");
	if (oldest)
		col = screen_printf(s, row, col, INK_NORMAL, ", oldest %s",
				    fmt_compact_time(buf, sizeof(buf), oldest));
	col = screen_text(s, row, col + 3, INK_BOLD, "Lost events ");
	if (!lost && d->alert)
		return screen_text(s, row, col, INK_DIM, "-");
	return screen_printf(s, row, col, lost ? INK_BAD : INK_GOOD, "%llu",
			     (unsigned long long)lost);
}

int console_header(const struct console *c, const struct console_data *d, struct screen *s,
		   bool full)
{
	const struct model_session *session = model_current(d->m);
	const struct rec_host *host = session ? model_session_host(session) : NULL;
	char clock[FMT_TIME_LEN], shown[300], right[160];
	int col, row = 0, width;

	col = screen_text(s, row, 0, INK_TITLE, "nvme-mpathtop");
	if (host && *host->name) {
		col = screen_text(s, row, col + 2, INK_BOLD,
				  fmt_text(shown, sizeof(shown), host->name));
		if (s->cols >= 76)
			screen_text(s, row, col + 1, INK_DIM,
				    fmt_text(shown, sizeof(shown), host->kernel));
	}
	console_clock(clock, sizeof(clock), session, d->now_ns, d->utc, s->cols >= 100);
	clock[strcspn(clock, ".")] = '\0';
	snprintf(right, sizeof(right), "%s  %s%s", d->source, clock, d->utc ? "Z" : "");
	width = screen_width(right);
	if (c->paused)
		screen_text(s, row, s->cols - width - 9, INK_ALARM, " PAUSED ");
	/* the time matters more than the host */
	screen_fill(s, row, s->cols - screen_width(right) - 1, screen_width(right) + 1, INK_NORMAL,
		    ' ');
	screen_text(s, row, s->cols - screen_width(right), INK_BOLD, right);
	put_counts(s, ++row, d);
	if (full) {
		col = put_windows(s, ++row, 0, d);
		if (s->cols >= col + 40) {
			put_queue(s, row, col + 3, d);
		} else {
			put_queue(s, ++row, 0, d);
		}
	}
	row++;
	if (d->alert)
		screen_text(s, row++, 0, INK_ALARM, d->alert);
	if (*c->filter || c->prompt == PROMPT_FILTER) {
		col = screen_text(s, row, 0, INK_PROMPT, "filter: ");
		screen_text(s, row++, col, INK_BOLD, fmt_text(shown, sizeof(shown), c->filter));
	} else if (full && !d->alert) {
		row++;
	}
	return row;
}
