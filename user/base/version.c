// SPDX-License-Identifier: GPL-2.0-only
/* The version with its commit. Nothing else includes the generated header: see user/build.mk. */
#include "base/version.h"
#include "gen/version_git.h"

#ifdef MPATHTOP_COMMIT
const char version_text[] = MPATHTOP_VERSION " (git " MPATHTOP_COMMIT ")";
#else
const char version_text[] = MPATHTOP_VERSION;
#endif
