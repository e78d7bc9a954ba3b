// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where tasks sleep in drivers/nvme/host, and how long: see delays.h.  Part of
 * nvme-core, whose module parameters decide for all modules of the driver:
 *
 * delay_at	"FUNCTION[:KIND][*N],...": every task that comes to such a place
 *		sleeps until the place is not listed any more, but delay_ms at
 *		most.  With *N, a digit, N tasks at a time; others pass.
 * delay_ms	see there
 * delay_seed	not 0: some tasks sleep at some places for 1 to 64 jiffies.  The
 *		seed decides where, how often and how long.
 * delays	so many times a task has slept (read only)
 * delays_now	where tasks sleep now, as in delay_at (read only)
 */

#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/wait.h>
#include "delays.h"

struct delay_sleeper {
	struct list_head		entry;
	const struct nvme_delay_site	*site;
	bool				listed;	/* it sleeps because of delay_at */
};

static DEFINE_SPINLOCK(delay_lock);	/* for all that follows */
static LIST_HEAD(delay_sleepers);
static char delay_at[256];
static unsigned int delay_seed;
static unsigned int delays;

static DECLARE_WAIT_QUEUE_HEAD(delay_wait);

static unsigned int delay_ms = 100;
module_param(delay_ms, uint, 0644);
MODULE_PARM_DESC(delay_ms, "how long tasks sleep at the places of delay_at, at most");

module_param(delays, uint, 0444);
MODULE_PARM_DESC(delays, "how many times a task has slept");

bool nvme_delays_on;
EXPORT_SYMBOL_GPL(nvme_delays_on);

/* Is the site at this place, FUNCTION or FUNCTION:KIND? */
static bool delay_is_at(const struct nvme_delay_site *site, const char *place,
			size_t len)
{
	size_t func = strlen(site->func), kind = strlen(site->kind);

	if (len < func || memcmp(place, site->func, func))
		return false;
	if (len == func)
		return true;
	return len == func + 1 + kind && place[func] == ':' &&
		!memcmp(place + func + 1, site->kind, kind);
}

/* How many tasks sleep at this place? */
static unsigned int delay_sleep_at(const char *place, size_t len)
{
	struct delay_sleeper *s;
	unsigned int n = 0;

	list_for_each_entry(s, &delay_sleepers, entry)
		n += delay_is_at(s->site, place, len);
	return n;
}

/* Does delay_at list the site, and with room for one more task if asked? */
static bool delay_is_listed(const struct nvme_delay_site *site, bool room)
{
	const char *place;
	size_t len;

	for (place = delay_at; *place; place += len + !!place[len]) {
		size_t name;

		len = strcspn(place, ",");
		name = min(strcspn(place, "*"), len);
		if (!delay_is_at(site, place, name))
			continue;
		if (!room || name == len ||
		    delay_sleep_at(place, name) < place[name + 1] - '0')
			return true;
	}
	return false;
}

/*
 * One site of four is chosen by the seed, with one pass of up to 16 there.  Then
 * nobody sleeps there for 16 times as long, or a site that all I/O passes would
 * bring it to a halt.
 */
static unsigned long delay_by_seed(struct nvme_delay_site *site)
{
	unsigned int pass = atomic_inc_return(&site->passes);
	unsigned long len;
	u32 where, when;

	if (!site->hash)
		site->hash = jhash(site->func, strlen(site->func),
				   jhash(site->kind, strlen(site->kind),
					 site->line));
	where = jhash_2words(delay_seed, site->hash, 0);
	if (where & 3)
		return 0;
	when = jhash_3words(delay_seed, site->hash, pass, 0);
	if (when & ((1 << (where >> 2) % 5) - 1))
		return 0;
	if (site->rests_until && time_before(jiffies, site->rests_until))
		return 0;
	len = 1 << (when >> 8) % 7;
	site->rests_until = jiffies + 16 * len;
	return len;
}

static bool delay_is_over(const struct delay_sleeper *self)
{
	bool over;

	spin_lock(&delay_lock);
	over = self->listed ? !delay_is_listed(self->site, false) : !delay_seed;
	spin_unlock(&delay_lock);
	return over;
}

void nvme_delay_at(struct nvme_delay_site *site)
{
	struct delay_sleeper self = { .site = site };
	unsigned long len = 0;

	/* a task that is about to sleep for something else would miss it */
	if (!preemptible() || rcu_preempt_depth() || !task_is_running(current))
		return;

	spin_lock(&delay_lock);
	self.listed = delay_is_listed(site, true);
	if (self.listed)
		len = msecs_to_jiffies(READ_ONCE(delay_ms));
	else if (delay_seed)
		len = delay_by_seed(site);
	if (len) {
		list_add_tail(&self.entry, &delay_sleepers);
		delays++;
	}
	spin_unlock(&delay_lock);
	if (!len)
		return;

	wait_event_idle_timeout(delay_wait, delay_is_over(&self), len);

	spin_lock(&delay_lock);
	list_del(&self.entry);
	spin_unlock(&delay_lock);
}
EXPORT_SYMBOL_GPL(nvme_delay_at);

/* The parameters have changed: with delay_lock. */
static void delay_update(void)
{
	WRITE_ONCE(nvme_delays_on, delay_seed || delay_at[0]);
}

static int delay_at_set(const char *val, const struct kernel_param *kp)
{
	size_t len = strcspn(val, "\n");

	if (len >= sizeof(delay_at))
		return -ENOSPC;
	spin_lock(&delay_lock);
	memcpy(delay_at, val, len);
	delay_at[len] = '\0';
	delay_update();
	spin_unlock(&delay_lock);
	wake_up_all(&delay_wait);
	return 0;
}

static int delay_at_get(char *buf, const struct kernel_param *kp)
{
	int len;

	spin_lock(&delay_lock);
	len = scnprintf(buf, PAGE_SIZE, "%s\n", delay_at);
	spin_unlock(&delay_lock);
	return len;
}

static const struct kernel_param_ops delay_at_ops = {
	.set	= delay_at_set,
	.get	= delay_at_get,
};
module_param_cb(delay_at, &delay_at_ops, NULL, 0644);
MODULE_PARM_DESC(delay_at, "places where tasks sleep: FUNCTION[:KIND][*N],...");

static int delay_seed_set(const char *val, const struct kernel_param *kp)
{
	unsigned int seed;
	int ret;

	ret = kstrtouint(val, 0, &seed);
	if (ret)
		return ret;
	spin_lock(&delay_lock);
	delay_seed = seed;
	delay_update();
	spin_unlock(&delay_lock);
	wake_up_all(&delay_wait);
	return 0;
}

static const struct kernel_param_ops delay_seed_ops = {
	.set	= delay_seed_set,
	.get	= param_get_uint,
};
module_param_cb(delay_seed, &delay_seed_ops, &delay_seed, 0644);
MODULE_PARM_DESC(delay_seed, "choice of places and times, 0: none");

static int delays_now_get(char *buf, const struct kernel_param *kp)
{
	struct delay_sleeper *s;
	int len = 0;

	spin_lock(&delay_lock);
	list_for_each_entry(s, &delay_sleepers, entry)
		len += scnprintf(buf + len, PAGE_SIZE - len, "%s:%s ",
				 s->site->func, s->site->kind);
	spin_unlock(&delay_lock);
	len += scnprintf(buf + len, PAGE_SIZE - len, "\n");
	return len;
}

static const struct kernel_param_ops delays_now_ops = {
	.get	= delays_now_get,
};
module_param_cb(delays_now, &delays_now_ops, NULL, 0444);
MODULE_PARM_DESC(delays_now, "where tasks sleep now: FUNCTION:KIND ...");
