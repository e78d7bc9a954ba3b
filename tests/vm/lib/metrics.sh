# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Metrics in a textfile.

# prom_metric FILE NAME [LABELS...]: print the sum over the series of nvme_mpath_NAME in whose line
# all LABELS are; "-" if there is none, or no file.
# shellcheck disable=SC2016	# awk's
prom_metric() {
	local file=$1 name=$2
	shift 2
	[ -e "$file" ] || { echo -; return; }
	awk -v name="nvme_mpath_$name{" 'BEGIN { n_labels = ARGC - 2
			for (i = 1; i <= n_labels; i++) labels[i] = ARGV[i + 1]
			ARGC = 2 }
		index($0, name) != 1 { next }
		{ for (i = 1; i <= n_labels; i++) if (labels[i] != "" && !index($0, labels[i])) next
		  sum += $NF; n++ }
		END { if (n) printf "%.15g\n", sum; else print "-" }' "$file" "$@"
}
