#!/bin/bash
# Whatever the names, paths and words in a snapshot are, a report is made of the same
# things, in each format: no markup, formula, separator or terminal escape of theirs gets
# through, none breaks it, and it is always UTF-8.
. "${0%/*}/../lib.sh"

command -v dot >/dev/null || skip_all 'no dot'
# All that there are, as completion offers them.
read -ra formats <<<"$(heapsnap completion bash |
	sed -n "s/.*merge' '--format) words='\([^']*\)'.*/\1/p")"
like " ${formats[*]} " ' text .* svg ' 'there are formats'
while read -r line; do
	name=${line#*ok }
	[[ $line = "ok "* ]]
	result $? "${name%%:*}" "$line"
done < <(python3 "${0%/*}/hostile_texts.py" "$(command -v "$HEAPSNAP")" "$TMP" \
	"${formats[@]}" 2>&1)
is "$((TESTS - 1))" ${#formats[@]} 'each format was looked at'
done_testing
