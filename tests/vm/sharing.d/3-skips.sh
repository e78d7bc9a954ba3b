#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 60
# It is skipped.
echo "SKIP: not today"
exit 77
