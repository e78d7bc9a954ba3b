/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report for programs. Keys are always there and in the same order, a
 * value that is not known is null. Times are {"time": RFC 3339, "boot_ns": N},
 * durations are seconds.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <stdio.h>
#include <json-c/json.h>

#include "report/report.h"

#define VIEW_REPORT_SCHEMA "nvme-mpathtop-report/2"

/* A window as an object, to be released with json_object_put(); NULL: no memory. */
struct json_object *view_json_window(const struct model_window *w);

/* Add what is damaged in an input, the @input-th, as objects; none without a reader. */
void view_json_damage(struct json_object *a, const struct view_input *in, size_t input);

/* The whole report as one object on @out. As view_text_report(). */
int view_json_report(FILE *out, const struct view_input *in, size_t nr, const struct view_opts *vo);

#endif /* REPORT_JSON_H */
