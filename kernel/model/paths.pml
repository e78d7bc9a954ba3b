/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Paths: their way in and out, the resets of their controllers, and ANA.
 */

/* nvme_mpath_remove_disk() by w */
inline remove_disk(w) {
	d_step {
		printf("%d nvme_mpath_remove_disk: clear DISK_LIVE\n", w);
		use_head();
		was = live;
		live = 0;
#ifndef FAULT_SYNC
		if :: was -> synchronize(w) :: else fi
#endif
	}
	if
	:: was ->
		d_step {
			synchronized(w) ->
			printf("%d nvme_mpath_remove_disk: synchronized, kick\n", w);
			kick()
		}
		d_step {
			!storing ->
			printf("%d nvme_mpath_remove_disk: del_gendisk(head->disk)\n", w);
			use_head();
			if
			:: disk == DELETED -> bad("second del_gendisk() of the head")
			:: disk == NOT_YET -> bad("del_gendisk() before device_add_disk()")
			:: else
			fi;
			if :: !empty -> bad("the head is removed under a path") :: else fi;
			disk = DELETED;
			was = 0
		}
	:: else
	fi
}

/* ---- sysfs links of the head to its paths */

/* nvme_mpath_remove_sysfs_link() */
inline remove_link(p) {
	if
	:: link[p] ->
		if :: link[p] == 1 -> bad("a link is removed before it is made") :: else fi;
		use_disk("a link is removed from a deleted disk");
		link[p] = 0
	:: else
	fi
}

inline add_link(r, p) {
	d_step {
		was = (listed[p] && added[p] && !link[p]);
		if
		:: was ->
			printf("%d nvme_mpath_add_sysfs_link: to path %d\n", r, p);
			link[p] = 1
		:: else
		fi
	}
	if
	:: was ->
		d_step {
			printf("%d nvme_mpath_add_sysfs_link: to path %d: there\n", r, p);
			use_disk("a link is added to a deleted disk");
			link[p] = 2;
			was = 0
		}
	:: else
	fi
}

/* nvme_mpath_add_sysfs_link() by reader r */
inline add_links(r) {
	d_step {
		was = (LINKS && disk != NOT_YET);	/* GD_ADDED stays after del_gendisk() */
		inside[r] = was
	}
	if
	:: was ->
		add_link(r, 0);
		add_link(r, 1);
		d_step { leave(r); was = 0 }
	:: else
	fi
}

#define add_links_if_live(r)	if :: live -> add_links(r) :: else fi

/* nvme_mpath_set_live() by reader and waiter r */
inline set_live(r) {
	d_step {
		use_head();
		was = !live;
		live = 1
	}
	if
	:: was ->
		d_step {
			printf("%d nvme_mpath_set_live: device_add_disk(head->disk)\n", r);
			if
			:: disk != NOT_YET -> bad("second device_add_disk() of the head")
			:: else
			fi;
			disk = ADDED;
			was = 0
		}
	:: else
	fi;
	add_links(r);
	d_step { synchronize(r) }
	d_step {
		synchronized(r) ->
		printf("%d nvme_mpath_set_live: synchronized, kick\n", r);
		kick()
	}
}

/* ---- out */

/* nvme_ns_remove() */
inline ns_remove(p) {
	d_step {
		printf("%d nvme_ns_remove: set REMOVING, clear READY\n", p);
		ready[p] = 0;
		synchronize(SCAN + p)
	}
	d_step {
		synchronized(SCAN + p) ->
		printf("%d nvme_mpath_path_leaves: off head->list\n", p);
		listed[p] = 0;
		leaving++;
		path_gone(last);
		synchronize(SCAN + p)
	}
	d_step {
		synchronized(SCAN + p) ->
		printf("%d nvme_ns_remove: synchronized, kick\n", p);
#ifndef FAULT_KICK
		kick()
#endif
	}
	d_step {
		printf("%d nvme_mpath_remove_sysfs_link: of path %d\n", p, p);
		remove_link(p)
	}
	d_step {
		flying[p] == 0 ->	/* it waits for the I/O that the path has */
		printf("%d nvme_ns_remove: del_gendisk(ns->disk)\n", p);
		if :: link[p] -> bad("the link to a path outlives the path") :: else fi;
		added[p] = 0
	}
	d_step {
		printf("%d nvme_ns_remove: off ctrl->namespaces\n", p);
		on_ctrl[p] = 0
	}
	d_step {
		!ctrl_readers[p] ->
		leaving--;
		if
		:: FAULT_3 != 9 -> last = !known && !(leaving && counts(2))
		:: else		/* as path_gone() has told */
		fi;
		printf("%d nvme_mpath_path_left: removes %d\n", p, last)
	}
	if :: last -> remove_disk(SCAN + p) :: else fi;
	d_step {
		printf("%d nvme_ns_remove: nvme_put_ns()\n", p);
		put_head();
		last = 0;
		optimized[p] = 0
	}
}

/* ---- in */

/* nvme_mpath_add_disk() */
inline add_disk(p) {
	if
	:: d_step { optimized[p] = 1; was = (ctrl[p] == LIVE || !has_ana(p)) }
	:: d_step { has_ana(p) -> was = 0 }	/* its group is inaccessible */
	fi;
	if
	:: was -> set_live(SCAN + p)
	:: else -> add_links_if_live(SCAN + p)
	fi
}

/*
 * nvme_alloc_ns(), from what nvme_find_ns_head() finds on. At the end `last` is set if the path is
 * there.
 */
inline alloc_ns(p) {
	d_step {
		last = (known && refs);
		if
		:: last ->
			printf("%d nvme_init_ns_head: finds the head\n", p);
			use_head();
			refs++;
			listed[p] = 1
		:: else ->
			printf("%d nvme_init_ns_head: makes another head\n", p)
		fi
	}
	if
	:: !last -> goto other
	:: else
	fi;
	if
	:: plan & FAIL -> goto fails		/* in nvme_update_ns_info() */
	:: skip
	fi;
	d_step {
		printf("%d nvme_update_ns_info: set READY\n", p);
		ready[p] = 1
	}
	d_step {
		last = !frozen[p];
		on_ctrl[p] = last;
		if
		:: last -> printf("%d nvme_alloc_ns: on ctrl->namespaces\n", p)
		:: else -> printf("%d nvme_alloc_ns: queues are frozen\n", p)
		fi
	}
	if
	:: !last -> goto fails
	:: else
	fi;
	if
	:: plan & FAIL ->
		d_step {
			printf("%d nvme_alloc_ns: device_add_disk(ns->disk) fails\n", p);
			on_ctrl[p] = 0
		}
fails:
		skip;
		d_step {
			!ctrl_readers[p] ->
			printf("%d nvme_alloc_ns: fails, nvme_mpath_path_gone()\n", p);
			listed[p] = 0;
			ready[p] = 0;
			path_gone(last);
			synchronize(SCAN + p)
		}
		d_step {
			synchronized(SCAN + p) ->
			printf("%d nvme_alloc_ns: synchronized, kick\n", p);
			kick()
		}
		if :: last -> remove_disk(SCAN + p) :: else fi;
		d_step {
			printf("%d nvme_alloc_ns: nvme_put_ns_head()\n", p);
			put_head();
			optimized[p] = 0;
			last = 0
		}
	:: plan & JOIN ->
		d_step {
			printf("%d nvme_alloc_ns: device_add_disk(ns->disk)\n", p);
			added[p] = 1
		}
		d_step {
			printf("%d nvme_mpath_path_joined\n", p);
			path_joined()
		}
		add_disk(p);
		last = 1
	fi;
other:
	skip
}

/*
 * A path that is there may go, by a scan or with its controller; one that is not there may come.
 * scan_work does all of it, or it comes after a flush of that.
 */
proctype Path(byte p; byte plan) {
	bit yes, was, last;

	if
	:: plan & THERE -> goto present
	:: else
	fi;
absent:
	if
	:: plan & (JOIN | FAIL) ->
		d_step {
			reset_done[p] || ctrl[p] == LIVE ->
			if
			:: ctrl[p] != LIVE -> /* a new one */
				ctrl[p] = LIVE; frozen[p] = 0; failfast[p] = 0
			:: else
			fi
		}
		alloc_ns(p);
		if
		:: last -> last = 0
		:: else -> goto again
		fi
	:: else -> goto out
	fi;
present:
	if
	:: plan & LEAVE ->
		if
		:: skip		/* by a scan */
		:: d_step {
			UNBIND ->
			printf("%d nvme_remove: DELETING\n", p);
			if
			:: ctrl[p] == LIVE || ctrl[p] == RESETTING -> ctrl[p] = DELETING
			:: else
			fi
		   }
		   if
		   :: d_step {
			ctrl[p] == DELETING ->
			printf("%d nvme_remove: no device, DEAD, kick\n", p);
			ctrl[p] = DEAD;
			kick()
		      }
		   :: skip
		   fi;
		   d_step {
			reset_done[p] ->
			printf("%d nvme_remove_namespaces: off ctrl->namespaces, NOIO\n", p);
			ctrl[p] = NOIO;
			on_ctrl[p] = 0
		   }
		   ctrl_readers[p] == 0
		fi;
		ns_remove(p)
	:: else -> goto out
	fi;
again:
	if
	:: plan & AGAIN -> plan = plan & ~AGAIN; goto absent
	:: else
	fi;
out:
	atomic { plan = 0; done++ }
}

/* ---- resets: nvme_reset_work() of controller p. `how`: see RESET_A */

inline reset_succeeds(p) {
	d_step {
		if
		:: ctrl[p] == RESETTING ->
			printf("%d nvme_change_ctrl_state: LIVE, kick\n", RESET + p);
			ctrl[p] = LIVE;
			frozen[p] = 0;
			failfast[p] = 0;
			how = 0;
			if :: on_ctrl[p] -> kick() :: else fi
		:: else
		fi
	}
}

/* a fabrics controller has reconnected for fast_io_fail_tmo, and goes on */
inline reset_lasts(p) {
	d_step {
		printf("%d nvme_failfast_work: kick\n", RESET + p);
		failfast[p] = 1;
		if :: on_ctrl[p] -> kick() :: else fi
	}
}

inline reset_fails(p) {
	d_step {
		printf("%d nvme_reset_work: fails, DELETING\n", RESET + p);
		if :: ctrl[p] == RESETTING -> ctrl[p] = DELETING :: else fi
	}
	d_step {
		printf("%d nvme_change_ctrl_state: DEAD, kick\n", RESET + p);
		if
		:: ctrl[p] == DELETING ->
			ctrl[p] = DEAD;
			if :: on_ctrl[p] -> kick() :: else fi
		:: else
		fi
	}
}

/* nvme_mpath_ctrl_dead() */
inline ctrl_dead(p) {
	d_step {
		was = on_ctrl[p];
		if :: was -> ctrl_readers[p]++ :: else fi
	}
	if
	:: was ->
		d_step {
			was = 0;
			if
			:: !empty ->
				paths_lost(yes);
				if
				:: yes && !armed -> bound_grace(0, flushes)
				:: else
				fi;
				yes = 0
			:: else
			fi;
			printf("%d nvme_mpath_ctrl_dead: GRACE_OVER %d\n", RESET + p, over);
			ctrl_readers[p]--
		}
	:: else
	fi
}

proctype Reset(byte p; byte how) {
	bit yes, was;

	d_step {
		was = (ctrl[p] == LIVE);
		if
		:: was ->
			printf("%d nvme_reset_work: RESETTING\n", RESET + p);
			ctrl[p] = RESETTING;
			frozen[p] = 1
		:: else -> how = 0
		fi;
		was = 0
	}
	if
	:: how & LASTS -> reset_lasts(p)
	:: how != LASTS
	fi;
	if
	:: how & SUCCEEDS -> reset_succeeds(p)
	:: how & FAILS
	:: (how & LASTS) && failfast[p] -> how = 0
	:: !how
	fi;
	if
	:: how ->
		reset_fails(p);
		if :: BOUNDED -> ctrl_dead(p) :: else fi
	:: else
	fi;
	atomic { reset_done[p] = 1; how = 0; done++ }
}

/* nvme_ana_work() of controller p, n times */
proctype Ana(byte p; byte n) {
	bit was, state;

	do
	:: n == 0 -> break
	:: n > 0 ->
		n--;
		if
		:: state = 0
		:: state = 1
		fi;
		d_step {
			was = (ctrl[p] == LIVE && on_ctrl[p]);
			if
			:: was ->
				printf("%d nvme_update_ns_ana_state: accessible %d\n",
					ANA + p, state);
				ctrl_readers[p]++;
				optimized[p] = state
			:: else -> state = 0
			fi
		}
		if
		:: was ->
			d_step { was = 0; state = (state && ctrl[p] == LIVE) }
			if
			:: state -> set_live(ANA + p)
			:: else -> add_links_if_live(ANA + p)
			fi;
			d_step { ctrl_readers[p]--; state = 0 }
		:: else
		fi
	od;
	done++
}
