// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each rule of check has a tree that triggers it, and one that is as like it as can
 * be and does not. Both are made from a sound host by a few changes.
 */

#include "check/check.h"
#include "tests/unit/tree.h"

#define SUBSYS	"sys/class/nvme-subsystem/nvme-subsys0/"
#define HEAD	SUBSYS "nvme0n1/"
#define CTRL(n)	"sys/class/nvme/nvme" #n "/"
#define PARAM	"sys/module/nvme_core/parameters/"

static void put_ctrl(int n, const char *transport)
{
	char file[128];

	snprintf(file, sizeof(file), "sys/class/nvme/nvme%d/subsysnqn", n);
	put(file, "nqn.2026-11.org.example:a\n");
	snprintf(file, sizeof(file), "sys/class/nvme/nvme%d/transport", n);
	put(file, transport);
	snprintf(file, sizeof(file), "sys/class/nvme/nvme%d/state", n);
	put(file, "live\n");
	snprintf(file, sizeof(file), "sys/class/nvme/nvme%d/nvme0c%dn1/ana_state", n, n);
	put(file, "optimized\n");
}

/* Two paths, a setting that udev sets, a kernel with the series. */
static void put_sound(void)
{
	put(SUBSYS "subsysnqn", "nqn.2026-11.org.example:a\n");
	put(HEAD "nsid", "1\n");
	put(HEAD "delayed_removal_secs", "30\n");
	put_ctrl(0, "pcie\n");
	put_ctrl(1, "pcie\n");
	put(PARAM "multipath", "Y\n");
	put(PARAM "multipath_always_on", "N\n");
	put(PARAM "delayed_removal_fabrics", "N\n");
	put("proc/sys/kernel/hostname", "example\n");
	put("proc/sys/kernel/osrelease", "6.12.0-test\n");
	put("proc/sys/kernel/hung_task_timeout_secs", "120\n");
	put("proc/sys/kernel/hung_task_panic", "0\n");
	put("etc/udev/rules.d/90-nvme-grace.rules",
	    "ACTION==\"add\", ATTR{delayed_removal_secs}=\"30\"\n");
}

/* The same over a fabric, with timeouts that are in order beside a setting of 0. */
static void put_fabrics(void)
{
	put_ctrl(0, "tcp\n");
	put_ctrl(1, "tcp\n");
	put(HEAD "delayed_removal_secs", "0\n");
	put(CTRL(0) "ctrl_loss_tmo", "600\n");
	put(CTRL(1) "ctrl_loss_tmo", "600\n");
	put(CTRL(0) "fast_io_fail_tmo", "20\n");
	put(CTRL(1) "fast_io_fail_tmo", "20\n");
}

struct change {
	const char	*file;
	const char	*text;		/* NULL: removed */
};

#define MAX_CHANGES	10

struct rule_case {
	const char		*rule;
	enum check_severity	severity;
	bool			fabrics;
	enum probe_answer	series;
	struct change		bad[MAX_CHANGES];	/* trigger it, and nothing that is worse */
	struct change		good[MAX_CHANGES];	/* after these on top it is gone */
};

#define SECOND	SUBSYS "nvme0n2/"

static const struct rule_case cases[] = {
	{ "settings-differ",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { SECOND "nsid", "2\n" },
	    { SECOND "delayed_removal_secs", "20\n" },
	    { CTRL(0) "nvme0c0n2/ana_state", "optimized\n" } },
	  { { SECOND "delayed_removal_secs", "30\n" } } },
	{ "hung-task",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { HEAD "delayed_removal_secs", "121\n" } },
	  { { HEAD "delayed_removal_secs", "120\n" } } },
	{ "hung-task",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { HEAD "delayed_removal_secs", "3000\n" } },
	  { { "proc/sys/kernel/hung_task_timeout_secs", "0\n" } } },	/* 0: never reported */
	{ "hung-task",
	  CHECK_ERROR,
	  false,
	  PROBE_YES,
	  { { HEAD "delayed_removal_secs", "121\n" },
	    { "proc/sys/kernel/hung_task_panic", "1\n" } },
	  { { HEAD "delayed_removal_secs", "60\n" } } },
	{ "not-persistent",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { "etc/udev/rules.d/90-nvme-grace.rules", "# delayed_removal_secs some day\n" } },
	  { { "usr/lib/udev/rules.d/60-x.rules", "ATTR{delayed_removal_secs}=\"30\"\n" } } },
	{ "not-persistent",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { "etc/udev/rules.d/90-nvme-grace.rules", "" },
	    { "etc/nvme-mpathtop/grace.conf", " # * 30\n\n" } },
	  { { "etc/nvme-mpathtop/grace.conf", "# all\n* 30\n" } } },
	{ "not-persistent",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { "etc/udev/rules.d/90-nvme-grace.rules", "" },
	    { "etc/nvme-mpathtop/grace.conf", "nqn.of:another 30\n* x\n30\n" } },
	  { { "etc/nvme-mpathtop/grace.conf", "\tnqn.2026-11.org.example:a  30 \n" } } },
	{ "setting-zero",
	  CHECK_NOTE,
	  false,
	  PROBE_YES,
	  { { HEAD "delayed_removal_secs", "0\n" } },
	  { { "sys/class/nvme/nvme1", NULL } } },		/* one path */
	{ "dm-multipath",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { HEAD "holders/dm-3/dm/uuid", "mpath-36001405\n" } },
	  { { HEAD "holders/dm-3/dm/uuid", "LVM-abcdef\n" } } },
	{ "md-member",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { HEAD "nvme0n1p2/holders/md0/size", "1\n" } },
	  { { HEAD "delayed_removal_secs", "0\n" } } },
	{ "queue-forever",
	  CHECK_ERROR,
	  true,
	  PROBE_YES,
	  { { CTRL(1) "ctrl_loss_tmo", "off\n" }, { CTRL(1) "fast_io_fail_tmo", "off\n" } },
	  { { CTRL(1) "fast_io_fail_tmo", "30\n" } } },
	{ "setting-defeated",
	  CHECK_WARNING,
	  true,
	  PROBE_YES,
	  { { HEAD "delayed_removal_secs", "30\n" }, { CTRL(0) "ctrl_loss_tmo", "off\n" } },
	  { { CTRL(0) "ctrl_loss_tmo", "600\n" } } },
	{ "fast-fail-first",
	  CHECK_WARNING,
	  true,
	  PROBE_YES,
	  { { HEAD "delayed_removal_secs", "30\n" } },
	  { { CTRL(0) "fast_io_fail_tmo", "off\n" }, { CTRL(1) "fast_io_fail_tmo", "off\n" } } },
	{ "times-add-up",
	  CHECK_NOTE,
	  true,
	  PROBE_YES,
	  { { HEAD "delayed_removal_secs", "30\n" }, { CTRL(0) "fast_io_fail_tmo", "off\n" } },
	  { { HEAD "delayed_removal_secs", "0\n" } } },
	{ "fast-fail-late",
	  CHECK_WARNING,
	  true,
	  PROBE_YES,
	  { { CTRL(0) "fast_io_fail_tmo", "600\n" } },
	  { { CTRL(0) "fast_io_fail_tmo", "599\n" } } },
	{ "degraded",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { CTRL(1) "state", "connecting\n" } },
	  { { CTRL(1) "state", "live\n" } } },
	/* as clouds recommend it: the device does not answer, the controller stays live */
	{ "io-timeout",
	  CHECK_ERROR,
	  false,
	  PROBE_YES,
	  { { PARAM "io_timeout", "4294967295\n" } },
	  { { PARAM "io_timeout", "30\n" } } },
	{ "io-timeout",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { PARAM "io_timeout", "30\n" }, { PARAM "admin_timeout", "240\n" } },
	  { { PARAM "admin_timeout", "60\n" } } },
	{ "io-timeout",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { PARAM "io_timeout", "30\n" }, { CTRL(1) "nvme0c1n1/queue/io_timeout", "600000\n" } },
	  { { CTRL(1) "nvme0c1n1/queue/io_timeout", "30000\n" } } },
	/* a passive path is in reserve, not lost */
	{ "degraded",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { CTRL(1) "nvme0c1n1/ana_state", "inaccessible\n" },
	    { CTRL(1) "state", "resetting\n" } },
	  { { CTRL(1) "state", "live\n" } } },
	{ "standby",
	  CHECK_NOTE,
	  false,
	  PROBE_YES,
	  { { CTRL(1) "nvme0c1n1/ana_state", "inaccessible\n" } },
	  { { CTRL(1) "nvme0c1n1/ana_state", "non-optimized\n" } } },
	{ "non-optimized",
	  CHECK_NOTE,
	  false,
	  PROBE_YES,
	  { { CTRL(0) "nvme0c0n1/ana_state", "inaccessible\n" },
	    { CTRL(1) "nvme0c1n1/ana_state", "non-optimized\n" } },
	  { { CTRL(0) "nvme0c0n1/ana_state", "optimized\n" } } },
	/* ANA keeps I/O off everything */
	{ "no-usable-path",
	  CHECK_ERROR,
	  false,
	  PROBE_YES,
	  { { CTRL(0) "nvme0c0n1/ana_state", "inaccessible\n" },
	    { CTRL(1) "nvme0c1n1/ana_state", "persistent-loss\n" } },
	  { { CTRL(1) "nvme0c1n1/ana_state", "optimized\n" } } },
	{ "no-usable-path",
	  CHECK_ERROR,
	  false,
	  PROBE_YES,
	  { { "sys/class/nvme/nvme0", NULL }, { "sys/class/nvme/nvme1", NULL } },
	  { { CTRL(2) "state", "live\n" }, { CTRL(2) "nvme0c2n1/ana_state", "optimized\n" } } },
	{ "dead-path",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { CTRL(1) "state", "dead\n" } },
	  { { CTRL(1) "state", "live\n" } } },
	{ "dead-path",
	  CHECK_ERROR,
	  false,
	  PROBE_NO, /* this kernel queues for ever then */
	  { { CTRL(0) "state", "dead\n" }, { CTRL(1) "state", "dead\n" } },
	  { { CTRL(0) "state", "live\n" }, { CTRL(1) "state", "live\n" } } },
	{ "no-head",
	  CHECK_NOTE,
	  false,
	  PROBE_YES,
	  { { CTRL(5) "subsysnqn", "nqn.single\n" },
	    { CTRL(5) "state", "live\n" },
	    { CTRL(5) "nvme5n1/nsid", "1\n" } },
	  { { CTRL(5) "nvme5n1", NULL }, { CTRL(5) "nvme5c5n1/nsid", "1\n" } } },
	/* the namespace is inaccessible wherever it is: no disk was ever made */
	{ "no-disk",
	  CHECK_WARNING,
	  true,
	  PROBE_YES,
	  { { HEAD "nsid", NULL },
	    { CTRL(0) "nvme0c0n1/ana_state", "inaccessible\n" },
	    { CTRL(1) "nvme0c1n1/ana_state", "persistent-loss\n" } },
	  { { HEAD "nsid", "1\n" } } },
	/* the second controller is live, its namespace was refused or not scanned */
	{ "no-path",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { CTRL(1) "nvme0c1n1", NULL }, { "kernel.log", "\n" } },
	  { { CTRL(1) "cntrltype", "admin\n" } } },	/* it has none by its nature */
	{ "no-path",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { CTRL(1) "nvme0c1n1", NULL }, { CTRL(1) "state", "connecting\n" } },
	  { { CTRL(1) "state", "deleting\n" } } },
	{ "no-namespace",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { CTRL(5) "subsysnqn", "nqn.single\n" },
	    { CTRL(5) "state", "live\n" },
	    { "kernel.log", "\n" } },
	  { { CTRL(5) "nvme5n1/nsid", "1\n" } } },	/* a disk of its own */
	{ "path-missing",
	  CHECK_NOTE,
	  false,
	  PROBE_YES,
	  { { SECOND "nsid", "2\n" },
	    { SECOND "delayed_removal_secs", "30\n" },
	    { CTRL(0) "nvme0c0n2/ana_state", "optimized\n" } },
	  { { CTRL(1) "nvme0c1n2/ana_state", "optimized\n" } } },
	{ "path-missing",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { "kernel.log", "[ 9.1] nvme nvme1: duplicate IDs in subsystem for nsid 2\n" } },
	  { { "kernel.log", "[ 9.1] nvme nvme1: duplicate IDs in subsystem for nsid 1\n" } } },
	{ "single-connection",
	  CHECK_NOTE,
	  true,
	  PROBE_YES,
	  { { "sys/class/nvme/nvme1", NULL } },
	  { { CTRL(0) "transport", "pcie\n" } } },
	{ "discovery-only",
	  CHECK_NOTE,
	  true,
	  PROBE_YES,
	  { { "sys/class", NULL },
	    { CTRL(0) "cntrltype", "discovery\n" },
	    { CTRL(0) "state", "live\n" } },
	  { { CTRL(0) "cntrltype", "io\n" } } },
	{ "multipath-off",
	  CHECK_WARNING,
	  false,
	  PROBE_YES,
	  { { "sys/class/nvme-subsystem", NULL },
	    { CTRL(0) "nvme0c0n1", NULL },
	    { CTRL(1) "nvme0c1n1", NULL },
	    { CTRL(0) "nvme0n1/nsid", "1\n" },
	    { CTRL(1) "nvme1n1/nsid", "1\n" },
	    { PARAM "multipath", "N\n" } },
	  { { CTRL(1) "subsysnqn", "nqn.other\n" } } },
	{ "kernel-defects",
	  CHECK_WARNING,
	  false,
	  PROBE_NO,
	  { { HEAD "nsid", "1\n" } },
	  { { HEAD "delayed_removal_secs", NULL } } },
	{ "setting-wraps",
	  CHECK_ERROR,
	  false,
	  PROBE_YES,
	  { { HEAD "delayed_removal_secs", "17179871\n" } },
	  { { HEAD "delayed_removal_secs", "4294967\n" } } },
	{ "no-delayed-removal",
	  CHECK_NOTE,
	  false,
	  PROBE_NO,
	  { { HEAD "delayed_removal_secs", NULL } },
	  { { HEAD "delayed_removal_secs", "0\n" } } },
	{ "fabrics-hidden",
	  CHECK_NOTE,
	  true,
	  PROBE_YES,
	  { { HEAD "delayed_removal_secs", NULL } },
	  { { HEAD "delayed_removal_secs", "0\n" }, { PARAM "delayed_removal_fabrics", "Y\n" } } },
};

static struct check *run_check(enum probe_answer series)
{
	struct check *c = check_new();
	struct host *h;

	assert_int_equal(host_read(root, &h), 0);
	h->series = series;
	assert_int_equal(check_host(c, h), 0);
	host_free(h);
	return c;
}

/* Also that every finding is whole: it says what, and what to do. */
static const struct check_finding *find(const struct check *c, const char *rule)
{
	const struct check_finding *f, *found = NULL;
	size_t i;

	for (i = 0; (f = check_finding(c, i)); i++) {
		assert_true(strlen(f->what) > 20 && strlen(f->advice) > 10);
		assert_true(f->advice[strlen(f->advice) - 1] != '.');
		if (!strcmp(f->rule, rule) && !found)
			found = f;
	}
	return found;
}

static void apply(const struct change *changes)
{
	size_t i;

	for (i = 0; i < MAX_CHANGES && changes[i].file; i++)
		put(changes[i].file, changes[i].text);
}

static void test_sound(void **state)
{
	struct check *c;

	(void)state;
	make_root();
	put_sound();
	c = run_check(PROBE_YES);
	assert_null(check_finding(c, 0));
	assert_null(check_skipped(c, 0));
	check_free(c);
	put_fabrics();
	c = run_check(PROBE_YES);
	assert_string_equal(check_finding(c, 0)->rule, "setting-zero");
	assert_null(check_finding(c, 1));
	check_free(c);
	rmtree(root);
}

static void test_rules(void **state)
{
	const struct check_finding *f;
	struct check *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct rule_case *rc = &cases[i];

		make_root();
		put_sound();
		if (rc->fabrics)
			put_fabrics();
		apply(rc->bad);
		c = run_check(rc->series);
		f = find(c, rc->rule);
		if (!f || f->severity != rc->severity)
			fail_msg("case %zu: %s: %s", i, rc->rule,
				 f ? "wrong severity" : "not found");
		check_free(c);
		apply(rc->good);
		c = run_check(rc->series);
		if (find(c, rc->rule))
			fail_msg("case %zu: %s: found although it is right", i, rc->rule);
		check_free(c);
		rmtree(root);
	}
}

/* What is not known is not sound: it is said that it was not looked at. */
static void test_skipped(void **state)
{
	struct check *c;

	(void)state;
	make_root();
	put_sound();
	put("proc", NULL);
	put("etc", NULL);
	c = run_check(PROBE_UNKNOWN);
	assert_null(check_finding(c, 0));
	assert_non_null(strstr(check_skipped(c, 0), "kernel-defects"));
	assert_non_null(strstr(check_skipped(c, 1), "hung-task"));
	assert_non_null(strstr(check_skipped(c, 2), "not-persistent"));
	assert_null(check_skipped(c, 3));
	check_free(c);
	rmtree(root);
}

static void test_udev_rule(void **state)
{
	const struct check_finding *f;
	struct check *c;

	(void)state;
	make_root();
	put_sound();
	put("etc/udev/rules.d/90-nvme-grace.rules", "");
	c = run_check(PROBE_YES);
	f = find(c, "not-persistent");
	assert_non_null(f);
	assert_non_null(strstr(f->advice, "ATTRS{subsysnqn}==\"nqn.2026-11.org.example:a\""));
	assert_non_null(strstr(f->advice, "ATTR{delayed_removal_secs}=\"30\""));
	/* it is to be copied from a terminal: one word, on one line */
	assert_null(strchr(strstr(f->advice, "ACTION=="), ' '));
	check_free(c);
	rmtree(root);
}

/* The NQN that the kernel makes of serial number and model has blanks, at its end, too. */
static void test_udev_rule_with_blanks(void **state)
{
	const struct check_finding *f;
	struct check *c;

	(void)state;
	make_root();
	put_sound();
	put(SUBSYS "subsysnqn", "nqn.2014.08.org.nvmexpress:1bb1S1      Some Disk 5        \n");
	put("etc/udev/rules.d/90-nvme-grace.rules", "");
	c = run_check(PROBE_YES);
	f = find(c, "not-persistent");
	assert_non_null(f);
	assert_non_null(
		strstr(f->advice, "==\"nqn.2014.08.org.nvmexpress:1bb1S1??????Some?Disk?5\""));
	assert_null(strchr(strstr(f->advice, "ACTION=="), ' '));
	/* the rule that was offered silences what offered it */
	put("etc/udev/rules.d/90-nvme-grace.rules", strstr(f->advice, "ACTION=="));
	check_free(c);
	c = run_check(PROBE_YES);
	assert_null(find(c, "not-persistent"));
	check_free(c);
	rmtree(root);
}

/* Whether a rule is about this head is evaluated. */
static void test_udev_rule_applies(void **state)
{
#define SET	"ATTR{delayed_removal_secs}=\"30\"\n"
	static const struct {
		const char *rule;
		bool applies;
	} rules[] = {
		{ "ATTRS{subsysnqn}==\"nqn.2026-11.org.example:a\", " SET, true },
		{ "ATTRS{subsysnqn}==\"nqn.2026-11.org.example:*\", " SET, true },
		{ "ATTRS{subsysnqn}==\"nqn.x|nqn.2026-11.org.example:a\"," SET, true },
		{ "ATTRS{subsysnqn}==\"nqn.2026-11.org.example:b\", " SET, false },
		{ "ATTRS{subsysnqn}!=\"nqn.2026-11.org.example:a\", " SET, false },
		{ "KERNEL==\"nvme0n[0-9]\", \\\n  " SET, true },
		{ "KERNEL==\"nvme1n*\", " SET, false },
		{ "KERNEL==\"sd*\", " SET, false },
		{ "ATTR{nsid}==\"1\", " SET, true },
		{ "ATTR{nsid}==\"2\", " SET, false },
		{ "SUBSYSTEM==\"nvme\", " SET, false },
		{ "ENV{DEVTYPE}==\"partition\", " SET, false },
		{ "ENV{SOMETHING}==\"else\", " SET, true },	/* not known: it may */
		{ "ATTR{delayed_removal_secs}==\"30\"\n", false },	/* compares */
		{ "TEST==\"delayed_removal_secs\"\n", false },
		{ "# " SET, false },
	};
	struct check *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		make_root();
		put_sound();
		put("etc/udev/rules.d/90-nvme-grace.rules", rules[i].rule);
		c = run_check(PROBE_YES);
		if (!find(c, "not-persistent") != rules[i].applies)
			fail_msg("%s: wrong", rules[i].rule);
		check_free(c);
		rmtree(root);
	}
#undef SET
}

/* A name from the wire must not become a rule of its own, with a program to run. */
static void test_udev_rule_of_hostile_name(void **state)
{
	static const char *const names[] = {
		"nqn.x\", RUN+=\"/bin/x",
		"nqn.*",
		"nqn.[a-z]",
		"nqn.a|b",
		"nqn.$attr",
		"nqn.\\",
		"",
	};
	const struct check_finding *f;
	struct check *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		make_root();
		put_sound();
		put("etc/udev/rules.d/90-nvme-grace.rules", "");
		put(SUBSYS "subsysnqn", names[i]);
		c = run_check(PROBE_YES);
		f = find(c, "not-persistent");
		assert_non_null(f);
		if (strstr(f->advice, "ACTION=="))
			fail_msg("a rule is offered for \"%s\": %s", names[i], f->advice);
		assert_non_null(strstr(f->advice, "none is offered"));
		check_free(c);
		rmtree(root);
	}
}

/* Each message of the driver is another reason, and another thing to do. */
static void test_refused(void **state)
{
	static const struct {
		const char *log, *what;
	} logs[] = {
		{ "<3>[1.2] nvme nvme1: IDs don't match for shared namespace 1\n",
		  "refused namespace 1: its identifiers are not those that the head's other" },
		{ "<3>[1.2] nvme nvme1: identifiers changed for nsid 1\n", "that it had before" },
		{ "<3>[1.2] nvme nvme1: globally duplicate IDs for nsid 7\n",
		  "namespace 7: another" },
		{ "<3>[1.2] nvme nvme1: Duplicate unshared namespace 1\n", "not shared" },
		{ "<3>[1.2] nvme nvme1: Duplicate cntlid 1 with nvme0, subsys x, rejecting\n",
		  "refused the controller" },
		/* of another controller, of what was before, or no such line */
		{ "<3>[1.2] nvme nvme0: identifiers changed for nsid 9\n", "it lists none" },
		{ "nvme nvme1: identifiers changed for nsid 1\n"
		  "nvme nvme1: pci function 0000:01:00.0\n",
		  "it lists none" },
		{ "<3>[1.2] nvme nvme1: identifiers changed for nsid x\n", "it lists none" },
		{ "<3>[1.2] nvme nvme1: identifiers changed for nsid 99999999999\n",
		  "it lists none" },
		{ "\n", "it lists none" },
	};
	const struct check_finding *f;
	struct check *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		make_root();
		put_sound();
		put(CTRL(1) "nvme0c1n1", NULL);
		put("kernel.log", logs[i].log);
		c = run_check(PROBE_YES);
		f = find(c, "no-path");
		assert_non_null(f);
		assert_string_equal(f->object, "nvme1");
		if (!strstr(f->what, logs[i].what))
			fail_msg("%s: %s", logs[i].log, f->what);
		assert_null(check_skipped(c, 0));
		check_free(c);
		/* without the log it is not known, and that is said */
		put("kernel.log", NULL);
		c = run_check(PROBE_YES);
		assert_non_null(strstr(check_skipped(c, 0), "kernel's log"));
		check_free(c);
		rmtree(root);
	}
}

static void test_no_queue(void **state)
{
	struct check *c;

	(void)state;
	make_root();
	put_sound();
	put(CTRL(1) "nvme0c1n1", NULL);
	put(CTRL(1) "queue_count", "1\n");
	c = run_check(PROBE_YES);
	assert_non_null(strstr(find(c, "no-path")->what, "no I/O queue"));
	check_free(c);
	rmtree(root);
}

/* A fact of a controller is told once, however many heads lack it. */
static void test_once(void **state)
{
	const struct check_finding *f;
	struct check *c;
	char file[160];
	size_t i, n = 0;
	int k;

	(void)state;
	make_root();
	put_sound();
	put(CTRL(1) "nvme0c1n1", NULL);
	put("kernel.log", "\n");
	for (k = 2; k < 40; k++) {
		snprintf(file, sizeof(file), SUBSYS "nvme0n%d/nsid", k);
		put(file, "2\n");
		snprintf(file, sizeof(file), SUBSYS "nvme0n%d/delayed_removal_secs", k);
		put(file, "30\n");
		snprintf(file, sizeof(file), CTRL(0) "nvme0c0n%d/ana_state", k);
		put(file, "optimized\n");
	}
	c = run_check(PROBE_YES);
	for (i = 0; (f = check_finding(c, i)); i++)
		n += !strcmp(f->object, "nvme1");
	assert_int_equal(n, 1);
	assert_non_null(strstr(find(c, "no-path")->what, "39 heads"));
	check_free(c);
	/* and each rule about its timeouts, too */
	put(CTRL(0) "transport", "tcp\n");
	put(CTRL(0) "ctrl_loss_tmo", "off\n");
	put(CTRL(0) "fast_io_fail_tmo", "off\n");
	c = run_check(PROBE_YES);
	for (i = 0, n = 0; (f = check_finding(c, i)); i++)
		n += !strcmp(f->object, "nvme0");
	assert_int_equal(n, 2);
	assert_non_null(strstr(find(c, "queue-forever")->what, "38 other heads"));
	assert_non_null(strstr(find(c, "setting-defeated")->what, "38 other heads"));
	check_free(c);
	rmtree(root);
}

/* Without knowing the kernel nothing is said of what it does then. */
static void test_dead_on_unknown_kernel(void **state)
{
	const struct check_finding *f;
	struct check *c;

	(void)state;
	make_root();
	put_sound();
	put(CTRL(0) "state", "dead\n");
	put(CTRL(1) "state", "dead\n");
	c = run_check(PROBE_UNKNOWN);
	f = find(c, "dead-path");
	assert_non_null(f);
	assert_null(strstr(f->what, "I/O"));
	check_free(c);
	c = run_check(PROBE_NO);
	assert_non_null(strstr(find(c, "dead-path")->what, "for ever"));
	check_free(c);
	c = run_check(PROBE_YES);
	assert_non_null(strstr(find(c, "dead-path")->what, "then fails"));
	check_free(c);
	rmtree(root);
}

/* Worst first; nothing that was read gets out unescaped. */
static void test_order_and_escape(void **state)
{
	const struct check_finding *f;
	struct check *c;
	size_t i;

	(void)state;
	make_root();
	put_sound();
	put(SUBSYS "subsysnqn", "nqn.\x1b[2Jx\n");
	put(HEAD "holders/md\x1b"
		 "7/size",
	    "1\n");
	put(HEAD "delayed_removal_secs", "17179871\n");
	put("etc", NULL);
	put("etc/udev/rules.d/x.rules", "");
	c = run_check(PROBE_YES);
	assert_string_equal(check_finding(c, 0)->rule, "setting-wraps");
	for (i = 0; (f = check_finding(c, i)); i++) {
		assert_null(strchr(f->what, '\x1b'));
		assert_null(strchr(f->advice, '\x1b'));
		assert_true(!i || f->severity >= check_finding(c, i - 1)->severity);
	}
	assert_true(i >= 4);
	check_free(c);
	rmtree(root);
}

/* ---- how the kernel behaved ---- */

static struct check *check_windows(struct model *m)
{
	struct check *c = check_new();

	model_finish(m);
	assert_int_equal(check_record(c, m), 0);
	return c;
}

/* Armed for 30 s, gone after @ms. */
static struct check *removed_after(__u64 ms, __u64 queued, bool moved)
{
	struct model *m = model_new();
	struct feed f = feed_model(m);
	struct mpath_outage o;
	struct check *c;

	scene_two_paths(&f);
	scene_lose(&f, 1000);
	o = outage(&f, 5, 0, 5 - queued);
	if (moved)
		ev_work(&f, MPATH_WORK_MOVED, 2000, 1900, 0);
	at(&f, f.now / MS + ms);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	at(&f, f.now / MS + 6000);
	put_outage(&f, &o);
	put_end(&f);
	c = check_windows(m);
	model_free(m);
	return c;
}

static void test_behaviour(void **state)
{
	struct check *c;

	(void)state;
	c = removed_after(8000, 0, false);
	assert_non_null(find(c, "early-removal"));
	assert_null(find(c, "stranded"));
	check_free(c);
	c = removed_after(30000, 0, false);
	assert_null(check_finding(c, 0));
	check_free(c);
	c = removed_after(2000, 0, true);	/* the setting was lowered meanwhile */
	assert_null(check_finding(c, 0));
	check_free(c);
	c = removed_after(30000, 2, false);
	assert_non_null(find(c, "stranded"));
	assert_null(find(c, "early-removal"));
	check_free(c);
}

/* Removed or not, back as a new disk with a setting of 0, and that goes at once. */
static struct check *gone_at_once(bool removed)
{
	struct model *m = model_new();
	struct feed f = feed_model(m);
	struct check *c;

	scene_two_paths(&f);
	scene_lose(&f, 1000);
	if (removed) {
		at(&f, 31104);
		ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
		ev_gone(&f, MPATH_REMOVE_EXPIRED);
		at(&f, 40000);
		f.head_id = 2;
		f.window = 0;
		ev_add(&f, "nvme0c2n1", 2, 1, MPATH_NO_WINDOW);
		ev_live(&f, "nvme0c2n1", 2, true);
		put_whose(&f);
	} else {
		scene_return(&f, 5000, 2);
	}
	at(&f, 50000);
	ev_remove(&f, "nvme0c2n1", 2, 0);
	ev_gone(&f, MPATH_REMOVE_IMMEDIATE);
	put_end(&f);
	c = check_windows(m);
	model_free(m);
	return c;
}

static void test_setting_lost(void **state)
{
	const struct check_finding *f;
	struct check *c;

	(void)state;
	c = gone_at_once(true);
	f = find(c, "setting-lost");
	assert_non_null(f);
	assert_int_equal(f->severity, CHECK_WARNING);
	assert_non_null(strstr(f->what, "had been armed for 30 s"));
	check_free(c);
	/* the same disk: whoever wrote 0 knew */
	c = gone_at_once(false);
	assert_null(find(c, "setting-lost"));
	check_free(c);
}

/* A recording may say anything: no time is so long that it wraps into a short one. */
static void test_armed_for_ages(void **state)
{
	struct model *m = model_new();
	struct feed f = feed_model(m);
	struct check *c;

	(void)state;
	scene_two_paths(&f);
	at(&f, 1000);
	ev_remove(&f, "nvme0c0n1", 0, 1);
	ev_remove(&f, "nvme0c1n1", 1, 0);
	f.window = 1;
	ev_work(&f, MPATH_WORK_ARMED, ~0ULL / 1000000 + 2, 1000, 0);
	at(&f, f.now / MS + 5000);
	ev_work(&f, MPATH_WORK_RAN, 30000, 0, MPATH_RESULT_REMOVED);
	ev_gone(&f, MPATH_REMOVE_EXPIRED);
	put_end(&f);
	c = check_windows(m);
	assert_non_null(find(c, "early-removal"));
	check_free(c);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_skipped),
		cmocka_unit_test(test_udev_rule),
		cmocka_unit_test(test_udev_rule_with_blanks),
		cmocka_unit_test(test_udev_rule_applies),
		cmocka_unit_test(test_order_and_escape),
		cmocka_unit_test(test_udev_rule_of_hostile_name),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_queue),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_dead_on_unknown_kernel),
		cmocka_unit_test(test_behaviour),
		cmocka_unit_test(test_setting_lost),
		cmocka_unit_test(test_armed_for_ages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
