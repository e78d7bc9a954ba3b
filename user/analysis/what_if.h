/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The same windows under another setting. Pure arithmetic on what was
 * recorded: when the last path went, and when the namespace came back, to the
 * same head disk or, after its removal, to a new one.
 */
#ifndef ANALYSIS_WHAT_IF_H
#define ANALYSIS_WHAT_IF_H

#include "model/types.h"

/**
 * struct what_if - how a window would have ended
 * @outcome:	MODEL_RECOVERED, MODEL_REMOVED, MODEL_NOT_ARMED (setting 0),
 *		MODEL_PENDING: the recording ends before it is decided,
 *		MODEL_UNKNOWN: too little is known of the window
 * @changed:	it is certain that it would have been another outcome
 */
struct what_if {
	enum model_outcome	outcome;
	bool			changed;
	bool			margin_known;	/* recovered */
	/* left of the setting when the namespace came back */
	__s64			margin_ns;
};

void what_if(const struct model_window *w, __u64 setting_ns, struct what_if *result);

/**
 * what_if_needed() - how long the head had to wait for its namespace
 * @ns:	from the loss of the last path to the return, or to when nothing more is known
 *
 * Returns true if the return was seen, false if not: it was longer than @ns
 * then. MODEL_NONE in @ns: not known at all.
 */
bool what_if_needed(const struct model_window *w, __u64 *ns);

#endif /* ANALYSIS_WHAT_IF_H */
