// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters as bytes: a header with a CRC, then fields {u16 tag, u16 length, bytes}, little
 * endian, without padding. A tag below TAG_FIELDS (length 0) begins an element, the fields after
 * it are its own; the fields before the first one are of all. What is 0 or empty is left out.
 *
 * So a state goes from one version of the tool to another, in both directions: what an earlier
 * one left out is 0, and a tag that is not known is kept and saved again as it is, a whole
 * element of an unknown kind as well. VERSION changes only if this sentence is no longer true.
 *
 * Tags from TAG_FAMILIES on are those of metrics/families.c: one for each number, so a label gets a
 * further value without a loss. A histogram has one tag, and its buckets have their edges with
 * them: the values of an edge that is no longer there count to the next one above it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/crc32c.h"
#include "metrics/families.h"

#define MAGIC		"NVMEMPS\n"	/* 8 bytes, no NUL */
#define VERSION		5

struct header {
	char	magic[8];
	__u32	version;
	__u32	crc;		/* CRC32C of all of it, with this 0 */
};

/* Elements. TOTALS is before the first tag, FOREIGN an element of an unknown kind. */
enum kind { TOTALS, COUNTS, SNAPSHOT, COUNTED, KINDS, FOREIGN = KINDS };

#define TAG_FIELDS	16
#define TAG_FAMILIES	256

struct element {
	enum kind			kind;
	union {
		struct metrics_totals	totals;
		struct metrics_counts	counts;
		struct metrics_snapshot	snapshot;
		struct metrics_counted	counted;
	};
};

/* ---- fields that are no metrics ---- */

struct field {
	__u16	tag;
	__u8	kind;
	bool	text;		/* else a number of that size */
	__u16	offset, size;
};

#define FIELD(tag, kind, text, type, member) \
	{ \
		(tag), (kind), (text), offsetof(struct type, member), \
			sizeof(((struct type *)0)->member) \
	}
#define NUMBER(tag, kind, type, member)	FIELD(tag, kind, false, type, member)
#define TEXT(tag, kind, type, member)	FIELD(tag, kind, true, type, member)

/* A tag is never used again. */
static const struct field fields[] = {
	NUMBER(16, TOTALS, metrics_totals, attachment),
	NUMBER(17, TOTALS, metrics_totals, since_real_ns),
	NUMBER(18, TOTALS, metrics_totals, changed),
	TEXT(19, TOTALS, metrics_totals, boot_id),
	TEXT(32, COUNTS, metrics_counts, device),
	NUMBER(33, COUNTS, metrics_counts, subsys),
	NUMBER(34, COUNTS, metrics_counts, open),
	NUMBER(35, COUNTS, metrics_counts, changed),
	NUMBER(48, SNAPSHOT, metrics_snapshot, head_id),
	NUMBER(49, SNAPSHOT, metrics_snapshot, outage),
	TEXT(50, SNAPSHOT, metrics_snapshot, device),
	NUMBER(51, SNAPSHOT, metrics_snapshot, subsys),
	NUMBER(52, SNAPSHOT, metrics_snapshot, drained_ns),
	NUMBER(64, COUNTED, metrics_counted, head_id),
	NUMBER(65, COUNTED, metrics_counted, number),
	NUMBER(66, COUNTED, metrics_counted, not_armed),
};

/* Where an element of that kind has the field of a family; NULL: it has none. */
static void *family_at(enum kind kind, void *element, const struct metrics_family *f)
{
	const size_t bios = offsetof(struct metrics_counts, bios);

	if (!f->tag)
		return NULL;
	if (f->of == METRICS_OF_COLLECTOR)
		return kind == TOTALS ? (char *)element + f->offset : NULL;
	if (kind == COUNTS)
		return (char *)element + f->offset;
	if (kind == SNAPSHOT && f->offset >= bios && f->offset < bios + sizeof(struct metrics_bios))
		return (char *)&((struct metrics_snapshot *)element)->bios + (f->offset - bios);
	return NULL;
}

static struct metrics_kept *kept_of(struct element *e)
{
	switch (e->kind) {
	case TOTALS:
		return &e->totals.kept;
	case COUNTS:
		return &e->counts.kept;
	case SNAPSHOT:
		return &e->snapshot.kept;
	case COUNTED:
		return &e->counted.kept;
	default:
		return NULL;
	}
}

/* ---- saving ---- */

/* Bytes at the end; no memory: x->err is set. */
static void append(struct metrics *x, struct metrics_bytes *b, const void *bytes, size_t len)
{
	size_t room = b->room ? b->room : 4096;
	char *more;

	while (room - b->len < len)
		room *= 2;
	if (room != b->room) {
		more = realloc(b->p, room);
		if (!more) {
			x->err = -ENOMEM;
			return;
		}
		b->p = more;
		b->room = room;
	}
	if (len)
		memcpy(b->p + b->len, bytes, len);
	b->len += len;
}

static void put_field(struct metrics *x, struct metrics_bytes *b, __u16 tag, const void *bytes,
		      __u16 len)
{
	const __u16 head[2] = { tag, len };

	append(x, b, head, sizeof(head));
	append(x, b, bytes, len);
}

static bool is_zero(const char *bytes, size_t len)
{
	while (len && !*bytes)
		bytes++, len--;
	return !len;
}

/* The sum, then edge and number of each bucket that holds something. */
static void put_histogram(struct metrics *x, struct metrics_bytes *b, __u16 tag,
			  const struct metrics_hist *h)
{
	__u64 values[1 + 2 * (METRICS_EDGES + 1)] = { h->sum_ns };
	size_t i, n = 1;

	for (i = 0; i <= METRICS_EDGES; i++) {
		if (!h->bucket[i])
			continue;
		values[n++] = i < METRICS_EDGES ? metrics_edges[i].ns : ~0ULL;
		values[n++] = h->bucket[i];
	}
	if (n > 1 || h->sum_ns)
		put_field(x, b, tag, values, (__u16)(n * sizeof(*values)));
}

static void put_family(struct metrics *x, struct metrics_bytes *b, const struct metrics_family *f,
		       const void *at)
{
	size_t i, nr = metrics_family_numbers(f);
	const __u64 *numbers = at;

	if (f->kind == METRICS_HISTOGRAM) {
		put_histogram(x, b, f->tag, at);
		return;
	}
	for (i = 0; i < nr; i++)
		if (numbers[i])
			put_field(x, b, (__u16)(f->tag + i), &numbers[i], sizeof(*numbers));
}

static void put_element(struct metrics *x, struct metrics_bytes *b, enum kind kind, void *element,
			const struct metrics_kept *kept)
{
	const struct metrics_family *f;
	size_t i;

	if (kind != TOTALS)
		put_field(x, b, (__u16)kind, NULL, 0);
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *at = (const char *)element + fields[i].offset;
		size_t size = fields[i].size;

		if (fields[i].kind != kind)
			continue;
		if (fields[i].text)
			size = strnlen(at, size);
		if (!is_zero(at, size))
			put_field(x, b, fields[i].tag, at, (__u16)size);
	}
	for (f = metrics_families; f->name; f++) {
		const void *at = family_at(kind, element, f);

		if (at)
			put_family(x, b, f, at);
	}
	if (kept->len)
		append(x, b, x->kept.p + kept->at, kept->len);
}

/* The windows that are open now. */
static void find_open(struct metrics *x)
{
	const struct model_head *h;
	struct metrics_entry *e;
	size_t i;

	for (i = 0; i < x->nr_entries; i++)
		x->entries[i]->open = 0;
	for (i = 0; (h = model_head(x->m, i)); i++) {
		if (!h->window || h->window->outcome != MODEL_PENDING)
			continue;
		e = metrics_entry_get(x, h->window->name, h->subsys);
		if (e)
			e->open++;
	}
}

static void put_all(struct metrics *x, struct metrics_bytes *b)
{
	struct metrics_totals t = x->t;
	struct metrics_counts c;
	size_t i;

	t.events_lost += model_events_lost(x->m);
	put_element(x, b, TOTALS, &t, &t.kept);
	for (i = 0; i < x->nr_entries; i++) {
		c = x->entries[i]->c;
		c.open += x->entries[i]->open;
		put_element(x, b, COUNTS, &c, &c.kept);
	}
	for (i = 0; i < x->nr_last_snapshots; i++)
		put_element(x, b, SNAPSHOT, &x->last_snapshots[i], &x->last_snapshots[i].kept);
	for (i = 0; i < x->nr_counted_up_to; i++)
		put_element(x, b, COUNTED, &x->counted_up_to[i], &x->counted_up_to[i].kept);
	append(x, b, x->foreign.p, x->foreign.len);
}

int metrics_save(struct metrics *x, void **buf, size_t *len)
{
	struct header h = { .magic = MAGIC, .version = VERSION };
	struct metrics_bytes b = {};

	metrics_flush(x, false);
	find_open(x);
	append(x, &b, &h, sizeof(h));
	put_all(x, &b);
	if (x->err) {
		free(b.p);
		return -ENOMEM;
	}
	h.crc = crc32c(0, b.p, b.len);
	memcpy(b.p, &h, sizeof(h));
	*buf = b.p;
	*len = b.len;
	return 0;
}

/* ---- loading ---- */

/* A field as it is in the file. */
struct raw {
	__u16		tag, len;
	const char	*bytes;
};

static int set_field(struct element *e, const struct field *f, const struct raw *raw)
{
	char *at = (char *)&e->totals + f->offset;

	if (f->text ? raw->len >= f->size || memchr(raw->bytes, '\0', raw->len) :
		      raw->len != f->size)
		return -EBADMSG;
	memset(at, 0, f->size);
	memcpy(at, raw->bytes, raw->len);
	return 0;
}

static int set_histogram(struct metrics_hist *h, const struct raw *raw)
{
	const size_t pair = 2 * sizeof(__u64);
	size_t at = sizeof(h->sum_ns);
	__u64 edge, number;

	if (raw->len < at || (raw->len - at) % pair)
		return -EBADMSG;
	memset(h, 0, sizeof(*h));
	memcpy(&h->sum_ns, raw->bytes, at);
	for (; at < raw->len; at += pair) {
		memcpy(&edge, raw->bytes + at, sizeof(edge));
		memcpy(&number, raw->bytes + at + sizeof(edge), sizeof(number));
		*metrics_bucket(h, edge) += number;
	}
	return 0;
}

/* Returns 1 if it is not known. */
static int set_family(struct element *e, const struct raw *raw)
{
	const struct metrics_family *f;

	for (f = metrics_families; f->name; f++) {
		char *at = family_at(e->kind, &e->totals, f);
		size_t i = (size_t)raw->tag - f->tag;

		if (!at || raw->tag < f->tag)
			continue;
		if (f->kind == METRICS_HISTOGRAM && !i)
			return set_histogram((struct metrics_hist *)at, raw);
		if (f->kind == METRICS_HISTOGRAM || i >= metrics_family_numbers(f))
			continue;
		if (raw->len != sizeof(__u64))
			return -EBADMSG;
		memcpy(at + i * sizeof(__u64), raw->bytes, raw->len);
		return 0;
	}
	return 1;
}

static void keep(struct metrics *x, struct element *e, const struct raw *raw)
{
	struct metrics_kept *kept = kept_of(e);

	if (!kept) {
		put_field(x, &x->foreign, raw->tag, raw->bytes, raw->len);
		return;
	}
	if (!kept->len)
		kept->at = x->kept.len;
	put_field(x, &x->kept, raw->tag, raw->bytes, raw->len);
	kept->len = x->kept.len - kept->at;
}

/* The last one of a tag counts. */
static int take_field(struct metrics *x, struct element *e, const struct raw *raw)
{
	size_t i;
	int ret = 1;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].tag == raw->tag && fields[i].kind == e->kind)
			return set_field(e, &fields[i], raw);
	if (raw->tag >= TAG_FAMILIES && e->kind != FOREIGN)
		ret = set_family(e, raw);
	if (ret == 1)
		keep(x, e, raw);
	return ret < 0 ? ret : x->err;
}

/* All fields of it are there. */
static int take_element(struct metrics *x, const struct element *e)
{
	switch (e->kind) {
	case TOTALS:
		return metrics_restore_totals(x, &e->totals);
	case COUNTS:
		return metrics_restore_counts(x, &e->counts);
	case SNAPSHOT:
		return metrics_restore_snapshot(x, &e->snapshot);
	case COUNTED:
		return metrics_restore_counted(x, &e->counted);
	default:
		return 0;
	}
}

static int begin_element(struct metrics *x, struct element *e, const struct raw *raw)
{
	int err = take_element(x, e);

	if (err)
		return err;
	memset(e, 0, sizeof(*e));
	e->kind = raw->tag > TOTALS && raw->tag < KINDS ? (enum kind)raw->tag : FOREIGN;
	if (e->kind == FOREIGN)
		keep(x, e, raw);
	return x->err;
}

static int decode(struct metrics *x, const char *p, size_t len)
{
	struct element e = { .kind = TOTALS };
	struct raw raw;
	int err = 0;

	while (len && !err) {
		if (len < 4)
			return -EBADMSG;
		memcpy(&raw.tag, p, 2);
		memcpy(&raw.len, p + 2, 2);
		raw.bytes = p + 4;
		if (raw.len > len - 4)
			return -EBADMSG;
		err = raw.tag < TAG_FIELDS ? begin_element(x, &e, &raw) : take_field(x, &e, &raw);
		p += 4 + raw.len;
		len -= 4U + raw.len;
	}
	return err ? err : take_element(x, &e);
}

int metrics_load(struct metrics *x, const void *buf, size_t len)
{
	struct header h, zeroed;
	__u32 crc;

	if (len < sizeof(h))
		return -EBADMSG;
	memcpy(&h, buf, sizeof(h));
	if (memcmp(h.magic, MAGIC, sizeof(h.magic)))
		return -EBADMSG;
	zeroed = h;
	zeroed.crc = 0;
	crc = crc32c(0, &zeroed, sizeof(zeroed));
	crc = crc32c(crc, (const char *)buf + sizeof(h), len - sizeof(h));
	if (crc != h.crc)
		return -EBADMSG;
	if (h.version == 4)
		return metrics_load_4(x, buf, len);
	if (h.version != VERSION)
		return -EPROTONOSUPPORT;
	return decode(x, (const char *)buf + sizeof(h), len - sizeof(h));
}
