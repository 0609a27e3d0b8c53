#!/bin/bash
# The manual pages are clean; each command has one, its SYNOPSIS has the options
# of its --help, and each of these is explained there or in heapsnap(1).
. "${0%/*}/lib.sh"

needs mandoc

pages=(man/*.[1-8])
ok 'there are pages' test -e "${pages[0]}"
for page in "${pages[@]}"; do
	nothing "$page is clean" "$(mandoc -Tlint -W warning "$page" 2>&1)"
done

# What stands at the head of an explanation in a page: "-x, --name" or "--name".
explained() {
	sed -nE '/^\.It Fl/ { s/Fl /-/g; s/ , /, /; s/^\.It //
		s/^((-[a-z], )?--[a-z-]+).*/\1/p }' "$1" | sort -u
}

# The options in a page's SYNOPSIS: -x or --name. Letters that take no argument
# are together: -qv.
synopsis_options() {
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$1" |
		grep -oE 'Fl -?[A-Za-z][a-z-]*' | sed 's/^Fl /-/' |
		sed -E 's/^-([a-z])([a-z])$/-\1\n-\2/' | sort -u
}

# The options in --help, as "-x, --name" or "--name". -h and --version belong to
# every command, and are explained in heapsnap(1).
helped() {
	heapsnap "$1" --help | grep -E '^ +-' | sed -E 's/  +[a-z].*//' |
		grep -oE '(-[a-z], )?--[a-z-]+' |
		grep -vxe '-h, --help' -e --version | sort -u
}

short() {
	sed 's/, .*//' "$@" | sort -u
}

explained man/heapsnap.1 | grep -vxe '-h, --help' -e --version >"$TMP/common"
ok 'heapsnap(1) explains options' test -s "$TMP/common"
commands=$(heapsnap --help | sed -n 's/^  heapsnap \([a-z]*\) .*/\1/p')
ok '--help lists commands' test -n "$commands"
for command in snap $commands; do
	page=man/heapsnap-$command.1
	ok "there is a page of $command" test -e "$page"
	ok 'which heapsnap(1) names' \
		grep -q "Xr heapsnap-$command 1" man/heapsnap.1
	helped "$command" >"$TMP/helped"
	explained "$page" >"$TMP/own"
	is "$(synopsis_options "$page")" "$(short "$TMP/helped")" \
		"$command: its SYNOPSIS has the options of --help"
	nothing "$command: each option is explained, there or in heapsnap(1)" \
		"$(sort -u "$TMP/own" "$TMP/common" |
			comm -23 "$TMP/helped" -)"
	nothing "$command: and no other" "$(comm -23 "$TMP/own" "$TMP/helped")"
	cat "$TMP/helped" >>"$TMP/all"
done
nothing 'heapsnap(1) explains only options that there are' \
	"$(sort -u "$TMP/all" | comm -23 "$TMP/common" -)"
done_testing
