// SPDX-License-Identifier: GPL-2.0-only
/* Stable names for values of the model, for JSON, metrics and the command line. */
#include "base/array.h"
#include "model/internal.h"

const char *model_cause_name(enum model_cause cause)
{
	static const char *const names[MODEL_CAUSES] = {
		[MODEL_CAUSE_UNKNOWN] = "unknown",
		[MODEL_CAUSE_SURPRISE] = "surprise_removal",
		[MODEL_CAUSE_RESET_FAILED] = "reset_failed",
		[MODEL_CAUSE_TIMEOUT] = "timeout",
		[MODEL_CAUSE_KEEP_ALIVE] = "keep_alive",
		[MODEL_CAUSE_CONNECTION] = "connection_lost",
		[MODEL_CAUSE_RESET] = "reset",
		[MODEL_CAUSE_ANA] = "ana_change",
		[MODEL_CAUSE_DISCONNECT] = "disconnect",
		[MODEL_CAUSE_REMOVAL] = "removal",
		[MODEL_CAUSE_NAMESPACE] = "namespace_removed",
	};

	return cause < MODEL_CAUSES ? names[cause] : "unknown";
}

const char *model_head_state_name(enum model_head_state state)
{
	static const char *const names[HEAD_STATES] = {
		[HEAD_HEALTHY] = "healthy",
		[HEAD_DEGRADED] = "degraded",
		[HEAD_NO_USABLE_PATH] = "no_usable_path",
		[HEAD_GRACE] = "grace",
		[HEAD_REMOVED] = "removed",
	};

	return state < HEAD_STATES ? names[state] : "unknown";
}

const char *model_missing_name(unsigned int bit)
{
	static const char *const names[MODEL_MISSING_BITS] = {
		"events",   "gap",	     "bios",	"late", "start",   "end",    "all",
		"counters", "last_counters", "restart", "maps", "balance", "damage", "stalls",
	};

	return bit < MODEL_MISSING_BITS ? names[bit] : "unknown";
}

const char *model_remark_name(enum model_remark_kind kind)
{
	static const char *const names[] = {
		[REMARK_EVENTS_LOST] = "events_lost", [REMARK_GAP] = "gap",
		[REMARK_NO_END] = "no_end", [REMARK_RESTART] = "restart",
		[REMARK_REBOOT] = "reboot", [REMARK_WINDOWS_MISSED] = "windows_missed",
		[REMARK_BALANCE] = "balance", [REMARK_BAD_RECORD] = "bad_record",
		[REMARK_MAPS_FULL] = "maps_full", [REMARK_OPEN_AT_END] = "open_at_end",
		[REMARK_RESUMED] = "resumed", [REMARK_CONTRADICTION] = "contradiction",
		[REMARK_RELOADED] = "reloaded", [REMARK_SKIPPED] = "skipped",
	};

	return kind < ARRAY_SIZE(names) ? names[kind] : "unknown";
}
