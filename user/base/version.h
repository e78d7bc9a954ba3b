/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The version of the tool: a build from a tagged git tree has a generated
 * header with the description of its commit, see build.mk.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#if __has_include("version_git.h")
#include "gen/version_git.h"
#endif

#ifndef MPATHTOP_VERSION
#define MPATHTOP_VERSION "0.1.0"
#endif

#endif /* BASE_VERSION_H */
