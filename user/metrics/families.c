// SPDX-License-Identifier: GPL-2.0-only
/* The families of metrics: what each is, and where its numbers are. */
#include "metrics/families.h"

/* ---- labels ---- */

static const char *outcome_value(int i)
{
	return i == MODEL_PENDING ? NULL : model_outcome_name((enum model_outcome)i);
}

static const char *cause_value(int i)
{
	return model_cause_name((enum model_cause)i);
}

static const char *reason_value(int i)
{
	static const char *const names[MPATH_PARK_REASONS] = {
		[MPATH_PARK_NO_USABLE_PATH] = "no_usable_path",
		[MPATH_PARK_FAILOVER] = "failover",
	};

	return names[i];
}

static const char *waited_value(int i)
{
	static const char *const names[METRICS_FAILED] = {
		[METRICS_FAILED_PARKED] = "yes",
		[METRICS_FAILED_AT_ONCE] = "no",
	};

	return names[i];
}

static const char *class_value(int i)
{
	static const char *const names[METRICS_CLASSES] = {
		[MPATH_STATUS_ANA] = "ana",
		[MPATH_STATUS_CONTROLLER] = "controller_pathing",
		[MPATH_STATUS_HOST] = "host_pathing",
		[MPATH_STATUS_OTHER] = "other",
		[MPATH_STATUS_CLASSES] = "unknown",
	};

	return names[i];
}

static const char *phase_value(int i)
{
	static const char *const names[PHASES] = {
		[PHASE_NAMESPACE] = "namespace",
		[PHASE_PATH] = "path",
		[PHASE_FIRST_IO] = "first_io",
		[PHASE_DRAIN] = "drain",
	};

	return names[i];
}

static const struct metrics_label outcome = { "outcome", outcome_value };
static const struct metrics_label cause = { "cause", cause_value };
static const struct metrics_label reason = { "reason", reason_value };
static const struct metrics_label waited = { "waited", waited_value };
static const struct metrics_label status_class = { "status_class", class_value };
static const struct metrics_label phase = { "phase", phase_value };

/* ---- fields ---- */

#define MEMBER(type, member)	(((struct type *)0)->member)

#define FIELD(what, first_tag, type, member, unit_size) \
	.kind = (what), .tag = (first_tag), .offset = offsetof(struct type, member), \
	.nr = sizeof(MEMBER(type, member)) / (unit_size)

#define COUNT(tag, member)	FIELD(METRICS_COUNT, tag, metrics_counts, member, sizeof(__u64))
#define SUMS(tag, member) \
	FIELD(METRICS_SUM, tag, metrics_counts, member, sizeof(struct metrics_sum))
#define HISTOGRAM(tag, member) \
	FIELD(METRICS_HISTOGRAM, tag, metrics_counts, member, sizeof(struct metrics_hist))
#define TOTAL(tag, member)	FIELD(METRICS_COUNT, tag, metrics_totals, member, sizeof(__u64))

/*
 * Gauges come first: a head that is long gone has none of them. A tag is never used again; each
 * family has room for 64 (metrics/state.c says the rest).
 */
const struct metrics_family metrics_families[] = {
	{
		.name = "nvme_mpath_head_info",
		.type = "gauge",
		.help = "Which disk a head is; always 1.",
		.more = "nsid, nqn, uuid, wwid, model, serial",
		.example = "nvme_mpath_queue_depth * on (instance, device, subsystem) "
			   "group_left (nqn) nvme_mpath_head_info",
		.head = metrics_put_info,
	},
	{
		.name = "nvme_mpath_head_state",
		.type = "gauge",
		.help = "1 for the state that the head is in, 0 for the others.",
		.more = "state",
		.example = "sum by (state) (nvme_mpath_head_state)",
		.nr = HEAD_STATES,
		.head = metrics_put_state,
	},
	{
		.name = "nvme_mpath_head_paths",
		.type = "gauge",
		.unit = "paths",
		.help = "Paths that the head has.",
		.example = "nvme_mpath_head_paths < 2",
		.head = metrics_put_paths,
	},
	{
		.name = "nvme_mpath_head_paths_usable",
		.type = "gauge",
		.unit = "paths",
		.help = "Paths that I/O can take.",
		.example = "nvme_mpath_head_paths_usable / nvme_mpath_head_paths",
		.head = metrics_put_usable,
	},
	{
		.name = "nvme_mpath_head_delayed_removal_seconds",
		.type = "gauge",
		.unit = "seconds",
		.help = "How long the head stays without a path: its delayed_removal_secs.",
		.example = "nvme_mpath_head_delayed_removal_seconds == 0",
		.head = metrics_put_setting,
	},
	{
		.name = "nvme_mpath_head_unusable_since_timestamp_seconds",
		.type = "gauge",
		.unit = "Unix time",
		.help = "Since when the head has no usable path; absent while it has one.",
		.example = "time() - nvme_mpath_head_unusable_since_timestamp_seconds",
		.head = metrics_put_lost_since,
	},
	{
		.name = "nvme_mpath_window_deadline_timestamp_seconds",
		.type = "gauge",
		.unit = "Unix time",
		.help = "When the head will be removed; absent unless a grace window is open.",
		.example = "nvme_mpath_window_deadline_timestamp_seconds - time()",
		.head = metrics_put_deadline,
	},
	{
		.name = "nvme_mpath_queue_depth",
		.type = "gauge",
		.unit = "bios",
		.help = "Bios that wait for a path.",
		.example = "sum by (instance) (nvme_mpath_queue_depth)",
		.head = metrics_put_depth,
	},
	{
		.name = "nvme_mpath_queue_since_timestamp_seconds",
		.type = "gauge",
		.unit = "Unix time",
		.help = "No waiting bio is older than this; absent while none waits.",
		.example = "time() - nvme_mpath_queue_since_timestamp_seconds > 30",
		.head = metrics_put_waiting_since,
	},
	{
		.name = "nvme_mpath_path_info",
		.type = "gauge",
		.of = METRICS_OF_PATH,
		.help = "Where a path leads; always 1.",
		.more = "transport, address",
		.example = "count by (transport) (nvme_mpath_path_info)",
		.path = metrics_put_path_info,
	},
	{
		.name = "nvme_mpath_path_usable",
		.type = "gauge",
		.of = METRICS_OF_PATH,
		.help = "1 if I/O can take this path, else 0.",
		.example = "nvme_mpath_path_usable == 0",
		.path = metrics_put_path_usable,
	},
	{
		.name = "nvme_mpath_path_ana_state",
		.type = "gauge",
		.of = METRICS_OF_PATH,
		.help = "1 optimized, 2 non-optimized, 3 inaccessible, 4 persistent loss, 15 "
			"change.",
		.example = "count by (device) (nvme_mpath_path_ana_state == 1)",
		.path = metrics_put_path_ana,
	},
	{
		.name = "nvme_mpath_windows_total",
		.type = "counter",
		.unit = "windows",
		.help = "Grace windows by how they ended.",
		.example = "sum by (outcome) (increase(nvme_mpath_windows_total[1d]))",
		.label = &outcome,
		COUNT(0x0100, windows),
	},
	{
		.name = "nvme_mpath_windows_close_total",
		.type = "counter",
		.unit = "windows",
		.help = "Grace windows that were recovered with less than a tenth of the setting "
			"left.",
		.example = "increase(nvme_mpath_windows_close_total[1h])",
		COUNT(0x0140, close),
	},
	{
		.name = "nvme_mpath_windows_incomplete_total",
		.type = "counter",
		.unit = "windows",
		.help = "Grace windows of which some data is missing.",
		.example = "increase(nvme_mpath_windows_incomplete_total[1d])",
		COUNT(0x0180, incomplete),
	},
	{
		.name = "nvme_mpath_window_duration_seconds",
		.type = "histogram",
		.unit = "seconds",
		.help = "How long grace windows were open, for those whose begin and end were "
			"seen.",
		.example = "histogram_quantile(0.95, sum by (le) "
			   "(rate(nvme_mpath_window_duration_seconds_bucket[1d])))",
		HISTOGRAM(0x01c0, window),
	},
	{
		.name = "nvme_mpath_window_margin_seconds",
		.type = "histogram",
		.unit = "seconds",
		.help = "Time left to the deadline when a path came back; 0 if it was past.",
		.example = "increase(nvme_mpath_window_margin_seconds_bucket{le=\"5\"}[1d])",
		HISTOGRAM(0x0200, margin),
	},
	{
		.name = "nvme_mpath_outage_duration_seconds",
		.type = "histogram",
		.unit = "seconds",
		.help = "How long the head had no usable path, with a grace window or without.",
		.example = "increase(nvme_mpath_outage_duration_seconds_sum[1d])",
		HISTOGRAM(0x0240, outage),
	},
	{
		.name = "nvme_mpath_stall_seconds",
		.type = "histogram",
		.unit = "seconds",
		.help = "How long bios waited, whether a path took them or they failed.",
		.example = "histogram_quantile(0.99, sum by (device, le) "
			   "(rate(nvme_mpath_stall_seconds_bucket[5m])))",
		HISTOGRAM(0x0280, bios.stall),
	},
	{
		.name = "nvme_mpath_recovery_phase_seconds",
		.type = "summary",
		.unit = "seconds",
		.help = "Parts of recoveries: loss to namespace, to usable path, to first bio "
			"taken, to empty queue.",
		.example = "rate(nvme_mpath_recovery_phase_seconds_sum[1d]) / "
			   "rate(nvme_mpath_recovery_phase_seconds_count[1d])",
		.label = &phase,
		SUMS(0x02c0, phases),
	},
	{
		.name = "nvme_mpath_bios_parked_total",
		.type = "counter",
		.unit = "bios",
		.help = "Bios that had to wait, by the first reason.",
		.example = "rate(nvme_mpath_bios_parked_total[5m])",
		.label = &reason,
		COUNT(0x0300, bios.parked),
	},
	{
		.name = "nvme_mpath_bios_completed_total",
		.type = "counter",
		.unit = "bios",
		.help = "Bios that had to wait and that a path took in the end.",
		.example = "increase(nvme_mpath_bios_completed_total[1h])",
		COUNT(0x0340, bios.completed),
	},
	{
		.name = "nvme_mpath_bios_failed_total",
		.type = "counter",
		.unit = "bios",
		.help = "Bios that failed for want of a path, after a wait or at once.",
		.example = "increase(nvme_mpath_bios_failed_total[10m]) > 0",
		.label = &waited,
		COUNT(0x0380, bios.failed),
	},
	{
		.name = "nvme_mpath_failovers_total",
		.type = "counter",
		.unit = "requests",
		.help = "Requests that failed on a path and were given to another, or to the "
			"queue, by their status.",
		.example = "sum by (status_class) (rate(nvme_mpath_failovers_total[5m]))",
		.label = &status_class,
		COUNT(0x03c0, bios.failovers),
	},
	{
		.name = "nvme_mpath_path_losses_total",
		.type = "counter",
		.unit = "paths",
		.help = "Paths that stopped being usable, by why.",
		.example = "sum by (cause) (increase(nvme_mpath_path_losses_total[1d]))",
		.label = &cause,
		COUNT(0x0400, losses),
	},
	{
		.name = "nvme_mpath_build_info",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.help = "Version of the collector; always 1.",
		.more = "version",
		.example = "count by (version) (nvme_mpath_build_info)",
		.self = metrics_put_build,
	},
	{
		.name = "nvme_mpath_collector_running",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.help = "0 in the last file of a collector that ended.",
		.example = "nvme_mpath_collector_running == 0",
		.self = metrics_put_running,
	},
	{
		.name = "nvme_mpath_collector_start_timestamp_seconds",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.unit = "Unix time",
		.help = "When the collector was started.",
		.example = "time() - nvme_mpath_collector_start_timestamp_seconds",
		.self = metrics_put_start,
	},
	{
		.name = "nvme_mpath_collector_write_timestamp_seconds",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.unit = "Unix time",
		.help = "When this file was written.",
		.example = "time() - nvme_mpath_collector_write_timestamp_seconds",
		.self = metrics_put_written,
	},
	{
		.name = "nvme_mpath_collector_interval_seconds",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.unit = "seconds",
		.help = "A file is written at least this often.",
		.example = "nvme_mpath_collector_interval_seconds",
		.self = metrics_put_interval,
	},
	{
		.name = "nvme_mpath_collector_counters_since_timestamp_seconds",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.unit = "Unix time",
		.help = "When all counters were 0.",
		.example = "changes(nvme_mpath_collector_counters_since_timestamp_seconds[7d])",
		.self = metrics_put_since,
	},
	{
		.name = "nvme_mpath_collector_programs_attached",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.unit = "programs",
		.help = "BPF programs that are attached.",
		.example = "nvme_mpath_collector_programs_attached == 0",
		.self = metrics_put_programs,
	},
	{
		.name = "nvme_mpath_collector_cpu_seconds_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.unit = "seconds",
		.help = "Processor time of the collector since it was started.",
		.example = "rate(nvme_mpath_collector_cpu_seconds_total[1h])",
		.self = metrics_put_cpu,
	},
	{
		.name = "nvme_mpath_collector_events_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.unit = "events",
		.help = "Events of the kernel that were seen.",
		.example = "rate(nvme_mpath_collector_events_total[1h])",
		TOTAL(0x0440, events),
	},
	{
		.name = "nvme_mpath_collector_events_lost_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.unit = "events",
		.help = "Events of the kernel that were lost.",
		.example = "increase(nvme_mpath_collector_events_lost_total[10m]) > 0",
		TOTAL(0x0480, events_lost),
		.self = metrics_put_events_lost,
	},
	{
		.name = "nvme_mpath_collector_records_lost_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.unit = "records",
		.help = "Records that could not be written to the recording.",
		.example = "increase(nvme_mpath_collector_records_lost_total[10m]) > 0",
		TOTAL(0x04c0, records_lost),
	},
	{
		.name = "nvme_mpath_collector_write_errors_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.unit = "files",
		.help = "Files of metrics that could not be written since the collector was "
			"started.",
		.example = "increase(nvme_mpath_collector_write_errors_total[10m]) > 0",
		.self = metrics_put_write_errors,
	},
	{
		.name = "nvme_mpath_collector_heads_dropped_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.unit = "heads",
		.help = "Removed heads whose counters were given up, because there were too many.",
		.example = "nvme_mpath_collector_heads_dropped_total > 0",
		TOTAL(0x0500, dropped),
	},
	{ .name = NULL },
};

size_t metrics_family_numbers(const struct metrics_family *f)
{
	return f->kind == METRICS_SUM ? 2 * f->nr : f->nr;
}

size_t metrics_family_series(const struct metrics_family *f)
{
	size_t i, shown = 0;

	if (f->kind == METRICS_HISTOGRAM)
		return METRICS_EDGES + 1 + 2;
	if (!f->label)
		return f->nr ? f->nr : 1;
	for (i = 0; i < f->nr; i++)
		shown += f->label->value((int)i) != NULL;
	return f->kind == METRICS_SUM ? 2 * shown : shown;
}
