#!/bin/bash
# The Debian package: built twice, elsewhere, at another time, for another user, it
# is the same to the byte; lintian has nothing to say of it; what it installs runs.
# First: it builds all of the source.
. "${0%/*}/lib.sh"

# The dependencies that debian/control names are those of `make build-deps'.
is "$(sed -n '/^Build-Depends/,/^[^ ]*:/s/^ \(lib.*\|zlib.*\|proto.*\),$/\1/p' \
	"$ROOT/debian/control" | sort)" \
	"$(make -s -C "$ROOT" --no-print-directory print-build-deps | tr ' ' '\n' |
		grep -vxE 'gcc|libc6-dev' | sort)" \
	'debian/control: the packages of make build-deps'

# Without optimization it takes a third of the time.
build() {
	packed "$1" "$TMP/$1/source" env DEB_BUILD_OPTIONS='noopt parallel=2' "${@:2}" \
		dpkg-buildpackage -us -uc -b
}

copy "$TMP/one/source"
copy "$TMP/two/longer/../source"
# What is older than the changelog keeps its time.
epoch=$(dpkg-parsechangelog -l "$ROOT/debian/changelog" -S Timestamp)
find "$TMP/two/source" -exec touch -d "@$((epoch + 86400))" {} +
build one &
(umask 027 && build two TZ=Asia/Tokyo LANG=C.UTF-8 USER=somebody HOME="$TMP")
is $? 0 'dpkg-buildpackage' || diag "$(tail -n 30 "$TMP/two.log")"
wait $!
is $? 0 'dpkg-buildpackage elsewhere' || diag "$(tail -n 30 "$TMP/one.log")"

debian_version=$(sed 's/-rc/~rc/; s/-/+/; s/-/./g' <<<"$VERSION")
deb=$TMP/one/heapsnap_${debian_version}_amd64.deb
for file in "$deb" "${deb/heapsnap_/heapsnap-dbgsym_}"; do
	ok "${file##*/}: the same bytes" cmp "$file" "$TMP/two/${file##*/}"
done
is "$(lintian --allow-root -EI --pedantic "$TMP"/one/*.changes 2>&1)" '' \
	'lintian has nothing to say'

to=$TMP/to
mkdir -p "$to/var/lib/dpkg"/{info,updates}
: >"$to/var/lib/dpkg/status"
# Its dependencies are the machine's, which this dpkg does not know.
installs() {
	dpkg --root="$to" --force-not-root --force-depends --log=/dev/null "$@"
}
if [ "$(id -u)" = 0 ]; then
	ok 'dpkg --install' installs --install "$deb"
else
	ok 'dpkg-deb --extract' dpkg-deb --extract "$deb" "$to"
fi
is "$("$to/usr/bin/heapsnap" --version)" "heapsnap $VERSION" \
	'it runs, and has the version of the git tag'
run "$to/usr/bin/heapsnap" report "$ROOT/tests/data/foreign/freebsd-procfs-map.heap"
is "$status" 0 'it reads a dump' || diag "$err"
for page in "$ROOT"/man/*.[1-8]; do
	name=${page##*/}
	like "$(mandoc -Tascii "$to/usr/share/man/man${page##*.}/$name.gz" | head -n 1)" \
		'^HEAPSNAP' "$name can be read"
done
ok 'bash takes its completion' bash -c \
	". '$to/usr/share/bash-completion/completions/heapsnap' &&
	complete -p heapsnap"
ok 'zsh takes its completion' zsh -n "$to/usr/share/zsh/vendor-completions/_heapsnap"
ok 'fish takes its completion' fish -n \
	"$to/usr/share/fish/vendor_completions.d/heapsnap.fish"
if [ "$(id -u)" = 0 ]; then
	ok 'dpkg --purge' installs --purge heapsnap
	is "$(find "$to" -name '*heapsnap*')" '' 'and nothing of it is left'
fi
done_testing
