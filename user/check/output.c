// SPDX-License-Identifier: GPL-2.0-only
/* What check found, for people and for programs. */
#include "base/format.h"
#include "base/json.h"
#include "base/stream.h"
#include "check/output.h"

#define CHECK_SCHEMA	"nvme-mpathtop-check/1"
#define WIDTH		100
#define INDENT		9

/* A long text in lines, the first after what stands there already. */
static void put_wrapped(FILE *out, const char *text)
{
	size_t column = INDENT, len;

	while (*text) {
		text += *text == ' ';
		for (len = 0; text[len] && text[len] != ' '; len++)
			;
		if (column > INDENT && column + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)len, text);
		column += len;
		text += len;
	}
	fputc('\n', out);
}

static void count(const struct check *c, unsigned int n[CHECK_SEVERITIES])
{
	const struct check_finding *f;
	size_t i;

	for (i = 0; i < CHECK_SEVERITIES; i++)
		n[i] = 0;
	for (i = 0; (f = check_finding(c, i)); i++)
		n[f->severity]++;
}

static void put_finding(FILE *out, const struct check_finding *f)
{
	char text[1000];

	fprintf(out, "\n%-8s %s%s%s\n%*s", check_severity_name(f->severity), f->object,
		*f->object ? "  " : "", f->rule, INDENT, "");
	put_wrapped(out, f->what);
	snprintf(text, sizeof(text), "do: %s", f->advice);
	fprintf(out, "%*s", INDENT, "");
	put_wrapped(out, text);
}

int check_view_text(FILE *out, const struct check *c, const struct check_of *of)
{
	const struct check_finding *f;
	unsigned int n[CHECK_SEVERITIES];
	char name[1024], host[96], kernel[96];
	const char *text;
	size_t i;

	count(c, n);
	if (*of->name)
		fprintf(out, "%-8s %s\n", of->kind, fmt_text(name, sizeof(name), of->name));
	fprintf(out, "host     %s, kernel %s\n",
		*of->host ? fmt_text(host, sizeof(host), of->host) : "-",
		*of->kernel ? fmt_text(kernel, sizeof(kernel), of->kernel) : "-");
	fprintf(out, "found    %u error%s, %u warning%s, %u note%s\n", n[CHECK_ERROR],
		n[CHECK_ERROR] == 1 ? "" : "s", n[CHECK_WARNING], n[CHECK_WARNING] == 1 ? "" : "s",
		n[CHECK_NOTE], n[CHECK_NOTE] == 1 ? "" : "s");
	for (i = 0; (text = check_skipped(c, i)); i++)
		fprintf(out, "%-8s %s\n", i ? "" : "skipped", text);
	for (i = 0; (f = check_finding(c, i)); i++)
		put_finding(out, f);
	return stream_status(out);
}

struct json_object *check_view_json(const struct check *c, const struct check_of *of)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array(), *one;
	const struct check_finding *f;
	unsigned int n[CHECK_SEVERITIES];
	const char *text;
	size_t i;

	count(c, n);
	json_add_text(o, "schema", CHECK_SCHEMA);
	json_add_text(o, "kind", of->kind);
	json_add_text(o, "name", of->name);
	json_add_text(o, "host", of->host);
	json_add_text(o, "kernel", of->kernel);
	json_add_count(o, "errors", n[CHECK_ERROR]);
	json_add_count(o, "warnings", n[CHECK_WARNING]);
	json_add_count(o, "notes", n[CHECK_NOTE]);
	for (i = 0; (f = check_finding(c, i)); i++) {
		one = json_object_new_object();
		json_add_text(one, "rule", f->rule);
		json_add_text(one, "severity", check_severity_name(f->severity));
		json_add_text(one, "object", f->object);
		json_add_text(one, "what", f->what);
		json_add_text(one, "do", f->advice);
		json_object_array_add(list, one);
	}
	json_add(o, "findings", list);
	list = json_object_new_array();
	for (i = 0; (text = check_skipped(c, i)); i++)
		json_object_array_add(list, json_object_new_string(text));
	json_add(o, "skipped", list);
	return o;
}
