// SPDX-License-Identifier: GPL-2.0-only
/* What a uevent says; that it comes is seen in the virtual machine. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "os/uevent.h"

static void test_pairs(void **state)
{
	static const char text[] = "add@/module/nvme_core\0ACTION=add\0DEVPATH=/module/nvme_core\0"
				   "SUBSYSTEM=module\0SEQNUM=4711";
	struct uevent ev = { .len = sizeof(text) - 1 };

	(void)state;
	memcpy(ev.text, text, sizeof(text));
	assert_true(uevent_has(&ev, "SUBSYSTEM=module"));
	assert_true(uevent_has(&ev, "SEQNUM=4711"));
	assert_false(uevent_has(&ev, "SUBSYSTEM=mod"));
	assert_false(uevent_has(&ev, "SUBSYSTEM=modules"));
	assert_false(uevent_has(&ev, "YSTEM=module"));
	assert_true(uevent_begins(&ev, "DEVPATH=/module/nvme"));
	assert_false(uevent_begins(&ev, "DEVNAME=nvme"));
}

/* Empty, or cut off in the middle of a pair: nothing behind its end is looked at. */
static void test_cut(void **state)
{
	struct uevent ev = { .len = 0 };

	(void)state;
	strcpy(ev.text, "SUBSYSTEM=module");
	assert_false(uevent_has(&ev, "SUBSYSTEM=module"));
	memset(ev.text, 'x', sizeof(ev.text));
	ev.len = sizeof(ev.text) - 1;
	ev.text[ev.len] = '\0';
	assert_false(uevent_has(&ev, "SUBSYSTEM=module"));
}

/* That there is none is no reason to wait. */
static void test_none(void **state)
{
	struct uevent ev;
	int fd = uevent_open();

	(void)state;
	if (fd < 0)
		skip();		/* a sandbox without netlink */
	while (uevent_next(fd, &ev))
		;
	assert_int_equal(uevent_next(fd, &ev), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
