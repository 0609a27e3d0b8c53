#!/bin/bash
# The project speaks of itself alone: what only those who wrote a piece of it
# know (their paths, papers, tools and tickets) tells a reader nothing.
. "${0%/*}/lib.sh"

# The brackets keep this file from finding itself.
words=(
	'/[w]ork/'
	'[d]esign\.md'
	'\b[s]hared/'
	'[i]ssue #'
	'[p]ull request #'
	'\b[A]\.?I\.?\b'
	'[l]anguage model'
	'\b[L]LM'
	'\b([C]laude|[C]hatgpt|[C]opilot|[A]nthropic|[O]penai)\b'
	'\b[a]gents?\b'
	'\b[t]he brief\b'
)
for word in "${words[@]}"; do
	nothing "nobody writes ${word//[\[\]]/}" "$(files '*' | tr '\n' '\0' |
		xargs -0 grep -nIiP "$word" | head -20)"
done
done_testing
