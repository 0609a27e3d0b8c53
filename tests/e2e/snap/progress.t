#!/bin/bash
# What is said while one waits: on a terminal alone, and gone when it is over,
# what jemalloc has written, and a countdown with what was found so far.
. "${0%/*}/../lib.sh"

# on_terminal COMMAND...: on a terminal of 100 columns. The lines that are taken
# away again are in $shown, and what stays, without colours, in $stays.
on_terminal() {
	begin_on_terminal "$@"
	end_on_terminal
}

begin_on_terminal() {
	: >"$TMP/tty"
	TERM=${TERM_IS-xterm} script -qefc "stty cols ${COLUMNS_ARE:-100}
		echo \$\$ >$TMP/pid; exec $*" "$TMP/tty" </dev/null \
		>/dev/null &
	terminal=$!
	started $terminal
}

end_on_terminal() {
	wait "$terminal"
	status=$?
	forget "$terminal"
	sed -i '/^Script \(started\|done\) on /d' "$TMP/tty"
	sed 's/\r\x1b\[K/\n/g' "$TMP/tty" >"$TMP/lines"
	shown=$(grep '^heapsnap: .*[^.]$' "$TMP/lines")
	stays=$(sed 's/.*\r\x1b\[K//; s/\r$//; s/\x1b\[[0-9]*m//g' "$TMP/tty")
}

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim recurser --paths 5000
undisturbed_before "$V_PID"
found='heapsnap: [0-9.]+ [KM]iB live in 5,[0-9]{3} objects; next snapshot in'
# How many seconds the countdown has shown, one a line.
counted() {
	grep -aoE "$found [0-9]+ s \\(Ctrl-C: now\\)" "$TMP/tty" |
		sed 's/.* in \([0-9]*\) s .*/\1/'
}
counts() {
	[ "$(counted | wc -l)" -ge 3 ]
}
begin_on_terminal env --default-signal=INT "$HEAPSNAP" -p "$V_PID" -i 100s \
	--no-save
ok 'a countdown, with what the first snapshot found' poll_until counts
kill -INT "$(cat "$TMP/pid")"
end_on_terminal
is "$status" 0 'a diff on a terminal' || diag "$stays"
dump="heapsnap: jemalloc of process $V_PID has written [0-9.]+ (KiB|MiB) of \
its profile"
like "$shown" "$dump" 'what jemalloc has written is shown'
# To take it and find its names is part of the wait.
is "$(counted)" "$(counted | sort -rnu)" 'which counts'
between "$(counted | head -1)" 50 100 'from how long it waits'
unlike "$stays" 'heapsnap: ' 'nothing of that stays'
like "$stays" "^heap growth of recurser \\(pid $V_PID\\)" 'but the report'
is "$(grep -a -c 'next snapshot' "$TMP/tty")" \
	"$(grep -a -c $'\r\033\\[K' "$TMP/tty")" 'each line is taken away'

on_terminal "$HEAPSNAP" stats -p "$V_PID" -i 3s
like "$shown" 'heapsnap: next snapshot in [123] s \(Ctrl-C: now\)' \
	'stats counts down, too'
COLUMNS_ARE=40 on_terminal "$HEAPSNAP" -p "$V_PID" -i 1s --no-save
is "$(awk 'length > 39' <<<"$shown")" '' 'a line does not wrap'
on_terminal "$HEAPSNAP" -p "$V_PID" -i 1s --no-save -q
is "$shown" '' '-q: nothing is said'
TERM_IS=dumb on_terminal "$HEAPSNAP" -p "$V_PID" -i 1s --no-save
is "$shown" '' 'nor to a terminal that cannot take it away'
unlike "$(cat "$TMP/tty")" $'\033' 'which gets no colours either'
run heapsnap -p "$V_PID" -i 1s --no-save
is "$status$err" 0 'nor where there is no terminal'

# What is said takes the line's place.
begin_on_terminal "$HEAPSNAP" -p "$V_PID" -i 60s --no-save
poll_until grep -aq 'snapshot in [56][0-9] s' "$TMP/tty"
kill -TERM "$(cat "$TMP/pid")"
end_on_terminal
is "$status" 143 'ended by a signal'
is "$stays" 'heapsnap: interrupted: Terminated' \
	'what is said then stands where the countdown was'
assert_undisturbed "$V_PID"
stop_victim
done_testing
