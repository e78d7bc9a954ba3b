// SPDX-License-Identifier: GPL-2.0-only
/* The families of metrics: what each is, and where its numbers are. */
#include "metrics/families.h"
#include "record/facts.h"

/* ---- labels ---- */

static const char *outcome_value(int i)
{
	return i == MODEL_PENDING ? NULL : outcome_row((enum model_outcome)i)->name;
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

/* Without one of these the numbers would be too small, and look as if they were not. */
#define BIOS_FACTS	(FACTS_BIOS | FACT(FAILOVER))
#define OUTAGE_FACTS (FACT(PATH_LOST) | FACT(PATH_USABLE) | FACT(ANA) | FACT(HEAD_REMOVED))
#define WINDOW_FACTS \
	(FACT(WINDOW_ARMED) | FACT(WINDOW_ENDED) | FACT(PATH_BACK) | FACT(HEAD_REMOVED))

/*
 * Gauges come first: a head that is long gone has none of them. A tag is never used again; each
 * family has room for 64 (metrics/state.c says the rest).
 */
const struct metrics_family metrics_families[] = {
	{
		.name = "nvme_mpath_head_info",
		.type = "gauge",
		.help = "Identity of the disk behind the head; always 1.",
		.more = "nsid, nqn, uuid, wwid, model, serial",
		.example = "nvme_mpath_queue_depth * on (instance, device, subsystem) "
			   "group_left (nqn) nvme_mpath_head_info",
		.head = metrics_put_info,
	},
	{
		.name = "nvme_mpath_head_state",
		.type = "gauge",
		.help = "State of the head: 1 for the current state, 0 for all others.",
		.more = "state",
		.example = "sum by (state) (nvme_mpath_head_state)",
		.nr = HEAD_STATES,
		.head = metrics_put_state,
	},
	{
		.name = "nvme_mpath_head_paths",
		.type = "gauge",
		.unit = "paths",
		.help = "Paths of the head.",
		.example = "nvme_mpath_head_paths < 2",
		.head = metrics_put_paths,
	},
	{
		.name = "nvme_mpath_head_paths_usable",
		.type = "gauge",
		.unit = "paths",
		.help = "Paths of the head that can serve I/O.",
		.example = "nvme_mpath_head_paths_usable / nvme_mpath_head_paths",
		.head = metrics_put_usable,
	},
	{
		.name = "nvme_mpath_head_paths_standby",
		.type = "gauge",
		.unit = "paths",
		.help = "Paths of the head that ANA keeps in reserve while their controllers are "
			"live.",
		.example = "nvme_mpath_head_paths - nvme_mpath_head_paths_usable - "
			   "nvme_mpath_head_paths_standby > 0",
		.head = metrics_put_standby,
	},
	{
		.name = "nvme_mpath_head_delayed_removal_seconds",
		.type = "gauge",
		.unit = "seconds",
		.help = "How long the head is kept without a path (delayed_removal_secs).",
		.example = "nvme_mpath_head_delayed_removal_seconds == 0",
		.head = metrics_put_setting,
	},
	{
		.name = "nvme_mpath_head_unusable_since_timestamp_seconds",
		.type = "gauge",
		.unit = "Unix time",
		.needs = FACT(PATH_LOST) | FACT(PATH_USABLE),
		.help = "Time at which the head lost its last usable path; absent while it has "
			"one.",
		.example = "time() - nvme_mpath_head_unusable_since_timestamp_seconds",
		.head = metrics_put_lost_since,
	},
	{
		.name = "nvme_mpath_window_deadline_timestamp_seconds",
		.type = "gauge",
		.unit = "Unix time",
		.needs = FACT(WINDOW_ARMED),
		.help = "Time at which the head will be removed; absent unless a grace window is "
			"open.",
		.example = "nvme_mpath_window_deadline_timestamp_seconds - time()",
		.head = metrics_put_deadline,
	},
	{
		.name = "nvme_mpath_queue_depth",
		.type = "gauge",
		.unit = "I/Os",
		.needs = BIOS_FACTS,
		.help = "I/Os waiting for a path.",
		.example = "sum by (instance) (nvme_mpath_queue_depth)",
		.head = metrics_put_depth,
	},
	{
		.name = "nvme_mpath_queue_since_timestamp_seconds",
		.type = "gauge",
		.unit = "Unix time",
		.needs = BIOS_FACTS,
		.help = "Earliest time at which a waiting I/O can have been queued; absent while "
			"none is waiting.",
		.example = "time() - nvme_mpath_queue_since_timestamp_seconds > 30",
		.head = metrics_put_waiting_since,
	},
	{
		.name = "nvme_mpath_path_info",
		.type = "gauge",
		.of = METRICS_OF_PATH,
		.help = "Transport and address of the path; always 1.",
		.more = "transport, address",
		.example = "count by (transport) (nvme_mpath_path_info)",
		.path = metrics_put_path_info,
	},
	{
		.name = "nvme_mpath_path_usable",
		.type = "gauge",
		.of = METRICS_OF_PATH,
		.help = "1 if the path can serve I/O, else 0.",
		.example = "nvme_mpath_path_usable == 0",
		.path = metrics_put_path_usable,
	},
	{
		.name = "nvme_mpath_path_ana_state",
		.type = "gauge",
		.of = METRICS_OF_PATH,
		.help = "ANA state of the path: 1 optimized, 2 non-optimized, 3 inaccessible, 4 "
			"persistent loss, 15 change.",
		.example = "count by (device) (nvme_mpath_path_ana_state == 1)",
		.path = metrics_put_path_ana,
	},
	{
		.name = "nvme_mpath_path_inflight",
		.type = "gauge",
		.unit = "I/Os",
		.of = METRICS_OF_PATH,
		.help = "I/Os that the path was given and that have not ended.",
		.example = "sum by (device) (nvme_mpath_path_inflight)",
		.path = metrics_put_path_inflight,
	},
	{
		.name = "nvme_mpath_path_stuck_since_timestamp_seconds",
		.type = "gauge",
		.unit = "Unix time",
		.of = METRICS_OF_PATH,
		.help = "Time since which I/O is in flight in the path and none ended; absent "
			"otherwise.",
		.example = "nvme_mpath_collector_write_timestamp_seconds - on (instance) "
			   "group_right () nvme_mpath_path_stuck_since_timestamp_seconds > 30",
		.path = metrics_put_path_stuck,
	},
	{
		.name = "nvme_mpath_windows_total",
		.type = "counter",
		.unit = "windows",
		.needs = WINDOW_FACTS,
		.help = "Grace windows, by outcome.",
		.example = "sum by (outcome) (increase(nvme_mpath_windows_total[1d]))",
		.label = &outcome,
		COUNT(0x0100, windows),
	},
	{
		.name = "nvme_mpath_windows_near_miss_total",
		.type = "counter",
		.unit = "windows",
		.needs = FACT(MARGIN),
		.help = "Grace windows that recovered with less than a tenth of "
			"delayed_removal_secs left.",
		.example = "increase(nvme_mpath_windows_near_miss_total[1h])",
		COUNT(0x0140, near_miss),
	},
	{
		/* the same number, which is saved once */
		.name = "nvme_mpath_windows_close_total",
		.type = "counter",
		.unit = "windows",
		.needs = FACT(MARGIN),
		.help = "Deprecated: the same as nvme_mpath_windows_near_miss_total; goes with "
			"the next release.",
		.example = "increase(nvme_mpath_windows_close_total[1h])",
		COUNT(0, near_miss),
	},
	{
		.name = "nvme_mpath_windows_incomplete_total",
		.type = "counter",
		.unit = "windows",
		.help = "Grace windows with incomplete data.",
		.example = "increase(nvme_mpath_windows_incomplete_total[1d])",
		COUNT(0x0180, incomplete),
	},
	{
		.name = "nvme_mpath_window_duration_seconds",
		.type = "histogram",
		.unit = "seconds",
		.needs = WINDOW_FACTS,
		.help = "Duration of grace windows whose start and end were both observed.",
		.example = "histogram_quantile(0.95, sum by (le) "
			   "(rate(nvme_mpath_window_duration_seconds_bucket[1d])))",
		HISTOGRAM(0x01c0, window),
	},
	{
		.name = "nvme_mpath_window_margin_seconds",
		.type = "histogram",
		.unit = "seconds",
		.needs = FACT(MARGIN) | FACT(WINDOW_ARMED),
		.help = "Time left until the deadline when a path came back; 0 if the deadline had "
			"passed.",
		.example = "increase(nvme_mpath_window_margin_seconds_bucket{le=\"5\"}[1d])",
		HISTOGRAM(0x0200, margin),
	},
	{
		.name = "nvme_mpath_outage_duration_seconds",
		.type = "histogram",
		.unit = "seconds",
		.needs = OUTAGE_FACTS,
		.help = "Time that the head had no usable path, with or without a grace window.",
		.example = "increase(nvme_mpath_outage_duration_seconds_sum[1d])",
		HISTOGRAM(0x0240, outage),
	},
	{
		.name = "nvme_mpath_stall_seconds",
		.type = "histogram",
		.unit = "seconds",
		.needs = BIOS_FACTS | FACT(FAILED),
		.help = "Time that I/Os waited for a path, whether they were then sent or failed.",
		.example = "histogram_quantile(0.99, sum by (device, le) "
			   "(rate(nvme_mpath_stall_seconds_bucket[5m])))",
		HISTOGRAM(0x0280, bios.stall),
	},
	{
		.name = "nvme_mpath_recovery_phase_seconds",
		.type = "summary",
		.unit = "seconds",
		.needs = OUTAGE_FACTS | BIOS_FACTS | FACT(PATH_BACK),
		.help = "Duration of recovery phases: loss to namespace back, to path usable, to "
			"first I/O sent, to queue empty.",
		.example = "rate(nvme_mpath_recovery_phase_seconds_sum[1d]) / "
			   "rate(nvme_mpath_recovery_phase_seconds_count[1d])",
		.label = &phase,
		SUMS(0x02c0, phases),
	},
	{
		.name = "nvme_mpath_bios_parked_total",
		.type = "counter",
		.unit = "I/Os",
		.needs = BIOS_FACTS,
		.help = "I/Os that had to wait for a path, by the first reason.",
		.example = "rate(nvme_mpath_bios_parked_total[5m])",
		.label = &reason,
		COUNT(0x0300, bios.parked),
	},
	{
		.name = "nvme_mpath_bios_completed_total",
		.type = "counter",
		.unit = "I/Os",
		.needs = BIOS_FACTS | FACT(FAILED),
		.help = "I/Os that waited and were then sent on a path.",
		.example = "increase(nvme_mpath_bios_completed_total[1h])",
		COUNT(0x0340, bios.completed),
	},
	{
		.name = "nvme_mpath_bios_failed_total",
		.type = "counter",
		.unit = "I/Os",
		.needs = FACT(FAILED),
		.help = "I/Os that failed because no path was available, after waiting or at once.",
		.example = "increase(nvme_mpath_bios_failed_total[10m]) > 0",
		.label = &waited,
		COUNT(0x0380, bios.failed),
	},
	{
		.name = "nvme_mpath_failovers_total",
		.type = "counter",
		.unit = "requests",
		.needs = FACT(FAILOVER),
		.help = "Requests that failed on a path and were moved to another path or to the "
			"queue, by class of the NVMe status.",
		.example = "sum by (status_class) (rate(nvme_mpath_failovers_total[5m]))",
		.label = &status_class,
		COUNT(0x03c0, bios.failovers),
	},
	{
		.name = "nvme_mpath_path_losses_total",
		.type = "counter",
		.unit = "paths",
		.needs = FACT(PATH_LOST) | FACT(CTRL_STATE) | FACT(CAUSE),
		.help = "Paths that became unusable, by cause.",
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
		.help = "1 while the collector is running, 0 in the last file that it writes.",
		.example = "nvme_mpath_collector_running == 0",
		.self = metrics_put_running,
	},
	{
		.name = "nvme_mpath_collector_start_timestamp_seconds",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.unit = "Unix time",
		.help = "Start time of the collector.",
		.example = "time() - nvme_mpath_collector_start_timestamp_seconds",
		.self = metrics_put_start,
	},
	{
		.name = "nvme_mpath_collector_write_timestamp_seconds",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.unit = "Unix time",
		.help = "Time at which this file was written.",
		.example = "time() - nvme_mpath_collector_write_timestamp_seconds",
		.self = metrics_put_written,
	},
	{
		.name = "nvme_mpath_collector_interval_seconds",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.unit = "seconds",
		.help = "Longest time between two writes of this file.",
		.example = "nvme_mpath_collector_interval_seconds",
		.self = metrics_put_interval,
	},
	{
		.name = "nvme_mpath_collector_counters_since_timestamp_seconds",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.unit = "Unix time",
		.help = "Time at which all counters were 0.",
		.example = "changes(nvme_mpath_collector_counters_since_timestamp_seconds[7d])",
		.self = metrics_put_since,
	},
	{
		.name = "nvme_mpath_collector_programs_attached",
		.type = "gauge",
		.of = METRICS_OF_COLLECTOR,
		.unit = "programs",
		.help = "Attached BPF programs.",
		.example = "nvme_mpath_collector_programs_attached == 0",
		.self = metrics_put_programs,
	},
	{
		.name = "nvme_mpath_collector_cpu_seconds_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.unit = "seconds",
		.help = "CPU time used by the collector since its start.",
		.example = "rate(nvme_mpath_collector_cpu_seconds_total[1h])",
		.self = metrics_put_cpu,
	},
	{
		.name = "nvme_mpath_collector_events_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.unit = "events",
		.help = "Kernel events received.",
		.example = "rate(nvme_mpath_collector_events_total[1h])",
		TOTAL(0x0440, events),
	},
	{
		.name = "nvme_mpath_collector_events_lost_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.unit = "events",
		.help = "Kernel events lost.",
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
		.help = "Failed writes of this file or of the saved counters since the start of "
			"the collector.",
		.example = "increase(nvme_mpath_collector_write_errors_total[10m]) > 0",
		.self = metrics_put_write_errors,
	},
	{
		.name = "nvme_mpath_collector_heads_dropped_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.unit = "heads",
		.help = "Removed heads whose counters were dropped because there were too many.",
		.example = "nvme_mpath_collector_heads_dropped_total > 0",
		TOTAL(0x0500, dropped),
	},
	{
		.name = "nvme_mpath_collector_contradictions_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.help = "Changes that sysfs showed and no kernel event had told.",
		.example = "increase(nvme_mpath_collector_contradictions_total[10m]) > 0",
		TOTAL(0x0540, contradictions),
	},
	{
		.name = "nvme_mpath_collector_runs_skipped_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.unit = "runs",
		.help = "Runs of BPF programs that the kernel skipped.",
		.example = "increase(nvme_mpath_collector_runs_skipped_total[10m]) > 0",
		TOTAL(0x0580, runs_skipped),
	},
	{
		.name = "nvme_mpath_collector_reloads_total",
		.type = "counter",
		.of = METRICS_OF_COLLECTOR,
		.help = "How often nvme_core was unloaded while the collector watched it.",
		.example = "increase(nvme_mpath_collector_reloads_total[1h]) > 0",
		TOTAL(0x05c0, reloads),
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
