#!/bin/bash
# `heapsnap run': what a program has not freed when it ends, exactly and from the
# right line, in every format; jemalloc's own last dump says the same. Its output
# and exit status are the program's own.
. "${0%/*}/../lib.sh"

leaver=$VICTIMS/leaver
export TMPDIR=$TMP

line=$(grep -n 'malloc(1024)' "$ROOT/tests/victims/leaver.c" | cut -d: -f1)

run heapsnap run "$leaver" leak
is "$status" 0 'the exit status is the command'"'"'s'
is "$out" '' 'nothing of ours is on stdout'
like "$err" '^heapsnap: leaver \(pid [0-9]+\) never freed 4,194,304 bytes in 4,096 objects'$'\n' \
	'the whole sum'
like "$err" "#1  4\.0 MiB  4,096 objects  100% of live heap
    leak_test +[^ ]*/leaver\.c:$line
    main  " 'from its line, main above it'
unlike "$err" '#2' 'and nothing else'
unlike "$err" 'jemalloc\.so|prof_backtrace' 'nothing of the allocator'
is "$(find "$TMP" -name 'heapsnap-run*')" '' 'the folder of the dumps is gone'

run heapsnap run "$leaver" once few
like "${err//$'\n'/|}" '\|#1  1\.1 KiB  10 objects  [0-9]+% of live heap\|    leak_few .*'\
'\|allocated once:\|\|#2  5\.0 KiB  1 object .*\|    leak_once ' \
	'what was allocated once comes last, however large'

run heapsnap run --bytes "$leaver" leak
like "$err" '#1  4194304 B  4,096 objects' 'in bytes'

run heapsnap run "$leaver" exit 0
is "$status:$out" 0: 'nothing left: nothing on stdout'
like "$err" '^heapsnap: leaver \(pid [0-9]+\) left nothing$' 'a line on stderr'
run heapsnap run -q "$leaver" exit 0
is "$err" '' 'none with -q'

# --- other formats ---

for format in json html svg dot folded csv jeprof pprof tree; do
	run heapsnap run -o "$TMP/left.$format" -f "$format" "$leaver" leak
	is "$status:$out" 0: "-f $format: nothing on stdout"
	like "$err" '^heapsnap: leaver .* never freed [0-9,]+ bytes in 4,096 objects$' \
		'one line on stderr'
	ok 'there is a file' test -s "$TMP/left.$format"
done
is "$(jq '.totals.bytes, .totals.objects, .snapshot.command' -c \
	"$TMP/left.json" | paste -sd' ')" '4194304 4096 "leaver"' 'json'
is "$(jq -r '.stacks[0].frames[0:2][].function' "$TMP/left.json" |
	paste -sd' ')" 'leak_test main' 'its stack'
is "$(tail -1 "$TMP/left.folded" | grep -o 'main;leak_test [0-9]*$')" \
	'main;leak_test 4194304' 'folded'
like "$(dot -Tsvg "$TMP/left.dot")" 'leak_test' 'dot is rendered'
like "$(cat "$TMP/left.svg")" 'leak_test' 'svg'
like "$(cat "$TMP/left.html")" 'leak_test' 'html'
run heapsnap run -f pprof "$leaver" leak
is "$status" 2 'a binary format needs a file'
run heapsnap run -f json "$leaver" leak
is "$(grep -v ^heapsnap: <<<"$err" | jq .totals.bytes)" 4194304 \
	'without one the report is on stderr'

# --- jemalloc's own ---

MALLOC_CONF=prof:true,lg_prof_sample:0,prof_final:true,prof_prefix:$TMP/jeprof \
	LD_PRELOAD=libjemalloc.so.2 "$leaver" leak
run heapsnap report "$TMP"/jeprof.*.0.f.heap --focus leak_test -f json
is "$(jq -c '[.totals.bytes, .totals.objects, .stacks[0].frames[0].line,
	.stacks[0].frames[1].function]' <<<"$out")" \
	"[4194304,4096,$line,\"main\"]" \
	'`heapsnap report'"'"' of what jemalloc writes itself is the same'

# --- limits ---

run heapsnap run --fail-above 0 "$leaver" leak
is "$status" 1 '--fail-above: something is left'
like "$err" $'\nheapsnap: 4,194,304 bytes in 4,096 objects that were never freed are above 0$' \
	'which is said'
run heapsnap run --fail-above 0 "$leaver" exit 0
is "$status" 0 'nothing is left'
run heapsnap run --fail-above 4M "$leaver" leak
is "$status" 0 'no more than that'
run heapsnap run --fail-above 0 "$leaver" leak exit 3
is "$status" 3 'a status of its own comes first'
run heapsnap run --fail-above 1K/s "$leaver"
is "$status" 2 'there is no rate'
run heapsnap run --suppressions <(echo leak:leak_test) --fail-above 0 \
	"$leaver" leak
is "$status" 0 'what is suppressed does not count'
run heapsnap run --fail-above 0 --no-default-suppressions "$leaver" leak
like "$err" 'never freed 4,2[0-9]+,[0-9]+ bytes in ' \
	'without the built-in rules there is more'
run heapsnap run --print-suppressions -o "$TMP/rules" "$leaver" leak few
is "$status" 0 'rules for what is left'
is "$(cat "$TMP/rules")" '# 4,194,304 bytes in 4,096 objects: leak_test
leak:^leak_test$
# 1,120 bytes in 10 objects: leak_few
leak:^leak_few$' 'by function, with what they leave out'
run heapsnap run --suppressions "$TMP/rules" --fail-above 0 "$leaver" leak few
is "$status" 0 'they match it'

# --- sampling ---

run heapsnap run --sample 16K "$leaver" leak
like "$err" 'sampled every 16 KiB' '--sample'
run heapsnap run --sample 100 "$leaver" leak
is "$status:$err" "2:heapsnap: invalid --sample '100': want a size that is a power of two, such as 512K
heapsnap: hint: try 'heapsnap run --help'" 'of powers of two'
MALLOC_CONF=lg_prof_sample:13 run heapsnap run "$leaver" leak
like "$err" 'sampled every 8 KiB' 'the user'"'"'s own MALLOC_CONF stays'
MALLOC_CONF=lg_prof_sample:13 run heapsnap run --sample 16K "$leaver" leak
like "$err" 'sampled every 16 KiB' '--sample is stronger'

# --- words ---

run heapsnap run -- "$leaver" leak
is "$status" 0 'a command behind --'
run heapsnap run "$leaver" exit 0 --help -p 1 --top
is "$status" 0 'what is behind the command is its own'
run heapsnap run
is "$status:$err" "2:heapsnap: run needs a command
heapsnap: hint: try 'heapsnap run --help'" 'a command is needed'
done_testing
