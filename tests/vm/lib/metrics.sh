# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034	# variables are for callers
#
# Metrics in a textfile. No process is started, as scenarios ask again and again.

# metric_read FILE NAME [LABELS...]: set METRIC to the sum over the series of nvme_mpath_NAME in
# whose line all LABELS are; "-" if there is none, or no file. A value that is not a whole number
# must be the only one.
metric_read() {
	local name=$2 line label lines=() file=$1
	shift 2
	METRIC=-
	[ ! -f "$file" ] || mapfile -t lines < "$file"
	for line in ${lines[@]+"${lines[@]}"}; do
		[[ $line == "nvme_mpath_$name{"* || $line == "nvme_mpath_$name "* ]] || continue
		for label; do
			[[ $line == *"$label"* ]] || continue 2
		done
		line=${line##* }
		if [ "$METRIC" = - ]; then
			METRIC=$line
		elif [[ $METRIC$line =~ ^[0-9]+$ ]]; then
			METRIC=$((METRIC + line))
		else
			fail "no sum of nvme_mpath_$name: $METRIC and $line"
		fi
	done
}

# prom_metric FILE NAME [LABELS...]: print it.
prom_metric() {
	metric_read "$@"
	printf '%s\n' "$METRIC"
}

# metric_is VALUE FILE NAME [LABELS...]: succeeds if it is this.
metric_is() {
	metric_read "${@:2}"
	[ "$METRIC" = "$1" ]
}

# metric_comes VALUE FILE NAME [LABELS...]: the same, for wait_for: looks at a file once only.
metric_comes() {
	[ "$2" -nt "$TMP/looked" ] || return 1
	: > "$TMP/looked"
	metric_is "$@"
}

# export_timer PID: set EXPORT_TIMER to the file about the timer of a collector's next write: that
# of CLOCK_BOOTTIME which is set to a point of time. After the first write.
export_timer() {
	local word value clock flags
	for EXPORT_TIMER in "/proc/$1/fdinfo"/*; do
		clock='' flags=''
		while read -r word value; do
			case $word in
			clockid:) clock=$value ;;
			settime) flags=$value ;;
			esac
		done < "$EXPORT_TIMER"
		[ "$clock $flags" != '7 flags: 01' ] || return 0
	done
	fail "the collector $1 has no timer for its next write"
}

# export_left: set EXPORT_LEFT_NS to the time to the next write, 0 during one.
export_left() {
	local word value
	EXPORT_LEFT_NS=0
	while read -r word value; do
		[[ $word != it_value: || ! $value =~ ^\(([0-9]+),\ ([0-9]+)\)$ ]] ||
			EXPORT_LEFT_NS=$((BASH_REMATCH[1] * 1000000000 + BASH_REMATCH[2]))
	done < "$EXPORT_TIMER"
}
