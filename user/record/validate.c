// SPDX-License-Identifier: GPL-2.0-only
/* Texts and events that were read: nothing of them is believed. */
#include <string.h>

#include "base/array.h"
#include "record/validate.h"

bool record_text_ok(const char *field, size_t size)
{
	return memchr(field, '\0', size) != NULL;
}

static const size_t event_sizes[] = {
	[MPATH_EV_PATH_ADD]	= sizeof(struct mpath_ev_path),
	[MPATH_EV_PATH_LIVE]	= sizeof(struct mpath_ev_path),
	[MPATH_EV_PATH_REMOVE]	= sizeof(struct mpath_ev_path),
	[MPATH_EV_FAILOVER]	= sizeof(struct mpath_ev_failover),
	[MPATH_EV_BIO]		= sizeof(struct mpath_ev_bio),
	[MPATH_EV_REMOVE_WORK]	= sizeof(struct mpath_ev_remove_work),
	[MPATH_EV_HEAD_REMOVE]	= sizeof(struct mpath_ev_head_remove),
	[MPATH_EV_CTRL_STATE]	= MPATH_EV_CTRL_STATE_LEN_1,
	[MPATH_EV_DRAINED]	= sizeof(struct mpath_event),
};

static bool callers_ok(const struct mpath_ev_ctrl_state *ev)
{
	size_t i;

	for (i = 0; ev->h.len >= sizeof(*ev) && i < MPATH_CALLERS; i++)
		if (!record_text_ok(ev->callers[i], sizeof(ev->callers[i])))
			return false;
	return true;
}

const struct mpath_event *record_check_event(const struct record *rec)
{
	const struct mpath_event *ev = rec->data;
	const char *path = NULL;

	if (rec->type != REC_EVENT || rec->len < sizeof(*ev) || ev->len != rec->len)
		return NULL;
	if (ev->version != MPATH_ABI_VERSION || !record_text_ok(ev->head, sizeof(ev->head)))
		return NULL;
	if (ev->type < ARRAY_SIZE(event_sizes) && rec->len < event_sizes[ev->type])
		return NULL;
	if (ev->type >= MPATH_EV_PATH_ADD && ev->type <= MPATH_EV_PATH_REMOVE)
		path = ((const struct mpath_ev_path *)ev)->path;
	else if (ev->type == MPATH_EV_FAILOVER)
		path = ((const struct mpath_ev_failover *)ev)->path;
	else if (ev->type == MPATH_EV_CTRL_STATE && !callers_ok((const void *)ev))
		return NULL;
	return path && !record_text_ok(path, MPATH_NAME_LEN) ? NULL : ev;
}
