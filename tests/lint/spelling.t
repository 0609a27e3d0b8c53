#!/bin/bash
# No usual misspelling is anywhere.
. "${0%/*}/lib.sh"

needs codespell

mapfile -t texts < <(files '*' | grep -v '^tests/data/\|^tests/fuzz/corpus/')
nothing 'codespell finds nothing' "$(codespell "${texts[@]}" 2>&1)"
done_testing
