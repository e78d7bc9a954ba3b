/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who stalled: the cgroup, and the process, of each bio that is parked for the
 * first time. Nothing of it runs for I/O that finds a path.
 */
#ifndef MPATH_SUBMITTERS_BPF_H
#define MPATH_SUBMITTERS_BPF_H

#include "state.bpf.h"

/* 0: not known, or a kernel without block cgroups. */
static __always_inline __u64 bio_cgroup(__u64 bio)
{
	struct bio *b = (struct bio *)bio;

	if (!bpf_core_field_exists(b->bi_blkg))
		return 0;
	return BPF_CORE_READ(b, bi_blkg, blkcg, css.cgroup, kn, id);
}

static __always_inline bool is_kernel_thread(struct task_struct *task)
{
	unsigned int flags = 0;

	bpf_core_read(&flags, sizeof(flags), &task->flags);
	return flags & KERNEL_PF_KTHREAD;
}

/* Note the first process of a cgroup, and that there was another one. */
static __always_inline void who_process(struct mpath_who *w, struct task_struct *task)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32, was = w->pid;
	struct task_struct *leader = NULL;

	if (!was)
		was = __sync_val_compare_and_swap(&w->pid, 0, pid);
	if (was) {
		if (was != pid)
			__sync_fetch_and_or(&w->flags, MPATH_WHO_SEVERAL);
		return;
	}
	bpf_core_read(&leader, sizeof(leader), &task->group_leader);
	bpf_core_read_str(w->comm, sizeof(w->comm), &leader->comm);
}

/* A bio is parked for the first time. */
static __noinline void who_parked(struct mpath_outage_state *s, __u64 bio, __u32 reason)
{
	struct mpath_who_key key = { .head_id = s->o.head_id, .outage = s->o.outage };
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	/* a request fails over in whatever context */
	bool own = reason == MPATH_PARK_NO_USABLE_PATH && !is_kernel_thread(task);
	struct mpath_who fresh = {}, *w;

	key.cgroup = own ? bpf_get_current_cgroup_id() : bio_cgroup(bio);
	w = bpf_map_lookup_elem(&who, &key);
	if (!w) {
		fresh.cgroup = key.cgroup;
		fresh.head_id = key.head_id;
		fresh.outage = key.outage;
		bpf_map_update_elem(&who, &key, &fresh, BPF_NOEXIST);
		w = bpf_map_lookup_elem(&who, &key);
	}
	if (!w) {
		count(s->o.who_other);
		return;
	}
	count(w->parked);
	if (own)
		who_process(w, task);
}

#endif /* MPATH_SUBMITTERS_BPF_H */
