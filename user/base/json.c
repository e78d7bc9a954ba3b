// SPDX-License-Identifier: GPL-2.0-only
/* Small helpers on json-c: values that may be unknown, and untrusted texts. */
#include <errno.h>

#include "base/format.h"
#include "base/json.h"
#include "base/stream.h"

void json_add(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add(o, key, value);
}

void json_add_count(struct json_object *o, const char *key, __u64 value)
{
	json_add(o, key, json_object_new_uint64(value));
}

void json_add_int(struct json_object *o, const char *key, __s64 value, bool known)
{
	json_add(o, key, known ? json_object_new_int64(value) : NULL);
}

void json_add_bool(struct json_object *o, const char *key, bool value)
{
	json_add(o, key, json_object_new_boolean(value));
}

/* Length of the UTF-8 sequence at p, 0 if it is none (overlong, surrogate, too large). */
static size_t utf8_len(const unsigned char *p)
{
	size_t len = p[0] < 0x80		 ? 1 :
		     p[0] >= 0xc2 && p[0] < 0xe0 ? 2 :
		     p[0] >= 0xe0 && p[0] < 0xf0 ? 3 :
		     p[0] >= 0xf0 && p[0] < 0xf5 ? 4 :
						   0;
	size_t i;

	for (i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

static bool is_utf8(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t len;

	for (; *p; p += len) {
		len = utf8_len(p);
		if (!len)
			return false;
	}
	return true;
}

void json_add_text(struct json_object *o, const char *key, const char *text)
{
	char escaped[2048];

	if (!*text)
		json_add(o, key, NULL);
	else if (is_utf8(text))
		json_add(o, key, json_object_new_string(text));
	else
		json_add(o, key, json_object_new_string(fmt_text(escaped, sizeof(escaped), text)));
}

static struct json_object *new_seconds(__s64 ns)
{
	__u64 abs = ns < 0 ? 0 - (__u64)ns : (__u64)ns;
	char text[40];

	snprintf(text, sizeof(text), "%s%llu.%09llu", ns < 0 ? "-" : "",
		 (unsigned long long)(abs / 1000000000), (unsigned long long)(abs % 1000000000));
	return json_object_new_double_s((double)ns / 1e9, text);
}

void json_add_seconds(struct json_object *o, const char *key, __s64 ns, bool known)
{
	json_add(o, key, known ? new_seconds(ns) : NULL);
}

int json_write(FILE *out, struct json_object *o, int flags)
{
	const char *text = o ? json_object_to_json_string_ext(o, flags) : NULL;

	if (!text) {
		json_object_put(o);
		return -ENOMEM;
	}
	fputs(text, out);
	fputc('\n', out);
	json_object_put(o);
	return stream_status(out);
}
