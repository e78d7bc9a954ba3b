#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --timeout 60
# The last one is as good as any.
:
