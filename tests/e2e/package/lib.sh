# shellcheck shell=bash
#
# What the tests of packages share: copies of the source, built as by somebody
# who packs it.
. "${BASH_SOURCE[0]%/*}/../lib.sh"

# The version of the copies, as `git describe' has it of one commit after a tag.
VERSION=

# copy FOLDER: the source there, as a repository with a tag and a commit after it.
copy() {
	local -a git=(git -C "$1" -c user.name=test -c user.email=test@test.invalid)
	mkdir -p "$1"
	(cd "$ROOT" && git ls-files -z -co --exclude-standard |
		tar --null --ignore-failed-read -T - -c) | tar -x -C "$1"
	(
		export GIT_AUTHOR_DATE='2026-01-01T00:00:00Z'
		export GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
		"${git[@]}" init -q
		"${git[@]}" add -f .
		"${git[@]}" commit -q -m source
		"${git[@]}" tag v7.8.9-rc1
		"${git[@]}" commit -q --allow-empty -m more
	) || fail "a repository in $1"
	VERSION=$("${git[@]}" describe --tags)
	VERSION=${VERSION#v}
}

# packed NAME FOLDER COMMAND...: run there, with its output in $TMP/NAME.log, and
# with nothing of the make that runs the tests.
packed() {
	cd "$2" && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "${@:3}" >"$TMP/$1.log" 2>&1
}
