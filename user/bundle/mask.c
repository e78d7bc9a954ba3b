// SPDX-License-Identifier: GPL-2.0-only
/* Names that are not to leave the house, and what stands in for them. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "bundle/mask.h"

#define WHOLE_BELOW	6		/* shorter texts may be a part of anything */

struct secret {
	char		*text;
	size_t		len;
	bool		whole;		/* only as a word of its own */
	char		token[24];
};

struct mask {
	struct secret	*secrets;	/* longest first, so that no part of one is taken alone */
	size_t		nr;
	unsigned int	count[MASK_KINDS];
	bool		first[256];	/* bytes that a secret begins with */
};

struct mask *mask_new(void)
{
	return calloc(1, sizeof(struct mask));
}

void mask_free(struct mask *m)
{
	size_t i;

	if (!m)
		return;
	for (i = 0; i < m->nr; i++)
		free(m->secrets[i].text);
	free(m->secrets);
	free(m);
}

static const struct secret *find(const struct mask *m, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < m->nr; i++)
		if (m->secrets[i].len == len && !memcmp(m->secrets[i].text, text, len))
			return &m->secrets[i];
	return NULL;
}

static int insert(struct mask *m, const char *text, size_t len, bool whole, const char *token)
{
	struct secret *more = array_more(m->secrets, m->nr, sizeof(*more)), *s;
	char *copy = malloc(len + 1);
	size_t i = m->nr;

	if (more)
		m->secrets = more;
	if (!more || !copy) {
		free(copy);
		return -ENOMEM;
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	while (i && more[i - 1].len < len)
		i--;
	s = &more[i];
	memmove(s + 1, s, (m->nr++ - i) * sizeof(*s));
	*s = (struct secret) { .text = copy, .len = len, .whole = whole };
	snprintf(s->token, sizeof(s->token), "%s", token);
	m->first[(unsigned char)*text] = true;
	return 0;
}

/* "nvme.8086-5048...-..." in a wwid: two digits for each character of the serial number. */
static int insert_hex(struct mask *m, const char *text, size_t len, const char *token)
{
	char hex[2 * 64 + 1];
	size_t i;

	if (len < 3 || len > 64)
		return 0;
	for (i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", (unsigned char)text[i]);
	return insert(m, hex, 2 * len, false, token);
}

int mask_add(struct mask *m, enum mask_kind kind, const char *text)
{
	static const char *const names[MASK_KINDS] = {
		[MASK_HOST] = "host", [MASK_SERIAL] = "serial", [MASK_HOSTNQN] = "hostnqn",
		[MASK_HOSTID] = "hostid", [MASK_ADDRESS] = "address",
	};
	size_t len, first;
	char token[24];
	int err;

	text += strspn(text, " \t\n");
	for (len = strlen(text); len && strchr(" \t\n", text[len - 1]); len--)
		;
	if (!len || find(m, text, len))
		return 0;
	snprintf(token, sizeof(token), "%s-%u", names[kind], ++m->count[kind]);
	err = insert(m, text, len, kind == MASK_HOST || kind == MASK_ADDRESS || len < WHOLE_BELOW,
		     token);
	if (!err && kind == MASK_SERIAL)
		err = insert_hex(m, text, len, token);
	/* "db1.example.com" is "db1" in many a place; an address is not */
	first = strcspn(text, ".");
	if (!err && kind == MASK_HOST && first && first < len && !find(m, text, first) &&
	    strspn(text, "0123456789") < first)
		err = insert(m, text, first, true, token);
	return err;
}

int mask_add_addresses(struct mask *m, const char *address)
{
	static const char *const keys[] = { "traddr=", "host_traddr=", "src_addr=" };
	char value[256];
	size_t i, len;
	int err = 0;

	while (*address && !err) {
		len = strcspn(address, ",");
		for (i = 0; i < ARRAY_SIZE(keys); i++) {
			size_t key = strlen(keys[i]);

			if (len <= key || len - key >= sizeof(value) ||
			    strncmp(address, keys[i], key))
				continue;
			snprintf(value, sizeof(value), "%.*s", (int)(len - key), address + key);
			err = mask_add(m, MASK_ADDRESS, value);
		}
		address += len;
		address += *address == ',';
	}
	return err;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static const struct secret *secret_at(const struct mask *m, const char *text, size_t len, size_t at)
{
	size_t i;

	if (!m->first[(unsigned char)text[at]])
		return NULL;
	for (i = 0; i < m->nr; i++) {
		const struct secret *s = &m->secrets[i];

		if (s->len > len - at || memcmp(s->text, text + at, s->len))
			continue;
		if (s->whole && ((at && is_word(text[at - 1])) ||
				 (at + s->len < len && is_word(text[at + s->len]))))
			continue;
		return s;
	}
	return NULL;
}

void mask_put(const struct mask *m, FILE *out, const char *text, size_t len)
{
	const struct secret *s;
	size_t i = 0, from = 0;

	while (i < len) {
		s = secret_at(m, text, len, i);
		if (!s) {
			i++;
			continue;
		}
		fwrite(text + from, 1, i - from, out);
		fputs(s->token, out);
		i += s->len;
		from = i;
	}
	fwrite(text + from, 1, len - from, out);
}

int mask_field(const struct mask *m, char *field, size_t size)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (!*field)
		return 0;
	out = open_memstream(&text, &len);
	if (!out)
		return -ENOMEM;
	mask_put(m, out, field, strnlen(field, size));
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	topo_text(field, size, text);
	free(text);
	return 0;
}

int mask_add_topo(struct mask *m, const struct topo *t)
{
	int err = 0;
	size_t i;

	for (i = 0; i < t->nr_subsys && !err; i++)
		err = mask_add(m, MASK_SERIAL, t->subsys[i].serial);
	for (i = 0; i < t->nr_paths && !err; i++)
		err = mask_add_addresses(m, t->paths[i].address);
	for (i = 0; i < t->nr_ctrls && !err; i++)
		err = mask_add_addresses(m, t->ctrls[i].address);
	return err;
}

int mask_topo(const struct mask *m, struct topo *t)
{
	int err = 0;
	size_t i;

	for (i = 0; i < t->nr_subsys && !err; i++) {
		err = mask_field(m, t->subsys[i].nqn, sizeof(t->subsys[i].nqn));
		err = err ? err : mask_field(m, t->subsys[i].serial, sizeof(t->subsys[i].serial));
		err = err ? err : mask_field(m, t->subsys[i].model, sizeof(t->subsys[i].model));
	}
	for (i = 0; i < t->nr_heads && !err; i++)
		err = mask_field(m, t->heads[i].wwid, sizeof(t->heads[i].wwid));
	for (i = 0; i < t->nr_paths && !err; i++)
		err = mask_field(m, t->paths[i].address, sizeof(t->paths[i].address));
	for (i = 0; i < t->nr_ctrls && !err; i++)
		err = mask_field(m, t->ctrls[i].address, sizeof(t->ctrls[i].address));
	return err;
}
