#!/bin/bash
# The manual pages are clean, and heapsnap(1) and --help of all commands tell the same options.
. "${0%/*}/lib.sh"

needs mandoc

pages=(man/*.[1-8])
ok 'there are pages' test -e "${pages[0]}"
for page in "${pages[@]}"; do
	nothing "$page is clean" "$(mandoc -Tlint -W warning "$page" 2>&1)"
done

# -x and --long, as they stand at the head of their explanation.
documented() {
	grep -hE '^\.It Fl' man/heapsnap.1 | grep -oE 'Fl -?[A-Za-z][a-z-]*' |
		sed 's/^Fl /-/' | sort -u
}

helped() {
	local command
	for command in snap diff report stats list; do
		heapsnap $command --help
	done | grep -oE '^ +-.*' | sed 's/^ *//; s/  .*//' |
		grep -oE '(^|[ ,])--?[A-Za-z][a-z-]*' | tr -d ' ,' | sort -u
}

documented >"$TMP/documented"
helped >"$TMP/helped"
ok '--help tells options' test -s "$TMP/helped"
nothing 'what --help tells is in heapsnap(1)' \
	"$(comm -13 "$TMP/documented" "$TMP/helped")"
nothing 'what heapsnap(1) tells is in --help' \
	"$(comm -23 "$TMP/documented" "$TMP/helped")"
done_testing
