// SPDX-License-Identifier: GPL-2.0-only
/* The end of a window as an entry of the journal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/format.h"
#include "base/units.h"
#include "cmd/collect_journal.h"
#include "os/journal.h"
#include "report/report.h"

/* Says that an entry is of this kind; never changes. */
#define WINDOW_ENDED	"6c2f0e5a9d3b4f51a1be0c7d84f2937e"

struct window_journal {
	struct model	*m;
	int		fd;
};

struct entry {
	char	bytes[4096];
	size_t	len;
};

static void add(struct entry *e, const char *name, const char *value)
{
	e->len = journal_field(e->bytes, e->len, sizeof(e->bytes), name, value);
}

static void add_number(struct entry *e, const char *name, __u64 value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	add(e, name, text);
}

static void add_seconds(struct entry *e, const char *name, __s64 ns)
{
	__u64 abs = ns < 0 ? 0 - (__u64)ns : (__u64)ns;
	char text[32];

	snprintf(text, sizeof(text), "%s%llu.%06llu", ns < 0 ? "-" : "",
		 (unsigned long long)(abs / NS_PER_S), (unsigned long long)(abs % NS_PER_S / 1000));
	add(e, name, text);
}

static enum say priority(const struct model_window *w)
{
	static const enum say priorities[OUTCOME_SEVERITIES] = {
		[SEVERITY_GOOD] = SAY_NOTICE,	 [SEVERITY_WARN] = SAY_WARNING,
		[SEVERITY_BAD] = SAY_ERROR,	 [SEVERITY_INTENDED] = SAY_NOTICE,
		[SEVERITY_OPEN] = SAY_NOTICE,	 [SEVERITY_UNKNOWN] = SAY_WARNING,
	};

	return priorities[outcome_row(w->outcome)->severity];
}

/* "nvme0n1: window 7: RECOVERED with 2.6 s of 30 s left" */
static void add_message(struct entry *e, const struct model_window *w)
{
	char *text = NULL, name[4 * MPATH_NAME_LEN];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	fprintf(out, "%s: ", fmt_text(name, sizeof(name), w->name));
	if (w->number)
		fprintf(out, "window %u: ", w->number);
	view_put_outcome(out, w);
	if (!fclose(out))
		add(e, "MESSAGE", text);
	free(text);
}

static void fill(struct entry *e, const struct model_window *w)
{
	char text[8];

	add_message(e, w);
	snprintf(text, sizeof(text), "%d", priority(w));
	add(e, "PRIORITY", text);
	add(e, "MESSAGE_ID", WINDOW_ENDED);
	add(e, "SYSLOG_IDENTIFIER", "nvme-mpathtop");
	add(e, "NVME_MPATH_HEAD", w->name);
	if (*w->head->nqn) {
		add(e, "NVME_MPATH_NQN", w->head->nqn);
		add_number(e, "NVME_MPATH_NSID", w->head->nsid);
	}
	add(e, "NVME_MPATH_OUTCOME", outcome_row(w->outcome)->name);
	if (w->number)
		add_number(e, "NVME_MPATH_WINDOW", w->number);
	if (w->setting_known)
		add_seconds(e, "NVME_MPATH_SETTING_SECONDS", (__s64)(w->setting_ms * NS_PER_MS));
	if (w->margin_known)
		add_seconds(e, "NVME_MPATH_MARGIN_SECONDS", w->margin_ns);
	if (w->lost_ns && w->end_ns > w->lost_ns)
		add_seconds(e, "NVME_MPATH_LASTED_SECONDS", (__s64)(w->end_ns - w->lost_ns));
}

static int on_window(void *ctx, const struct model *m, enum model_change what,
		     const struct model_window *w)
{
	const struct window_journal *j = ctx;
	struct entry e = { .len = 0 };

	(void)m;
	if (what != MODEL_ENDED)
		return 0;
	fill(&e, w);
	/* nothing waits for the journal; what it misses is in the recording */
	if (e.len <= sizeof(e.bytes) && journal_send(j->fd, e.bytes, e.len))
		say(SAY_WARNING,
		    "nvme-mpathtop collect: the journal does not take the end of window %u of %s",
		    w->number, w->name);
	return 0;
}

struct window_journal *window_journal_new(struct model *m, const char *path)
{
	struct window_journal *j = calloc(1, sizeof(*j));
	const struct model_listener listener = { .window = on_window, .ctx = j };

	if (!j)
		return NULL;
	j->m = m;
	j->fd = journal_open(path);
	if (j->fd >= 0 && !model_listen(m, &listener))
		return j;
	if (j->fd >= 0)
		close(j->fd);
	free(j);
	return NULL;
}

void window_journal_free(struct window_journal *j)
{
	if (!j)
		return;
	model_unlisten(j->m, j);
	close(j->fd);
	free(j);
}
