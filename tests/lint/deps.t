#!/bin/bash
# Who may include whom: down the house, never up or sideways. What is below can
# be read, tested and linked without what is above.
. "${0%/*}/lib.sh"

# What each may include besides itself, as mk/arrows has it.
declare -A may=()
while IFS=: read -r folder to; do
	may[$folder]=${to# }
done < <(grep -v '^#' mk/arrows)

# FILE:HEADER for each #include "HEADER" in the folders given.
includes() {
	grep -rHo '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[^"]*"' \
		--include='*.[ch]' "$@" | sed 's/:[^"]*"/:/; s/"$//'
}

# allowed FOLDER HEADER
allowed() {
	local to
	for to in "$1" ${may[$1]}; do
		[[ $2 != "$to" && $2 != "$to"/* ]] || return 0
	done
	return 1
}

below=${HOUSE[*]}
for folder in "${HOUSE[@]}"; do
	below=${below#"$folder"}
	below=${below# }
	nothing "the arrows of $folder point down" "$(
		for to in ${may[$folder]}; do
			[[ " $below " == *" ${to%%/*} "* ]] || echo "$to"
		done)"
	wrong=$(includes "$folder" | while IFS=: read -r file header; do
		allowed "$folder" "$header" || echo "$file includes $header"
	done)
	nothing "$folder includes itself, ${may[$folder]:-and nothing else}" \
		"$wrong"
done

nothing 'every include is rooted' "$(includes "${HOUSE[@]}" tests |
	grep -vE ":($(IFS='|' && echo "${HOUSE[*]}")|tests)/")"
# A header and its source are one file; tsort(1) names those in a circle.
nothing 'no file includes itself by way of others' "$(includes "${HOUSE[@]}" |
	sed 's/\.[ch]:/ /; s/\.h$//' | awk '$1 != $2' | tsort 2>&1 >/dev/null)"
mapfile -t house < <(files '*.c' '*.h' | grep -v '^tests/')
nothing 'only attach/request.c calls ptrace' "$(code "${house[@]}" |
	grep -E '[^A-Za-z0-9_]ptrace *\(' | grep -v '^attach/request\.c:')"
done_testing
