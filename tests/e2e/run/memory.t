#!/bin/bash
# `heapsnap run' warns while recording each allocation takes a quarter of what a
# memory group has left, and proposes samples.
. "${0%/*}/../lib.sh"
. "${0%/*}/../groups.sh"

[ "$(id -u)" = 0 ] || skip_all 'control groups take root'

leaver=$VICTIMS/leaver
export TMPDIR=$TMP
mkfifo "$TMP/go" "$TMP/said"
exec {go}<>"$TMP/go" {said}<>"$TMP/said"

# in_group ARGUMENT...: `heapsnap run' with them, in a group of 64 MiB, until the
# program in it is ready.
in_group() {
	local line
	{
		read -r _ <&"$go"
		exec "$HEAPSNAP" run "$@"
	} >"$TMP/said" 2>"$TMP/err" &
	V_PID=$!
	started $V_PID
	memory_group 64
	echo >&"$go"
	read -r -t "$DEADLINE" -u "$said" line
	like "$line" '^ready ' "$*: it runs"
}

# 8,192 objects, of which each takes 4.2 KB to record.
in_group "$leaver" write ready wait
ok 'there is a warning' poll_until grep -q warning: "$TMP/err"
like "$(cat "$TMP/err")" '^heapsnap: warning: the command has [0-9.]+ MiB, more than a quarter of what its control group has for it
heapsnap: hint: most of that may be for recording each allocation: '\''--sample 512K'\'' ' \
	'which says what helps'
kill -TERM $V_PID
wait $V_PID
is $? 143 'the command is as it was'
is "$(grep -c warning "$TMP/err")" 1 'it comes once'

in_group -q "$leaver" write ready wait
kill -TERM $V_PID
wait $V_PID
is "$(cat "$TMP/err")" '' 'not with -q'
done_testing
