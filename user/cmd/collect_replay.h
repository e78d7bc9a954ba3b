/* SPDX-License-Identifier: GPL-2.0-only */
/* The metrics of a recording: as it is at its end, or as if it happened now. */
#ifndef CMD_COLLECT_REPLAY_H
#define CMD_COLLECT_REPLAY_H

#include "base/time_arg.h"
#include "metrics/exporter.h"

/**
 * struct replay_opts - how
 * @path:	a segment or a directory
 * @until:	WHEN_EPOCH: read up to then only, with the times of the recording; WHEN_NONE: all
 * @real_time:	at its pace, its begin now; then go on, as with a quiet host, until
 *		SIGINT or SIGTERM
 */
struct replay_opts {
	const char	*path;
	struct when	until;
	bool		real_time;
};

/* Returns an exit status. */
int collect_replay(const struct replay_opts *opts, const struct export_opts *eo);

#endif /* CMD_COLLECT_REPLAY_H */
