/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the model as JSON. What is not known is null. */
#ifndef REPORT_JSON_MODEL_H
#define REPORT_JSON_MODEL_H

#include <json-c/json.h>
#include <linux/types.h>

#include "model/types.h"

/* Under @key {"time": RFC 3339 or null, "boot_ns": N} of the clock of @s, or null for MODEL_NONE */
void json_add_time(struct json_object *o, const char *key, const struct model_session *s,
		   __u64 boot_ns);

/* A counter snapshot with stall quantiles, to be released; NULL for NULL. */
struct json_object *json_counters(const struct model_outage *out);

#endif /* REPORT_JSON_MODEL_H */
