// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a recording for the benches: heads DIR HEADS PATHS SECONDS. Names and addresses are as
 * long as those of real arrays. Ten times a second a path of some head goes or comes back; every
 * 16th head has lost all its paths and waits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/writer.h"
#include "tests/unit/feed.h"

static int put_file(void *ctx, const struct record *rec)
{
	return record_writer_put(ctx, rec);
}

static int put_topology_of(struct feed *f, int heads, int paths)
{
	struct topo *t = topo_new();
	char head[32], path[32], text[128];
	void *buf;
	size_t len;
	int i, k;

	for (i = 0; t && i < heads; i++) {
		struct topo_subsys *s = topo_add_subsys(t, i);
		struct topo_head *h;

		snprintf(head, sizeof(head), "nvme%dn1", i);
		h = s ? topo_add_head(t, i, head) : NULL;
		if (!h)
			return 1;
		snprintf(text, sizeof(text),
			 "nqn.2014-08.org.nvmexpress:uuid:6f1d2c3b-5a49-4e8f-9d70-%012d", i);
		TOPO_TEXT(s->nqn, text);
		TOPO_TEXT(s->model, "An Array With A Name Of Forty Characters");
		snprintf(text, sizeof(text), "SERIAL%014d", i);
		TOPO_TEXT(s->serial, text);
		snprintf(text, sizeof(text), "6f1d2c3b-5a49-4e8f-9d70-%012d", i);
		TOPO_TEXT(h->uuid, text);
		snprintf(text, sizeof(text), "uuid.6f1d2c3b-5a49-4e8f-9d70-%012d", i);
		TOPO_TEXT(h->wwid, text);
		h->nsid = 1;
		h->setting_s = 600;
		for (k = 0; k < paths; k++) {
			struct topo_path *p;

			snprintf(path, sizeof(path), "nvme%dc%dn1", i, i * paths + k);
			p = topo_add_path(t, head, path);
			if (!p)
				return 1;
			p->ctrl = i * paths + k;
			TOPO_TEXT(p->transport, "tcp");
			snprintf(text, sizeof(text),
				 "traddr=198.51.100.%d,trsvcid=4420,src_addr=203.0.113.%d", k, k);
			TOPO_TEXT(p->address, text);
			TOPO_TEXT(p->state, "live");
		}
	}
	if (!t || topo_encode(t, &buf, &len))
		return 1;
	put_record(f, REC_TOPOLOGY, buf, (__u32)len);
	free(buf);
	topo_free(t);
	return 0;
}

static void use_head(struct feed *f, int i)
{
	f->head_id = (__u32)i + 1;
	f->subsys = i;
	f->window = f->outage = 0;
	snprintf(f->head, sizeof(f->head), "nvme%dn1", i);
}

static void lose_all(struct feed *f, int i, int paths)
{
	struct mpath_outage o;
	char path[32];
	int k;

	use_head(f, i);
	for (k = 0; k < paths; k++) {
		snprintf(path, sizeof(path), "nvme%dc%dn1", i, i * paths + k);
		ev_live(f, path, i * paths + k, false);
		ev_remove(f, path, i * paths + k, (__u32)(paths - 1 - k));
	}
	f->window = f->outage = 1;
	ev_work(f, MPATH_WORK_ARMED, 600000, 600000, 0);
	ev_bio(f, MPATH_BIO_FIRST, 0);
	o = outage(f, 100, 0, 0);
	put_outage(f, &o);
}

int main(int argc, char **argv)
{
	struct record_writer *w = record_writer_new();
	struct feed f = { .put = put_file, .ctx = w, .nsid = 1 };
	int heads, paths, seconds, i;
	char path[32];

	if (argc != 5 || !w || record_writer_open(w, argv[1], NULL)) {
		fprintf(stderr, "usage: heads DIR HEADS PATHS SECONDS; %s\n",
			w ? record_writer_error(w) : "out of memory");
		return 1;
	}
	heads = atoi(argv[2]);
	paths = atoi(argv[3]);
	seconds = atoi(argv[4]);
	at(&f, 1000);
	put_host(&f, "boot");
	put_clock(&f);
	put_start(&f);
	if (put_topology_of(&f, heads, paths)) {
		fprintf(stderr, "heads: no memory, or more than a record can hold\n");
		return 1;
	}
	for (i = 0; i < heads; i += 16)
		if (heads >= 16)
			lose_all(&f, i, paths);
	for (i = 0; i < seconds * 10; i++) {
		int h = (i / 2 * 16 + 1) % heads;

		at(&f, 1000 + (__u64)(i + 1) * 100);
		use_head(&f, h);
		snprintf(path, sizeof(path), "nvme%dc%dn1", h, h * paths);
		ev_live(&f, path, h * paths, i % 2);
	}
	put_end(&f);
	record_writer_free(w);
	return 0;
}
