#!/bin/bash
# 'heapsnap inspect' counts what is in the heap of a C++ program exactly, size class
# by size class, as its jemalloc does, and tells its types by a sample, within three
# standard errors of what the program itself counts; also of a stripped one, and of
# what came within an interval. Nothing of it is stopped or called, and nothing that
# its strings say is in the report.
. "${0%/*}/../lib.sh"

# What the victim said: "objects CLASS COUNT", "class SIZE REGIONS".
said() {
	printf '%s\n' "${V_SAID[@]}" | awk -v what="$1" -v of="$2" \
		'$1 == what && $2 == of { print $3 }'
}

# told FILE NAME: "OBJECTS ERROR" of this type, of all size classes.
told() {
	jq -r --arg name "$2" '.types[] | select(.name == $name) |
		"\(.objects) \(.objects_se)"' "$1"
}

# within FILE NAME COUNT WHAT: the type has so many, as far as a sample can tell.
within() {
	local objects error
	read -r objects error < <(told "$1" "$2")
	between "${objects:-none}" $(($3 - 3 * ${error:-0})) \
		$(($3 + 3 * ${error:-0})) "$4: $2, $3 of them (+- $error)"
}

# exact FILE: each class that jemalloc counts has as many in use or cached.
exact() {
	jq -r '.classes[] | "\(.size) \(.live.objects + .cached.objects)"' "$1" \
		>"$TMP/have"
	printf '%s\n' "${V_SAID[@]}" | sed -n 's/^class //p' >"$TMP/want"
	between "$(wc -l <"$TMP/want")" 5 50 'jemalloc counts some size classes'
	is "$(cat "$TMP/have")" "$(cat "$TMP/want")" 'and we count the same'
}

for victim in shop stripped-shop; do
	start_victim "$victim" --sessions 20000
	undisturbed_before "$V_PID"
	run heapsnap inspect -p "$V_PID" -o "$TMP/$victim.json"
	is "$status $err" '0 ' "$victim is looked at"
	exact "$TMP/$victim.json"
	is "$(jq -c '.classes[] | select(.cached.objects > 0) |
		[.size, .cached.objects]' "$TMP/$victim.json")" '[320,7]' \
		'what the thread keeps in its cache is told apart'
	for class in shop::session shop::request; do
		within "$TMP/$victim.json" $class "$(said objects $class)" \
			"$victim"
	done
	# The last one of each chain of ten steps points to none.
	within "$TMP/$victim.json" 'pointer at 0' \
		$(($(said objects shop::step) * 9 / 10)) "$victim"
	within "$TMP/$victim.json" text 20000 "$victim"
	# Of bytes, without what neither has a name nor a shape.
	between "$(jq '([.types[] | select(.kind == "other") | .bytes] | add // 0)
		* 100 / .totals.live.bytes | floor' "$TMP/$victim.json")" 0 5 \
		'little is left over'
	run heapsnap inspect -p "$V_PID" --top 0
	is "$status" 0 'and it is told to people' || diag "$err"
	like "$out" "^what is in the heap of $victim \(pid $V_PID\)" 'of which'
	like "$out" $'\n +48 +60,000 +2\.7 MiB +0 +6[0-9]%  shop::request\n' \
		'a size class, and most of it'
	unlike "$out$(cat "$TMP/$victim.json")" 'user-with-a-' \
		'no string of its own is there'
	run heapsnap inspect -p "$V_PID" --no-contents -f json
	is "$(jq -c '[.types, ([.classes[].looked_at] | add)]' <<<"$out")" '[[],0]' \
		'--no-contents looks at no contents'
	is "$(jq -c '[.classes[] | [.size, .live.objects]]' <<<"$out")" \
		"$(jq -c '[.classes[] | [.size, .live.objects]]' "$TMP/$victim.json")" \
		'and counts the same'
	assert_undisturbed "$V_PID"
	stop_victim
done

# What comes within an interval, and what goes.
start_victim shop --sessions 20000
undisturbed_before "$V_PID"
env --default-signal=INT "$HEAPSNAP" inspect -p "$V_PID" -i 1h \
	-o "$TMP/grown.json" 2>"$TMP/err" &
hs=$!
started $hs
poll_until waits $hs
tell more 5000
is "$answer" 'done 50000' 'the program grows, while heapsnap waits'
tell end 2000
is "$answer" 'done 23000' 'and lets some go'
kill -INT $hs
wait $hs
is $? 0 'heapsnap has an answer' || diag "$(cat "$TMP/err")"
forget $hs
is "$(jq -c '[.classes[] | select(.size <= 64 and .size >= 32) |
	[.size, .change.came, .change.went]]' "$TMP/grown.json")" \
	'[[32,10000,4000],[48,15000,2000],[64,10000,0]]' \
	'what came and went is exact'
is "$(jq -c '[.totals.change.objects, .totals.change.bytes]' "$TMP/grown.json")" \
	"[29000,$((32 * 6000 + 48 * 13000 + 64 * 10000))]" 'and so is their sum'
within "$TMP/grown.json" shop::request 10000 'of what came'
within "$TMP/grown.json" shop::session 5000 'of what came'
within "$TMP/grown.json" text 5000 'of what came'
assert_undisturbed "$V_PID"
run heapsnap inspect -p "$V_PID" -i 0s
like "$out" $'^what came into the heap of shop .* in [^\n]*\n.*\n0 B: 0 B in 0 objects came, 0 B in 0 objects went\n' \
	'nothing came into one that rests'
assert_undisturbed "$V_PID"
stop_victim
done_testing
