/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line per event, for watch: text or JSON lines. A listener of the model writes
 * that of a record once it is understood. JSON lines have "schema"
 * VIEW_EVENT_SCHEMA, a "type", "time" (RFC 3339, null if unknown), "boot_ns".
 */
#ifndef REPORT_EVENT_H
#define REPORT_EVENT_H

#include <stdio.h>

#include "model/model.h"
#include "report/report.h"

#define VIEW_EVENT_SCHEMA "nvme-mpathtop-event/2"

/**
 * view_event_text(), view_event_json() - a line for a record
 * @rec:	any record; only REC_EVENT, REC_START, REC_END, REC_GAP, and
 *		REC_LOSSES with losses have a line
 *
 * Returns 1 if a line was written, 0 if not (no line for it, or not the head
 * asked for), -errno if writing failed. Nothing is flushed.
 */
int view_event_text(FILE *out, const struct model *m, const struct record *rec,
		    const struct view_opts *vo);
int view_event_json(FILE *out, const struct model *m, const struct record *rec,
		    const struct view_opts *vo);

/*
 * What the text says behind time and head: of a record that view_event_wanted()
 * says true for. @data: its payload, or as much of it as a struct mpath_ev_path.
 */
bool view_event_wanted(const struct record *rec);
void view_put_event(FILE *out, __u16 type, const void *data);

/*
 * The first line of a recording that is played: what it is, "bundle", and its name. In JSON
 * type "source", without a time.
 */
int view_source_text(FILE *out, const char *kind, const char *name);
int view_source_json(FILE *out, const char *kind, const char *name);

/**
 * view_change_text(), view_change_json() - a line for a change of a window
 * For the window function of a struct model_listener. Text has a line
 * for MODEL_ENDED and MODEL_SETTLED (with counters and stall times); JSON has
 * one for every change, type "window". Returns as above.
 */
int view_change_text(FILE *out, const struct model *m, enum model_change what,
		     const struct model_window *w, const struct view_opts *vo);
int view_change_json(FILE *out, const struct model *m, enum model_change what,
		     const struct model_window *w, const struct view_opts *vo);

#endif /* REPORT_EVENT_H */
