// SPDX-License-Identifier: GPL-2.0-only
/*
 * The topology and its encoding: a stream of fields {u16 tag, u16 length,
 * bytes}, little endian, without padding. The tags SUBSYS, HEAD, PATH and CTRL
 * (length 0) begin an element, the fields after it are its own. What a field
 * holds by default (zero, empty, "none") is left out.
 */
#define _GNU_SOURCE	/* strverscmp */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "record/record.h"
#include "record/topology.h"

enum topo_kind { KIND_SUBSYS, KIND_HEAD, KIND_PATH, KIND_CTRL, KINDS, KIND_NONE = KINDS };

/* Tags 1..15 begin elements, 16.. are fields. A tag is never used again. */
#define TAG_BEGIN(kind)	((kind) + 1)

enum field_type { FIELD_TEXT, FIELD_NUMBER };

struct field {
	__u16		tag;
	__u8		kind;		/* enum topo_kind */
	__u8		type;		/* enum field_type */
	__u16		offset;
	__u16		size;
	__s64		none;		/* of numbers: the value that is left out */
};

#define FIELD(tag, kind, what, type, member, none) \
	{ \
		(tag), (kind), (what), offsetof(struct type, member), \
			sizeof(((struct type *)0)->member), (none) \
	}

static const struct field fields[] = {
	FIELD(16, KIND_SUBSYS, FIELD_NUMBER, topo_subsys, instance, 0),
	FIELD(17, KIND_SUBSYS, FIELD_TEXT, topo_subsys, nqn, 0),
	FIELD(18, KIND_SUBSYS, FIELD_TEXT, topo_subsys, model, 0),
	FIELD(19, KIND_SUBSYS, FIELD_TEXT, topo_subsys, serial, 0),
	FIELD(20, KIND_SUBSYS, FIELD_TEXT, topo_subsys, iopolicy, 0),
	FIELD(32, KIND_HEAD, FIELD_NUMBER, topo_head, subsys, 0),
	FIELD(33, KIND_HEAD, FIELD_NUMBER, topo_head, nsid, 0),
	FIELD(34, KIND_HEAD, FIELD_NUMBER, topo_head, setting_s, TOPO_NO_SETTING),
	FIELD(35, KIND_HEAD, FIELD_NUMBER, topo_head, bytes, 0),
	FIELD(36, KIND_HEAD, FIELD_TEXT, topo_head, name, 0),
	FIELD(37, KIND_HEAD, FIELD_TEXT, topo_head, uuid, 0),
	FIELD(38, KIND_HEAD, FIELD_TEXT, topo_head, wwid, 0),
	FIELD(48, KIND_PATH, FIELD_NUMBER, topo_path, ctrl, TOPO_NO_CTRL),
	FIELD(49, KIND_PATH, FIELD_TEXT, topo_path, head, 0),
	FIELD(50, KIND_PATH, FIELD_TEXT, topo_path, name, 0),
	FIELD(51, KIND_PATH, FIELD_TEXT, topo_path, transport, 0),
	FIELD(52, KIND_PATH, FIELD_TEXT, topo_path, address, 0),
	FIELD(53, KIND_PATH, FIELD_TEXT, topo_path, state, 0),
	FIELD(54, KIND_PATH, FIELD_TEXT, topo_path, ana, 0),
	FIELD(64, KIND_CTRL, FIELD_NUMBER, topo_ctrl, ctrl, TOPO_NO_CTRL),
	FIELD(65, KIND_CTRL, FIELD_NUMBER, topo_ctrl, subsys, TOPO_NO_SUBSYS),
	FIELD(66, KIND_CTRL, FIELD_NUMBER, topo_ctrl, queues, TOPO_NO_QUEUES),
	FIELD(67, KIND_CTRL, FIELD_NUMBER, topo_ctrl, disks, 0),
	FIELD(68, KIND_CTRL, FIELD_NUMBER, topo_ctrl, refused, 0),
	FIELD(69, KIND_CTRL, FIELD_NUMBER, topo_ctrl, refused_nsid, 0),
	FIELD(70, KIND_CTRL, FIELD_TEXT, topo_ctrl, type, 0),
	FIELD(71, KIND_CTRL, FIELD_TEXT, topo_ctrl, transport, 0),
	FIELD(72, KIND_CTRL, FIELD_TEXT, topo_ctrl, address, 0),
	FIELD(73, KIND_CTRL, FIELD_TEXT, topo_ctrl, state, 0),
};
#define NR_FIELDS	ARRAY_SIZE(fields)

struct topo *topo_new(void)
{
	return calloc(1, sizeof(struct topo));
}

void topo_free(struct topo *t)
{
	if (!t)
		return;
	free(t->subsys);
	free(t->ctrls);
	free(t->heads);
	free(t->paths);
	free(t);
}

/* Room for one more element at the end of an array that doubles. */
static void *grow(void **array, size_t *nr, size_t size)
{
	char *more;

	if (*nr >= TOPO_MAX)
		return NULL;
	more = array_more(*array, *nr, size);
	if (!more)
		return NULL;
	*array = more;
	more += (*nr)++ * size;
	return memset(more, 0, size);
}

#define GROW(array, nr)	grow((void **)&(array), &(nr), sizeof(*(array)))

struct topo_subsys *topo_add_subsys(struct topo *t, int instance)
{
	struct topo_subsys *s = GROW(t->subsys, t->nr_subsys);

	if (s)
		s->instance = instance;
	return s;
}

struct topo_ctrl *topo_add_ctrl(struct topo *t, int subsys, int ctrl)
{
	struct topo_ctrl *c = GROW(t->ctrls, t->nr_ctrls);

	if (c) {
		c->subsys = subsys;
		c->ctrl = ctrl;
		c->queues = TOPO_NO_QUEUES;
	}
	return c;
}

struct topo_head *topo_add_head(struct topo *t, int subsys, const char *name)
{
	struct topo_head *h = GROW(t->heads, t->nr_heads);

	if (h) {
		h->subsys = subsys;
		h->setting_s = TOPO_NO_SETTING;
		TOPO_TEXT(h->name, name);
	}
	return h;
}

struct topo_path *topo_add_path(struct topo *t, const char *head, const char *name)
{
	struct topo_path *p = GROW(t->paths, t->nr_paths);

	if (p) {
		p->ctrl = TOPO_NO_CTRL;
		TOPO_TEXT(p->head, head);
		TOPO_TEXT(p->name, name);
	}
	return p;
}

void topo_text(char *field, size_t size, const char *text)
{
	size_t len = text ? strnlen(text, size - 1) : 0;

	memset(field, 0, size);
	if (len)
		memcpy(field, text, len);
}

enum path_state topo_path_state(const struct topo_path *p)
{
	if (!*p->state)
		return PATH_UNKNOWN;
	if (strcmp(p->state, "live"))
		return PATH_UNUSABLE;
	if (!*p->ana || !strcmp(p->ana, "optimized"))
		return PATH_USABLE;
	return strcmp(p->ana, "non-optimized") ? PATH_UNUSABLE : PATH_NON_OPTIMIZED;
}

const struct topo_subsys *topo_find_subsys(const struct topo *t, int instance)
{
	size_t i;

	for (i = 0; i < t->nr_subsys; i++)
		if (t->subsys[i].instance == instance)
			return &t->subsys[i];
	return NULL;
}

const struct topo_ctrl *topo_find_ctrl(const struct topo *t, int ctrl)
{
	size_t i;

	/* most often they are numbered from 0, and sorted */
	if (ctrl >= 0 && (size_t)ctrl < t->nr_ctrls && t->ctrls[ctrl].ctrl == ctrl)
		return &t->ctrls[ctrl];
	for (i = 0; i < t->nr_ctrls; i++)
		if (t->ctrls[i].ctrl == ctrl)
			return &t->ctrls[i];
	return NULL;
}

const struct topo_head *topo_find_head(const struct topo *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->nr_heads; i++)
		if (!strcmp(t->heads[i].name, name))
			return &t->heads[i];
	return NULL;
}

static int compare_subsys(const void *a, const void *b)
{
	const struct topo_subsys *x = a, *y = b;

	return (x->instance > y->instance) - (x->instance < y->instance);
}

static int compare_ctrl(const void *a, const void *b)
{
	const struct topo_ctrl *x = a, *y = b;

	return (x->ctrl > y->ctrl) - (x->ctrl < y->ctrl);
}

static int compare_head(const void *a, const void *b)
{
	const struct topo_head *x = a, *y = b;

	return strverscmp(x->name, y->name);
}

static int compare_path(const void *a, const void *b)
{
	const struct topo_path *x = a, *y = b;
	int order = strverscmp(x->head, y->head);

	return order ? order : strverscmp(x->name, y->name);
}

void topo_sort(struct topo *t)
{
	if (t->nr_subsys)
		qsort(t->subsys, t->nr_subsys, sizeof(*t->subsys), compare_subsys);
	if (t->nr_ctrls)
		qsort(t->ctrls, t->nr_ctrls, sizeof(*t->ctrls), compare_ctrl);
	if (t->nr_heads)
		qsort(t->heads, t->nr_heads, sizeof(*t->heads), compare_head);
	if (t->nr_paths)
		qsort(t->paths, t->nr_paths, sizeof(*t->paths), compare_path);
}

/* Output that only counts while buf is NULL. */
struct out {
	char	*buf;
	size_t	len;
};

static void put_field(struct out *o, __u16 tag, const void *bytes, __u16 len)
{
	if (o->buf) {
		memcpy(o->buf + o->len, &tag, 2);
		memcpy(o->buf + o->len + 2, &len, 2);
		if (len)
			memcpy(o->buf + o->len + 4, bytes, len);
	}
	o->len += 4U + len;
}

/* Numbers are little endian with the size of the member, signed as it is. */
static __s64 get_number(const struct field *f, const void *at)
{
	__s64 wide = 0;
	__s32 narrow;

	if (f->size == sizeof(wide)) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

static void put_element(struct out *o, enum topo_kind kind, const void *element)
{
	size_t i;

	put_field(o, TAG_BEGIN(kind), NULL, 0);
	for (i = 0; i < NR_FIELDS; i++) {
		const struct field *f = &fields[i];
		const char *at = (const char *)element + f->offset;
		__s64 number;

		if (f->kind != kind)
			continue;
		if (f->type == FIELD_TEXT) {
			if (*at)
				put_field(o, f->tag, at, (__u16)strnlen(at, f->size - 1U));
			continue;
		}
		number = get_number(f, at);
		if (number != f->none)
			put_field(o, f->tag, &number, f->size);
	}
}

static void put_topo(struct out *o, const struct topo *t)
{
	size_t i;

	for (i = 0; i < t->nr_subsys; i++)
		put_element(o, KIND_SUBSYS, &t->subsys[i]);
	for (i = 0; i < t->nr_heads; i++)
		put_element(o, KIND_HEAD, &t->heads[i]);
	for (i = 0; i < t->nr_paths; i++)
		put_element(o, KIND_PATH, &t->paths[i]);
	for (i = 0; i < t->nr_ctrls; i++)
		put_element(o, KIND_CTRL, &t->ctrls[i]);
}

int topo_encode(const struct topo *t, void **buf, size_t *len)
{
	struct out o = { NULL, 0 };

	put_topo(&o, t);
	if (o.len > RECORD_MAX_LEN)
		return -E2BIG;
	o.buf = malloc(o.len ? o.len : 1);
	if (!o.buf)
		return -ENOMEM;
	o.len = 0;
	put_topo(&o, t);
	*buf = o.buf;
	*len = o.len;
	return 0;
}

static void *begin_element(struct topo *t, enum topo_kind kind)
{
	switch (kind) {
	case KIND_SUBSYS:
		return topo_add_subsys(t, 0);
	case KIND_HEAD:
		return topo_add_head(t, 0, "");
	case KIND_PATH:
		return topo_add_path(t, "", "");
	case KIND_CTRL:
		return topo_add_ctrl(t, TOPO_NO_SUBSYS, TOPO_NO_CTRL);
	default:
		return NULL;
	}
}

/* Store a field of an element. A text that is too long or holds a NUL is no topology. */
static int set_field(void *element, const struct field *f, const char *bytes, size_t len)
{
	char *at = (char *)element + f->offset;

	if (f->type == FIELD_NUMBER) {
		if (len != f->size)
			return -EBADMSG;
		memcpy(at, bytes, len);
		return 0;
	}
	if (len >= f->size || memchr(bytes, '\0', len))
		return -EBADMSG;
	memset(at, 0, f->size);
	memcpy(at, bytes, len);
	return 0;
}

static int decode(struct topo *t, const char *p, size_t len)
{
	enum topo_kind kind = KIND_NONE;
	void *element = NULL;
	int err = 0;
	size_t i;

	while (len && !err) {
		__u16 tag, size;

		if (len < 4)
			return -EBADMSG;
		memcpy(&tag, p, 2);
		memcpy(&size, p + 2, 2);
		p += 4;
		len -= 4;
		if (size > len)
			return -EBADMSG;
		if (tag >= TAG_BEGIN(0) && tag < TAG_BEGIN(KINDS)) {
			kind = (enum topo_kind)(tag - TAG_BEGIN(0));
			element = begin_element(t, kind);
			if (!element)
				return -ENOMEM;
		} else if (tag < 16) {
			/* an element of a kind we do not know: its fields are not ours */
			kind = KIND_NONE;
		}
		for (i = 0; kind != KIND_NONE && i < NR_FIELDS; i++)
			if (fields[i].tag == tag && fields[i].kind == kind)
				err = set_field(element, &fields[i], p, size);
		p += size;
		len -= size;
	}
	return err;
}

int topo_decode(const void *buf, size_t len, struct topo **out)
{
	struct topo *t = topo_new();
	int err;

	if (!t)
		return -ENOMEM;
	err = decode(t, buf, len);
	if (err) {
		topo_free(t);
		return err;
	}
	*out = t;
	return 0;
}
