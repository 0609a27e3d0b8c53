#!/bin/bash
# 'heapsnap inspect --leaks' finds what a program has leaked, one by one and in chains,
# to a thousandth of what the program itself counts, and the global that holds the
# rest, also in a stripped one; and takes nothing for leaked in a redis-server that
# is written to all the time. Nothing of them is stopped or called.
. "${0%/*}/../lib.sh"

# What the victim said: "objects CLASS COUNT".
said() {
	printf '%s\n' "${V_SAID[@]}" | awk -v of="$1" \
		'$1 == "objects" && $2 == of { print $3 }'
}

# near NUMBER COUNT WHAT: to a thousandth.
near() {
	between "$1" $(($2 * 999 / 1000)) $((($2 * 1001 + 999) / 1000)) "$3"
}

# reach FILE SIZE FIELD
reach() {
	jq ".classes[] | select(.size == $2) | .reach.$3" "$1"
}

# leaked FILE TYPE: the share of the type's objects.
leaked() {
	jq --arg name "$2" '.types[] | select(.name == $name) |
		100 * .leaked.objects / .objects | round' "$1"
}

for victim in shop stripped-shop; do
	start_victim "$victim" --sessions 20000
	undisturbed_before "$V_PID"
	json=$TMP/$victim.json
	run heapsnap inspect -p "$V_PID" --leaks -o "$json"
	is "$status $err" '0 ' "$victim is looked at"
	sessions=$(said shop::session)
	requests=$(said shop::request)
	steps=$(said shop::step)
	near "$(reach "$json" 48 held)" "$sessions" 'sessions are held'
	near "$(reach "$json" 48 leaked_directly)" "$requests" \
		'requests are leaked'
	near "$(reach "$json" 64 leaked_directly)" $((steps / 10)) \
		'of the chains the first steps'
	near "$(reach "$json" 64 leaked_indirectly)" $((steps * 9 / 10)) \
		'and through them the others'
	is "$(leaked "$json" shop::session) $(leaked "$json" shop::request)" \
		'0 100' 'so are the types'
	is "$(jq .reach.objects.moved "$json")" 0 'nothing moved'
	# A session, its name and its node each, and the table.
	near "$(jq '.reach.holders[0].objects' "$json")" $((3 * sessions + 1)) \
		'one global holds them'
	assert_undisturbed "$V_PID"
	run heapsnap inspect -p "$V_PID" --leaks -i 0s
	like "$out" $'\nleaked: [^\n]* MiB in [0-9,]+ objects that nothing leads to, [0-9,]+ of them pointed to by others of them\n' \
		'it is told to people'
	like "$out" $'\nwho holds what is in use and not leaked\n' 'with who holds it'
	assert_undisturbed "$V_PID"
	stop_victim
done
is "$(jq -r '.reach.holders[0].name' "$TMP/shop.json")" 'session_cache (shop)' \
	'the global has its name'
like "$(jq -r '.reach.holders[0].name' "$TMP/stripped-shop.json")" \
	'^data of stripped-shop at 0x[0-9a-f]+$' 'and its place in a stripped program'

# --- a server that is written to ---------------------------------------------

socket=$TMP/redis
redis-server --port 0 --unixsocket "$socket" --save '' --appendonly no \
	--dir "$TMP" >"$TMP/log" 2>&1 &
redis=$!
started $redis
answers() {
	[ "$(redis-cli -s "$socket" ping 2>&1)" = PONG ]
}
ok 'redis-server answers' poll_until answers || diag "$(cat "$TMP/log")"
writes=()
for command in 'set key:__rand_int__ 0123456789012345678901234567890' \
	'hset hash:__rand_int__ field:__rand_int__ value' 'del key:__rand_int__'; do
	# shellcheck disable=SC2086
	redis-benchmark -s "$socket" -r 100000 -n 1000000000 -c 4 -q $command \
		>/dev/null 2>&1 &
	writes+=($!)
	started $!
done
has_keys() {
	[ "$(redis-cli -s "$socket" dbsize)" -gt 50000 ]
}
ok 'it is filled' poll_until has_keys
# Where others take the CPUs its looks are longer, and more moves meanwhile: then
# it is looked at once more.
for _ in {1..3}; do
	run heapsnap inspect -p "$redis" --leaks -o "$TMP/redis.json"
	live=$(jq .totals.live.objects "$TMP/redis.json")
	leaked=$(jq '.reach.objects | .leaked_directly + .leaked_indirectly' \
		"$TMP/redis.json")
	[ "$leaked" -gt $((live / 5000)) ] || break
done
is "$status" 0 'redis is looked at while it is written to' || diag "$err"
kill "${writes[@]}"
wait "${writes[@]}"
for pid in "${writes[@]}"; do forget "$pid"; done
between "$live" 100000 1000000000 'it has many objects'
between "$leaked" 0 $((live / 5000)) 'none of which are leaked, but for 0.02%'
like "$(jq -r '.reach.holders[0].name' "$TMP/redis.json")" '^server \(' \
	'its own object holds them'
kill -TERM "$redis"
wait "$redis"
is $? 0 'redis-server ends as usual'
forget "$redis"

run heapsnap inspect -p $$ --leaks --no-contents
is "$status $err" "2 heapsnap: --leaks and --no-contents contradict each other
heapsnap: hint: try 'heapsnap inspect --help'" 'contents must be read for that'
done_testing
