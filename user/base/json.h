/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small helpers on json-c: values that may be unknown, and untrusted texts. A
 * key is always added; what is not known is null. Memory: json-c gives NULL
 * when there is none, which shows as null too.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdio.h>
#include <json-c/json.h>
#include <linux/types.h>

void json_add(struct json_object *o, const char *key, struct json_object *value);
void json_add_count(struct json_object *o, const char *key, __u64 value);
void json_add_int(struct json_object *o, const char *key, __s64 value, bool known);
void json_add_bool(struct json_object *o, const char *key, bool value);

/* Valid UTF-8 as it is, anything else with \xNN for what is no ASCII. "" is null. */
void json_add_text(struct json_object *o, const char *key, const char *text);

/* Exact seconds with nine decimals. */
void json_add_seconds(struct json_object *o, const char *key, __s64 ns, bool known);

/* Write and release an object; @flags as for json_object_to_json_string_ext(). 0 or -errno. */
int json_write(FILE *out, struct json_object *o, int flags);

#endif /* BASE_JSON_H */
