#!/bin/bash
# Each header compiles alone, so that the order of includes never matters, and
# has the guard its path gives it.
. "${0%/*}/lib.sh"

needs gcc protoc-c

generated=$TMP/generated
mkdir "$generated"
protoc-c --c_out="$generated" heap/format/profile.proto

# `check.h' is not ours to keep clean of warnings, ours are.
compiles() {
	echo "#include \"$1\"" | gcc -std=gnu11 -D_GNU_SOURCE -iquote . \
		-iquote "$generated" -Wall \
		-Wextra -Wundef -Wstrict-prototypes -Wold-style-definition \
		-Werror -fsyntax-only -x c -
}

guard_of() {
	tr 'a-z/.-' 'A-Z___' <<<"$1"
}

for header in $(files '*.h'); do
	ok "$header compiles alone" compiles "$header"
	is "$(grep -m 2 -E '^#(ifndef|define)' "$header" | cut -d' ' -f2 |
		sort -u)" "$(guard_of "$header")" "$header has its guard"
done
done_testing
