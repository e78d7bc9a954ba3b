/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * I/O: the tasks that submit it, and the requeue work.
 */

/* what nvme_path_is_disabled() and the ANA state leave to nvme_find_path() */
#define usable(p) \
	(listed[p] && ready[p] && optimized[p] && \
	 (ctrl[p] == LIVE || (ctrl[p] == DELETING && !frozen[p])))
#define may_come(p) \
	(listed[p] && !failfast[p] && (ctrl[p] == LIVE || ctrl[p] == RESETTING))
#define no_hope(p)	(listed[p] && failfast[p])
#define available \
	(live && (may_come(0) || may_come(1) || (in_grace && !no_hope(0) && !no_hope(1))))

/* where a bio goes: to path 0 or 1, or */
#define NO_PATH		2	/* nvme_find_path() finds none */
#define WILL_PARK	3	/* nvme_available_path(): one may come */
#define NOWHERE		4

/* the begin of nvme_ns_head_submit_bio() by w, which is reader r */
inline find_path(w, r, to) {
	inside[r] = 1;
	if
	:: usable(0) -> to = 0
	:: !usable(0) && usable(1) -> to = 1
	:: else -> to = NO_PATH
	fi;
	if
	:: to == NO_PATH -> printf("%d nvme_find_path: none\n", w)
	:: else -> printf("%d nvme_find_path: path %d\n", w, to); leave(r)
	fi
}

/* nvme_available_path(); the bio fails if none is */
inline available_path(w, r, to) {
	if
	:: available ->
		printf("%d nvme_available_path: one may come\n", w);
		if :: !known -> bad("I/O waits for a head that goes") :: else fi;
		to = WILL_PARK
	:: else ->
		printf("%d nvme_mpath_fail_bio\n", w);
		if
		:: MODULE && live && known && lost && left -> bad("I/O fails inside a window")
		:: else
		fi;
		leave(r);
		put_head();
		to = NOWHERE
	fi
}

/* the end of nvme_ns_head_submit_bio() by reader r, when the bio is on the list */
inline look_again(w, r) {
#ifndef FAULT_5
	d_step {
		if
		:: usable(0) || usable(1) ->
			printf("%d nvme_ns_head_submit_bio: there is a path, kick\n", w);
			kick();
			to = NOWHERE
		:: else
		fi
	}
#endif
	d_step {
#ifndef FAULT_5
		if
		:: to != NOWHERE && !available ->
			printf("%d nvme_ns_head_submit_bio: no path will come, kick\n", w);
			kick()
		:: else
		fi;
#endif
		leave(r);
		to = 0
	}
}

/*
 * The task waits for its I/O with the file open, which is a reference on the head: who ends a bio
 * drops it.
 */
proctype Task(byte i) {
	byte n = IOS;
	byte to;

	do
	:: d_step {
		if
		:: n && disk == ADDED ->
			n--;
			use_head();
			refs++;
			find_path(TASK + i, R_TASK + i, to);
			if :: to < NO_PATH -> flying[to]++ :: else fi
		:: else -> n = 0; to = NOWHERE
		fi
	   }
	   if
	   :: to == NOWHERE -> break
	   :: to == NO_PATH ->
		d_step {
			available_path(TASK + i, R_TASK + i, to);
			if :: to == NOWHERE -> to = 0 :: else fi
		}
		if
		:: to == WILL_PARK ->
			d_step {
				printf("%d nvme_ns_head_submit_bio: parks\n", TASK + i);
				parked++;
				to = 0
			}
			look_again(TASK + i, R_TASK + i)
		:: else
		fi
	   :: to < NO_PATH ->
		if
		:: d_step {
			ctrl[to] == LIVE || ctrl[to] == DELETING ->
			flying[to]--;
			put_head();
			to = 0
		   }
		:: d_step {
			printf("%d nvme_failover_req: from path %d\n", TASK + i, to);
			flying[to]--;
			parked++;
			kick();
			to = 0
		   }
		fi
	   fi
	od;
	atomic { to = 0; done++ }
}

/* nvme_requeue_work() */
proctype Requeue() {
	byte n, to;

end:
	do
	:: atomic {
		kicked ->
		printf("%d nvme_requeue_work: takes %d\n", REQUEUE, parked);
		kicked = 0;
		n = parked;
		parked = 0;
		requeueing = (n > 0)
	   }
	   do
	   :: n == 0 -> break
	   :: n > 0 ->
		d_step {
			n--;
			if
			:: !live ->
				printf("%d nvme_mpath_fail_bio\n", REQUEUE);
				put_head();
				to = NOWHERE
			:: else ->
				find_path(REQUEUE, R_REQUEUE, to);
				if :: to < NO_PATH -> put_head() :: else fi
			fi
		}
		if
		:: to == NO_PATH ->
			d_step {
				available_path(REQUEUE, R_REQUEUE, to)
			}
			if
			:: to == WILL_PARK ->
				d_step {
					printf("%d nvme_ns_head_submit_bio: parks\n", REQUEUE);
					parked++
				}
				look_again(REQUEUE, R_REQUEUE)
			:: else
			fi
		:: else
		fi;
		to = 0
	   od;
	   requeueing = 0
	od
}
