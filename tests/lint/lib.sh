# shellcheck shell=bash
#
# The tests' frame, in the tree's root, and its files: what is there apart from
# what was built, so that a file is looked at before it is committed.
. "${BASH_SOURCE[0]%/*}/../e2e/lib.sh"

cd "$ROOT" || exit 1

# The folders of the house, from the top down.
# shellcheck disable=SC2034
mapfile -t HOUSE < <(sed -n 's/^\([a-z]*\):.*/\1/p' mk/arrows)

# files PATTERN...: of the whole tree, by name.
files() {
	local -a names=()
	local pattern
	for pattern; do
		names+=(-o -name "$pattern")
	done
	find . \( -name .git -o -path './build*' -o -path ./heapsnap \) -prune \
		-o -type f \( "${names[@]:1}" \) -print | sed 's|^\./||' | sort
}

# needs TOOL: a check that cannot be made has failed.
needs() {
	command -v "$1" >/dev/null || {
		fail "$1 is there"
		done_testing
	}
}

# FILE:LINE: text, without comments and what is in strings.
code() {
	local file
	for file; do
		gcc -fpreprocessed -dD -E "$file" 2>/dev/null | awk -v file="$file" '
			/^# [0-9]+ "/ { line = $2 - 1; next }
			{
				line++
				gsub(/"([^"\\]|\\.)*"/, "\"\"")
				print file ":" line ": " $0
			}'
	done
}

# nothing NAME LINE...: there is nothing to complain about.
nothing() {
	local name=$1
	shift
	is "$*" "" "$name"
}
