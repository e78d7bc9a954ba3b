/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The delayed removal of a multipath head: one head, two paths, and everybody who works on them.
 * README.md beside this file tells what the model leaves out, what it is checked for, and how.
 *
 * A step is what nobody sees half of: a critical section under subsys->lock, one read, one write.
 * Between two steps the others may run, for as long as they like. A step prints who it is (see
 * head.pml) and the function of the kernel that it stands for.
 */

/* ---- a configuration is a set of these (-D) */

#ifndef DELAY
#define DELAY	1	/* delayed_removal_secs at the begin: 0 to MAX, or 9: 0 or MAX */
#endif
#ifndef MAX
#define MAX	1	/* the longest setting, 1 or 2, and so the time that counts */
#endif
#ifndef WRITES
#define WRITES	0	/* writes to delayed_removal_secs, each of any value up to MAX */
#endif
#ifndef A
#define A	(THERE | LEAVE)	/* what becomes of path 0, see below */
#endif
#ifndef B
#define B	0	/* and of path 1 */
#endif
#ifndef NEVER
#define NEVER	0	/* 1: the head never was live, paths are not accessible yet */
#endif
#ifndef RESET_A
#define RESET_A	0	/* how a reset of controller 0 may end, see below; 0: there is none */
#endif
#ifndef RESET_B
#define RESET_B	0
#endif
#ifndef ANA_A
#define ANA_A	0	/* runs of ana_work of controller 0: accessible or not */
#endif
#ifndef ANA_B
#define ANA_B	0
#endif
#ifndef TASKS
#define TASKS	1	/* that submit I/O, at most 2 */
#endif
#ifndef IOS
#define IOS	1	/* of each */
#endif
#ifndef LINKS
#define LINKS	1	/* links in sysfs, from the head to its paths; none in 6.12 and 6.1 */
#endif
#ifndef UNBIND
#define UNBIND	1	/* 0: paths leave by scans only, not with their controllers */
#endif
#ifndef MODULE
#define MODULE	1	/* 0: try_module_get() fails */
#endif
#ifndef BOUNDED
#define BOUNDED	1	/* 0: without topic bounded-queueing */
#endif

/* what becomes of a path */
#define THERE	1	/* it is there at the begin, else it may come */
#define LEAVE	2	/* it leaves, once it is there */
#define JOIN	4	/* it is found by a scan, and joins */
#define FAIL	8	/* or fails half-way */
#define AGAIN	16	/* it comes once more after that */

/* how a reset may end */
#define FAILS	1
#define SUCCEEDS 2
#define LASTS	4	/* longer than fast_io_fail_tmo; after that it may succeed, or goes on */

#define has_ana(p)	((p) -> ANA_B : ANA_A)
#define PROCESSES	(1 + (B != 0) + (RESET_A != 0) + (RESET_B != 0) + (ANA_A != 0) + \
			 (ANA_B != 0) + (WRITES != 0) + TASKS)

/* ---- faults that are put back, to see that they are found (see README.md) */

#ifndef FAULT_3
/* paths_leaving is not looked at by path_gone (1), path_left (2), the work (3), any of them (9) */
#define FAULT_3	0
#endif

#ifdef FAULT_6
#define flushes		false
#else
#define flushes		true
#endif

#ifdef FAULT_WORK
#define looks_at_list	false
#else
#define looks_at_list	true
#endif

#ifdef FAULT_EARLY
#define looks_at_time	false
#else
#define looks_at_time	true
#endif

#ifdef FAULT_LOOP
#define may_begin	true
#else
#define may_begin	(!left || !early)
#endif

#include "head.pml"
#include "paths.pml"
#include "io.pml"

/* remove_work: nvme_remove_head_work() */
proctype Work() {
	bit was, remove;

end:
	do
	:: atomic {
		pending && may_begin ->
		printf("%d nvme_remove_head_work: begins, time left %d\n", WORK, left);
		pending = 0;
		running = 1;
		early = left
	   }
	   d_step {
		use_head();
		if
		:: armed && (empty || !looks_at_list) ->
			if
			:: looks_at_time && left && MODULE -> queue_removal(early)
			:: else ->
				unlink_head();
				if
				:: leaving && counts(3) -> kick()
				:: else -> remove = 1
				fi
			fi
		:: lost && !armed && !empty -> bound_grace(early, true)
		:: else
		fi;
		printf("%d nvme_remove_head_work: removes %d, GRACE_OVER %d\n", WORK, remove, over)
	   }
	   if
	   :: remove -> remove_disk(WORK)
	   :: else
	   fi;
	   d_step {
		printf("%d nvme_remove_head_work: ends\n", WORK);
		put_head();
		put_module();
		remove = 0;
		running = 0
	   }
	od
}

/* delayed_removal_secs_store() */
proctype Store() {
	byte n = WRITES;
	byte value;

	do
	:: n == 0 -> break
	:: n > 0 ->
		n--;
		if
		:: value = 0
		:: value = 1
		:: MAX > 1 -> value = 2
		fi;
		d_step {
			if
			:: disk != ADDED -> n = 0
			:: else ->
				printf("%d delayed_removal_secs_store: %d\n", STORE, value);
				use_head();
				storing = 1;
				delay = value;
				if
				:: armed && MODULE -> queue_removal(0)
				:: !armed && lost && !empty -> bound_grace(0, true)
				:: else
				fi;
				synchronize(STORE)
			fi;
			value = 0
		}
		if
		:: storing ->
			d_step {
				synchronized(STORE) ->
				printf("%d delayed_removal_secs_store: synchronized\n", STORE);
				if :: !in_grace -> kick() :: else fi;
				storing = 0
			}
		:: else
		fi
	od;
	done++
}

/* Time goes on while it matters to somebody. */
#define ticking		(lost && since < MAX && (delay || WRITES))

proctype Clock() {
end:
	do
	:: atomic {
		ticking ->
		printf("%d time passes\n", TIME);
		since++
	   }
	od
}

#define inaccessible(p)	(listed[p] && ctrl[p] == LIVE && !optimized[p])
#define unlinked(p)	(listed[p] && !link[p])

/* When nothing can happen any more, nothing must be left to do. */
proctype Judge() {
	atomic {
		done == PROCESSES && !kicked && !requeueing && !pending && !running &&
			!ticking ->
		if
		:: parked && !inaccessible(0) && !inaccessible(1) -> bad("I/O is parked for ever")
		:: else
		fi;
		if
		:: refs != listed[0] + listed[1] + parked -> bad("a reference on the head is left")
		:: else
		fi;
		if :: modrefs -> bad("a reference on the module is left") :: else fi;
		if :: armed -> bad("a removal neither runs nor is called off") :: else fi;
		if
		:: empty && (live || known || disk == ADDED) -> bad("a head without a path stays")
		:: !empty && (!known || disk == DELETED) -> bad("a path without its head stays")
		:: else
		fi;
		if
		:: LINKS && live && (unlinked(0) || unlinked(1)) -> bad("a path has no link")
		:: else
		fi
	}
}

inline begin(p, plan) {
	if
	:: (plan) & THERE ->
		refs++;
		listed[p] = 1;
		on_ctrl[p] = 1;
		ready[p] = 1;
		added[p] = 1;
		optimized[p] = !NEVER;
		link[p] = (LINKS && !NEVER -> 2 : 0)
	:: else
	fi;
	if :: plan -> run Path(p, plan) :: else fi
}

init {
	atomic {
		if
		:: DELAY != 9 -> delay = DELAY
		:: DELAY == 9 -> delay = 0
		:: DELAY == 9 -> delay = MAX
		fi;
		live = !NEVER;
		disk = (NEVER -> NOT_YET : ADDED);
		known = 1;
		fresh = 1;
		reset_done[0] = !RESET_A;
		reset_done[1] = !RESET_B;
		begin(0, A);
		begin(1, B);
		if :: RESET_A -> run Reset(0, RESET_A) :: else fi;
		if :: RESET_B -> run Reset(1, RESET_B) :: else fi;
		if :: ANA_A -> run Ana(0, ANA_A) :: else fi;
		if :: ANA_B -> run Ana(1, ANA_B) :: else fi;
		if :: WRITES -> run Store() :: else fi;
		if :: TASKS > 0 -> run Task(0) :: else fi;
		if :: TASKS > 1 -> run Task(1) :: else fi;
		run Requeue();
		run Work();
		run Clock();
		run Judge()
	}
}
