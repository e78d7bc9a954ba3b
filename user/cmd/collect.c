// SPDX-License-Identifier: GPL-2.0-only
/*
 * collect: the daemon. Records what happens, for report and for Prometheus, until it is told to
 * end.
 *
 * Each record is understood once, by one model. Its listeners are, in this order, the collector,
 * which writes the record before it is understood: a new segment begins with what is known up to
 * then; what knows whether a segment may begin; and the metrics.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/idle.h"
#include "base/clock.h"
#include "base/units.h"
#include "cmd/collect_journal.h"
#include "cmd/collect_replay.h"
#include "cmd/commands.h"
#include "cmd/config.h"
#include "cmd/options.h"
#include "live/loop.h"
#include "live/pin_dir.h"
#include "metrics/exporter.h"
#include "os/journal.h"
#include "os/signals.h"
#include "record/writer.h"
#include "sysfs/topology_source.h"
#include "top/statistics.h"

/*
 * A disk that is all but full takes a small record and refuses the next large
 * one: it has room again when nothing failed for so long.
 */
#define SETTLED_NS	(2 * NS_PER_S)

struct collect {
	struct model		*model;
	struct record_writer	*writer;	/* NULL without a directory */
	const char		*dir;
	struct idle		*idle;		/* NULL without a directory */
	struct export		*export;	/* NULL without a textfile */
	struct export_opts	eo;
	struct statistics	*sysfs;		/* NULL without a textfile */
	struct stats		*stats;
	struct window_journal	*journal;	/* NULL: nobody reads it */
	const char		*pin;		/* NULL: nothing outlives the collector */
	bool			failing;	/* said so, and not yet that it is over */
	/* while failing: first record that was written again */
	__u64			good_since;
	__u64			lost;		/* records, while failing */
};

/*
 * A record that cannot be written is no reason to end: the kernel counts on,
 * and the disk may have room again later. It is said once, and when it is over.
 */
static void put(struct collect *c, const struct record *rec)
{
	int err = c->writer ? record_writer_put(c->writer, rec) : 0;

	if (err) {
		c->lost++;
		if (c->export)
			export_records_lost(c->export, 1);
		if (!c->failing)
			say(SAY_ERROR, "nvme-mpathtop collect: %s", record_writer_error(c->writer));
		c->failing = true;
		c->good_since = 0;
		return;
	}
	if (!c->failing)
		return;
	if (!c->good_since)
		c->good_since = rec->time_ns;
	if (rec->time_ns < c->good_since + SETTLED_NS)
		return;
	say(SAY_NOTICE, "nvme-mpathtop collect: %s: recording again, %llu record%s missing", c->dir,
	    (unsigned long long)c->lost, c->lost == 1 ? " is" : "s are");
	c->failing = false;
	c->lost = 0;
}

/* Scripts and people wait for these lines. */
static void say_started(const struct collect *c, const struct rec_start *start)
{
	if (start->flags & REC_START_RELOADED) {
		say(SAY_NOTICE, "nvme-mpathtop collect: nvme_core is loaded again, and watched");
		return;
	}
	if (c->export)
		printf("metrics in %s\n", c->eo.textfile);
	if (c->dir)
		printf("recording to %s", c->dir);
	else if (c->pin)
		printf("counting");
	if (c->pin)
		printf(start->flags & REC_START_CONTINUES ? ", going on with what is pinned in %s" :
							    ", pinned in %s",
		       c->pin);
	if (c->dir || c->pin)
		putchar('\n');
	fflush(stdout);
}

static int on_record_before(void *ctx, const struct model *m, const struct record *rec)
{
	(void)m;
	put(ctx, rec);
	return 0;
}

static int on_record_after(void *ctx, const struct model *m, const struct record *rec)
{
	(void)m;
	if (rec->type == REC_START)
		say_started(ctx, rec->data);
	return 0;
}

static int on_record(void *ctx, const struct record *rec)
{
	const struct collect *c = ctx;
	int err = model_feed(c->model, rec);

	/* a recording goes on without a model that is right, metrics do not */
	return c->export ? err : 0;
}

static int on_timer(void *ctx)
{
	struct collect *c = ctx;

	return export_poll(c->export);
}

/* I/O that waits inside a path: sysfs counts it anyway. */
static const struct stats *read_stats(void *ctx, __u64 now_ns)
{
	struct collect *c = ctx;

	if (!c->sysfs || top_statistics_read(c->sysfs, c->model, NULL, c->stats, now_ns))
		return NULL;
	return c->stats;
}

static int run(struct collect *c, struct live_loop *loop)
{
	int err = live_loop_run(loop), failed = 0;

	if (err) {
		say(SAY_ERROR, "nvme-mpathtop collect: %s", strerror(-err));
		return EXIT_ERROR;
	}
	if (c->export)
		failed = export_finish(c->export);
	err = c->writer ? record_writer_sync(c->writer) : 0;
	if (err && !c->failing)
		say(SAY_ERROR, "nvme-mpathtop collect: %s", record_writer_error(c->writer));
	if (c->pin)
		printf("what is pinned in %s goes on counting until 'collect --unpin'\n", c->pin);
	return err || failed || (c->failing && !c->good_since) ? EXIT_ERROR : EXIT_OK;
}

/* After the capabilities went: what works now works for every file. */
static int open_outputs(struct collect *c, const struct record_writer_opts *limits)
{
	int err = c->dir ? record_writer_open(c->writer, c->dir, limits) : 0;

	if (err)
		say(SAY_ERROR, "nvme-mpathtop collect: %s", record_writer_error(c->writer));
	c->failing = err;
	if (err && err != -ENOSPC)	/* that is not final: the writer goes on trying */
		return err;
	return c->export ? export_open(c->export, c->model, &c->eo) : 0;
}

static bool is_idle(void *ctx, __u64 now_ns)
{
	const struct collect *c = ctx;

	return idle_at(c->idle, now_ns);
}

static int new_model(struct collect *c)
{
	static const struct model_limit limit = { .windows = EXPORT_WINDOWS };
	const struct model_listener listener = {
		.record_before = on_record_before,
		.record_after = on_record_after,
		.ctx = c,
	};

	c->model = model_new();
	if (!c->model || model_listen(c->model, &listener))
		return -ENOMEM;
	/* idle asks for the last window of each head, which stays in any case */
	model_set_limit(c->model, &limit);
	if (journal_reads_stderr())
		c->journal = window_journal_new(c->model, JOURNAL_SOCKET);
	if (!c->dir)
		return 0;
	c->writer = record_writer_new();
	c->idle = idle_new(c->model);
	return c->writer && c->idle ? 0 : -ENOMEM;
}

/* What no second start changes: the kernel, the privileges, the file system are what they are. */
static int status_of(int err)
{
	switch (-err) {
	case EOPNOTSUPP:
	case EPERM:
	case EACCES:
	case EROFS:
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
		return EXIT_NEVER;
	default:
		return EXIT_ERROR;
	}
}

static void hangup(void *ctx);

static void waiting(void)
{
	say(SAY_NOTICE,
	    "nvme-mpathtop collect: waiting: the kernel module nvme_core is not loaded yet");
}

static void detached(const char *why)
{
	if (why)
		say(SAY_WARNING, "nvme-mpathtop collect: nvme_core is loaded again: %s", why);
	else
		say(SAY_WARNING, "nvme-mpathtop collect: nvme_core was unloaded: nothing is "
				 "watched until it is loaded again");
}

static int collect(struct collect *c, const struct live_opts *live,
		   struct record_writer_opts *limits)
{
	struct live_loop_opts opts = {
		.live = *live,
		.fn = on_record,
		.ctx = c,
		.hangup_fd = -1,
		.waiting = waiting,
		.detached = detached,
		/* of a terminal: it is gone, and who sat there with it */
		.hangup_fn = signals_terminal() ? NULL : hangup,
	};
	struct live_loop *loop = live_loop_new();
	int status = EXIT_ERROR, err;

	if (c->export) {
		opts.timer_fd = export_fd(c->export);
		opts.timer_fn = on_timer;
		c->sysfs = statistics_new(SYSFS);
		c->stats = stats_new();
		c->eo.stats = c->stats ? read_stats : NULL;
		c->eo.ctx = c;
	}
	if (!loop || new_model(c)) {
		say(SAY_ERROR, "nvme-mpathtop collect: %s", strerror(ENOMEM));
		goto out;
	}
	err = live_loop_open(loop, &opts);
	if (err) {
		status = err == -ECANCELED ? EXIT_OK : status_of(err);
		if (status != EXIT_OK)
			say(SAY_ERROR, "nvme-mpathtop collect: %s", live_loop_error(loop));
		goto out;
	}
	limits->quiet = is_idle;
	limits->ctx = c;
	err = open_outputs(c, limits);
	status = err ? status_of(err) : run(c, loop);
out:
	live_loop_free(loop);
	window_journal_free(c->journal);
	record_writer_free(c->writer);
	idle_free(c->idle);
	export_free(c->export);
	statistics_free(c->sysfs);
	stats_free(c->stats);
	model_free(c->model);
	return status;
}

/* Nothing pinned is what was wanted, too. */
static int unpin(const char *dir)
{
	struct pins *p = pins_new();
	size_t count = 0;
	int err = p ? pins_open(p, dir, false) : -ENOMEM;

	if (!err)
		err = pins_remove(p, &count);
	if (err == -ENOENT) {
		printf("nothing is pinned in %s\n", dir);
		err = 0;
	} else if (err) {
		say(SAY_ERROR, "nvme-mpathtop collect: %s", p ? pins_error(p) : strerror(-err));
	} else {
		printf("detached and removed what was pinned in %s: %zu objects\n", dir, count);
	}
	pins_free(p);
	return err ? EXIT_ERROR : EXIT_OK;
}

/* An option that was given without a value means the default. */
static const char *pin_dir(const char *given)
{
	return given && !*given ? PINS_DEFAULT_DIR : given;
}

/* Beside the recording, or beside the textfile. */
static char *state_name(const struct collect *c)
{
	char *name;
	int n = c->dir ? asprintf(&name, "%s/textfile.state", c->dir) :
			 asprintf(&name, "%s.state", c->eo.textfile);

	return n < 0 ? NULL : name;
}

static int collect_and_export(struct collect *c, const struct live_opts *live,
			      struct record_writer_opts *limits)
{
	char *state = state_name(c);
	int status = EXIT_ERROR;

	if (!c->eo.state)
		c->eo.state = state;
	c->export = export_new();
	if (c->export && c->eo.state)
		status = collect(c, live, limits);
	else
		say(SAY_ERROR, "nvme-mpathtop collect: %s", strerror(ENOMEM));
	free(state);
	return status;
}

/* Or say what does not go together. */
static bool makes_sense(const struct collect *c, const struct record_writer_opts *limits,
			const struct replay_opts *replay, const char *unpin_dir)
{
	const char *what = NULL;

	if (unpin_dir && (c->pin || c->dir || c->eo.textfile || replay->path))
		what = "--unpin stands alone";
	else if (!unpin_dir && !c->dir && !c->eo.textfile)
		what = "nothing to do: --record DIR or --textfile FILE.prom is needed";
	else if (limits->segment_bytes && limits->total_bytes &&
		 limits->total_bytes / 2 < limits->segment_bytes)
		what = "--total-size must be at least twice --segment-size: the oldest files "
		       "are deleted whole, the present one never";
	else if (c->eo.state && !c->eo.textfile)
		what = "--state goes with --textfile only";
	else if (replay->path && (c->dir || c->pin || !c->eo.textfile))
		what = "--replay goes with --textfile, and not with --record or --pin";
	else if (!replay->path && (replay->real_time || replay->until.kind != WHEN_NONE))
		what = "--real-time and --until go with --replay only";
	else if (replay->until.kind != WHEN_NONE && replay->until.kind != WHEN_EPOCH)
		what = "--until must be of the form @1789182245.5";
	if (what)
		say(SAY_ERROR, "nvme-mpathtop collect: %s", what);
	return !what;
}

/* The collector comes first: hangup() has nothing but that. */
struct collect_options {
	struct collect			c;
	struct record_writer_opts	limits;
	struct replay_opts		replay;
	const char			*unpin;
	char				*config;
	const char			*given_state;	/* --state, without the default */
	__u64				max_bios;
	bool				verbose;
};

static const struct collect_options defaults = { .c.eo.interval_ns = EXPORT_INTERVAL_NS };

static const struct opt options[] = {
	OPT_FILE(0, "record", struct collect_options, c.dir, "DIR",
		 "append to the recording in DIR, created if needed"),
	OPT_SIZE(0, "segment-size", struct collect_options, limits.segment_bytes, "SIZE", 65536,
		 1ULL << 40, "start a new file at SIZE (default 16M, or a quarter of total-size)"),
	OPT_SIZE(0, "total-size", struct collect_options, limits.total_bytes, "SIZE", 65536,
		 1ULL << 50, "delete the oldest files beyond SIZE (default 1G)"),
	OPT_DURATION(0, "segment-age", struct collect_options, limits.segment_ns, "TIME", NS_PER_S,
		     0, "start a new file when the current one spans TIME"),
	OPT_DURATION(0, "keep", struct collect_options, limits.keep_ns, "TIME", NS_PER_S, 0,
		     "delete files last written more than TIME ago"),
	OPT_FILE(0, "textfile", struct collect_options, c.eo.textfile, "FILE.prom",
		 "write metrics for node_exporter to this file"),
	OPT_DURATION('i', "interval", struct collect_options, c.eo.interval_ns, "TIME", NS_PER_S,
		     3600 * NS_PER_S, "longest time between two writes of metrics (default 15s)"),
	OPT_FILE(0, "state", struct collect_options, c.eo.state, "FILE",
		 "keep the counters of the metrics in FILE"),
	OPT_FILE(0, "replay", struct collect_options, replay.path, "RECORD",
		 "write the metrics of a recording instead"),
	OPT_FLAG(0, "real-time", struct collect_options, replay.real_time,
		 "replay at the original speed, as if it happened now"),
	OPT_UNTIL(struct collect_options, replay.until),
	OPT_NUMBER(0, "max-bios", struct collect_options, max_bios, "N", 64, 1 << 24,
		   "queued I/Os tracked individually (default 65536)"),
	OPT_OPTIONAL(0, "pin", struct collect_options, c.pin, "DIR",
		     "keep programs and counters in the kernel; see below"),
	OPT_OPTIONAL(0, "unpin", struct collect_options, unpin, "DIR",
		     "detach and remove pinned programs, and exit"),
	OPT_CONFIG(0, "config", struct collect_options, config, "FILE",
		   "take options from FILE; those behind it on the line have precedence"),
	OPT_VERBOSE(struct collect_options, verbose),
	OPT_END,
};

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* All but the limits of the recording: the programs are loaded, the files are open. */
static bool takes_restart(const struct collect_options *now, const struct collect_options *new)
{
	return !same_text(now->c.dir, new->c.dir) ||
	       !same_text(now->c.eo.textfile, new->c.eo.textfile) ||
	       !same_text(now->given_state, new->c.eo.state) ||
	       !same_text(now->c.pin, pin_dir(new->c.pin)) || now->max_bios != new->max_bios ||
	       now->c.eo.interval_ns != new->c.eo.interval_ns || now->verbose != new->verbose;
}

/* The options once more, and a new file of the recording. What is wrong leaves all as it is. */
static void hangup(void *ctx)
{
	struct collect *c = ctx;
	struct collect_options *o = (struct collect_options *)c, new;
	int begun;

	if (opts_again(&command_collect, &new)) {
		say(SAY_ERROR, "nvme-mpathtop collect: the options stay as they were");
	} else {
		new.limits.quiet = o->limits.quiet;
		new.limits.ctx = o->limits.ctx;
		o->limits = new.limits;
		if (takes_restart(o, &new))
			say(SAY_WARNING,
			    "nvme-mpathtop collect: the limits of the recording are as in the "
			    "options now; another of them has changed, which takes a restart");
	}
	free(new.config);
	begun = c->writer ? record_writer_rotate(c->writer, &o->limits, boottime_ns()) : 0;
	if (begun < 0)
		say(SAY_ERROR, "nvme-mpathtop collect: %s", record_writer_error(c->writer));
	else if (begun)
		say(SAY_NOTICE, "nvme-mpathtop collect: a new file of the recording in %s", c->dir);
}

static int run_command(void *given, int nr_args, char **args)
{
	struct collect_options *o = given;
	struct collect *c = &o->c;
	struct live_opts live = { .verbose = o->verbose, .max_bios = (__u32)o->max_bios };
	int status;

	(void)nr_args;
	(void)args;
	c->pin = pin_dir(c->pin);
	o->given_state = c->eo.state;
	live.pin = c->pin;
	if (!makes_sense(c, &o->limits, &o->replay, o->unpin))
		status = EXIT_USAGE;
	else if (o->unpin)
		status = unpin(pin_dir(o->unpin));
	else if (o->replay.path)
		status = collect_replay(&o->replay, &c->eo);
	else if (c->eo.textfile)
		status = collect_and_export(c, &live, &o->limits);
	else
		status = collect(c, &live, &o->limits);
	free(o->config);
	return status;
}

const struct command command_collect = {
	.name = "collect",
	.summary = "record events, counters and topology; write metrics",
	.options = options,
	.defaults = &defaults,
	.size = sizeof(defaults),
	.config = config_read,
	.notes = "Needs CAP_BPF and CAP_PERFMON, and for an unpatched driver CAP_SYS_ADMIN and\n"
		 "CAP_SYSLOG (kprobes, see features). --replay needs no privilege.\n"
		 "Prints \"recording to DIR\" when the recording starts. SIGINT and SIGTERM "
		 "end the\n"
		 "collector; SIGHUP ends it if it has a terminal, else it reads the options of\n"
		 "--config again and begins a new file of the recording. With --pin programs and\n"
		 "counters stay in DIR (default " PINS_DEFAULT_DIR ") when the\n"
		 "collector ends or is killed, and the next collect --pin continues without a "
		 "loss.\n",
	.run = run_command,
};
