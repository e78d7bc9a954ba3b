#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 2
# It never ends.
sleep 10000
