// SPDX-License-Identifier: GPL-2.0-only
/* The outcomes of a window, one row each. */
#include <stdbool.h>
#include <stddef.h>

#include "model/outcomes.h"

static const struct outcome_row pending = {
	.name		= "pending",
	.word		= "pending",
	.headline	= "PENDING",
	.what_if	= "not known, no path was back when the record ended",
	.cell		= "OPEN",
	.fate		= FATE_UNDECIDED,
	.severity	= SEVERITY_OPEN,
	.urgency	= 6,
	.place		= 5,
};

static const struct outcome_row recovered = {
	.name		= "recovered",
	.word		= "recovered",
	.headline	= "RECOVERED",
	.what_if	= "RECOVERED",
	.cell		= "recovered",
	.fate		= FATE_SAVED,
	.severity	= SEVERITY_GOOD,
	.urgency	= 0,
	.place		= 0,
};

static const struct outcome_row late_rescue = {
	.name		= "late_rescue",
	.word		= "late rescue",
	.headline	= "LATE RESCUE",
	.reason		= "the time was up, but a path was back",
	.what_if	= "LATE RESCUE",
	.cell		= "late rescue",
	.fate		= FATE_SAVED,
	.severity	= SEVERITY_WARN,
	.urgency	= 2,
	.place		= 1,
};

static const struct outcome_row removed = {
	.name		= "removed",
	.word		= "removed",
	.headline	= "REMOVED",
	.reason		= "no path came back",
	.setting	= "within",
	.what_if	= "REMOVED",
	.cell		= "REMOVED",
	.fate		= FATE_GONE,
	.severity	= SEVERITY_BAD,
	.urgency	= 5,
	.place		= 2,
};

static const struct outcome_row closed = {
	.name		= "closed",
	.word		= "closed",
	.headline	= "CLOSED",
	.reason		= "removed because the setting was lowered",
	.setting	= "to",
	.what_if	= "CLOSED",
	.cell		= "closed",
	.fate		= FATE_GONE,
	.severity	= SEVERITY_INTENDED,
	.urgency	= 3,
	.place		= 3,
};

static const struct outcome_row not_armed = {
	.name		= "not_armed",
	.word		= "not armed",
	.headline	= "NOT ARMED",
	.reason		= "removed at once with the last path",
	.what_if	= "NOT ARMED",
	.cell		= "not armed",
	.fate		= FATE_GONE,
	.severity	= SEVERITY_BAD,
	.urgency	= 4,
	.place		= 4,
};

static const struct outcome_row unknown = {
	.name		= "unknown",
	.word		= "unknown",
	.headline	= "UNKNOWN",
	.reason		= "its end was not seen",
	.what_if	= "not known",
	.cell		= "unknown",
	.fate		= FATE_UNDECIDED,
	.severity	= SEVERITY_UNKNOWN,
	.urgency	= 1,
	.place		= 6,
};

/* An outcome without a row does not compile. */
#pragma GCC diagnostic error "-Wswitch"

const struct outcome_row *outcome_row(enum model_outcome outcome)
{
	switch (outcome) {
	case MODEL_PENDING:
		return &pending;
	case MODEL_RECOVERED:
		return &recovered;
	case MODEL_LATE_RESCUE:
		return &late_rescue;
	case MODEL_REMOVED:
		return &removed;
	case MODEL_CLOSED:
		return &closed;
	case MODEL_NOT_ARMED:
		return &not_armed;
	case MODEL_UNKNOWN:
	case MODEL_OUTCOMES:
		break;
	}
	return &unknown;
}

enum model_outcome outcome_at(int place)
{
	int i;

	for (i = 0; i < MODEL_OUTCOMES; i++)
		if (outcome_row(i)->place == place)
			break;
	return i;
}

bool outcome_saved(enum model_outcome outcome)
{
	return outcome_row(outcome)->fate == FATE_SAVED;
}

bool outcome_gone(enum model_outcome outcome)
{
	return outcome_row(outcome)->fate == FATE_GONE;
}
