#!/bin/bash
# A snapshot carries its names: on a machine that has none of the files that were
# mapped, a report of it is the same, byte for byte, in every format that shows
# names. (The other machine is a root with nothing in it but heapsnap, and the
# libraries that it needs in a place of their own.)
. "${0%/*}/../lib.sh"

mkdir "$TMP/app"
cp "$VICTIMS/leaker" "$TMP/app/leaker"
VICTIMS=$TMP/app MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save -o "$TMP/1.heap"
is "$status" 0 'a snapshot of a program with debug information' || diag "$err"
assert_undisturbed "$V_PID"
stop_victim

formats=(text tree json csv folded dot svg jeprof)
report() {
	heapsnap report "$TMP/1.heap" -f "$1" --top 0 --by "$2" --color never
}
for format in "${formats[@]}"; do
	report "$format" stack >"$TMP/here.$format" 2>"$TMP/err"
	is "$?$(cat "$TMP/err")" 0 "$format: reported here"
done
report text line >"$TMP/here.line"
like "$(cat "$TMP/here.line")" 'victim\.c:[0-9]+' 'with lines'

root=$TMP/elsewhere
mkdir -p "$root/own" "$root$TMP" "$root/proc" "$root/tmp"
cp "$HEAPSNAP" "$root/own/heapsnap"
ldd "$HEAPSNAP" | grep -o '/[^ ]*' | while read -r library; do
	cp -L "$library" "$root/own/"
done
cp "$TMP/1.heap" "$root$TMP/"
loader=/own/$(basename "$(ldd "$HEAPSNAP" | grep -o '/[^ ]*ld-linux[^ ]*')")
# /proc is there for the sanitizers' sake.
elsewhere() {
	unshare --user --map-root-user --mount sh -c \
		"mount --rbind /proc '$root/proc' && exec chroot '$root' \"\$@\"" \
		sh "$loader" --library-path /own /own/heapsnap \
		report "$TMP/1.heap" -f "$1" --top 0 --by "$2" --color never
}
rm -r "$TMP/app"
not_ok 'there is no C library in its place there' \
	test -e "$root/lib/x86_64-linux-gnu/libc.so.6"
for format in "${formats[@]}"; do
	elsewhere "$format" stack >"$TMP/there.$format" 2>"$TMP/err"
	is "$?$(cat "$TMP/err")" 0 "$format: reported elsewhere"
	ok "$format: the same" cmp "$TMP/here.$format" "$TMP/there.$format"
done
elsewhere text line >"$TMP/there.line"
ok 'lines: the same' cmp "$TMP/here.line" "$TMP/there.line"
done_testing
