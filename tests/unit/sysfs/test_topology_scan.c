// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the topology of a host: from a directory with the shape of sysfs, also while it changes.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "sysfs/topology_source.h"
#include "tests/unit/tree.h"

#define ROUNDS	3000

static void move(const char *from, const char *to)
{
	char a[512], b[512];

	snprintf(a, sizeof(a), "%s/%s", root, from);
	snprintf(b, sizeof(b), "%s/%s", root, to);
	assert_int_equal(rename(a, b), 0);
}

static int make_tree(void **state)
{
	(void)state;
	make_root();
	put("class/nvme-subsystem/nvme-subsys3/subsysnqn", "nqn.2026-11.org.example:a\n");
	put("class/nvme-subsystem/nvme-subsys3/model",
	    "A Model                                 \n");
	put("class/nvme-subsystem/nvme-subsys3/iopolicy", "numa\n");
	put("class/nvme-subsystem/nvme-subsys3/nvme3n1/nsid", "1\n");
	put("class/nvme-subsystem/nvme-subsys3/nvme3n1/size", "2048\n");
	put("class/nvme-subsystem/nvme-subsys3/nvme3n1/delayed_removal_secs", "30\n");
	put("class/nvme-subsystem/nvme-subsys3/nvme3n1/uuid",
	    "6f1a7c9e-3f6b-4a53-9d3e-0b6f8a1c2d3e\n");
	/* its attributes come a moment after it, or have gone a moment before */
	put("class/nvme-subsystem/nvme-subsys3/nvme3n2/size", "2048\n");
	/* without a path, on a kernel without the series */
	put("class/nvme-subsystem/nvme-subsys3/nvme3n12/nsid", "12\n");
	put("class/nvme-subsystem/nvme-subsys3/ng3n1/dev", "1:1\n");
	put("class/nvme-subsystem/nvme-subsys3/power/control", "auto\n");
	put("class/nvme/nvme7/state", "live\n");
	put("class/nvme/nvme7/subsysnqn", "nqn.2026-11.org.example:a\n");
	put("class/nvme/nvme7/cntrltype", "io\n");
	put("class/nvme/nvme7/queue_count", "5\n");
	put("class/nvme/nvme7/transport", "tcp\n");
	put("class/nvme/nvme7/address", "traddr=192.0.2.1,trsvcid=4420\n");
	put("class/nvme/nvme7/nvme3c7n1/ana_state", "inaccessible\n");
	put("class/nvme/nvme7/hwmon1/name", "nvme\n");
	/* not multipath: no path of a head */
	put("class/nvme/nvme8/state", "live\n");
	put("class/nvme/nvme8/nvme8n1/nsid", "1\n");
	return 0;
}

static int drop_tree(void **state)
{
	(void)state;
	rmtree(root);
	return 0;
}

static void test_what_is_there(void **state)
{
	const struct topo_head *h;
	const struct topo_path *p;
	const struct topo_ctrl *c;
	struct topo *t;

	(void)state;
	assert_int_equal(topo_scan(root, &t), 0);
	assert_int_equal(t->nr_subsys, 1);
	assert_int_equal(t->subsys[0].instance, 3);
	assert_string_equal(t->subsys[0].nqn, "nqn.2026-11.org.example:a");
	assert_string_equal(t->subsys[0].model, "A Model");
	assert_string_equal(t->subsys[0].serial, "");
	assert_int_equal(t->nr_heads, 2);
	h = topo_find_head(t, "nvme3n1");
	assert_non_null(h);
	assert_int_equal(h->nsid, 1);
	assert_int_equal(h->bytes, 1048576);
	assert_int_equal(h->setting_s, 30);
	assert_string_equal(h->uuid, "6f1a7c9e-3f6b-4a53-9d3e-0b6f8a1c2d3e");
	assert_int_equal(topo_find_head(t, "nvme3n12")->setting_s, TOPO_NO_SETTING);
	assert_int_equal(t->nr_paths, 1);
	p = &t->paths[0];
	assert_string_equal(p->name, "nvme3c7n1");
	assert_string_equal(p->head, "nvme3n1");
	assert_int_equal(p->ctrl, 7);
	assert_string_equal(p->transport, "tcp");
	assert_string_equal(p->address, "traddr=192.0.2.1,trsvcid=4420");
	assert_string_equal(p->state, "live");
	assert_string_equal(p->ana, "inaccessible");
	assert_int_equal(t->nr_ctrls, 2);
	c = topo_find_ctrl(t, 7);
	assert_int_equal(c->subsys, 3);
	assert_int_equal(c->queues, 5);
	assert_int_equal(c->disks, 0);
	assert_string_equal(c->type, "io");
	assert_string_equal(c->state, "live");
	assert_string_equal(c->address, "traddr=192.0.2.1,trsvcid=4420");
	c = topo_find_ctrl(t, 8);
	assert_int_equal(c->subsys, TOPO_NO_SUBSYS);
	assert_int_equal(c->queues, TOPO_NO_QUEUES);
	assert_int_equal(c->disks, 1);
	topo_free(t);
}

/* Each controller of discovery has a subsystem of its own, and all of these have one NQN. */
static void test_same_nqn(void **state)
{
	static const char nqn[] = "nqn.2014-08.org.nvmexpress.discovery\n";
	struct topo *t;

	(void)state;
	put("class/nvme-subsystem/nvme-subsys4/subsysnqn", nqn);
	put("class/nvme-subsystem/nvme-subsys4/nvme10/state", "live\n");
	put("class/nvme-subsystem/nvme-subsys5/subsysnqn", nqn);
	put("class/nvme-subsystem/nvme-subsys5/nvme9/state", "live\n");
	put("class/nvme/nvme9/subsysnqn", nqn);
	put("class/nvme/nvme10/subsysnqn", nqn);
	assert_int_equal(topo_scan(root, &t), 0);
	assert_int_equal(topo_find_ctrl(t, 9)->subsys, 5);
	assert_int_equal(topo_find_ctrl(t, 10)->subsys, 4);
	topo_free(t);
}

static void test_strange_contents(void **state)
{
	char size[80];
	struct topo *t;

	(void)state;
	memset(size, '9', sizeof(size));
	size[sizeof(size) - 1] = '\0';
	put("class/nvme-subsystem/nvme-subsys3/nvme3n1/size", size);	/* does not fit a number */
	put("class/nvme-subsystem/nvme-subsys3/nvme3n1/nsid", "-1\n");
	put("class/nvme-subsystem/nvme-subsys3/nvme3n1/delayed_removal_secs", "soon\n");
	put("class/nvme-subsystem/nvme-subsys3/model", "\n\n");
	put("class/nvme/nvme7/state", "");
	put("class/nvme/nvme7/address", "a\nb\n");
	assert_int_equal(topo_scan(root, &t), 0);
	assert_int_equal(topo_find_head(t, "nvme3n1")->bytes, 0);
	assert_int_equal(topo_find_head(t, "nvme3n1")->nsid, 0);
	assert_int_equal(topo_find_head(t, "nvme3n1")->setting_s, TOPO_NO_SETTING);
	assert_string_equal(t->subsys[0].model, "");
	assert_string_equal(t->paths[0].state, "");
	assert_string_equal(t->paths[0].address, "a");
	topo_free(t);
}

static void test_nothing_there(void **state)
{
	char none[600];
	struct topo *t;

	(void)state;
	snprintf(none, sizeof(none), "%s/none", root);
	assert_int_equal(topo_scan(none, &t), -ENOENT);
	put("none/class/mem", "");
	assert_int_equal(topo_scan(none, &t), 0);	/* no driver: no NVMe */
	assert_int_equal(t->nr_subsys + t->nr_heads + t->nr_paths, 0);
	topo_free(t);
}

/* ---- while it changes ---- */

static atomic_bool enough;

static void *flap(void *arg)
{
	(void)arg;
	while (!enough) {
		move("class/nvme/nvme7", "class/away");
		move("class/away", "class/nvme/nvme7");
		move("class/nvme/nvme7/nvme3c7n1", "class/away");
		move("class/away", "class/nvme/nvme7/nvme3c7n1");
		move("class/nvme-subsystem/nvme-subsys3/nvme3n1", "class/away");
		move("class/away", "class/nvme-subsystem/nvme-subsys3/nvme3n1");
	}
	return NULL;
}

/* Whatever goes at whatever moment: it is read whole or it is not there, and memory is sound. */
static void test_it_goes_meanwhile(void **state)
{
	size_t i, with = 0, without = 0;
	pthread_t thread;
	struct topo *t;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, flap, NULL), 0);
	for (i = 0; i < ROUNDS || ((!with || !without) && i < 100 * ROUNDS); i++) {
		assert_int_equal(topo_scan(root, &t), 0);
		if (t->nr_paths) {
			assert_int_equal(t->nr_paths, 1);
			assert_string_equal(t->paths[0].transport, "tcp");
			with++;
		} else {
			without++;
		}
		topo_free(t);
	}
	enough = true;
	pthread_join(thread, NULL);
	assert_true(with && without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_there, make_tree, drop_tree),
		cmocka_unit_test_setup_teardown(test_same_nqn, make_tree, drop_tree),
		cmocka_unit_test_setup_teardown(test_strange_contents, make_tree, drop_tree),
		cmocka_unit_test_setup_teardown(test_nothing_there, make_tree, drop_tree),
		cmocka_unit_test_setup_teardown(test_it_goes_meanwhile, make_tree, drop_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
