#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 60
# It fails.
echo "FAIL: as it should"
exit 1
