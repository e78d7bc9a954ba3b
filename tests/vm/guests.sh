# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154	# variables of tests/vm/run
#
# Guests of tests/vm/run: which scenarios share one, how one runs, what each scenario came to.
# Sourced by tests/vm/run, whose variables it reads.
#
# Scenarios that want the same guest share one, up to SHARE of them: it boots once, and the
# second one finds the programs translated already. tests/vm/batch runs them in it. The first that
# fails ends the guest, the rest goes on in a new one.

SHARE=6		# scenarios of a guest at most: who comes last waits for all the others
EXIT_TIMEOUT=122 EXIT_DIED=123	# of scripts/vm
BETWEEN=900	# seconds for the boot, and for what comes between scenarios: a limit for a hang
PATIENCE=4	# the limit of a scenario is for a machine with little else to do

# header WORD NAME: what the line `# WORD: ...` of a scenario says.
header() { sed -n "s/^# $1: *//p" "$scenarios/$2.sh" | head -n1; }

# option NAME WORDS: the value of `--NAME VALUE` in options of scripts/vm.
option() { sed -n "s/.*--$1[ =]\([^ ]*\).*/\1/p" <<< "$2"; }

# guest_of NAME: the options of scripts/vm that make the guest which the scenario wants: its header
# without limit and parameters of nvme_core, which is loaded for each.
guest_of() {
	header vm "$1" | sed -E 's/--(timeout|core-params)[ =][^ ]*//g; s/  */ /g; s/^ //; s/ $//'
}

# limit_of NAME: its limit in seconds: --timeout of its header, with -t, and what vm-time adds for a
# variable that -e has above its default.
limit_of() {
	local limit variable seconds value default patience=$PATIENCE
	[ -z "$debug" ] || patience=$((patience * 4))
	limit=$(option timeout "$(header vm "$1")")
	read -r variable seconds < <(header vm-time "$1") || :
	value=$(printf '%s\n' "${environment[@]}" | sed -n "s/^${variable:-none}=//p" | tail -n1)
	default=$(sed -n "s/^# vm-env: ${variable:-none}=\([0-9]*\) .*/\1/p" \
		"$scenarios/$1.sh")
	awk -v limit=$((${limit:-300} + more)) -v value="${value:-$default}" -v default="$default" \
		-v each="$seconds" -v patience=$patience \
		'BEGIN { n = (value - default) * each
			printf "%d\n", (limit + (n > 0 ? n : 0)) * patience }'
}

# not_here NAME: why it is skipped; status 1 if it is not.
not_here() {
	local only on_debug
	only=$(header vm-lines "$1")
	if [ -n "$only" ] && ! is_in "$line" "$only"; then
		echo "it is for kernel line $only (-l ${only%% *}), not $line"
		return
	fi
	# a kernel that is chosen by -o may be anything
	on_debug=$(header vm-debug "$1")
	case ${debug:-${choose:+usual}},$on_debug in
	yes,no\ *) echo "not on the debug kernel: ${on_debug#no }" ;;
	usual,only\ *) echo "only on the debug kernel (-d): ${on_debug#only }" ;;
	*) return 1 ;;
	esac
}

# plan NAME...: a line for each guest, with the names of its scenarios; those that take longest
# first, by their limits. Alone are: with -1, those that say so, and those that run again with
# other modules.
plan() {
	local name guest
	for name; do
		guest="$(guest_of "$name")"
		if [ -n "$alone$(header vm-alone "$name")" ] || compares "$name"; then
			guest="alone $((++count))"
		fi
		printf '%s\t%s\t%s\n' "$guest" "$(limit_of "$name")" "$name"
	done | sort -t$'\t' -k2,2nr -s | awk -F'\t' -v share=$SHARE '
		# as many guests as are needed, filled in turn, the long ones first
		{ of[NR] = $1; limit[NR] = $2; name[NR] = $3; n[$1]++ }
		END {
			for (i = 1; i <= NR; i++) {
				g = of[i]
				guests = int((n[g] + share - 1) / share)
				id = g "\t" (seen[g]++ % guests)
				sum[id] += limit[i]
				list[id] = list[id] " " name[i]
			}
			for (id in list) print sum[id] list[id]
		}' | sort -nr | cut -d' ' -f2-
}

# compares NAME: is it one that runs a second time, with the distribution's own modules?
compares() { [ -z "$stock" ] && [ "$choose" ] && [ -n "$(header vm-compare "$1")" ]; }

# run_guest NAME...: run these scenarios, in as many guests as it takes, and print a line for each.
run_guest() {
	local todo=("$@") ran
	declare -A tries=()	# of a scenario, after failures of QEMU
	while [ ${#todo[@]} -gt 0 ]; do
		ran=0
		one_guest "${todo[@]}"
		todo=("${todo[@]:ran}")
	done
}

# qemu_cpu RUN: processor time of the guest so far, in hundredths of a second.
qemu_cpu() { child_cpu "$(cat "$1/pid" 2> /dev/null)"; }

# start_guest RUN [VM-OPTION...] -- NAME...: in the background; its standard output is that of
# tests/vm/batch.
start_guest() {
	local run=$1 options_of=() id=0 name params batch=()
	shift
	while [ "$1" != -- ]; do
		options_of+=("$1")
		shift
	done
	shift
	mkdir -p "$run/out"
	# shellcheck disable=SC2046	# the header holds options
	set -- $(guest_of "$1") -- "$@"
	while [ "$1" != -- ]; do
		[ "$1" != --no-nvme ] || batch=(-n)
		options_of+=("$1")
		shift
	done
	shift
	for name; do
		params=$(option core-params "$(header vm "$name")")
		batch+=("$((id++)):$name:$params")
	done
	exec "$top/scripts/vm" --run "$run" "${options_of[@]}" --no-nvme --timeout 0 \
		${options[@]+"${options[@]}"} -- \
		env "VM_SCENARIOS=$VM_SCENARIOS" ${environment[@]+"${environment[@]}"} \
		bash /host/tests/vm/batch "${batch[@]}" \
		2> "$run/vm.log"
}

# watch_guest RUN [VM-OPTION...] -- NAME...: run it, and call `ended ID STATUS` for each scenario
# that ended well. Sets LAST (ID of the one that did not, or that the end of the guest judges),
# STATUS (its status), VM_STATUS (that of scripts/vm), and TOOK and CPU of that.
watch_guest() {
	local run=$1 vm out word id status limit=$BETWEEN began=$SECONDS cpu=0 names=() i
	for ((i = 2; i <= $#; i++)); do
		[ "${!i}" != -- ] || names=("${@:i + 1}")
	done
	LAST='' STATUS=0 VM_STATUS=0 TOOK=0 CPU=0
	exec {out}< <(start_guest "$@")
	vm=$!
	while :; do
		status=0
		read -r -t "$limit" -u "$out" word id status || {
			[ $? -le 128 ] || STATUS=$EXIT_TIMEOUT
			break
		}
		case $word in
		begin)
			limit=$(limit_of "${names[id]}")
			LAST=$id STATUS='' began=$SECONDS cpu=$(qemu_cpu "$run")
			;;
		ran) TOOK=$((SECONDS - began)) CPU=$(($(qemu_cpu "$run") - cpu)) limit=$BETWEEN ;;
		end)
			STATUS=$status
			case $status in 0|77) ;; *) continue ;; esac
			[ "$id" -lt $((${#names[@]} - 1)) ] || continue
			ended "$id" "$status"
			LAST=''
			;;
		esac
	done
	[ "$STATUS" != "$EXIT_TIMEOUT" ] || kill "$vm" 2> /dev/null || :
	wait "$vm" || VM_STATUS=$?
	exec {out}<&-
	[ "$TOOK" -gt 0 ] || TOOK=$((SECONDS - began))
	# who ends the guest does not say that it ran
	[ "$CPU" -gt 0 ] || CPU=$(awk -F'[ ,]+' '{ for (i = 1; i < NF; i++)
			if ($i == "processor") cpu = ($(i + 3) - $(i + 1)) * 100 }
		END { printf "%d", cpu }' "$run/vm.log")
}

# one_guest NAME...: start with these scenarios; sets ran, how many of them are settled.
one_guest() {
	local guest names=("$@") status id
	guest=$(mktemp -d "$top/build/vm/guest-XXXXXX")
	watch_guest "$guest" -- "$@"
	id=${LAST:-$ran}
	[ "$id" -lt $# ] || { rm -rf "$guest"; return; }	# QEMU was asked to end
	status=$(outcome)
	if [ "$status" -eq 0 ] && compares "${names[id]}"; then
		compare_stock "$guest" "${names[id]}" || status=$?
	fi
	if [ "$status" -eq "$EXIT_EMULATOR" ] && [ "${tries[${names[id]}]:-0}" -lt 2 ]; then
		put_aside "$guest" "$id"
		ran=$id
	else
		ended "$id" "$status"
	fi
	rm -rf "$guest"
}

# outcome: status of the scenario that the end of the guest judges. What scripts/vm found, above all
# that it was QEMU's failure, says more than the scenario's own status.
outcome() {
	if [ "$VM_STATUS" -ge "$EXIT_EMULATOR" ] && [ "$VM_STATUS" -le $EXIT_DIED ]; then
		echo "$VM_STATUS"
	else
		echo "${STATUS:-$VM_STATUS}"
	fi
}

# ended ID STATUS: a scenario is settled: keep what it left, print its line.
ended() {
	local id=$1 status=$2 name=${names[$1]} run
	run=$top/build/vm/test-$prefix$name
	ran=$((id + 1))
	rm -rf "$run"
	if [ "$status" -ne 0 ] || [ "$keep" ]; then
		take "$guest" "$id" "$run"
		[ ! -d "$guest/stock" ] || mv "$guest/stock" "$run/stock"
	fi
	if [ "$status" -eq 77 ]; then
		settle skip "$name" "$(sed -n 's/^.*SKIP: //p' "$run/log" | tail -n1)"
		[ "$keep" ] || rm -rf "$run"
	elif [ "$status" -eq 0 ]; then
		settle ok "$name" ''
	else
		settle FAIL "$name" "status $status: $(why "$run/log")"
		reason "$run/log" | sed 's/^/      | /'
	fi
}

# take GUEST ID RUN: what a scenario left in a guest becomes RUN: log, its output; console.log and
# vm/dmesg of the whole guest; out/.
take() {
	mkdir -p "$3"
	if [ -d "$1/out/$2" ]; then mv "$1/out/$2" "$3/out"; else mkdir "$3/out"; fi
	{
		cat "$3/out/log" 2> /dev/null || :
		cat "$1/vm.log"
	} > "$3/log"
	rm -f "$3/out/log"
	cp "$1/console.log" "$1/qemu.log" "$3" 2> /dev/null || :
}

# put_aside GUEST ID: QEMU failed, which says nothing of the guest: what it left is kept apart.
put_aside() {
	local name=${names[$2]} run
	run=$top/build/vm/test-$prefix$name.qemu-failed
	rm -rf "$run"
	take "$1" "$2" "$run"
	tries[$name]=$((${tries[$name]:-0} + 1))
	settle repeat "$name" "$(sed -n 's/^scripts.vm: FAILED: \(QEMU [^(;]*[^ (;]\).*/\1/p' \
		"$1/vm.log"), see ${run#"$top/"}"
}

# settle RESULT NAME REASON: print it, and keep it for the end and for who has set VM_RESULTS.
settle() {
	local result=$1 name=$2 reason=$3 cpu command
	cpu=$((CPU / 100)).$((CPU % 100 / 10))
	command="tests/vm/run $again$name"
	case $result in
	skip) printf 'skip  %-28s %s\n' "$name${words:+ (${words# })}" "$reason" ;;
	*) printf '%-6s%-28s %4d s %6s s of processor  %s\n' "$result" \
		"$name${words:+ (${words# })}" "$TOOK" "$cpu" "$reason" ;;
	esac
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$line" "$name" "$result" "$TOOK" "$cpu" \
		"${reason//$'\t'/ }" "$command" | tee -a "$results" >> "${VM_RESULTS:-/dev/null}"
}

# why LOG: the line that says why a scenario failed.
why() {
	{
		grep -m1 -A1 'the kernel complained:$' "$1" | tail -n1
		grep -aE 'FAIL|error:' "$1" | tail -n1
		tail -n1 "$1"
	} | sed -n '1{ s/^\[[^]]*\] *//; p; }'
}

# reason LOG: the end of a failed scenario's output; before it, if the kernel complained,
# what it said first
reason() {
	local lines=40
	if grep -m1 -A24 'the kernel complained:$' "$1"; then
		echo '[...]'
		lines=15
	fi
	tail -n $lines "$1"
}

# compare_stock GUEST NAME: once more with the distribution's modules, and see what both noted.
compare_stock() {
	local guest=$1 name=$2 how status took=$TOOK cpu=$CPU
	how=$(header vm-compare "$name")
	watch_guest "$guest/stock" --stock -- "$name"
	status=$(outcome)
	TOOK=$((TOOK + took)) CPU=$((CPU + cpu))
	{
		echo "with the distribution's own modules:"
		cat "$guest/stock/out/0/log" "$guest/stock/vm.log"
		case $how,$status in
		same,0) status=0; as_noted "$guest" || status=1 ;;
		differs,1) status=0; nothing_as_noted "$guest" || status=1 ;;
		differs,0)
			echo "FAIL: with the distribution's own modules all is right"
			status=1
			;;
		esac
	} >> "$guest/out/0/log" 2>&1
	return "$status"
}

as_noted() {
	diff -U3 --label "the distribution's own modules" "$1/stock/out/0/observed" \
		--label 'the patched modules' "$1/out/0/observed"
}

nothing_as_noted() {
	! grep -xF -f "$1/out/0/observed" "$1/stock/out/0/observed" || {
		echo "FAIL: with the distribution's own modules these are the same"
		return 1
	}
	[ "$(wc -l < "$1/out/0/observed")" -eq "$(wc -l < "$1/stock/out/0/observed")" ] || {
		echo "FAIL: with the distribution's own modules not as many lines were noted"
		return 1
	}
}
