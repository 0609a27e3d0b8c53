#!/bin/bash
# Where the memory is: jemalloc's words beside ours, in text and page the same ones
# in the same order, with the numbers of the JSON; each is in the manual.
. "${0%/*}/../lib.sh"

cd "$TMP" || exit 1
unset NO_COLOR COLUMNS

# dumps DIRTY MUZZY: 1.heap and 2.heap, with how long freed pages are kept.
dumps() {
	local i
	for i in 1 2; do
		sed "s/^# heapsnap tcache .*/&\n# heapsnap dirty-decay-ms $1\n\
# heapsnap muzzy-decay-ms $2/" "$ROOT/tests/data/moves-$i.heap" >"$i.heap"
	done
}

# labels: the first column of the breakdown in $out, and the notes below it.
labels() {
	sed -n '/^where the memory is/,/^$/p' <<<"$out" | sed '1d; $d
		s/^ *//; s/  .*//; s/ ± .*//; s/ +- .*//'
}

# page_rows KINDS FIELD...: of the rows of those kinds in page.html.
page_rows() {
	sed -n '/id="data"/,/<\/script>/p' page.html | sed '1d; s/<\/script>//' |
		jq -r ".breakdown.rows[] | select(.[0] | IN($1)) | $2"
}

dumps 10000 0
run heapsnap diff -v 1.heap 2.heap
is "$(labels)" "live allocations (allocated)
estimated from samples
thread caches (tcache)
lost to fragmentation (active - allocated)
freed, kept (dirty, muzzy): comes back after 10 s
jemalloc's own data (metadata)
stacks of threads
program and libraries
other
of these never touched, or swapped out
resident (RSS)
5.0 MiB of this is overhead of the sampling itself" \
	'jemalloc has its own words, what is deduced comes last'

heapsnap diff 1.heap 2.heap -o page.html
heapsnap diff 1.heap 2.heap -f json >report.json
is "$(page_rows '0, 1, 2, 3, 4, 5' '.[2]' | sed 's/ ± .*//')" "$(labels)" \
	'the page has the same in the same order'
is "$(page_rows '0, 2' '.[4]' | jq -s add)" "$(jq .after.ledger.rss report.json)" \
	'and they add up to what is resident'
is "$(page_rows 3 '"\(.[3]) \(.[4])"')" \
	"$(jq -r '"\(.before.ledger.rss) \(.after.ledger.rss)"' report.json)" \
	'before and after'
is "$(page_rows 0 '.[4]' | head -5 | paste -sd' ')" \
	"$(jq -r '.after.ledger.parts | "\(.live) \(.thread_caches) \(.slack) \(
	.kept_pages) \(.metadata)"' report.json)" 'in the numbers of the JSON'

manual=$(sed 's/^\.It //; s/^\.Sq //' "$ROOT/man/heapsnap-stats.1")
while read -r label; do
	like "$manual" "${label//[()]/.}" "the manual explains '$label'"
done < <(labels | grep -E '\(.*\)|samples|touched|sampling' |
	sed 's/^5.0 MiB //; s/resident (RSS)/what is resident (RSS)/')

run heapsnap diff 1.heap 2.heap
is "$(labels | wc -l) $(labels | tail -1)" \
	'6 5.0 MiB of this is overhead of the sampling itself' \
	'without -v: few of them'

# --- how long freed pages are kept -------------------------------------------

# kept DIRTY MUZZY WORDS
kept() {
	dumps "$1" "$2"
	run heapsnap diff -v 1.heap 2.heap
	is "$(labels | sed -n 's/^freed, kept (dirty, muzzy)//p')" "$3" \
		"dirty $1 ms, muzzy $2 ms"
}

kept 10000 10000 ': comes back after 20 s'
kept 1500 0 ': comes back after 1.5 s'
kept 600000 0 ': comes back after 10 min 0 s'
kept 0 0 ': comes back at once'
kept 36028797018963968 0 ': never comes back'
kept 10000 36028797018963968 ': never comes back'
sed -i /decay/d 1.heap 2.heap
run heapsnap diff -v 1.heap 2.heap
like "$out" $'\n  freed, kept \\(dirty, muzzy\\)  ' 'not known: nothing is said'

dumps 10000 0
out=$(TERM=dumb script -qec \
	"stty cols 80 rows 50; $HEAPSNAP diff -v 1.heap 2.heap --no-pager 2>/dev/null" \
	/dev/null </dev/null | tr -d '\r')
like "$out" $'\n  freed, kept \\(dirty, muzzy\\):  [^\n]*\n    comes back after 10 s\n' \
	'80 columns: in two lines'
is "$(awk 'length > 80' <<<"$out" | grep -v '^ *#')" '' 'none of which is longer'
done_testing
