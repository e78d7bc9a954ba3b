#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 60
# The kernel complains while it runs.
echo "<4>WARNING: CPU: 0 PID: 1 at nowhere.c:1 nothing+0x1/0x2" > /dev/kmsg
