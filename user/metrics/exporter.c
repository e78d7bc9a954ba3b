// SPDX-License-Identifier: GPL-2.0-only
/* When the textfile and the state file are written, and what if they can't be. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/units.h"
#include "base/version.h"
#include "metrics/exporter.h"
#include "metrics/metrics.h"
#include "os/journal.h"
#include "os/replace_file.h"

#define SETTLE_NS	200000000ULL	/* events come in swarms */
#define GAP_NS		NS_PER_S	/* between two writes */
#define GAP_FACTOR	20		/* at most this part of the time is spent writing */
#define STATE_MAX	(64UL << 20)

struct target {
	struct textfile	*file;
	bool		failing;
	char		said[700];	/* the last message */
};

struct export
{
	struct export_opts	opts;
	struct model		*m;
	struct metrics		*metrics;
	struct target		text, state;
	int			timer_fd;
	__s64			delta_ns;
	__s64			start_real_ns;
	__u64			due_ns;		/* the timer is set to, CLOCK_BOOTTIME; 0: not */
	__u64			written_ns, cost_ns;	/* the last time */
	__u64			written, saved;	/* metrics_changes() then */
	__u64			errors;
};

struct export *export_new(void)
{
	struct export *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (x->timer_fd >= 0)
		return x;
	free(x);
	return NULL;
}

void export_free(struct export *x)
{
	if (!x)
		return;
	metrics_free(x->metrics);
	if (x->m)
		model_unlisten(x->m, x);
	textfile_free(x->text.file);
	textfile_free(x->state.file);
	if (x->timer_fd >= 0)
		close(x->timer_fd);
	free(x);
}

/* ---- opening ---- */

static int new_metrics(struct export *x)
{
	metrics_free(x->metrics);
	x->metrics = metrics_new(x->m);
	if (!x->metrics)
		return -ENOMEM;
	if (x->opts.interval_ns)
		metrics_begin(x->metrics, x->start_real_ns);
	return 0;
}

/* Counters at 0 are no harm to Prometheus, a collector that does not run is. */
static int bad_state(struct export *x, int err)
{
	const char *why = err == -EPROTONOSUPPORT ? "of another version" : "damaged";
	char shown[300];

	fmt_text(shown, sizeof(shown), x->opts.state);
	if (textfile_put_aside(x->state.file, "bad")) {
		say(SAY_ERROR, "nvme-mpathtop collect: %s", textfile_error(x->state.file));
		return -EBADMSG;
	}
	say(SAY_WARNING,
	    "nvme-mpathtop collect: %s: the state of the counters is %s: it is kept as "
	    "%s.bad, and all counters begin at 0",
	    shown, why, shown);
	return new_metrics(x);
}

static int load_state(struct export *x)
{
	size_t len;
	void *buf;
	int err;

	if (!x->opts.state)
		return 0;
	x->state.file = textfile_new(x->opts.state, 0640);
	if (!x->state.file)
		return -ENOMEM;
	err = textfile_lock(x->state.file);
	if (!err) {
		err = textfile_read(x->state.file, STATE_MAX, &buf, &len);
		if (err == -ENOENT)	/* the first time */
			return 0;
	}
	if (err) {
		say(SAY_ERROR, "nvme-mpathtop collect: %s", textfile_error(x->state.file));
		return err;
	}
	err = metrics_load(x->metrics, buf, len);
	free(buf);
	return err == -EBADMSG || err == -EPROTONOSUPPORT ? bad_state(x, err) : err;
}

/* A wrong directory is an error now and not a message later. */
static int try_textfile(struct export *x)
{
	size_t len = strlen(x->opts.textfile);
	char shown[300];
	FILE *out;
	int err;

	if (len < 6 || strcmp(x->opts.textfile + len - 5, ".prom") ||
	    x->opts.textfile[len - 6] == '/') {
		say(SAY_ERROR,
		    "nvme-mpathtop collect: --textfile \"%s\" must end with a name such as "
		    "mpath.prom: node_exporter reads no other",
		    fmt_text(shown, sizeof(shown), x->opts.textfile));
		return -EINVAL;
	}
	x->text.file = textfile_new(x->opts.textfile, 0644);
	if (!x->text.file)
		return -ENOMEM;
	err = textfile_begin(x->text.file, &out);
	textfile_cancel(x->text.file);
	if (err && err != -ENOSPC && err != -EDQUOT) {
		say(SAY_ERROR, "nvme-mpathtop collect: %s", textfile_error(x->text.file));
		return err;
	}
	return 0;
}

void export_shift(struct export *x, __s64 delta_ns)
{
	x->delta_ns = delta_ns;
}

int export_fd(const struct export *x)
{
	return x->timer_fd;
}

/* ---- writing ---- */

/* A message is given once, and when it is over. */
static int tell(struct export *x, struct target *t, int ret)
{
	const char *text = textfile_error(t->file);

	if (ret < 0) {
		x->errors++;
		if (!t->failing || strcmp(t->said, text))
			say(SAY_ERROR, "nvme-mpathtop collect: %s", text);
		snprintf(t->said, sizeof(t->said), "%s", text);
	} else if (ret > 0) {
		say(SAY_WARNING, "nvme-mpathtop collect: %s", text);
	} else if (t->failing) {
		say(SAY_NOTICE, "nvme-mpathtop collect: %s: written again",
		    t == &x->text ? "the textfile" : "the state of the counters");
	}
	t->failing = ret < 0;
	return ret < 0 ? ret : 0;
}

static int save_state(struct export *x)
{
	__u64 changes = metrics_changes(x->metrics);
	void *buf;
	size_t len;
	FILE *out;
	int ret;

	if (!x->state.file || (changes == x->saved && !x->state.failing))
		return 0;
	ret = metrics_save(x->metrics, &buf, &len);
	if (ret)
		return ret;
	ret = textfile_begin(x->state.file, &out);
	if (!ret) {
		fwrite(buf, 1, len, out);
		ret = textfile_end(x->state.file);
	}
	free(buf);
	ret = tell(x, &x->state, ret);
	if (!ret)
		x->saved = changes;
	return ret;
}

static void fill_self(const struct export *x, struct metrics_self *self, bool running)
{
	struct rusage ru;

	*self = (struct metrics_self) { .version = MPATHTOP_VERSION, .running = running };
	if (!x->opts.interval_ns)
		return;
	getrusage(RUSAGE_SELF, &ru);
	self->live = true;
	self->now_real_ns = realtime_ns();
	self->now_ns = boottime_ns() + (__u64)x->delta_ns;
	self->start_real_ns = x->start_real_ns;
	self->interval_ns = x->opts.interval_ns;
	self->cpu_ns = (__u64)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * NS_PER_S +
		       (__u64)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) * 1000;
	self->write_errors = x->errors;
	if (x->opts.stats)
		self->stats = x->opts.stats(x->opts.ctx, self->now_ns);
}

/*
 * The state goes first: after a crash in between counters are ahead of what was
 * shown, never behind it.
 */
static int write_files(struct export *x, bool running)
{
	struct metrics_self self;
	int err, ret;
	FILE *out;

	if (!running)
		metrics_end(x->metrics);
	err = save_state(x);
	if (err == -ENOMEM)
		return err;
	fill_self(x, &self, running);
	ret = textfile_begin(x->text.file, &out);
	if (!ret) {
		ret = metrics_write(x->metrics, &self, out);
		if (ret)
			textfile_cancel(x->text.file);
		else
			ret = textfile_end(x->text.file);
		if (ret == -ENOMEM)
			return ret;
	}
	ret = tell(x, &x->text, ret);
	return ret ? ret : err;
}

/* ---- when ---- */

static void set_timer(struct export *x, __u64 due_ns)
{
	struct itimerspec it = {
		.it_value.tv_sec = (time_t)(due_ns / NS_PER_S),
		.it_value.tv_nsec = (long)(due_ns % NS_PER_S),
	};

	if (x->due_ns && x->due_ns <= due_ns)
		return;
	timerfd_settime(x->timer_fd, TFD_TIMER_ABSTIME, &it, NULL);
	x->due_ns = due_ns;
}

/* Soon, but with a gap to the last time. */
static void write_soon(struct export *x)
{
	__u64 gap = GAP_FACTOR * x->cost_ns, due = boottime_ns() + SETTLE_NS;

	gap = gap > GAP_NS ? gap : GAP_NS;
	if (x->written_ns && x->written_ns + gap > due)
		due = x->written_ns + gap;
	set_timer(x, due);
}

static int on_record_after(void *ctx, const struct model *m, const struct record *rec)
{
	struct export *x = ctx;

	(void)m;
	(void)rec;
	if (x->opts.interval_ns && metrics_changes(x->metrics) != x->written)
		write_soon(x);
	return 0;
}

int export_open(struct export *x, struct model *m, const struct export_opts *opts)
{
	const struct model_listener listener = { .record_after = on_record_after, .ctx = x };
	int err;

	x->m = m;
	x->opts = *opts;
	x->start_real_ns = realtime_ns();
	err = new_metrics(x);
	if (!err)
		err = try_textfile(x);
	if (!err)
		err = load_state(x);
	if (!err)	/* after the metrics, which know then what changed */
		err = model_listen(m, &listener);
	if (err == -ENOMEM)
		say(SAY_ERROR, "nvme-mpathtop collect: %s", strerror(ENOMEM));
	return err;
}

void export_records_lost(struct export *x, __u64 records)
{
	metrics_records_lost(x->metrics, records);
}

int export_poll(struct export *x)
{
	__u64 expired, now;

	if (read(x->timer_fd, &expired, sizeof(expired)) != sizeof(expired))
		return 0;
	x->due_ns = 0;
	now = boottime_ns();
	x->written = metrics_changes(x->metrics);
	if (write_files(x, true) == -ENOMEM)
		return -ENOMEM;
	x->written_ns = boottime_ns();
	x->cost_ns = x->written_ns - now;
	set_timer(x, now + x->opts.interval_ns);
	return 0;
}

int export_finish(struct export *x)
{
	return write_files(x, false);
}
