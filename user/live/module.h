/* SPDX-License-Identifier: GPL-2.0-only */
/* The module nvme_core as it is loaded now. */
#ifndef LIVE_MODULE_H
#define LIVE_MODULE_H

#include <linux/types.h>

/* A number that each loading of nvme_core in this boot has for itself; 0: it is not loaded. */
__u64 module_load_id(void);

#endif /* LIVE_MODULE_H */
