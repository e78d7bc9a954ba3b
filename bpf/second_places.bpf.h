/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs for the other places of a fact, where a kernel has not got the best one: see
 * user/live/stock_probes.c for which is taken. Included by kprobe.bpf.c alone, behind what it does
 * at the best places.
 */
#ifndef MPATH_SECOND_PLACES_BPF_H
#define MPATH_SECOND_PLACES_BPF_H

/* ---- the block layer's functions: rare, exported, and so never inlined ---- */

/*
 * What a disk belongs to, by what points back to it. The driver alone gives such names; @disk of a
 * head is its own gendisk, and so is that of a path.
 */
static __always_inline bool is_nvme(struct gendisk *disk)
{
	char name[5] = {};

	bpf_core_read_str(name, sizeof(name), &disk->disk_name);
	return name[0] == 'n' && name[1] == 'v' && name[2] == 'm' && name[3] == 'e';
}

static __always_inline struct nvme_ns_head *head_of_disk(struct gendisk *disk)
{
	struct nvme_ns_head *head = BPF_CORE_READ(disk, private_data);

	return is_nvme(disk) && BPF_CORE_READ(head, disk) == disk ? head : NULL;
}

static __always_inline struct nvme_ns *ns_of_disk(struct gendisk *disk)
{
	struct nvme_ns *ns = BPF_CORE_READ(disk, private_data);

	return !head_of_disk(disk) && is_nvme(disk) && BPF_CORE_READ(ns, disk) == disk ? ns : NULL;
}

/* del_gendisk(disk): nvme_ns_remove() calls it when the path has left the list. */
SEC("kprobe")
int mpath_path_gone(struct pt_regs *ctx)
{
	struct nvme_ns *ns = ns_of_disk((void *)PT_REGS_PARM1(ctx));

	if (ns)
		path_remove(ns);
	return 0;
}

/*
 * del_gendisk(disk): the queue was kicked before, and may be empty by now; what is still in it goes
 * with the round that is to come before the head is freed.
 */
SEC("kprobe")
int mpath_head_gone(struct pt_regs *ctx)
{
	struct nvme_ns_head *head = head_of_disk((void *)PT_REGS_PARM1(ctx));

	if (!head)
		return 0;
	head_remove(head);
	outage_over(PT_REGS_PARM1(ctx));
	return 0;
}

/* device_add_disk(parent, disk, groups): the path is in the list by then. */
SEC("kprobe")
int mpath_path_new(struct pt_regs *ctx)
{
	struct nvme_ns *ns = ns_of_disk((void *)PT_REGS_PARM2(ctx));

	if (ns)
		path_add(ns);
	return 0;
}

/* ---- paths ---- */

/* nvme_mpath_add_disk(ns, anagrpid), and its return: the path may be usable now. */
SEC("kprobe")
int mpath_add_begin(struct pt_regs *ctx)
{
	call_begin(IN_ADD_DISK, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("kretprobe")
int mpath_add_end(struct pt_regs *ctx)
{
	struct nvme_ns *ns = (void *)call_of(IN_ADD_DISK);

	if (!ns)
		return 0;
	call_end(IN_ADD_DISK);
	path_live(ns, BPF_CORE_READ(ns, ana_state));
	return 0;
}

/*
 * nvme_update_ana_state(ctrl, desc, data), nvme_read_ana_log(ctrl), and their returns: the paths of
 * the controller have their states. What became usable is told by others.
 */
SEC("kprobe")
int mpath_ana_begin(struct pt_regs *ctx)
{
	call_begin(IN_ANA_STATE, PT_REGS_PARM1(ctx));
	return 0;
}

static long ana_path(__u32 i, struct walk *w)
{
	struct nvme_ns *ns = container(w->at, struct nvme_ns, list);
	__u32 state;

	if (!w->at || w->at == w->end)
		return 1;
	state = BPF_CORE_READ(ns, ana_state);
	if (state != NVME_ANA_OPTIMIZED && state != NVME_ANA_NONOPTIMIZED)
		path_live(ns, state);
	w->at = (__u64)BPF_CORE_READ(ns, list.next);
	return 0;
}

SEC("kretprobe")
int mpath_ana_end(struct pt_regs *ctx)
{
	struct nvme_ctrl *ctrl = (void *)call_of(IN_ANA_STATE);
	struct walk paths = {};

	if (!ctrl)
		return 0;
	call_end(IN_ANA_STATE);
	paths.at = (__u64)BPF_CORE_READ(ctrl, namespaces.next);
	paths.end = field(ctrl, struct nvme_ctrl, namespaces);
	bpf_loop(MAX_NAMESPACES, ana_path, &paths, 0);
	return 0;
}

/* ---- bios ---- */

/*
 * nvme_ns_head_submit_bio() calls spin_lock_irq(&head->requeue_lock): the bio is not yet in the
 * list, but it will be needed after the call, and so it is in a register that calls leave alone.
 */
SEC("kprobe")
int mpath_bio_parking(struct pt_regs *ctx)
{
	struct nvme_ns_head *head = container(PT_REGS_PARM1(ctx), struct nvme_ns_head,
					      requeue_lock);
	struct gendisk *disk = BPF_CORE_READ(head, disk);
	__u64 kept[] = { MPATH_KEPT_REGISTERS(ctx) };
	unsigned int i;

	for (i = 0; disk && i < sizeof(kept) / sizeof(kept[0]); i++) {
		struct bio *bio = (void *)kept[i];

		if (BPF_CORE_READ(bio, bi_bdev, bd_disk) == disk) {
			bio_park(head, (__u64)bio);
			return 0;
		}
	}
	count_loss(ring_full);
	return 0;
}

/* nvme_failover_req(rq) */
SEC("kprobe")
int mpath_failing_over(struct pt_regs *ctx)
{
	return failover_request((void *)PT_REGS_PARM1(ctx));
}

/* nvme_requeue_work(work) */
SEC("kprobe")
int mpath_round_begin(struct pt_regs *ctx)
{
	requeue_begin(container(PT_REGS_PARM1(ctx), struct nvme_ns_head, requeue_work));
	return 0;
}

/* ---- the head ---- */

/* Who removes a head calls kblockd_schedule_work(&head->requeue_work) first, since 6.16. */
SEC("kprobe")
int mpath_head_kick(struct pt_regs *ctx)
{
	head_remove(container(PT_REGS_PARM1(ctx), struct nvme_ns_head, requeue_work));
	return 0;
}

/* nvme_mpath_remove_disk(head), and its return: was the work armed? The timer has the deadline. */
SEC("kprobe")
int mpath_arm_begin(struct pt_regs *ctx)
{
	struct nvme_ns_head *head = (void *)PT_REGS_PARM1(ctx);

	if (BPF_CORE_READ(head, disk) && !is_pending(head))
		call_begin(IN_REMOVE_DISK, (__u64)head);
	return 0;
}

SEC("kretprobe")
int mpath_arm_end(struct pt_regs *ctx)
{
	struct nvme_ns_head *head = (void *)call_of(IN_REMOVE_DISK);

	if (!head)
		return 0;
	call_end(IN_REMOVE_DISK);
	if (is_pending(head))
		work_arm(head, BPF_CORE_READ(head, delayed_removal_secs) * 1000000000ULL);
	return 0;
}

/* nvme_remove_head_work(work): it will decide by the list, which may still change. */
SEC("kprobe")
int mpath_work_seen(struct pt_regs *ctx)
{
	struct nvme_ns_head *head = container(PT_REGS_PARM1(ctx), struct nvme_ns_head, remove_work);

	call_begin(IN_REMOVE_WORK, (__u64)head);
	return work_ran(head);
}

/* ---- controllers ---- */

/* nvme_change_ctrl_state(ctrl, new_state), and its return */
SEC("kprobe")
int mpath_ctrl_begin(struct pt_regs *ctx)
{
	call_begin(IN_CTRL_STATE, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("kretprobe")
int mpath_ctrl_end(struct pt_regs *ctx)
{
	struct nvme_ctrl *ctrl = (void *)call_of(IN_CTRL_STATE);

	if (!ctrl)
		return 0;
	call_end(IN_CTRL_STATE);
	return ctrl_changed(ctx, ctrl, true);
}

#endif /* MPATH_SECOND_PLACES_BPF_H */
