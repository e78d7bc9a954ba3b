/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inside of the live source, shared by its files. Each calls only files that stand before it
 * here; live/live.c calls all.
 */
#ifndef LIVE_INTERNAL_H
#define LIVE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/mpath_maps.h"
#include "live/live.h"

#define SRC_LIVE_PROGRAMS	64	/* room in the table of links */
#define LIVE_HEAL		"mpath_heal"	/* a program that is at no place */

struct bpf_link;
struct bpf_map;
struct bpf_object;
struct cgroups;
struct mpath_tracepoint;
struct mpath_kprobe;
struct pins;
struct ring_buffer;
struct stock;
struct stock_plan;

/* A snapshot that was yielded: what has not changed is not said again. */
struct seen_outage {
	struct mpath_outage	o;
	__u64			read_ns;
	bool			present;	/* found by the walk under way */
	__u64			who_parked;	/* parked bios when it was yielded whose they are */
};

/* A program at a place: what is attached. */
struct live_point {
	const char	*program;
	char		name[24];	/* the program's, and a number if it has several places */
	char		where[64];	/* tracepoint; function, the place in it */
	const char	*function;	/* NULL: a tracepoint */
	__u64		addr;		/* 0: hidden, it is the function's */
	bool		ret;		/* at the function's return */
};

/* The maps of either set of programs. */
struct live_maps {
	struct bpf_map *events, *heads, *bios, *outages, *losses, *who, *meta;
};

/* A head as sysfs has it. */
struct live_listed {
	char	name[MPATH_NAME_LEN];
	__u32	flags;			/* MPATH_HEAL_LISTED, _USABLE */
	__u64	since_ns;		/* since when these are so */
};

struct live {
	struct mpath_tracepoint	*skel;		/* programs for the series' tracepoints, or */
	struct mpath_kprobe	*stock_skel;	/* those for a driver without them */
	struct stock		*stock;		/* functions of that driver, */
	struct stock_plan	*plan;		/* and which of them these go to */
	struct bpf_object	*obj;
	struct live_maps	maps;
	struct live_point	points[SRC_LIVE_PROGRAMS];
	unsigned int		nr_points;
	struct ring_buffer	*ring;
	struct bpf_link		*links[SRC_LIVE_PROGRAMS];
	int			programs[SRC_LIVE_PROGRAMS];	/* descriptors; -1: none */
	struct pins		*pins;		/* NULL: nothing is pinned */
	bool			pinned;		/* what is attached outlives this process */
	/* maps and links are those of an earlier collector */
	bool			taken_over;
	__u64			attachment;	/* rec_start.attachment */
	__u64			module;		/* nvme_core that is watched: module_load_id() */
	bool			anew;		/* live_opts.anew */
	int			epoll_fd, timer_fd;
	bool			ticking;
	bool			active;		/* something came since the last tick */
	struct seen_outage	**seen;		/* by rising head_id, outage */
	size_t			nr_seen;
	__u8			*told;		/* one for each head_id: an event was yielded */
	size_t			nr_told;
	struct mpath_losses	losses;		/* as yielded */
	struct live_listed	*listed;	/* heads, by the last topology */
	size_t			nr_listed;
	int			heal_fd;	/* program mpath_heal; -1: none */
	__u64			healed_ns;	/* when it ran last */
	bool			wants_topology;
	struct cgroups		*cgroups;
	record_fn		fn;		/* of the poll under way */
	void			*ctx;
	int			err;		/* first failure of fn */
	char			error[640];
};

/* ---- live/points.c ---- */

/* Keep the text for live_error(), return @err. */
__attribute__((format(printf, 3, 4))) int live_fail(struct live *s, int err, const char *fmt, ...);
/* A place for a program, at the end of the table; -E2BIG: it is full. */
int live_point_add(struct live *s, const struct live_point *point);
/* Find the descriptors of their programs, which are loaded. */
int live_points_find(struct live *s);
/* Detach all programs, in the reverse order. */
void live_detach(struct live *s);

/* ---- live/tracepoints.c ---- */

/* The place of each program that has a tracepoint of the series. */
int live_tracepoints_add(struct live *s);

/* ---- live/read.c ---- */

/* Open what live_poll() waits for, of loaded programs. 0 or -errno. */
int live_open_reading(struct live *s);
void live_close_reading(struct live *s);

/* ---- live/stock.c ---- */

/*
 * For a driver without the series: see where programs can go, and open these. Load them; if the
 * kernel does not take one, what else there is.
 */
int live_stock_open(struct live *s);
int live_stock_load(struct live *s);
/* A program could not be attached: detached all are loaded anew, for what there is without it. */
int live_stock_without(struct live *s, const char *program);
/* Of pinned programs the places where they can have been put. */
int live_stock_places_pinned(struct live *s);

/* ---- live/pinning.c ---- */

/*
 * Lock the directory @dir, and if an earlier collector left its
 * maps and links there, take them over: s->taken_over. @s has the opened,
 * not yet loaded programs. 0 or -errno, with the text.
 */
int live_pin_open(struct live *s, const char *dir);
/* Pin the maps, programs and links of attached programs; the meta map comes last. */
int live_pin_all(struct live *s);
/* Say in the meta map who has the pins now. */
void live_pin_sign(struct live *s);

/* ---- live/heal.c ---- */

/* Put right what is stuck. Returns whether anything is, and an up to date topology would help. */
bool live_heal(struct live *s, __u64 now);

/* ---- live/read.c ---- */

/* Open what live_poll() waits for, of loaded programs. 0 or -errno. */
int live_open_reading(struct live *s);
void live_close_reading(struct live *s);

#endif
