/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The head: its state, its grace periods and references, and the decisions about its removal.
 * All of this is inline: it is part of a step of somebody else.
 */

bit live, armed, lost, over;	/* DISK_LIVE, REMOVAL_ARMED, PATHS_LOST, GRACE_OVER */
byte delay;			/* delayed_removal_secs */
byte since;			/* time since the paths were lost, MAX at most */
bit known;			/* the head is on subsys->nsheads */
byte leaving;			/* paths_leaving: off head->list, but still busy with the head */
byte disk;			/* of the head: */
#define NOT_YET		0
#define ADDED		1
#define DELETED		2

byte refs;			/* on the head */
byte modrefs;			/* on the module, for remove_work */
bit freed;
bit pending, running;		/* remove_work */
bit early;			/* its timer is short and has fired: the next one is exact */
bit storing;			/* somebody is in the attribute, and del_gendisk() waits for him */
byte parked;			/* bios on the requeue list */
bit kicked, requeueing;		/* requeue_work: pending, running */

bit listed[2];			/* path: on head->list */
bit on_ctrl[2];			/* on ctrl->namespaces */
bit ready[2];			/* NVME_NS_READY */
bit added[2];			/* GD_ADDED of its disk */
bit optimized[2];		/* ANA state */
byte link[2];			/* sysfs: 1 is claimed (NVME_NS_SYSFS_ATTR_LINK), 2 is there */
byte flying[2];			/* I/O that the path has */
byte ctrl[2];			/* state of its controller: */
#define LIVE		0
#define RESETTING	1	/* or CONNECTING */
#define DELETING	2
#define NOIO		3
#define DEAD		4
bit frozen[2];			/* NVME_CTRL_FROZEN */
bit failfast[2];		/* NVME_CTRL_FAILFAST_EXPIRED */
bit reset_done[2];
byte ctrl_readers[2];		/* of ctrl->srcu */

/* for the properties alone */
bit fresh;			/* a path has joined since the clock was started */
byte done;			/* processes that have come to an end */

#define empty		(!listed[0] && !listed[1])
#define alive		((listed[0] && ctrl[0] != DEAD) || (listed[1] && ctrl[1] != DEAD))
#define left		(delay > since)		/* nvme_mpath_removal_left() */
#define in_grace	(delay && !over)	/* nvme_mpath_in_grace() */
/* is paths_leaving looked at in this place? Not if that fault is put back */
#define counts(place)	(FAULT_3 != 9 && FAULT_3 != (place))

#define bad(what)	printf("BAD: "); printf(what); printf("\n"); assert(false)

/* ---- who it is: numbers in what a step prints, readers and waiters of head->srcu */

#define SCAN		0	/* scan_work or unbind of controller 0, 1 */
#define ANA		2	/* its ana_work */
#define RESET		4	/* its reset_work */
#define STORE		6
#define WORK		7	/* remove_work */
#define TASK		8
#define REQUEUE		10
#define TIME		11

/* SCAN and ANA read as well as wait. The others that read: */
#define R_TASK		4
#define R_REQUEUE	6

bit inside[7];		/* this reader is in a section */
byte awaited[7];	/* and these waiters wait for its end, a bit for each */

#define await(r, w)	if :: inside[r] -> awaited[r] = awaited[r] | (1 << (w)) :: else fi

/* synchronize_srcu(&head->srcu) by w, from here until synchronized(w) */
inline synchronize(w) {
	await(0, w); await(1, w); await(2, w); await(3, w); await(4, w); await(5, w); await(6, w)
}

#define synchronized(w) \
	(!((awaited[0] | awaited[1] | awaited[2] | awaited[3] | \
	    awaited[4] | awaited[5] | awaited[6]) & (1 << (w))))

inline leave(r) {
	inside[r] = 0;
	awaited[r] = 0
}

/* ---- references, works */

#define use_head()	if :: freed -> bad("use of a freed head") :: else fi
#define use_disk(what)	use_head(); if :: disk != ADDED -> bad(what) :: else fi

/* nvme_put_ns_head() */
inline put_head() {
	if :: refs == 0 -> bad("a reference on the head is dropped twice") :: else fi;
	refs--;
	if
	:: refs == 0 ->
		if
		:: live || disk == ADDED -> bad("the head is freed with its disk live")
		:: else
		fi;
		freed = 1;
		kicked = 1	/* nvme_mpath_put_disk() flushes requeue_work */
	:: else
	fi
}

inline put_module() {
	if :: modrefs == 0 -> bad("a reference on the module is dropped twice") :: else fi;
	modrefs--
}

/* nvme_mpath_kick() */
inline kick() {
	use_head();
	kicked = 1
}

/* nvme_mpath_queue_removal(). `exact`: the timer that was set short has fired */
inline queue_removal(exact) {
	use_head();
	if
	:: pending
	:: else -> pending = 1; refs++; modrefs++
	fi;
	early = exact
}

/* nvme_mpath_cancel_removal() */
inline cancel_removal() {
	use_head();
	if
	:: pending ->
		pending = 0;
#ifndef FAULT_LEAK
		put_module();
#endif
#ifdef FAULT_PUT
		put_head();
#endif
		put_head()
	:: else
	fi
}

/* ---- decisions, under subsys->lock */

/* nvme_mpath_paths_lost() */
inline paths_lost(yes) {
	if
	:: alive -> yes = 0
	:: else ->
		yes = 1;
		if
		:: lost && fresh -> bad("the clock was started before the paths were lost")
		:: lost && !fresh
		:: else -> lost = 1; since = 0
		fi;
		fresh = 0
	fi
}

/* nvme_mpath_bound_grace() */
inline bound_grace(exact, flush) {
	if
	:: left && MODULE ->
		queue_removal(exact);
#ifndef FAULT_OVER
		over = 0
#endif
	:: else ->
		over = 1;
		cancel_removal();
		if :: flush -> kick() :: else fi
	fi
}

/* nvme_mpath_unlink_head() */
inline unlink_head() {
	if :: MODULE && live && left -> bad("a window ends before its time") :: else fi;
	armed = 0;
	over = 1;
	known = 0
}

/* nvme_mpath_path_gone(): `last` if the caller is to remove the disk */
inline path_gone(last) {
	last = 0;
	paths_lost(yes);
	if
	:: !empty ->
		if
		:: yes && !armed -> bound_grace(0, true)
		:: else
		fi
	:: empty && MODULE && (armed || (live && left)) ->
		queue_removal(0);
		armed = 1;
		over = 0
	:: else ->
		cancel_removal();
		unlink_head();
		last = !(leaving && counts(1))
	fi;
	yes = 0
}

/* nvme_mpath_path_joined() */
inline path_joined() {
	armed = 0;
	if
	:: lost ->
#ifdef FAULT_JOIN
		cancel_removal();
#else
		lost = 0;
		over = 0;
		cancel_removal();
		paths_lost(yes);
		if :: yes -> bound_grace(0, flushes) :: else fi;
		yes = 0
#endif
	:: else
	fi;
	fresh = alive
}
