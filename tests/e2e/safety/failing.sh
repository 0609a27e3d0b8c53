# shellcheck shell=bash
#
# What the tests share that fail a system call of heapsnap's own. Sourced after
# lib.sh.
#
# shellcheck disable=SC2154
. "${BASH_SOURCE[0]%/*}/faults.sh"

OUT=$TMP/output
mkdir "$OUT"

# failing WHAT=ERROR:WHEN [PROGRAM]: a snapshot to files in $OUT.
failing() {
	rm -f "$OUT"/*
	{
		ASAN_OPTIONS=detect_leaks=0 HS_FAULT_THREAD="$borrowed" \
			timeout --foreground -k 1 20 strace -f --seccomp-bpf -qq \
			-o "$TMP/trace" -e trace="${1%%:*}" -e inject="$1" \
			"${2:-$HEAPSNAP}" -p "$V_PID" -n 1 --timeout 3s \
			--save "$OUT" -o "$OUT/report.json" \
			>"$TMP/out" 2>"$TMP/err" </dev/null
	} 2>/dev/null
	status=$?
}

# A file that is there is whole, and there is no other.
check_files() {
	local file
	for file in "$OUT"/* "$OUT"/.[!.]*; do
		case $file in
		*'*') ;;
		*.heap) "$HEAPSNAP" report "$file" >/dev/null 2>&1 ||
			hurt+=" half of ${file##*/}" ;;
		*/report.json) jq -e .stacks "$file" >/dev/null 2>&1 ||
			hurt+=' half of a report' ;;
		*) hurt+=" ${file##*/} is left" ;;
		esac
	done
	[ "$status" != 0 ] || [ -e "$OUT/report.json" ] || hurt+=' no report'
	[ "$status" = 0 ] || [ ! -e "$OUT/report.json" ] ||
		hurt+=' a report of a run that failed'
}

# check_words TEXT: one sentence, at most with a hint, that says why.
check_words() {
	local -a lines
	mapfile -t lines <"$TMP/err"
	case $status in
	0) [ ${#lines[@]} = 0 ] || [[ ${lines[0]} = *note:* ]] || hurt+=' words' ;;
	3 | 4 | 5 | 6)
		[[ ${lines[0]} = heapsnap:\ *"$1"* ]] || hurt+=' no reason'
		[ ${#lines[@]} = 1 ] || [[ ${#lines[@]}/${lines[1]} = \
			2/heapsnap:\ hint:* ]] || hurt+=' not one sentence'
		;;
	*) hurt+=" status $status" ;;
	esac
	[ -z "$hurt" ] || hurt+=": $(cat "$TMP/err")"
}

# began CALL: how many the program makes before its own first one: those of the
# dynamic linker, and of a sanitizer.
began() {
	ASAN_OPTIONS=detect_leaks=0 strace -f --seccomp-bpf -qq -o "$TMP/trace" \
		-e trace="$1",pidfd_open "$HEAPSNAP" -p "$V_PID" -n 1 \
		--no-save >"$TMP/out" 2>&1
	if [ "$1" = pidfd_open ]; then
		echo 0
	else
		sed '/ pidfd_open(/,$d' "$TMP/trace" | grep -c " $1("
	fi
}

# each CALL ERROR TEXT [PLUS]: fails at each time, PLUS "+": and ever after.
each() {
	local skip n=0 failed=0 good=0 wrong=''
	skip=$(began "$1")
	while [ $n -lt 40 ]; do
		n=$((n + 1))
		hurt=''
		failing "$1:error=$2:when=$((skip + n))$4"
		grep -q INJECTED "$TMP/trace" || break
		check_files
		check_words "$3"
		examine "${how:-clean}"
		[ "$status" = 0 ] && good=$((good + 1)) || failed=$((failed + 1))
		[ -z "$hurt" ] || wrong+="$n:$hurt"$'\n'
	done
	[ $((good + failed)) -gt 0 ]
	result $? "$1 fails with $2: at some time"
	[ -z "$wrong" ]
	result $? "$1 fails with $2${4:+ from then on}: said, and nobody hurt" \
		"$wrong"
	echo "# $1, $2: $failed runs failed and $good did not"
	settle "$1, $2" "${left:-}"
}
