#!/bin/bash
# No usual misspelling is anywhere.
. "${0%/*}/lib.sh"

needs codespell

mapfile -t texts < <(files '*' | grep -v '^tests/data/\|^tests/fuzz/corpus/')
# .Nd is a macro of manual pages.
nothing 'codespell finds nothing' "$(codespell -L nd "${texts[@]}" 2>&1)"
done_testing
