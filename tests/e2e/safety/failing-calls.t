#!/bin/bash
# A system call of heapsnap's own that fails, whichever and whenever, ends in a
# good report or in one sentence that says what failed and why; in no half of a
# file; and in a process that goes on as before. strace makes each call fail at
# its 1st to 40th time; ptrace(2) also from there on, so that nothing can be put
# back by hand any more.
. "${0%/*}/../lib.sh"
. "${0%/*}/faults.sh"

OUT=$TMP/output
mkdir "$OUT"

# failing WHAT=ERROR:WHEN [PROGRAM]: a snapshot to files in $OUT.
failing() {
	rm -f "$OUT"/*
	{
		ASAN_OPTIONS=detect_leaks=0 HS_FAULT_HOST="$host" \
			timeout --foreground -k 1 20 strace -qq \
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

# check_words TEXT: one sentence, at most with a hint, that tells why.
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
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/trace" \
		-e trace="$1",pidfd_open "$HEAPSNAP" -p "$V_PID" -n 1 \
		--no-save >"$TMP/out" 2>&1
	if [ "$1" = pidfd_open ]; then
		echo 0
	else
		sed '/^pidfd_open/,$d' "$TMP/trace" | grep -c "^$1("
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

# Only SIGKILL leaves a thread or a memfd behind, says safety/faults.t; so does a
# thread that heapsnap can do nothing with any more: the next run takes it away.
MALLOC_CONF=prof:true start_victim leaker --busy 1
look_before
settle 'at first'
each openat EMFILE 'Too many open files'
each pidfd_open EMFILE 'Too many open files'
each write ENOSPC 'No space left on device'
if nm -D "$HEAPSNAP" | grep -q __asan_init; then
	pass 'mmap # SKIP a sanitizer ends the program when it fails'
else
	each mmap ENOMEM 'Cannot allocate memory'
fi
how=dirty left=but_stacks
each process_vm_readv EPERM 'Operation not permitted'
each process_vm_writev EFAULT 'Bad address'
each ptrace EIO 'Input/output error'
each ptrace EIO 'Input/output error' +
stop_victim

# Threads that wait in calls that the kernel does not simply issue again: what
# is put back is tried twice, so it fails twice. Left to its frame a thread may
# see the one EINTR of a SIGKILL, and not more.
MALLOC_CONF=prof:true start_victim waiter --wait nanosleep \
	--wait epoll
look_before
read_report
for kind in nanosleep epoll; do
	host=$(field $kind tid)
	learn
	wrong=
	pulse
	for ((n = 1; n < host_points + 3; n++)); do
		before=$eintr
		hurt=
		failing "ptrace:error=EIO:when=$n..$((n + 1))" "$HEAPSNAP_FAULT"
		check_files
		check_words 'Input/output error'
		examine dirty
		[ $((eintr - before)) -le 1 ] || hurt+=" $((eintr - before)) EINTR"
		[ -z "$hurt" ] || wrong+="$n:$hurt"$'\n'
	done
	[ -z "$wrong" ]
	result $? "$kind: ptrace fails with EIO: said, and nobody hurt" "$wrong"
	settle $kind but_stacks
done
stop_victim
done_testing
