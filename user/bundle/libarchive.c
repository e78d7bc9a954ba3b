// SPDX-License-Identifier: GPL-2.0-only
/* libarchive at the moment when it is needed. */
#include <dlfcn.h>
#include <stdbool.h>

#include "base/array.h"
#include "bundle/libarchive.h"

#define SONAME	"libarchive.so.13"	/* that of version 3, since 2013 */

struct libarchive libarchive;

static const char *const names[] = {
#define LIBARCHIVE_NAME(name)	#name,
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_NAME)
};

static void **const pointers[] = {
#define LIBARCHIVE_ADDRESS(name)	(void **)&libarchive.name,
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_ADDRESS)
};

const char *libarchive_load(void)
{
	static bool loaded;
	void *library;
	size_t i;

	if (loaded)
		return NULL;
	library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return "bundles need the library " SONAME
		       ", which cannot be loaded: install it (Debian: libarchive13)";
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		*pointers[i] = dlsym(library, names[i]);
		if (!*pointers[i])
			return "the library " SONAME " lacks a function that bundles need";
	}
	loaded = true;
	return NULL;
}
