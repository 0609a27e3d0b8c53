#!/bin/bash
# What `make install' puts there works from there, and `make uninstall' takes away
# just that.
. "${0%/*}/../lib.sh"

# made TARGET...: with a copy of what is built, into a folder of the test's.
made() {
	make -s -C "$ROOT" --no-print-directory -o all "$@" \
		DESTDIR="$TMP/to" PREFIX=/usr
}

# present: the files below $TMP/to, one a line.
present() {
	(cd "$TMP/to" && find . -type f | sort)
}

mkdir -p "$TMP/to/usr/share/man/man1"
echo other >"$TMP/to/usr/share/man/man1/other.1"
before=$(present)
ok 'make install' made install
to=$TMP/to/usr
is "$("$to/bin/heapsnap" --version)" "$(heapsnap --version)" 'the program runs'
for page in "$ROOT"/man/*.[1-8]; do
	name=${page##*/}
	ok "$name" cmp "$page" "$to/share/man/man${page##*.}/$name"
done
for doc in README.md SAFETY.md NEWS.md LICENSE heapsnap-1.schema.json \
	CONTAINERS.md Dockerfile; do
	ok "$doc" test -s "$to/share/doc/heapsnap/$doc"
done
ok 'bash takes its completion' bash -c \
	". '$to/share/bash-completion/completions/heapsnap' && complete -p heapsnap"
ok 'zsh takes its completion' zsh -n "$to/share/zsh/site-functions/_heapsnap"
ok 'fish takes its completion' fish -n \
	"$to/share/fish/vendor_completions.d/heapsnap.fish"
is "$(find "$to" -type f -newer "$ROOT/Makefile" -perm /022 | wc -l)" 0 \
	'nobody but the owner can write to it'
size=$(stat -c %s "$to/bin/heapsnap")

ok 'make install-strip' made install-strip
between "$(stat -c %s "$to/bin/heapsnap")" 100000 $((size / 2)) \
	'the program without its symbols'
is "$("$to/bin/heapsnap" --version)" "$(heapsnap --version)" 'runs, too'

ok 'make uninstall' made uninstall
is "$(present)" "$before" 'nothing of it is left, and nothing else is gone'
ok 'nor is a folder of its own left' test ! -e "$to/share/doc/heapsnap"
like "$(make -s -C "$ROOT" help)" 'make static.*make install.*make check.*make quick' \
	'make help'
done_testing
