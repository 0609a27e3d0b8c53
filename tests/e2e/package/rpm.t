#!/bin/bash
# The .spec is one that Debian's rpmbuild builds a package of, with all that is
# installed, and what is in it runs.
# First: it builds all of the source.
. "${0%/*}/lib.sh"

is "$(sed -n 's/^BuildRequires: //p' "$ROOT/mk/heapsnap.spec" | sort)" \
	"$(make -s -C "$ROOT" --no-print-directory print-dnf-deps | tr ' ' '\n' |
		sort)" 'the packages it needs are those that make deps names'

copy "$TMP/source"
# Without optimization it takes a third of the time. What it needs is not there as
# a package of rpm's.
packed rpm "$TMP/source" rpmbuild -bb --build-in-place --nodeps \
	--define "_topdir $TMP/rpm" --define 'optflags -O0 -g' \
	--define 'debug_package %nil' --define '_smp_mflags -j2' \
	--define "_tmppath $TMP" mk/heapsnap.spec
is $? 0 'rpmbuild' || diag "$(tail -n 30 "$TMP/rpm.log")"
rpm=$(echo "$TMP"/rpm/RPMS/*/*.rpm)
is "$(rpm -qp --qf '%{NAME} %{VERSION} %{ARCH}' "$rpm" 2>&1)" \
	"heapsnap $(sed 's/-rc/~rc/; s/-/+/; s/-/./g' <<<"$VERSION") x86_64" \
	'the version is of the git tag'
rpm2archive - <"$rpm" | tar -xz -C "$TMP"
is "$("$TMP/usr/bin/heapsnap" --version)" "heapsnap $VERSION" 'it runs'
# The links to it by its build-id are rpm's own, and newer ones pack pages.
is "$(cd "$TMP/usr" && find . -type f ! -path ./share/licenses/\* |
	sed '/\/man\//s/\.gz$//' | sort)" \
	"$(make -s -C "$ROOT" --no-print-directory print-installed PREFIX=. | tr ' ' '\n' |
		sort)" 'it has what is installed'
done_testing
