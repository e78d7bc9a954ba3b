// SPDX-License-Identifier: GPL-2.0-only
/* The model, when names and instances of the kernel are given to another namespace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fixture.h"

#define OTHER_NQN "nqn.2014-08.org.nvmexpress:uuid:subsys1"

/* A head disk by its name and instance, and whose it is. */
struct disk {
	const char	*name;
	int		subsys;
	const char	*nqn;		/* NULL: there is none */
};

#define NO_DISK \
	(struct disk) \
	{ \
		"", 0, NULL \
	}

/* A topology of two heads, read at @ms and fed now. Each has a path, as nvmeScSn1. */
static void put_two(__u64 ms, struct disk a, struct disk b)
{
	const struct disk both[] = { a, b };
	struct topo *t = topo_new();
	__u64 now = f.now;
	size_t i, len;
	void *buf;

	for (i = 0; i < 2; i++) {
		struct topo_head *h;
		struct topo_path *p;
		char path[32];

		if (!both[i].nqn)
			continue;
		TOPO_TEXT(topo_add_subsys(t, both[i].subsys)->nqn, both[i].nqn);
		h = topo_add_head(t, both[i].subsys, both[i].name);
		h->nsid = 1;
		h->setting_s = 30;
		snprintf(path, sizeof(path), "nvme%dc%dn1", both[i].subsys, both[i].subsys);
		p = topo_add_path(t, both[i].name, path);
		p->ctrl = both[i].subsys;
		TOPO_TEXT(p->state, "live");
	}
	assert_int_equal(topo_encode(t, &buf, &len), 0);
	at(&f, ms);
	put_record(&f, REC_TOPOLOGY, buf, (__u32)len);
	f.now = now;
	free(buf);
	topo_free(t);
}

/* Events are about this disk from now on, a new one of the kernel's. */
static void new_disk(const char *name, int subsys, __u32 head_id)
{
	char path[32];

	strcpy(f.head, name);
	f.subsys = subsys;
	f.head_id = head_id;
	f.window = 0;
	f.outage = 0;
	snprintf(path, sizeof(path), "nvme%dc%dn1", subsys, subsys);
	ev_add(&f, path, subsys, 1, MPATH_NO_WINDOW);
	ev_live(&f, path, subsys, true);
}

/* The disk that events are about goes with its last path, at once. */
static void goes(int subsys)
{
	char path[32];

	snprintf(path, sizeof(path), "nvme%dc%dn1", subsys, subsys);
	ev_live(&f, path, subsys, false);
	ev_remove(&f, path, subsys, 0);
	ev_gone(&f, MPATH_REMOVE_IMMEDIATE);
}

static const struct model_head *head_by_nqn(const char *nqn)
{
	const struct model_head *h;
	size_t i;

	for (i = 0; (h = model_head(m, i)); i++)
		if (!strcmp(h->nqn, nqn))
			return h;
	fail_msg("no head has the NQN %s", nqn);
	return NULL;
}

/* Two heads from the beginning on, nvme0n1 and nvme1n1; both go at 10 s. */
static int setup_two_gone(void **state)
{
	(void)state;
	setup_empty();
	put_host(&f, "boot-1");
	put_clock(&f);
	put_two(0, (struct disk) { "nvme0n1", 0, SCENE_NQN },
		(struct disk) { "nvme1n1", 1, OTHER_NQN });
	put_start(&f);
	at(&f, 1000);
	new_disk("nvme0n1", 0, 1);
	at(&f, 10000);
	goes(0);
	new_disk("nvme1n1", 1, 2);
	goes(1);
	return 0;
}

/* At 20 s a disk comes as nvme0n1, alone, and turns out to be of this subsystem. */
static void comes_as(const char *nqn)
{
	at(&f, 20000);
	new_disk("nvme0n1", 0, 3);
	put_two(20100, (struct disk) { "nvme0n1", 0, nqn }, NO_DISK);
}

/* Each comes back as what the other one was. */
static void test_names_swapped(void **state)
{
	const struct model_head *a = head_by_nqn(SCENE_NQN), *b = head_by_nqn(OTHER_NQN);

	(void)state;
	at(&f, 20000);
	new_disk("nvme0n1", 0, 3);
	at(&f, 21000);
	new_disk("nvme1n1", 1, 4);
	put_two(22000, (struct disk) { "nvme0n1", 0, OTHER_NQN },
		(struct disk) { "nvme1n1", 1, SCENE_NQN });
	assert_null(model_head(m, 2));
	assert_int_equal(window(0)->reappeared_ns, 21000 * MS);
	assert_string_equal(window(0)->reappeared_name, "nvme1n1");
	assert_int_equal(window(1)->reappeared_ns, 20000 * MS);
	assert_string_equal(window(1)->reappeared_name, "nvme0n1");
	at(&f, 30000);
	f.head_id = 3;
	strcpy(f.head, "nvme0n1");
	goes(0);
	assert_int_equal(window(2)->outcome, MODEL_NOT_ARMED);
	assert_ptr_equal(window(2)->head, b);
	assert_true(b->gone);
	assert_false(a->gone);
	put_end(&f);
	model_finish(m);
	assert_int_equal(a->windows[MODEL_NOT_ARMED], 1);
	assert_int_equal(b->windows[MODEL_NOT_ARMED], 2);
}

/* A topology that was read before the new disk came tells of the old one. */
static void test_topology_of_the_old_disk(void **state)
{
	const struct model_head *b;

	(void)state;
	at(&f, 20000);
	new_disk("nvme0n1", 0, 3);
	put_two(5000, (struct disk) { "nvme0n1", 0, SCENE_NQN },
		(struct disk) { "nvme1n1", 1, OTHER_NQN });
	assert_int_equal(window(0)->reappeared_ns, MODEL_NONE);
	assert_true(head_by_nqn(SCENE_NQN)->gone);
	assert_true(head_by_nqn(OTHER_NQN)->gone);
	put_two(20100, (struct disk) { "nvme0n1", 0, OTHER_NQN }, NO_DISK);
	b = head_by_nqn(OTHER_NQN);
	assert_null(model_head(m, 2));
	assert_int_equal(window(0)->reappeared_ns, MODEL_NONE);
	assert_int_equal(window(1)->reappeared_ns, 20000 * MS);
	assert_true(head_by_nqn(SCENE_NQN)->gone);
	assert_false(b->gone);
	assert_int_equal(model_head_usable(b), 1);
}

/*
 * It is gone again before anybody asked whose it was: nobody's, and the next one of that name is
 * not it.
 */
static void test_gone_before_it_was_known(void **state)
{
	(void)state;
	at(&f, 20000);
	new_disk("nvme0n1", 0, 3);
	at(&f, 20050);
	goes(0);
	put_two(20100, NO_DISK, NO_DISK);
	at(&f, 25000);
	new_disk("nvme0n1", 0, 4);
	put_two(25100, (struct disk) { "nvme0n1", 0, SCENE_NQN }, NO_DISK);
	assert_int_equal(window(0)->reappeared_ns, 25000 * MS);
	assert_int_equal(window(1)->reappeared_ns, MODEL_NONE);
	assert_string_equal(window(2)->head->nqn, "");
	assert_true(window(2)->head->gone);
	assert_int_equal(window(2)->reappeared_ns, MODEL_NONE);
	assert_null(model_head(m, 3));
	assert_false(head_by_nqn(SCENE_NQN)->gone);
}

/* Another head has the name, and no event told that this one went. */
static void test_name_taken_unseen(void **state)
{
	const struct model_head *a = head_by_nqn(SCENE_NQN);

	(void)state;
	comes_as(SCENE_NQN);
	assert_false(a->gone);
	at(&f, 30000);
	put_two(30000, (struct disk) { "nvme0n1", 0, OTHER_NQN }, NO_DISK);
	assert_true(a->gone);
	assert_false(head_by_nqn(OTHER_NQN)->gone);
	/* and events that follow are about that one */
	at(&f, 40000);
	f.head_id = 4;
	ev_live(&f, "nvme0c0n1", 0, false);
	ev_remove(&f, "nvme0c0n1", 0, 0);
	ev_gone(&f, MPATH_REMOVE_IMMEDIATE);
	assert_ptr_equal(window(2)->head, head_by_nqn(OTHER_NQN));
	assert_null(model_head(m, 2));
}

/*
 * Times begin anew with a boot: what a topology says of a head is not older than its last boot's
 * disk.
 */
static void test_topology_after_reboot(void **state)
{
	const struct model_head *b = head_by_nqn(OTHER_NQN);

	(void)state;
	comes_as(OTHER_NQN);
	assert_string_equal(b->name, "nvme0n1");
	put_end(&f);
	at(&f, 1000);
	put_host(&f, "boot-2");
	put_clock(&f);
	put_two(1000, (struct disk) { "nvme2n1", 2, OTHER_NQN }, NO_DISK);
	put_start(&f);
	assert_null(model_head(m, 2));
	assert_string_equal(b->name, "nvme2n1");
	assert_int_equal(b->subsys, 2);
	assert_int_equal(model_head_usable(b), 1);
	assert_true(head_by_nqn(SCENE_NQN)->gone);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup_two_gone, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_names_swapped),
		TEST(test_topology_of_the_old_disk),
		TEST(test_gone_before_it_was_known),
		TEST(test_name_taken_unseen),
		TEST(test_topology_after_reboot),
	};

	return cmocka_run_group_tests_name("model, names that another one has", tests, NULL, NULL);
}
