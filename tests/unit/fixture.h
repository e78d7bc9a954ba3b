/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the model start from: a head with two paths, fed into a fresh model. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "tests/unit/feed.h"

static struct model *m;
static struct feed f;

/* A model that knows nothing yet. */
static void setup_empty(void)
{
	m = model_new();
	assert_non_null(m);
	f = feed_model(m);
}

static __attribute__((unused)) int setup(void **state)
{
	(void)state;
	setup_empty();
	scene_two_paths(&f);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	model_free(m);
	return 0;
}

static __attribute__((unused)) const struct model_window *window(size_t i)
{
	const struct model_window *w = model_window(m, i);

	assert_non_null(w);
	return w;
}

#endif /* FIXTURE_H */
