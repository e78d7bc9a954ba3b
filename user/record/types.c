// SPDX-License-Identifier: GPL-2.0-only
/* The table of record types, and whether a record is one of its type. */
#include <stdint.h>

#include "base/array.h"
#include "record/types.h"
#include "record/validate.h"

static bool event_ok(const struct record *rec)
{
	const struct mpath_event *ev = record_check_event(rec);

	return ev && ev->time_ns <= (__u64)INT64_MAX;
}

#define TEXT(type, member, names) \
	{ \
		offsetof(struct type, member), sizeof(((struct type *)0)->member), (names) \
	}

static const struct record_type_info types[] = {
	[REC_HOST] = {
		.name = "host",
		.min_len = sizeof(struct rec_host),
		.texts = {
			TEXT(rec_host, name, TEXT_HOST_NAME),
			TEXT(rec_host, boot_id, TEXT_PLAIN),
			TEXT(rec_host, kernel, TEXT_PLAIN),
			TEXT(rec_host, machine, TEXT_PLAIN),
			TEXT(rec_host, tool, TEXT_PLAIN),
		},
		.names = RECORD_NAMES_TEXTS,
		.context = 1,
	},
	[REC_CLOCK] = {
		.name = "clock",
		.min_len = sizeof(struct rec_clock),
		.names = RECORD_NAMES_NONE,
		.context = 3,
	},
	[REC_TOPOLOGY] = {
		.name = "topology",
		.names = RECORD_NAMES_TOPOLOGY,
		.context = 4,
	},
	[REC_EVENT] = {
		.name = "event",
		.check = event_ok,
		.names = RECORD_NAMES_NONE,
	},
	[REC_OUTAGE] = {
		.name = "outage",
		.min_len = MPATH_OUTAGE_LEN_1,
		.names = RECORD_NAMES_NONE,
	},
	[REC_LOSSES] = {
		.name = "losses",
		.min_len = MPATH_LOSSES_LEN_1,
		.names = RECORD_NAMES_NONE,
		.context = 5,
	},
	[REC_START] = {
		.name = "start",
		.min_len = REC_START_MIN_LEN,
		.names = RECORD_NAMES_NONE,
		.context = 2,
	},
	[REC_END] = {
		.name = "end",
		.names = RECORD_NAMES_NONE,
	},
	[REC_GAP] = {
		.name = "gap",
		.min_len = sizeof(struct rec_gap),
		.names = RECORD_NAMES_NONE,
	},
	/* paths of cgroups and names of processes may have the host's name in them */
	[REC_WHO] = {
		.name = "who",
		.min_len = sizeof(struct rec_who),
		.texts = {
			TEXT(rec_who, path, TEXT_NAMES),
			TEXT(rec_who, w.comm, TEXT_NAMES),
		},
		.names = RECORD_NAMES_TEXTS,
	},
	[REC_UNLOADED] = {
		.name = "unloaded",
		.names = RECORD_NAMES_NONE,
	},
	[REC_INDEX] = {
		.name = "index",
		.min_len = sizeof(struct rec_index),
		.names = RECORD_NAMES_NONE,
		.index = true,
	},
};

_Static_assert(ARRAY_SIZE(types) == REC_TYPES, "each type of enum record_type has a row");

const struct record_type_info *record_type_info(__u64 type)
{
	return type < REC_TYPES && types[type].name ? &types[type] : NULL;
}

const char *record_type_name(__u64 type)
{
	const struct record_type_info *info = record_type_info(type);

	return info ? info->name : "unknown";
}

static bool texts_ok(const struct record *rec, const struct record_text *texts)
{
	size_t i;

	for (i = 0; i < RECORD_TEXTS && texts[i].size; i++)
		if (!record_text_ok((const char *)rec->data + texts[i].offset, texts[i].size))
			return false;
	return true;
}

bool record_ok(const struct record *rec)
{
	const struct record_type_info *info = record_type_info(rec->type);

	if (rec->version != RECORD_VERSION || rec->time_ns > (__u64)INT64_MAX)
		return false;
	if (!info)
		return true;
	return rec->len >= info->min_len && texts_ok(rec, info->texts) &&
	       (!info->check || info->check(rec));
}
