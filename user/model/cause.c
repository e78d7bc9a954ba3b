// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why a path went. The kernel says which states a controller went through, and by whom: the
 * functions that led to the change. Their names are the drivers' own (drivers/nvme/host, seen
 * in 6.1, 6.12 and 7.3); where none is known, the states alone decide, and say less.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/internal.h"

/* ---- by whom ---- */

/* "name.isra.0 [module]" is the function name. */
static bool is_function(const char *caller, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(caller, name, len) && (!caller[len] || strchr(" .+", caller[len]));
}

static bool called_by(const struct mpath_ev_ctrl_state *ev, const char *name)
{
	size_t i;

	for (i = 0; i < MPATH_CALLERS && *ev->callers[i]; i++)
		if (is_function(ev->callers[i], name))
			return true;
	return false;
}

struct by {
	const char *function;
	enum model_cause cause;
};

/* The first that is anywhere among the callers decides; UNKNOWN: none is. */
static enum model_cause cause_by(const struct mpath_ev_ctrl_state *ev, const struct by *by)
{
	if (ev->h.len < sizeof(*ev))
		return MODEL_CAUSE_UNKNOWN;
	for (; by->function; by++)
		if (called_by(ev, by->function))
			return by->cause;
	return MODEL_CAUSE_UNKNOWN;
}

/* Who resets a controller. A timeout calls the error recovery, as a lost connection does. */
static const struct by resets[] = {
	{ "nvme_timeout",		MODEL_CAUSE_TIMEOUT },
	{ "nvme_tcp_timeout",		MODEL_CAUSE_TIMEOUT },
	{ "nvme_rdma_timeout",		MODEL_CAUSE_TIMEOUT },
	{ "nvme_fc_timeout",		MODEL_CAUSE_TIMEOUT },
	{ "apple_nvme_timeout",		MODEL_CAUSE_TIMEOUT },
	{ "nvme_keep_alive_work",	MODEL_CAUSE_KEEP_ALIVE },
	{ "nvme_keep_alive_end_io",	MODEL_CAUSE_KEEP_ALIVE },
	{ "nvme_keep_alive_finish",	MODEL_CAUSE_KEEP_ALIVE },
	{ "nvme_sysfs_reset",		MODEL_CAUSE_RESET },
	{ "nvme_dev_ioctl",		MODEL_CAUSE_RESET },
	{ "nvme_tcp_error_recovery",	MODEL_CAUSE_CONNECTION },
	{ "nvme_rdma_error_recovery",	MODEL_CAUSE_CONNECTION },
	{ "nvme_fc_error_recovery",	MODEL_CAUSE_CONNECTION },
	/* who calls these, where the compiler left no call */
	{ "nvme_tcp_state_change",	MODEL_CAUSE_CONNECTION },
	{ "nvme_tcp_recv_skb",		MODEL_CAUSE_CONNECTION },
	{ "nvme_tcp_io_work",		MODEL_CAUSE_CONNECTION },
	{ "nvme_rdma_qp_event",		MODEL_CAUSE_CONNECTION },
	{ "nvme_rdma_cm_handler",	MODEL_CAUSE_CONNECTION },
	{ "nvme_rdma_wr_error",		MODEL_CAUSE_CONNECTION },
	{ "nvme_fc_ctrl_connectivity_loss", MODEL_CAUSE_CONNECTION },
	{ NULL, MODEL_CAUSE_UNKNOWN },
};

/* Who deletes one. */
static const struct by deletes[] = {
	{ "nvme_sysfs_delete",		MODEL_CAUSE_DISCONNECT },
	{ "nvme_remove",		MODEL_CAUSE_REMOVAL },
	{ "apple_nvme_remove",		MODEL_CAUSE_REMOVAL },
	{ "nvme_loop_remove_port",	MODEL_CAUSE_REMOVAL },
	{ "nvme_loop_cleanup_module",	MODEL_CAUSE_REMOVAL },
	{ "nvme_tcp_cleanup_module",	MODEL_CAUSE_REMOVAL },
	{ "nvme_rdma_remove_one",	MODEL_CAUSE_REMOVAL },
	{ "nvme_reset_work",		MODEL_CAUSE_RESET_FAILED },
	{ "nvme_remove_dead_ctrl",	MODEL_CAUSE_RESET_FAILED },
	{ NULL, MODEL_CAUSE_UNKNOWN },
};

/* ---- what is decided ---- */

static bool is_resetting(unsigned int state)
{
	return state == MPATH_CTRL_RESETTING || state == MPATH_CTRL_CONNECTING;
}

/* Deleted while it was live: without callers, the transport says by whom. */
static enum model_cause deleted(const char *transport)
{
	if (!*transport)
		return MODEL_CAUSE_UNKNOWN;
	return strcmp(transport, "pcie") ? MODEL_CAUSE_DISCONNECT : MODEL_CAUSE_REMOVAL;
}

static enum model_cause cause_of_delete(const struct mpath_ev_ctrl_state *ev, const char *transport,
					enum model_cause before)
{
	enum model_cause by = cause_by(ev, deletes);

	if (by == MODEL_CAUSE_RESET_FAILED)
		return by;
	/* it was lost before; that it is given up in the end explains nothing */
	if (before != MODEL_CAUSE_UNKNOWN)
		return before;
	if (by != MODEL_CAUSE_UNKNOWN)
		return by;
	return ev->old_state == MPATH_CTRL_LIVE ? deleted(transport) : before;
}

/*
 * The driver declares a controller dead when its reset failed, or when it lets go of it and the
 * device does not answer any more: that explains what went before, too.
 */
static enum model_cause cause_of_death(const struct mpath_ev_ctrl_state *ev,
				       enum model_cause before)
{
	enum model_cause by = cause_by(ev, deletes);

	if (by == MODEL_CAUSE_RESET_FAILED || before == MODEL_CAUSE_RESET_FAILED)
		return MODEL_CAUSE_RESET_FAILED;
	if (by == MODEL_CAUSE_REMOVAL || before == MODEL_CAUSE_REMOVAL ||
	    before == MODEL_CAUSE_SURPRISE)
		return MODEL_CAUSE_SURPRISE;
	return before == MODEL_CAUSE_UNKNOWN ? before : MODEL_CAUSE_RESET_FAILED;
}

enum model_cause cause_of_ctrl(const struct mpath_ev_ctrl_state *ev, const char *transport,
			       enum model_cause before)
{
	enum model_cause by;

	switch (ev->new_state) {
	case MPATH_CTRL_RESETTING:
		if (is_resetting(ev->old_state) && before != MODEL_CAUSE_UNKNOWN)
			return before;
		by = cause_by(ev, resets);
		return by == MODEL_CAUSE_UNKNOWN ? MODEL_CAUSE_RESET : by;
	case MPATH_CTRL_CONNECTING:
		return before;
	case MPATH_CTRL_DELETING:
	case MPATH_CTRL_DELETING_NOIO:
		return cause_of_delete(ev, transport, before);
	case MPATH_CTRL_DEAD:
		return cause_of_death(ev, before);
	default:	/* new, live */
		return MODEL_CAUSE_UNKNOWN;
	}
}

enum model_cause cause_of_path(const struct mpath_ev_path *ev, const char *transport,
			       enum model_cause ctrl)
{
	switch (ev->ctrl_state) {
	case MPATH_CTRL_LIVE:
		/* optimized, non-optimized, or there is none: as in the ANA log page */
		return ev->h.type == MPATH_EV_PATH_LIVE && ev->ana_state > 2 ?
			       MODEL_CAUSE_ANA :
			       MODEL_CAUSE_NAMESPACE;
	case MPATH_CTRL_RESETTING:
	case MPATH_CTRL_CONNECTING:
		return ctrl == MODEL_CAUSE_UNKNOWN ? MODEL_CAUSE_RESET : ctrl;
	case MPATH_CTRL_DELETING:
	case MPATH_CTRL_DELETING_NOIO:
		return ctrl == MODEL_CAUSE_UNKNOWN ? deleted(transport) : ctrl;
	default:
		return ctrl;
	}
}

/* ---- controllers, and the paths that they lost ---- */

static struct ctrl_cause *ctrl_get(struct model *m, __s32 ctrl, bool add)
{
	size_t room = m->nr_ctrls ? m->nr_ctrls : 64;
	struct ctrl_cause *more;

	if (ctrl < 0 || ctrl >= MODEL_CTRLS || ((size_t)ctrl >= m->nr_ctrls && !add))
		return NULL;
	if ((size_t)ctrl < m->nr_ctrls)
		return &m->ctrls[ctrl];
	while (room <= (size_t)ctrl)
		room *= 2;
	more = realloc(m->ctrls, room * sizeof(*more));
	if (!more) {
		m->err = -ENOMEM;
		return NULL;
	}
	memset(more + m->nr_ctrls, 0, (room - m->nr_ctrls) * sizeof(*more));
	m->ctrls = more;
	m->nr_ctrls = room;
	return &m->ctrls[ctrl];
}

void cause_forget(struct model *m)
{
	free(m->ctrls);
	m->ctrls = NULL;
	m->nr_ctrls = 0;
}

/* Because of the controller, not of its target or namespace. */
static bool is_of_ctrl(enum model_cause cause)
{
	return cause != MODEL_CAUSE_ANA && cause != MODEL_CAUSE_NAMESPACE;
}

/* More is known of the losses before an open window. */
static void refine_window(struct model_window *w, __s32 ctrl, enum model_cause cause)
{
	__u32 i;

	for (i = 0; i < w->nr_losses && i < MODEL_LOSSES; i++) {
		struct model_loss *l = &w->losses[i];

		if (l->ctrl != ctrl || !is_of_ctrl(l->cause))
			continue;
		w->loss_causes[l->cause]--;
		l->cause = cause;
		w->loss_causes[cause]++;
	}
}

static void refine(struct model *m, struct head *h, __s32 ctrl, enum model_cause cause)
{
	bool any = false;
	size_t i;

	for (i = 0; i < h->pub.nr_paths; i++) {
		struct model_path *p = &h->paths[i];

		if (p->ctrl != ctrl || !p->lost_ns || p->gone || !is_of_ctrl(p->cause))
			continue;
		p->cause = cause;
		any = true;
		model_path_lost(m, h, p, false);
	}
	if (any && h->window && !h->window->pub.ended)
		refine_window(&h->window->pub, ctrl, cause);
}

static const char *ctrl_transport(const struct model *m, __s32 ctrl)
{
	size_t i, k;

	for (i = 0; i < m->heads.nr; i++) {
		const struct head *h = m->heads.items[i];

		for (k = 0; k < h->pub.nr_paths; k++)
			if (h->paths[k].ctrl == ctrl && !h->paths[k].gone && *h->paths[k].transport)
				return h->paths[k].transport;
	}
	return "";
}

void cause_ctrl_event(struct model *m, const struct mpath_ev_ctrl_state *ev)
{
	struct ctrl_cause *c = ctrl_get(m, ev->ctrl, true);
	enum model_cause before;
	bool deleting;
	size_t i;

	if (!c)
		return;
	before = c->cause;
	/* nothing else asks for the transport */
	deleting = ev->new_state == MPATH_CTRL_DELETING ||
		   ev->new_state == MPATH_CTRL_DELETING_NOIO;
	c->cause = (__u8)cause_of_ctrl(ev, deleting ? ctrl_transport(m, ev->ctrl) : "", before);
	if (c->cause == before || c->cause == MODEL_CAUSE_UNKNOWN)
		return;
	for (i = 0; i < m->heads.nr; i++)
		refine(m, m->heads.items[i], ev->ctrl, c->cause);
}

void cause_path_lost(struct model *m, struct model_path *p, const struct mpath_ev_path *ev)
{
	const struct ctrl_cause *c = ctrl_get(m, ev->ctrl, false);

	p->cause = cause_of_path(ev, p->transport, c ? c->cause : MODEL_CAUSE_UNKNOWN);
}

void cause_path_removed(struct model *m, struct model_path *p, const struct mpath_ev_path *ev)
{
	/* why it left, unless it was of no use before for its controller's sake */
	if (p->cause == MODEL_CAUSE_UNKNOWN || p->cause == MODEL_CAUSE_ANA)
		cause_path_lost(m, p, ev);
}

/* Keep it at its place in time among the last ones; the one before all of them goes. */
static void add_loss(struct model_window *w, const struct model_path *path)
{
	__u32 kept = w->nr_losses < MODEL_LOSSES ? w->nr_losses : MODEL_LOSSES, at = kept;
	struct model_loss *l = w->losses;

	w->nr_losses++;
	w->loss_causes[path->cause]++;
	while (at && l[at - 1].lost_ns > path->lost_ns)
		at--;
	if (kept < MODEL_LOSSES)
		memmove(&l[at + 1], &l[at], (kept - at) * sizeof(*l));
	else if (!at--)
		return;
	else
		memmove(&l[0], &l[1], at * sizeof(*l));
	memcpy(l[at].path, path->name, sizeof(l[at].path));
	l[at].ctrl = path->ctrl;
	l[at].cause = path->cause;
	l[at].lost_ns = path->lost_ns;
}

void cause_take_losses(struct window *w)
{
	const struct head *h = w->head;
	size_t i;

	w->pub.nr_losses = 0;
	memset(w->pub.loss_causes, 0, sizeof(w->pub.loss_causes));
	for (i = 0; i < h->pub.nr_paths; i++) {
		const struct model_path *p = &h->paths[i];

		if (p->lost_ns && p->lost_ns >= w->pub.first_lost_ns && !path_is_usable(p->state))
			add_loss(&w->pub, p);
	}
}
