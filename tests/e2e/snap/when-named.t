#!/bin/bash
# With a name --when is about a service: it goes on with the next process of that
# name, which may not be ready when it is found. `heapsnap list' shows what is
# watched, and by which heapsnap.
. "${0%/*}/../lib.sh"

MIB=$((1 << 20))
NAME=svc-$$
export MALLOC_CONF=prof:true,lg_prof_sample:15
cp "$VICTIMS/stock" "$TMP/$NAME"

# watches N: heapsnap has begun N waits, or has ended.
watches() {
	[ "$(grep -c 'is watched' "$TMP/watch.err")" -ge "$1" ] ||
		ended "$watcher"
}

VICTIMS=$TMP start_victim "$NAME" --stock $((8 * MIB))
first=$V_PID
mkdir "$TMP/kept"
"$HEAPSNAP" "$NAME" --when growth:20M --save "$TMP/kept" -f json \
	>"$TMP/watch.out" 2>"$TMP/watch.err" </dev/null &
watcher=$!
started $watcher
ok 'the process of that name is watched' poll_until watches 1
is "$("$HEAPSNAP" list -qf json | jq ".processes[] | select(.pid == $first)
	.watched_by")" $watcher "which 'list' knows"
like "$("$HEAPSNAP" list -q)" "$first .* $watcher +$NAME " \
	'and shows to people'
like "$("$HEAPSNAP" list -q | head -n 1)" '  watched by  command  ' 'in a column'
stop_victim

# A restart by way of another program, which has no jemalloc.
mkfifo "$TMP/gate" "$TMP/in.next" "$TMP/out.next"
mkdir "$TMP/start"
cat >"$TMP/start/$NAME" <<'END'
#!/bin/bash
read -r _ <"$1"
exec "$2" "${@:3}"
END
chmod +x "$TMP/start/$NAME"
has_left() {
	grep -q "('$NAME') ended before growth:20M; last seen: .* resident\$" \
		"$TMP/watch.err"
}
ok 'its end is said' poll_until has_left
"$TMP/start/$NAME" "$TMP/gate" "$TMP/$NAME" --stock $((8 * MIB)) \
	--rate $((40 * MIB)) --life "$LIFE" <"$TMP/in.next" >"$TMP/out.next" &
next=$!
started $next
# shellcheck disable=SC2034
exec {V_IN}<>"$TMP/in.next" {V_OUT}<>"$TMP/out.next"
V_PID=$next
is_refused() {
	grep -q "cannot snapshot process $next" "$TMP/watch.err"
}
ok 'one without jemalloc is no end of it' poll_until is_refused
echo go >"$TMP/gate"
victim_line answer
is "$answer" "ready $next" 'the service is back'
ok 'and is watched' poll_until watches 2
is "$(find "$TMP/kept" -type f)" '' 'nothing of the first is kept'
tell begin
poll_until ended $watcher
wait $watcher
is $? 0 'until it has grown' || diag "$(cat "$TMP/watch.err")"
forget $watcher
is "$(find "$TMP/kept" -name "heapsnap.$NAME.$next.*.heap" | wc -l)" 2 \
	'the snapshots are those of the second'
is "$(jq -r .after.pid "$TMP/watch.out")" "$next" 'so is the report'
is "$("$HEAPSNAP" list -qf json | jq "[.processes[] | select(.pid == $next)
	.watched_by]")" '[
  null
]' 'it is watched no more'
stop_victim

run heapsnap "$NAME" --when growth:20M
is "$status" 2 'a name that nobody has, at the start'
done_testing
