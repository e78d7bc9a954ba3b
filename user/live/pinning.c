// SPDX-License-Identifier: GPL-2.0-only
/*
 * The live source's pins: maps, programs and links that outlive the collector,
 * and taking over those of an earlier one.
 *
 * A later collector reads the maps with its own idea of their layout, so it
 * takes over only what agrees with it: the hash of the structures at build
 * time, and shape and number of the maps. The programs may be of another
 * version; they go on running.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/version.h"
#include "gen/layout.h"
#include "live/internal.h"
#include "live/pin_dir.h"

#define KIND_MAP	"map"
#define KIND_PROGRAM	"prog"
#define KIND_LINK	"link"

static const __u32 zero;

static int pins_fail(struct live *s, int err)
{
	return live_fail(s, err, "%s", pins_error(s->pins));
}

static int get_error(struct live *s, const char *path, int err)
{
	if (err == -EACCES || err == -EPERM)
		return live_fail(s, err,
				 "%s: cannot open: %s; it belongs to another user: run as "
				 "that one, or as root",
				 path, strerror(-err));
	return live_fail(s, err,
			 "%s: cannot open: %s; 'nvme-mpathtop collect --unpin=%s' removes "
			 "what is left of the earlier collector",
			 path, strerror(-err), pins_dir(s->pins));
}

/* A pinned object's descriptor, or -errno with the text. */
static int get(struct live *s, const char *kind, const char *name)
{
	const char *path = pins_path(s->pins, kind, name);
	int fd = path ? bpf_obj_get(path) : -ENAMETOOLONG;

	return fd < 0 ? get_error(s, path ? path : name, fd) : fd;
}

static int differs(struct live *s, const struct mpath_meta *meta)
{
	int max = sizeof(meta->tool) - 1;

	return live_fail(s, -EUCLEAN,
			 "%s: what is pinned there is of nvme-mpathtop %.*s, whose maps this "
			 "version (%s) cannot read. Run that version once more to record what it "
			 "holds, then 'nvme-mpathtop collect --unpin=%s' and start this one; "
			 "windows that are open meanwhile are not seen whole",
			 pins_dir(s->pins), max, meta->tool[0] ? meta->tool : "of unknown version",
			 MPATHTOP_VERSION, pins_dir(s->pins));
}

/* ---- taking over ---- */

static bool same_shape(const struct bpf_map *map, int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == (__u32)bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map);
}

static int read_meta(struct live *s, struct mpath_meta *meta)
{
	int err = 0, fd = get(s, KIND_MAP, "meta");

	if (fd < 0)
		return fd;
	memset(meta, 0, sizeof(*meta));
	if (!same_shape(s->maps.meta, fd))
		err = differs(s, meta);
	else if (bpf_map_lookup_elem(fd, &zero, meta))
		err = live_fail(s, -errno, "%s: cannot read the map meta: %s", pins_dir(s->pins),
				strerror(errno));
	else if (meta->layout != MPATH_LAYOUT || meta->abi_version != MPATH_ABI_VERSION)
		err = differs(s, meta);
	close(fd);
	return err;
}

static int take_maps(struct live *s, const struct mpath_meta *meta)
{
	struct bpf_map *map;
	int fd, err;

	bpf_object__for_each_map(map, s->obj)
	{
		if (bpf_map__is_internal(map))
			continue;
		fd = get(s, KIND_MAP, bpf_map__name(map));
		if (fd < 0)
			return fd;
		err = same_shape(map, fd) ? bpf_map__reuse_fd(map, fd) : differs(s, meta);
		close(fd);
		if (err)
			return *s->error ? err :
					   live_fail(s, err, "%s: the map %s cannot be used: %s",
						     pins_dir(s->pins), bpf_map__name(map),
						     strerror(-err));
	}
	return 0;
}

static int take_programs(struct live *s)
{
	const char *name, *path;
	unsigned int i;
	int err = s->stock ? live_stock_places_pinned(s) : 0;

	if (err)
		return err;
	for (i = 0; i < s->nr_points; i++) {
		name = s->points[i].name;
		s->programs[i] = get(s, KIND_PROGRAM, name);
		if (s->programs[i] < 0)
			return s->programs[i];
		path = pins_path(s->pins, KIND_LINK, name);
		s->links[i] = bpf_link__open(path);
		if (!s->links[i])
			return get_error(s, path, -errno);
	}
	s->heal_fd = get(s, KIND_PROGRAM, LIVE_HEAL);
	return s->heal_fd < 0 ? s->heal_fd : 0;
}

/*
 * Where nvme_core was loaded anew nothing runs any more. The collector reads out what is left and
 * begins anew; if it did so, or can't because the driver is of the other kind now, all of it goes.
 */
static bool is_of_no_use(const struct live *s, const struct mpath_meta *meta)
{
	return meta->module != s->module && (s->anew || meta->stock != !!s->stock);
}

static int take_over(struct live *s)
{
	struct mpath_meta meta;
	int err = read_meta(s, &meta);

	if (!err && is_of_no_use(s, &meta)) {
		err = pins_clear(s->pins, NULL);
		return err ? pins_fail(s, err) : 0;
	}
	err = err ? err : take_maps(s, &meta);
	if (err)
		return err;
	s->taken_over = true;
	s->pinned = true;
	s->attachment = meta.attachment;
	s->module = meta.module;
	return take_programs(s);
}

int live_pin_open(struct live *s, const char *dir)
{
	int err;

	s->pins = pins_new();
	if (!s->pins)
		return live_fail(s, -ENOMEM, "%s: %s", dir, strerror(ENOMEM));
	err = pins_open(s->pins, dir, true);
	if (!err && pins_complete(s->pins))
		return take_over(s);
	/* what a killed collector had not finished pinning has recorded nothing */
	err = err ? err : pins_clear(s->pins, NULL);
	return err ? pins_fail(s, err) : 0;
}

/* ---- pinning ---- */

static int pin(struct live *s, int fd, const char *kind, const char *name)
{
	const char *path = pins_path(s->pins, kind, name);
	int err = path ? bpf_obj_pin(fd, path) : -ENAMETOOLONG;

	if (!err)
		return 0;
	return live_fail(s, err,
			 "%s/%s_%s: cannot pin: %s; is there room, and may this user write "
			 "there?",
			 pins_dir(s->pins), kind, name, strerror(-err));
}

void live_pin_sign(struct live *s)
{
	struct mpath_meta meta = {};
	int fd = bpf_map__fd(s->maps.meta);

	bpf_map_lookup_elem(fd, &zero, &meta);
	if (!s->taken_over) {
		meta.layout = MPATH_LAYOUT;
		meta.abi_version = MPATH_ABI_VERSION;
		meta.attachment = s->attachment;
		meta.module = s->module;
		meta.stock = !!s->stock;
		snprintf(meta.tool, sizeof(meta.tool), "%s", MPATHTOP_VERSION);
	}
	meta.pid = (__u32)getpid();
	bpf_map_update_elem(fd, &zero, &meta, BPF_ANY);
}

int live_pin_all(struct live *s)
{
	struct bpf_map *map, *meta = s->maps.meta;
	const char *name;
	unsigned int i;
	int err = 0;

	live_pin_sign(s);
	bpf_object__for_each_map(map, s->obj) if (!err && map != meta && !bpf_map__is_internal(map))
		err = pin(s, bpf_map__fd(map), KIND_MAP, bpf_map__name(map));
	for (i = 0; !err && i < s->nr_points; i++) {
		name = s->points[i].name;
		err = pin(s, s->programs[i], KIND_PROGRAM, name);
		err = err ? err : pin(s, bpf_link__fd(s->links[i]), KIND_LINK, name);
	}
	err = err ? err : pin(s, s->heal_fd, KIND_PROGRAM, LIVE_HEAL);
	err = err ? err : pin(s, bpf_map__fd(meta), KIND_MAP, "meta");
	if (err)
		pins_clear(s->pins, NULL);
	s->pinned = !err;
	return err;
}
