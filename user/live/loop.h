/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live loop: both live sources, the signals and the clock in one epoll
 * loop, as one stream of records. What watch and collect have in common.
 *
 *	new -> open -> run -> free
 */
#ifndef LIVE_LOOP_H
#define LIVE_LOOP_H

#include <stdbool.h>

#include "live/live.h"

struct live_loop;

/**
 * struct live_loop_opts - what to do with it
 * @live:	sizes of the BPF maps, and whether libbpf may talk
 * @fn:		takes the records; a negative return ends live_loop_run()
 * @ctx:	handed to @fn
 * @hangup_fd:	ends the session when its reader is gone, or -1
 * @timer_fn:	called when @timer_fd is readable; a negative return ends live_loop_run().
 *		NULL: there is none
 * @hangup_fn:	called for SIGHUP, which does not end the session then; NULL: it does
 * @no_events:	without the BPF programs: topologies only, and no START and END
 * @waiting:	called once if nvme_core is not loaded, and live_loop_open() waits until it is.
 *		NULL: it is an error
 * @detached:	NULL: nobody wants to know
 */
struct live_loop_opts {
	struct live_opts	live;
	record_fn		fn;
	void			*ctx;
	int			hangup_fd;
	int			timer_fd;
	int			(*timer_fn)(void *ctx);
	void			(*hangup_fn)(void *ctx);
	bool			no_events;
	void			(*waiting)(void);
	/* nvme_core was unloaded; NULL, or why it is back and cannot be attached to yet */
	void			(*detached)(const char *why);
};

/* Returns NULL when memory is short. */
struct live_loop *live_loop_new(void);

/*
 * Load and attach the programs, listen for uevents, block the signals that end
 * the session, and give up all capabilities. Returns 0 or -errno;
 * live_loop_error() says what failed and what to do. -ECANCELED: a signal, or the
 * reader of hangup_fd, ended the wait for nvme_core.
 *
 * For a driver without the series the capabilities that loading takes are put aside, without force,
 * as nvme_core may be loaded anew.
 */
int live_loop_open(struct live_loop *loop, const struct live_loop_opts *opts);

/* The topology may have changed although no uevent said so: read it, soon. */
void live_loop_kick(struct live_loop *loop);

/*
 * Yield HOST, CLOCK, START, TOPOLOGY, then what happens until SIGINT, SIGTERM
 * or, without @hangup_fn, SIGHUP, then the last counters and END. If nvme_core is unloaded:
 * UNLOADED, and START when it is loaded again and attached to. Returns 0; -EPIPE when the
 * reader of hangup_fd is gone; the -errno of @fn (no END then); or -errno.
 */
int live_loop_run(struct live_loop *loop);

/* Text of the last error, "" if none; no newline. */
const char *live_loop_error(const struct live_loop *loop);

/* NULL and half-built are fine. */
void live_loop_free(struct live_loop *loop);

#endif /* LIVE_LOOP_H */
