/* SPDX-License-Identifier: GPL-2.0-only */
/* What check found, for people and for programs. */
#ifndef CHECK_OUTPUT_H
#define CHECK_OUTPUT_H

#include <stdio.h>
#include <json-c/json.h>

#include "check/check.h"

/**
 * struct check_of - what was looked at
 * @kind:	"host", "bundle", "tree", "record"
 * @name:	its path; "" for the running host
 * @host:	its name, as kernel; "": not known
 */
struct check_of {
	const char	*kind, *name, *host, *kernel;
};

/* 0 or -EIO */
int check_view_text(FILE *out, const struct check *c, const struct check_of *of);

/* To be released with json_object_put() or json_write(). */
struct json_object *check_view_json(const struct check *c, const struct check_of *of);

#endif /* CHECK_OUTPUT_H */
