/* SPDX-License-Identifier: GPL-2.0-only */
/* Families whose samples are not counters of the state: each has a function that writes them. */
#ifndef METRICS_GAUGES_H
#define METRICS_GAUGES_H

#include "metrics/out.h"

typedef void metrics_put_head(struct metrics_out *o, const char *name,
			      const struct metrics_entry *e);
typedef void metrics_put_path(struct metrics_out *o, const char *name, const char *labels,
			      const struct model_path *p);
typedef void metrics_put_self(struct metrics_out *o, const char *name);

metrics_put_head metrics_put_info, metrics_put_state, metrics_put_paths, metrics_put_usable,
	metrics_put_standby, metrics_put_setting, metrics_put_deadline, metrics_put_lost_since,
	metrics_put_depth, metrics_put_waiting_since;
metrics_put_path metrics_put_path_info, metrics_put_path_usable, metrics_put_path_ana,
	metrics_put_path_inflight, metrics_put_path_stuck;
metrics_put_self metrics_put_build, metrics_put_start, metrics_put_written, metrics_put_since,
	metrics_put_interval, metrics_put_running, metrics_put_cpu, metrics_put_write_errors,
	metrics_put_programs, metrics_put_events_lost;

#endif /* METRICS_GAUGES_H */
