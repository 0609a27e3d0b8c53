#!/bin/bash
# The source is in shape, in pieces that can be read at once, and without the
# calls that are always wrong or wrong here.
. "${0%/*}/lib.sh"

needs clang-format
needs gcc

mapfile -t sources < <(files '*.c' '*.h')
mapfile -t house < <(files '*.c' '*.h' | grep -v '^tests/')
mapfile -t quiet < <(files '*.c' '*.h' | grep -vE '^(tests|cli)/')

# Its releases do not agree: the source is as that of Debian 12 has it.
if [[ $(clang-format --version) == *' version 14.'* ]]; then
	nothing 'the source is as clang-format has it (make format)' \
		"$(clang-format --dry-run -Werror "${sources[@]}" 2>&1 |
			grep -E 'error:' | cut -d: -f1 | sort | uniq -c)"
else
	pass 'the source is as clang-format has it # SKIP it is not clang-format 14'
fi

too_long() {
	local limit=$1
	shift
	[ $# = 0 ] || awk -v limit="$limit" '
		FNR == limit + 1 { print FILENAME }' "$@"
}
mapfile -t headers < <(files '*.h')
nothing 'no file is longer than 800 lines' "$(too_long 800 "${sources[@]}")"
nothing 'no header is longer than 200' "$(too_long 200 "${headers[@]}")"

# A function's braces stand alone in the first column, and only they do.
nothing 'no function is longer than 60 lines' "$(awk '
	/^{/ { start = FNR }
	/^}/ && start {
		if (FNR - start - 1 > 60)
			print FILENAME ":" start ": " FNR - start - 1 " lines"
		start = 0
	}' "${sources[@]}")"

code "${sources[@]}" >"$TMP/code"
code "${quiet[@]}" >"$TMP/quiet"
code "${house[@]}" >"$TMP/house"
ok 'code is found apart from comments' test -s "$TMP/code"

# calls FILE NAME...: where it calls one of them.
calls() {
	local file=$1
	shift
	local IFS='|'
	grep -E "(^|[^A-Za-z0-9_>.])($*) *\(" "$file"
}

nothing 'nobody calls what cannot be used safely' "$(calls "$TMP/code" \
	strcpy strcat sprintf vsprintf strtok atoi atol atoll atof gets alloca \
	stpcpy strncpy strncat tmpnam mktemp)"
# A child of fork(2) ends where it cannot go on.
nothing 'only cli/ ends the program' "$(calls "$TMP/quiet" \
	exit _exit _Exit quick_exit abort assert |
	grep -vE '^(launch/child|report/pager)\.c:[0-9]+: +_exit\(')"
nothing 'only cli/ speaks to the user' "$(
	calls "$TMP/quiet" printf puts putchar perror err errx warn warnx
	grep -wE 'stderr|stdout' "$TMP/quiet"
)"
nothing 'no program is run' \
	"$(calls "$TMP/house" system popen | grep -v '^cli/')"
nothing 'nobody waits for just any child' \
	"$(grep -E 'waitpid *\( *-1' "$TMP/house")"
nothing 'no line ends in a space' \
	"$(files '*' | grep -v '^tests/data/\|^tests/fuzz/corpus/' | xargs grep -nIE '[[:space:]]+$')"

# What can be written to at run time, by the section it is in: constants that
# hold pointers are in .data.rel.ro. The out-of-memory error is made so that
# nothing has to be allocated for it; nobody changes it.
state=$(
	for lib in "${HOUSE[@]}"; do
		[[ $lib == cli || ! -e build/lib$lib.a ]] ||
			objdump -t "build/lib$lib.a"
	done | awk '
		/file format/ { file = $1 }
		$3 == "O" || $2 == "O" {
			section = $(NF - 2)
			if (section ~ /^\.(data|bss|tdata|tbss)(\.rel(\.local)?)?$/)
				print file, $NF
		}' | grep -vE '^error\.o: nomem(_message)?$'
)
nothing 'nothing outside cli/ keeps a state of its own' "$state"
done_testing
