#!/bin/bash
# Reports on a terminal: as wide as it is, with colours that mean something; in
# a pipe whole and plain. NO_COLOR, TERM=dumb and --color have their say.
. "${0%/*}/../lib.sh"

data=$ROOT/tests/data
before=$data/searchd-before.heap
after=$data/searchd-after.heap
unset NO_COLOR COLUMNS

# on_terminal COLUMNS TERM ARGUMENT...: what a terminal of so many gets, in
# $out.
on_terminal() {
	TERM=$2 script -qec "stty cols $1; $HEAPSNAP ${*:3}" /dev/null \
		</dev/null >"$TMP/tty"
	out=$(tr -d '\r' <"$TMP/tty")
}

# shellcheck disable=SC2001
plain() {
	sed $'s/\033\\[[0-9;]*m//g' <<<"$1"
}

widest() {
	plain "$1" | awk '{ if (length > most) most = length } END { print most }'
}

# The lines of a text that have a code: \033[CODEm...\033[0m, that part alone.
coloured() {
	grep -oE $'\033\\['"$1"$'m[^\033]*\033' <<<"$out" | sed $'s/\033[^m]*m\\?//g'
}

# --- width -------------------------------------------------------------------

run heapsnap diff "$before" "$after" --top 0
piped=$out
path=/srv/searchd/src/server/connection/keepalive_handler.cc:1033
like "$piped" "  $path"$'\n' 'a pipe gets whole paths'
unlike "$piped" $'\033' 'and no colours'
unlike "$piped" '\.\.\.(/| [0-9]+ frames \()' 'nothing of it is left out'
on_terminal 80 dumb diff "$before" "$after" --top 0
unlike "$out" "  $path" 'on a terminal a path gives way to the width'
like "$out" '\.\.\./connection/keepalive_handler\.cc:1033' 'by its first folders'
for format in text tree; do
	for columns in 60 80 120; do
		on_terminal $columns dumb diff "$before" "$after" --top 0 -f $format
		# What is no frame, numbers and names of files, is in full.
		frames=$(sed -n '/^#1\|  all$/,/^  before/p' <<<"$out" |
			grep -v '^#\|^  before')
		between "$(widest "$frames")" 30 $columns \
			"$format: no frame is wider than $columns columns"
	done
done
on_terminal 300 dumb diff "$before" "$after" --top 0
like "$out" "  $path"$'\n' 'where there is space all of it is shown'

# --- colours -----------------------------------------------------------------

on_terminal 100 xterm diff "$before" "$after" --top 0
is "$(plain "$out")" "$(on_terminal 100 dumb diff "$before" "$after" --top 0
	echo "$out")" 'colours are all that TERM changes'
red=$(coloured 31)
green=$(coloured 32)
faint=$(coloured 2)
bold=$(coloured 1)
like "$red" '\+169\.7 MiB \+- 10\.5 MiB' 'growth is red'
like "$green" '-9\.6 MiB \+- 2\.9 MiB' 'shrinkage is green'
like "$faint" '\+1\.0 MiB \+- 1\.4 MiB' 'noise is dim'
like "$faint" $'(^|\n)start_thread' "libraries' code is dim"
like "$bold" $'(^|\n)search::Cache::put' \
	"the first frame of the program's own code is bold"
unlike "$red$green$bold" 'start_thread|\+1\.0 MiB' 'and these are nothing else'
on_terminal 100 xterm diff "$before" "$after" -f tree
like "$(coloured 31)" '\+188\.2 MiB|\+178\.6 MiB' 'tree: growth is red'
like "$(coloured 32)" '-9\.6 MiB' 'tree: shrinkage is green'
like "$(coloured 2)" '~\+1\.0 MiB' 'tree: noise is dim'

for term in dumb ''; do
	on_terminal 80 "$term" report "$after"
	unlike "$out" $'\033' "TERM='$term': no colours"
	on_terminal 80 "$term" report "$after" --color always
	like "$out" $'\033\\[1m' "TERM='$term': but where they are asked for"
done
NO_COLOR=1 on_terminal 80 xterm report "$after"
unlike "$out" $'\033' 'NO_COLOR: no colours'
NO_COLOR='' on_terminal 80 xterm report "$after"
like "$out" $'\033\\[1m' 'an empty one says nothing'
NO_COLOR=1 on_terminal 80 xterm report "$after" --color always
like "$out" $'\033\\[1m' '--color always: in spite of it'
on_terminal 80 xterm report "$after" --color never
unlike "$out" $'\033' '--color never'
run heapsnap report "$after" --color always
like "$out" $'\033\\[1m' '--color always: in a pipe, too'
run heapsnap report "$after" --color always -o "$TMP/r.txt"
like "$(cat "$TMP/r.txt")" $'\033\\[1m' 'and in a file'
on_terminal 80 xterm report "$after" -f json
unlike "$out" $'\033' 'JSON has none'
done_testing
