# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2164	# variables are for callers; lib.sh sets -e
#
# Load: fio on a head, each job with a name of its own. The log of every completion is
# $TMP/NAME_clat.1.log (time in ms, latency in ns, ...).

declare -A FIO_PID=() FIO_END=()
FIO_ALL_ERRORS=(--continue_on_error=io --error_dump=1)	# go on after an I/O error, and print each
EIO='Input/output error'
# what a disk that is gone gives to new writes: its size is 0
ENOSPC='No space left on device'

# fio_start NAME DEVICE [FIO-OPTION...]: in the background, until fio_stop: random writes with
# verify, 4k, queue depth 16, 200 a second (under emulation 1000 take a whole processor). Later
# options win. --rate_iops is the rate on the distribution's kernel: it is divided by VM_SLOW.
# Returns when the device has completed a write.
fio_start() {
	local name=$1 dev=$2 before option rate=200 options=()
	shift 2
	for option; do
		case $option in
		--rate_iops=*) rate=${option#*=} ;;
		*) options+=("$option") ;;
		esac
	done
	before=$(writes_of "${dev#/dev/}")
	rm -f "$TMP/$name.pid" "$TMP/$name.status"
	# fio opens its log in the current directory; the end time is left by a wrapper
	(
		cd "$TMP"
		status=0 end=''
		fio --name="$name" --filename="$dev" --ioengine=libaio --direct=1 \
			--rw=randwrite --bs=4k --iodepth=16 --size=128M \
			--rate_iops=$(((rate + VM_SLOW - 1) / VM_SLOW)) --time_based \
			--runtime=36000 --verify=crc32c --verify_backlog=64 --verify_fatal=1 \
			--randseed=1 --write_lat_log="$name" --log_offset=1 "${options[@]}" \
			> "$name.fio" 2>&1 &
		echo $! > "$name.pid"
		wait $! || status=$?
		now_to end
		echo "$status $end" > "$name.status"
		exit "$status"
	) &
	FIO_PID[$name]=$!
	on_exit "fio_kill $name;" \
		"cp $TMP/$name.* $TMP/${name}_clat* $VM_OUT/ 2>/dev/null"
	wait_for 20 fio_wrote "$name" "${dev#/dev/}" "$before" ||
		fail "fio $name did not start: $(cat "$TMP/$name.fio")"
}

# Reads and writes that a disk has completed. Linux 6.1 counts those of heads for the paths only.
reads_of() { head_stat 0 "$1"; }
writes_of() { head_stat 4 "$1"; }
head_stat() {
	local disk=/sys/block/$2 f n=0 all=0 stat
	# a head may have no path, and another disk has none
	for f in "$disk"/stat "/sys/block/${2%n*}"c*"n${2##*n}/stat"; do
		{ read -r -a stat < "$f"; } 2> /dev/null || continue
		if [ "$f" = "$disk/stat" ]; then
			n=${stat[$1]}
		else
			all=$((all + ${stat[$1]}))
		fi
	done
	printf '%d\n' $((n > all ? n : all))
}

# fio_wrote NAME DISK BEFORE: the disk has completed more writes than that; fails if fio has ended.
fio_wrote() {
	[ ! -e "$TMP/$1.status" ] || fail "fio $1 ended at once: $(cat "$TMP/$1.fio")"
	[ "$(writes_of "$2")" -gt "$3" ]
}

# fio_running NAME: succeeds while it is there.
fio_running() { [ ! -e "$TMP/$1.status" ]; }

# fio_stop NAME: ask it to end. It says 128 when it was asked to end and had no error.
fio_stop() { if kill -INT "$(< "$TMP/$1.pid")" 2> /dev/null; then FIO_END[$1]=128; fi; }

# fio_kill NAME: end it now, if it runs.
fio_kill() {
	local pid
	[ ! -e "$TMP/$1.status" ] || return 0
	kill -KILL "${FIO_PID[$1]}" || :
	read -r pid < "$TMP/$1.pid" || return 0
	pkill -KILL -P "$pid" || :	# its job is a process of its own
	kill -KILL "$pid" || :
} 2> /dev/null

# gone_and_back NAME CMD...: $HEAD, on which fio NAME runs, goes; fio ends; CMD
# brings the disk back.
gone_and_back() {
	local fio=$1
	shift
	check "the head goes" wait_for 10 head_gone "$HEAD"
	fio_stop "$fio"
	fio_wait "$fio"
	"$@"
	check "the disk is back" wait_for 10 head_dev
}

# fio_errors NAME [TEXT]: print how many I/Os have ended with an error so far, or with this one, for
# instance "$EIO".
fio_errors() { grep -c "io_u error on file.*: ${2:-}" "$TMP/$1.fio" || :; }

# fio_wait NAME [SECONDS]: wait for its end, as wait_for does (default 10 s), and set
#	FIO_STATUS		exit status
#	FIO_ERRORS		I/Os that ended with an error
#	FIO_VERIFY_ERRORS	verify errors
#	FIO_IOS			completed I/Os in the log
#	FIO_MAX_NS		longest completion latency
#	FIO_END_NS		when it ended
fio_wait() {
	local name=$1
	wait_for "${2:-10}" test -s "$TMP/$name.status" || fail "fio $name does not end"
	wait "${FIO_PID[$name]}" || :
	# shellcheck disable=SC2034	# for the caller
	read -r FIO_STATUS FIO_END_NS < "$TMP/$name.status"
	FIO_ERRORS=$(fio_errors "$name")
	FIO_VERIFY_ERRORS=$(grep -c -E 'verify: bad|verify failed|crc32c: verify' \
		"$TMP/$name.fio" || :)
	read -r FIO_IOS FIO_MAX_NS < <(shopt -s nullglob
		awk -F', *' '{ n++; if ($2 + 0 > m) m = $2 + 0 }
			END { printf "%.0f %.0f\n", n, m }' /dev/null "$TMP/${name}"_clat*.log)
	say "fio $name: status $FIO_STATUS, $FIO_IOS I/Os, $FIO_ERRORS errors," \
		"$FIO_VERIFY_ERRORS verify errors, longest $((FIO_MAX_NS / 1000)) us"
}

# fio_clean NAME [SECONDS]: fio_wait, and it must have ended without any error, by itself or by
# fio_stop.
fio_clean() {
	fio_wait "$@"
	assert_eq "exit status of fio $1" "$FIO_STATUS" "${FIO_END[$1]:-0}"
	assert_eq "I/O errors of $1" "$FIO_ERRORS" 0
	assert_eq "verify errors of $1" "$FIO_VERIFY_ERRORS" 0
}

# fio_end NAME [SECONDS]: fio_stop and fio_clean.
fio_end() {
	fio_stop "$1"
	fio_clean "$@"
}

# fio_lost_disk NAME: after fio_wait: all errors must be those of a disk that is gone.
fio_lost_disk() {
	assert_eq "errors that are neither EIO nor ENOSPC" \
		"$((FIO_ERRORS - $(fio_errors "$1" "$EIO") - $(fio_errors "$1" "$ENOSPC")))" 0
}

# read_block DEVICE: read one block past the page cache.
read_block() { dd if="$1" of=/dev/null bs=4096 count=1 iflag=direct status=none; }

# read_start NAME HEAD: read one block, in the background.
read_start() {
	rm -f "$TMP/$1.read"
	(
		status=0
		dd if="/dev/$2" of=/dev/null bs=4096 count=1 iflag=direct status=none \
			2> "$TMP/$1.said" || status=$?
		echo "$status $(now_ns)" > "$TMP/$1.part"
		mv "$TMP/$1.part" "$TMP/$1.read"
	) &
}

# read_ended NAME: succeeds when that is over.
read_ended() { [ -e "$TMP/$1.read" ]; }

# read_wait NAME SECONDS [ERROR]: wait until it is over, or fail; then it must have succeeded, or
# ended with this error. Sets READ_END_NS.
read_wait() {
	local status
	wait_for "$2" read_ended "$1" || fail "the read '$1' does not end"
	read -r status READ_END_NS < "$TMP/$1.read"
	if [ -z "${3:-}" ]; then
		assert_eq "status of the read '$1'" "$status" 0
	else
		check "the read '$1' ends with '$3'" grep -q "$3" "$TMP/$1.said"
	fi
}
