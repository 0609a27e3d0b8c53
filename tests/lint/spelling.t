#!/bin/bash
# No usual misspelling is anywhere.
. "${0%/*}/lib.sh"

needs codespell

mapfile -t texts < <(files '*' | grep -v '^tests/data/\|^tests/fuzz/corpus/')
# .Nd is a macro of manual pages; searchd a service, and what habits.txt has typed
# wrongly, which codespell 2.4 knows.
nothing 'codespell finds nothing' "$(\
	codespell -L nd,searchd,repot,fnction "${texts[@]}" 2>&1)"
done_testing
