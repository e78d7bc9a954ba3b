/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each window's end as an entry of systemd's journal, with fields of its own, for those who
 * collect journals. The manual page lists the fields.
 */
#ifndef CMD_COLLECT_JOURNAL_H
#define CMD_COLLECT_JOURNAL_H

#include "model/model.h"

struct window_journal;

/**
 * window_journal_new() - tell the journal of the windows of a model
 * @path:	of its socket
 *
 * Returns NULL if it is not there or memory is short: then nothing is told.
 */
struct window_journal *window_journal_new(struct model *m, const char *path);
void window_journal_free(struct window_journal *j);	/* NULL is fine */

#endif /* CMD_COLLECT_JOURNAL_H */
