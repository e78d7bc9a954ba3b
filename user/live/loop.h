/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A live session: both live sources, the signals and the clock in one epoll
 * loop, as one stream of records. What watch and collect have in common.
 *
 *	new -> open -> run -> free
 */
#ifndef LIVE_LOOP_H
#define LIVE_LOOP_H

#include <stdbool.h>

#include "live/live.h"

struct session;

/**
 * struct session_opts - what to do with it
 * @live:	sizes of the BPF maps, and whether libbpf may talk
 * @fn:		takes the records; a negative return ends session_run()
 * @ctx:	handed to @fn
 * @hangup_fd:	ends the session when its reader is gone, or -1
 * @timer_fn:	called when @timer_fd is readable; a negative return ends session_run().
 *		NULL: there is none
 * @no_events:	without the BPF programs: topologies only, and no START and END
 * @waiting:	called once if nvme_core is not loaded, and session_open() waits until it is.
 *		NULL: it is an error
 */
struct session_opts {
	struct src_live_opts	live;
	record_fn		fn;
	void			*ctx;
	int			hangup_fd;
	int			timer_fd;
	int			(*timer_fn)(void *ctx);
	bool			no_events;
	void			(*waiting)(void);
};

/* Returns NULL when memory is short. */
struct session *session_new(void);

/*
 * Load and attach the programs, listen for uevents, block the signals that end
 * the session, and give up all capabilities. Returns 0 or -errno;
 * session_error() says what failed and what to do. -ECANCELED: a signal, or the
 * reader of hangup_fd, ended the wait for nvme_core.
 */
int session_open(struct session *s, const struct session_opts *opts);

/* The topology may have changed although no uevent said so: read it, soon. */
void session_kick(struct session *s);

/* How many programs are attached. */
unsigned int session_attached(const struct session *s);

/*
 * Yield HOST, CLOCK, START, TOPOLOGY, then what happens until SIGINT, SIGTERM
 * or SIGHUP, then the last counters and END. Returns 0; -EPIPE when the
 * reader of hangup_fd is gone; the -errno of @fn (no END then); or -errno.
 */
int session_run(struct session *s);

/* Text of the last error, "" if none; no newline. */
const char *session_error(const struct session *s);

/* NULL and half-built are fine. */
void session_free(struct session *s);

#endif /* LIVE_LOOP_H */
