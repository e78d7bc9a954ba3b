/* SPDX-License-Identifier: GPL-2.0-only */
/* The answer to a question about this kernel, which may not be known. */
#ifndef BASE_ANSWER_H
#define BASE_ANSWER_H

enum probe_answer { PROBE_NO, PROBE_YES, PROBE_UNKNOWN };

#endif /* BASE_ANSWER_H */
