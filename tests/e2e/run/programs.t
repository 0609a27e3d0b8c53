#!/bin/bash
# Which jemalloc a command gets: its own, or one that is preloaded; and which
# programs cannot have one, in so many words.
. "${0%/*}/../lib.sh"

export TMPDIR=$TMP
leaver=$VICTIMS/leaver

# --- with their own ---

for name in leaker static-leaker-je_ embedded-leaker-_rjem_; do
	err=$(printf 'leak 100 4096\nquit\n' | heapsnap run "$VICTIMS/$name" \
		--life "$LIFE" 2>&1 >/dev/null)
	like "$err" "#[0-9]  400\.0 KiB  100 objects .*"$'\n'"    leak_site " \
		"$name: what it leaves is known"
done

# --- preloaded ---

library=$(ldconfig -p | awk '/libjemalloc\.so\.2 .*x86-64/ { print $NF; exit }')
cp "$library" "$TMP/libjemalloc.so.2"
# shellcheck disable=SC2016
printf '#!%s\necho "$LD_PRELOAD"\n' "$(command -v bash)" >"$TMP/script"
chmod +x "$TMP/script"
run heapsnap run "$TMP/script"
is "$out" "$library" 'the library that ldconfig knows, for a script as well'
run heapsnap run --jemalloc "$TMP/libjemalloc.so.2" "$TMP/script"
is "$out" "$TMP/libjemalloc.so.2" '--jemalloc FILE'
run heapsnap run --jemalloc "$TMP/nothing" "$TMP/script"
is "$status:$err" "2:heapsnap: cannot open '$TMP/nothing': No such file or directory" \
	'which has to be there'
run heapsnap run --jemalloc "$TMP/script" "$TMP/script"
is "$status:$err" "2:heapsnap: '$TMP/script' is not a shared library of this machine" \
	'and a library'
# shellcheck disable=SC2016
MALLOC_CONF=narenas:1 run heapsnap run bash -c 'echo "$MALLOC_CONF"'
like "$out" '^lg_prof_sample:0,narenas:1,prof:true,.*,prof_final:true,prof_prefix:' \
	'MALLOC_CONF is added to'

# --- none ---

run heapsnap run "$VICTIMS/tiny32"
is "$status:$err" "3:heapsnap: '$VICTIMS/tiny32' is a program of 32 bits, whose jemalloc heapsnap does not know" \
	'32 bits'
gcc -static -o "$TMP/static" -x c - <<<'int main(void) { return 0; }'
run heapsnap run "$TMP/static"
is "$status:$err" "3:heapsnap: '$TMP/static' is a static program without jemalloc: no library can be brought into it
heapsnap: hint: link it with jemalloc, or dynamically" 'static'
gcc -fsanitize=address -o "$TMP/asan" -x c - <<<'int main(void) { return 0; }'
run heapsnap run "$TMP/asan"
like "$status:$err" "^3:heapsnap: '$TMP/asan' is built with AddressSanitizer, which has a malloc of its own" \
	'AddressSanitizer'
cp "$leaver" "$TMP/setuid"
chmod 755 "$TMP"
if chown "$OWN_USER" "$TMP/setuid" 2>/dev/null && chmod u+s "$TMP/setuid"; then
	run heapsnap run "$TMP/setuid"
	like "$status:$err" "^3:heapsnap: '$TMP/setuid' is setuid: such a program takes no library and no settings" \
		'setuid'
fi
run heapsnap run "$TMP/nothing"
is "$status:$err" "2:heapsnap: cannot run '$TMP/nothing': No such file or directory" \
	'no such file'
run heapsnap run no-such-program
is "$status:$err" "2:heapsnap: there is no program 'no-such-program' in PATH" \
	'no such program'
done_testing
