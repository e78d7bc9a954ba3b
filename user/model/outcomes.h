/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a window ends, and all that the views have to know of it: an outcome is
 * an enumerator here and a row in outcomes.c.
 */
#ifndef MODEL_OUTCOMES_H
#define MODEL_OUTCOMES_H

#include <stdbool.h>

/* A new one comes last: saved counters know them by their number. */
enum model_outcome {
	MODEL_PENDING,		/* open, or was when the records ended */
	MODEL_RECOVERED,	/* a path joined, the work was cancelled */
	MODEL_LATE_RESCUE,	/* the work ran, a path was back, the head stayed */
	MODEL_REMOVED,		/* the deadline passed, the head is gone */
	MODEL_CLOSED,		/* the setting was lowered below the time gone by */
	MODEL_NOT_ARMED,	/* setting 0 at the loss: removed at once */
	MODEL_UNKNOWN,		/* the end was not seen */
	MODEL_OUTCOMES,
};

/* What became of the head. */
enum outcome_fate {
	FATE_UNDECIDED,		/* or not seen */
	FATE_SAVED,		/* it stayed, with its queued I/O */
	FATE_GONE,		/* removed, and the queued I/O failed */
};

/* How bad that is; a view has a colour for each. */
enum outcome_severity {
	SEVERITY_GOOD,
	SEVERITY_WARN,		/* good, by luck */
	SEVERITY_BAD,
	SEVERITY_INTENDED,	/* the head is gone as somebody wanted it */
	SEVERITY_OPEN,		/* it may still go either way */
	SEVERITY_UNKNOWN,
	OUTCOME_SEVERITIES,
};

/**
 * struct outcome_row - an outcome
 * @name:	stable, for JSON and metrics: "late_rescue"
 * @word:	in a sentence: "late rescue"
 * @headline:	first word of a report: "LATE RESCUE"
 * @reason:	what a report says behind it, or NULL
 * @setting:	the word between @reason and the setting of the window, or NULL
 * @what_if:	as the answer to what another setting had changed
 * @cell:	in a table
 * @fate:	what became of the head
 * @severity:	how bad it is
 * @urgency:	a table that is sorted by outcome begins with the highest
 * @place:	0 for the first in a summary
 */
struct outcome_row {
	const char		*name;
	const char		*word;
	const char		*headline;
	const char		*reason;
	const char		*setting;
	const char		*what_if;
	const char		*cell;
	enum outcome_fate	fate;
	enum outcome_severity	severity;
	int			urgency;
	int			place;
};

/* Never NULL: of a number that is no outcome, the row of MODEL_UNKNOWN. */
const struct outcome_row *outcome_row(enum model_outcome outcome);

/* The outcome with this place in a summary, MODEL_OUTCOMES behind the last. */
enum model_outcome outcome_at(int place);

/* The head stayed; it is gone. Of some outcomes neither is known. */
bool outcome_saved(enum model_outcome outcome);
bool outcome_gone(enum model_outcome outcome);

#endif /* MODEL_OUTCOMES_H */
