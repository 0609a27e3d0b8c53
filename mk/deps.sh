#!/bin/sh
# The Debian packages that are needed, of which NAME/OTHER is one or the other, as
# releases name them.
#
#	mk/deps.sh install WHO PACKAGE...	installs those that are missing
#	mk/deps.sh missing PACKAGE...		names them
set -eu

# missing PACKAGE...: those that are not installed, into $missing.
missing() {
	# shellcheck disable=SC2046 # names
	have=" $(dpkg-query -W -f '${Package}=${db:Status-Status} ' \
		$(echo "$@" | tr / ' ') 2>/dev/null || :)"
	missing=
	for package; do
		found=
		for name in $(echo "$package" | tr / ' '); do
			case $have in *" $name=installed "*) found=yes ;; esac
		done
		[ -n "$found" ] || missing="$missing $package"
	done
}

# known NAME: the release has it, and not just another that provides it.
known() {
	apt-cache show --no-all-versions "$1" 2>/dev/null | grep -qx "Package: $1"
}

# choose PACKAGE...: what of each the release has, into $chosen; what it has
# nothing of, into $lacking.
choose() {
	chosen=
	lacking=
	for package; do
		found=
		for name in $(echo "$package" | tr / ' '); do
			[ -n "$found" ] || ! known "$name" || found=$name
		done
		chosen="$chosen $found"
		[ -n "$found" ] || lacking="$lacking $package"
	done
}

install() {
	who=$1
	shift
	missing "$@"
	[ -n "$missing" ] || return 0
	echo "$who: missing:$missing"
	if [ "$(id -u)" = 0 ]; then
		as_root='env'
	elif command -v sudo >/dev/null; then
		as_root='sudo env'
	else
		echo "$who: as root, run: apt-get update &&" \
			"apt-get install --no-install-recommends$missing" >&2
		return 1
	fi
	$as_root apt-get update -q
	# shellcheck disable=SC2086 # names
	choose $missing
	[ -z "$lacking" ] || echo "$who: this release has no$lacking"
	# shellcheck disable=SC2086 # names
	$as_root DEBIAN_FRONTEND=noninteractive \
		apt-get install -qy --no-install-recommends $chosen </dev/null
}

what=$1
shift
case $what in
install) install "$@" ;;
missing)
	missing "$@"
	echo "$missing"
	;;
esac
