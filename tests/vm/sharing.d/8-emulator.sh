#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 60
# QEMU fails while it runs.
for text in 'Oops: int3: 0000 [#1] PREEMPT SMP NOPTI' \
		'Code: 48 89 b3 b0 00 00 00 0f <1f> 44 00 00 48 89 de' \
		'Call Trace:'; do
	echo "$text" > /dev/kmsg
done
