// SPDX-License-Identifier: GPL-2.0-only
/* The feed into a model, apart: tests of the record link none. */
#include "tests/unit/feed.h"

static int put_model(void *ctx, const struct record *rec)
{
	return model_feed(ctx, rec);
}

struct feed feed_model(struct model *m)
{
	return feed_to(put_model, m);
}
