#!/bin/bash
# diff and report on files: what they say, the exit statuses, and that a report
# is written whole or not at all, wherever it goes.
. "${0%/*}/../lib.sh"

data=$ROOT/tests/data
before=$data/searchd-before.heap
after=$data/searchd-after.heap
cd "$TMP" || exit 1

run heapsnap diff "$before" "$after"
is "$status" 0 'a diff is made'
is "$err" '' 'and nothing else is said'
like "$out" '^heap growth of searchd \(pid 25861\) on web3 in 10\.0 s' \
	'it says of what'
like "$out" '#1  \+169\.7 MiB \+- 10\.5 MiB  \+43,433 objects  90% of growth' \
	'and how much'
unlike "$out" $'\033' 'a pipe gets no colours'
run heapsnap diff "$before" "$after" --color always
like "$out" $'\033\\[31m' 'unless they are asked for'
run heapsnap diff "$before" "$after" --top 1
like "$out" '4 more stacks are not shown \(\+18\.6 MiB, -9\.6 MiB\), 1 of them within the[[:space:]]sampling noise; --top 0 ' \
	'--top says what it leaves out'
run heapsnap diff "$before" "$after" --focus 'Cache::put|table_load'
like "$out" 'without 5 stacks that --focus and --ignore leave out' \
	'--focus looks at the stacks that match'
unlike "$out" 'Postings::merge' 'and at no other'
run heapsnap diff - "$after" --top 1
is "$status" 2 'an empty standard input is no dump'
heapsnap diff - "$after" <"$before" >from-stdin 2>&1
is "$?" 0 'a dump can come from standard input'

run heapsnap diff "$after" "$after"
is "$status" 0 'no difference is no error'
like "$out" 'Nothing grew: no stack holds more or less than before\.' \
	'and is said in a sentence'

run heapsnap report "$after"
is "$status" 0 'one profile is reported'
like "$out" '#1  195\.8 MiB \+- 9\.9 MiB  50,115 objects  86% of live heap' \
	'with its largest stack'

# --- other machines' programs ------------------------------------------------

run heapsnap report "$data/jemalloc-5.2.1.heap"
is "$status" 0 'a dump is reported without its program'
like "$err" "warning: cannot open '/srv/app/t-5\.2\.1': No such file" \
	'and says which file is missed'
is "$(grep -n hint: <<<"$err")" "2:heapsnap: hint: --sysroot DIR says where the \
files of its machine are, --debug-dir DIR where debug files are" \
	'and once what helps'
mkdir "$TMP/sys"
run heapsnap report "$data/jemalloc-5.2.1.heap" --sysroot "$TMP/sys"
unlike "$err" hint: 'which who says where they are is not told'
like "$out" $'    t-5\\.2\\.1\\+0x659c\n' 'frames are module and offset then'
run heapsnap report -q "$data/jemalloc-5.2.1.heap"
is "$err" '' '-q: no warnings'

# --- JSON --------------------------------------------------------------------

run heapsnap diff "$before" "$after" -f json
is "$status" 0 'JSON is written'
is "$(jq -r '.schema, .kind' <<<"$out" | paste -sd' ')" 'heapsnap/1 diff' \
	'with its schema'
is "$(jq '([.stacks[].bytes] | add) == .totals.bytes' <<<"$out")" true \
	'its stacks add up to its totals'

# --- damaged and missing files -----------------------------------------------

head -c 700 "$before" >cut.heap
run heapsnap diff cut.heap "$after"
is "$status" 2 'a file that was cut off is refused'
like "$err" '^heapsnap: cut\.heap:[0-9]+: ' 'with the line'
is "$out" '' 'and no report'
echo 'not a dump' >text
run heapsnap report text
is "$status" 2 'a text is refused'
like "$err" '^heapsnap: text:1: not a heap dump' 'as no dump'
run heapsnap report missing
is "$status" 2 'a missing file is refused'
like "$err" "^heapsnap: cannot open 'missing': No such file or directory" \
	'by its name'
run heapsnap report .
is "$status" 2 'a folder is refused'
run heapsnap report $'odd\033[2Jname'
unlike "$err" $'\033' 'a name cannot write to the terminal'

# --- the command line --------------------------------------------------------

run heapsnap diff --frob "$before" "$after"
is "$status" 2 'an unknown option is refused'
is "$err" "heapsnap: unknown option '--frob'
heapsnap: hint: try 'heapsnap diff --help'" 'with a hint where to look'
run heapsnap
is "$status" 2 'no arguments: refused too'
run heapsnap diff --help
is "$status" 0 'help is no error'
like "$out" '^usage: heapsnap diff BEFORE AFTER\.\.\. ' 'and goes to stdout'
run heapsnap --version
like "$out" '^heapsnap [0-9]+\.[0-9]+\.[0-9]+$' 'it knows its version'

# --- where the report goes ---------------------------------------------------

run heapsnap diff "$before" "$after" -o r.json
is "$status $out$err" '0 ' '-o writes a file, and nothing else'
is "$(jq -r .kind r.json)" diff 'in the format of its name'
is "$(stat -c %a r.json)" 600 'that only its owner reads'
is "$(echo r.json*)" r.json 'under its own name alone'
echo old >r.txt
run heapsnap report cut.heap -o r.txt
is "$status $(cat r.txt)" '2 old' 'what fails leaves the old file'
run heapsnap report "$after" -o r.txt
like "$(cat r.txt)" '^live heap of searchd' 'what works replaces it'
run heapsnap report "$after" -o missing/r.txt
is "$status" 6 'a folder that is not there is an output error'
is "$err" "heapsnap: cannot write 'missing/r.txt': No such file or directory
heapsnap: hint: its folder must exist" \
	'reported by the name that was given'
run heapsnap report "$after" -o /dev/full
is "$status" 6 'a full device is one too'
is "$err" "heapsnap: cannot write '/dev/full': No space left on device
heapsnap: hint: free some space, or use another folder" \
	'reported as such'
ok '/dev/full is still a device' test -c /dev/full
heapsnap report "$after" >/dev/full 2>full.err
is "$? $(cat full.err)" "6 heapsnap: cannot write to standard output: \
No space left on device" 'and so is stdout'
heapsnap --help >/dev/full 2>full.err
is "$?" 6 'even for --help'
(
	ulimit -f 1
	heapsnap diff "$before" "$after" -f json -o big.json
) 2>big.err
is "$? $(cat big.err)" "6 heapsnap: cannot write 'big.json': File too large
heapsnap: hint: the limit on file sizes is too small: ulimit -f" \
	'a file that cannot be finished is an error'
is "$(echo big.json*)" 'big.json*' 'and is not left behind'

# The reader is gone before anything is written.
mkfifo pipe
exec 8<>pipe
exec 7>pipe
exec 8<&-
heapsnap report "$after" >&7 2>pipe.err
is "$? $(cat pipe.err)" '6 ' 'a closed pipe ends it without a word'
exec 7>&-
done_testing
