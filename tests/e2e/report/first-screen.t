#!/bin/bash
# The answer comes first: on terminals of several sizes the function and line that
# the growth comes from are within the first five lines, and on the last screen;
# what is noise takes one line. What is longer than the terminal goes to the pager.
# HS_GOLDEN=update rewrites tests/data/golden/screen-*; look at them before you
# commit them.
. "${0%/*}/../lib.sh"

data=$ROOT/tests/data
unset NO_COLOR COLUMNS LESS

# on_terminal COLUMNS LINES TERM ARGUMENT...: what such a terminal gets, in $out.
on_terminal() {
	TERM=$3 script -qec "stty cols $1 rows $2; $HEAPSNAP ${*:4}" /dev/null \
		</dev/null >"$TMP/tty"
	out=$(tr -d '\r' <"$TMP/tty")
}

# screens NAME BEFORE AFTER FUNCTION PLACE [NOISE]: lines that match the last one are
# of noise.
screens() {
	local size columns rows name
	for size in 80x24 80x50 160x50; do
		columns=${size%x*} rows=${size#*x} name=$1-$size
		on_terminal "$columns" "$rows" dumb diff "$2" "$3"
		[ "${HS_GOLDEN:-}" != update ] ||
			echo "$out" >"$ROOT/tests/data/golden/screen-$name.txt"
		is "$out" "$(cat "$ROOT/tests/data/golden/screen-$name.txt")" \
			"$name: as the golden file"
		like "$(head -5 <<<"$out")" "$4 *\\($5\\)" \
			"$name: the place is in the first lines"
		like "$(tail -n "$rows" <<<"$out")" "$4 *\\($5\\)" \
			"$name: and on the last screen"
		is "$(head -5 <<<"$out" | grep -E "^.{$columns}")" '' \
			"$name: no line of the answer is wider"
		between "$(grep -c "${6:-within.*noise}" <<<"$out")" 0 1 \
			"$name: noise takes a line"
	done
}

cd "$ROOT" || exit 1
screens searchd tests/data/searchd-{before,after}.heap \
	search::Cache::put 'cache\.cc:214'
screens requests tests/data/requests-{1,2}.heap read_body 'leaky\.c:7'
screens shop tests/data/shop-{1,2}.heap shop::Server::handle 'leaky\.cc:23'
screens moves tests/data/moves-{1,2}.heap new_cache 'gl\.c:6'
moved=$out
screens stacks tests/data/stacks-{1,2}.heap.gz cache_insert 'many\.c:5116'
screens python tests/data/python-{1,2}.heap.gz list_preallocate_exact \
	'listobject\.c:109'
screens redis tests/data/redis-{1,2}.heap.gz _sdsnewlen 'sds\.c:117'
# Where nothing grew for sure but the sum, the likeliest have rows all the same.
screens unsure tests/data/unsure-{1,2}.heap.gz list_preallocate_exact \
	'listobject\.c:109' 'stacks.* noise'
like "$(tr '\n' ' ' <<<"$moved")" \
	'memory moved: old_cache \(gl\.c:5\) gave back 20\.6 MiB' \
	'what only moves is said to do so'

# --- the program ------------------------------------------------------------

# A program that was started by a link has the name that it was started by; where it
# calls itself something else, that of its file.
linked() {
	sed "s|demo/leaky\$|demo/leaky-multi|
		s|^\(# heapsnap name .*\) /srv/demo/leaky\.c [0-9]*|\1 - 0|
		s|^# heapsnap command-line .*|# heapsnap command-line $1|" \
		"$data/requests-2.heap" | grep -v ' log_request '
}
linked /srv/demo/leaky >"$TMP/linked.heap"
for format in text svg dot; do
	run heapsnap report "$TMP/linked.heap" -f $format
	like "$out" 'leaky' "$format of a program that was started by a link"
	unlike "$out" 'leaky-multi' "$format: by that name"
done
run heapsnap report "$TMP/linked.heap" -f tree --columns module
like "$out" ' leaky  .* main ' 'tree: so has its column'
run heapsnap report "$TMP/linked.heap"
like "$out" 'read_body \(leaky\)\.' 'the sentence has it, too'
run heapsnap report "$TMP/linked.heap" -v
like "$out" '/srv/demo/leaky-multi' '-v: and the file that it is'
linked leaky: >"$TMP/titled.heap"
run heapsnap report "$TMP/titled.heap"
like "$out" 'read_body \(leaky-multi\)\.' \
	'one that gives itself a title has the name of its file'

# --- the source --------------------------------------------------------------

for i in 1 2; do
	sed "s|/srv/demo|$TMP|g" "$data/moves-$i.heap" >"$TMP/$i.heap"
done
printf '\n\n\n\n\n\treturn malloc(n); /* six */\n' >"$TMP/gl.c"
touch -d 2026-01-01 "$TMP/gl.c"
run heapsnap diff "$TMP/1.heap" "$TMP/2.heap"
like "$out" $'/gl\\.c:6\n +return malloc\\(n\\); /\\* six \\*/\n' \
	'the line of source is shown where it can be read'
touch -d 2200-01-01 "$TMP/gl.c"
run heapsnap diff "$TMP/1.heap" "$TMP/2.heap"
unlike "$out" 'six' 'not where it is newer than the snapshot'
rm "$TMP/gl.c"
mkfifo "$TMP/gl.c"
run heapsnap diff "$TMP/1.heap" "$TMP/2.heap"
is "$status" 0 'nothing waits for a pipe of that name'

# --- the pager ---------------------------------------------------------------

before=$data/searchd-before.heap
after=$data/searchd-after.heap
whole=$(heapsnap diff "$before" "$after" -f tree)
export PAGER="tee $TMP/paged"

on_terminal 200 10 xterm diff "$before" "$after" -f tree --color never
is "$(cat "$TMP/paged")" "$whole" 'what is longer than the terminal is paged'
is "$out" "$whole" 'and shown by the pager'
rm "$TMP/paged"
on_terminal 200 60 xterm diff "$before" "$after" -f tree --color never
is "$out" "$whole" 'what fits is written'
ok 'and not paged' test ! -e "$TMP/paged"
on_terminal 200 10 xterm diff "$before" "$after" -f tree --color never --no-pager
is "$out" "$whole" '--no-pager: nor is anything'
ok 'there is none then' test ! -e "$TMP/paged"
on_terminal 200 10 xterm diff "$before" "$after" -f tree --color never \
	-o "$TMP/tree.txt"
ok '-o: nor a file' test ! -e "$TMP/paged"
is "$(cat "$TMP/tree.txt")" "$whole" 'which is whole'
PAGER=/nonexistent/pager on_terminal 200 10 xterm diff "$before" "$after" \
	-f tree --color never
is "$(tail -n "$(wc -l <<<"$whole")" <<<"$out")" "$whole" \
	'where there is no pager all is written'
run heapsnap diff "$before" "$after" -f tree
is "$out" "$whole" 'a pipe is not paged'
ok 'of course' test ! -e "$TMP/paged"

done_testing
