/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the metrics start from: a model of its own, and the text as Prometheus reads
 * it.
 */
#ifndef METRICS_FIXTURE_H
#define METRICS_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "metrics/internal.h"
#include "tests/unit/feed.h"

#define LABELS	"device=\"nvme0n1\",subsystem=\"nvme-subsys0\""

static struct model *m;
static struct metrics *x;
static struct feed f;
static char *text;
static struct metrics_self self = { .version = "1.0" };

static void begin(void)
{
	m = model_new();
	assert_non_null(m);
	x = metrics_new(m);
	assert_non_null(x);
	f = feed_model(m);
}

static void end(void)
{
	metrics_free(x);
	model_free(m);
	x = NULL;
	m = NULL;
}

static int setup(void **state)
{
	(void)state;
	self = (struct metrics_self) { .version = "1.0" };
	begin();
	at(&f, 5);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	end();
	free(text);
	text = NULL;
	return 0;
}

static const char *write_text(void)
{
	size_t size;
	FILE *out;

	free(text);
	text = NULL;
	out = open_memstream(&text, &size);
	assert_int_equal(metrics_write(x, &self, out), 0);
	fclose(out);
	return text;
}

static void expect(const char *line)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "\nnvme_mpath_%s\n", line);
	if (!strstr(text, whole))
		fail_msg("no line \"%s\" in\n%s", line, text);
}

static void expect_no(const char *series)
{
	char whole[256];

	snprintf(whole, sizeof(whole), "\nnvme_mpath_%s", series);
	if (strstr(text, whole))
		fail_msg("\"%s\" is in\n%s", series, text);
}

#endif /* METRICS_FIXTURE_H */
