/* SPDX-License-Identifier: GPL-2.0-only */
/* The version of the tool, of the patch series and of the DKMS package. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define MPATHTOP_VERSION "0.2.0"

/* With the commit that it was built from: "0.2.0 (git 1a2b3c4d-dirty)"; without git the number. */
extern const char version_text[];

#endif /* BASE_VERSION_H */
