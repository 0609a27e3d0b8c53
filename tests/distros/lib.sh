# shellcheck shell=bash
# Roots of releases of Debian, in $DISTROS (build/distros), each about 3 GB, and used
# again. The mirror is the one of this machine's apt. As root.

ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
DISTROS=${DISTROS:-$ROOT/build/distros}

die() {
	echo "$0: $*" >&2
	exit 1
}

# inside RELEASE COMMAND...: in its root, which is the root of all that it can see
# (so that tests may unshare and mount), with processes of its own.
inside() {
	local root=$DISTROS/$1
	shift
	# shellcheck disable=SC2016 # for the shell inside
	unshare --mount --pid --fork --kill-child bash -ec '
		cd "$1"
		shift
		mount --bind . .
		cd "$PWD"
		mount -t proc proc proc
		mount --rbind /sys sys
		mount --rbind /dev dev
		mount -t tmpfs -o size=1g tmpfs dev/shm
		mkdir -p mnt
		pivot_root . mnt
		umount -l /mnt
		exec "$@"' inside "$root" \
		env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root LC_ALL=C.UTF-8 CI="${CI:-}" \
		DEBIAN_FRONTEND=noninteractive "$@"
}

# prepare RELEASE: its root, with what the tests need.
prepare() {
	local root=$DISTROS/$1 mirror
	if [ ! -e "$root/usr/bin/make" ]; then
		# shellcheck disable=SC2016 # for apt
		mirror=$(apt-get indextargets --format '$(SITE)' \
			'Created-By: Packages' 'Origin: Debian' | head -n 1)
		[ -n "$mirror" ] || die 'apt knows no mirror of Debian'
		rm -rf --one-file-system "$root"
		debootstrap --variant=minbase --include=make "$1" "$root" \
			"$mirror" || return
	fi
	rm -rf --one-file-system "$root/heapsnap"
	mkdir "$root/heapsnap"
	(cd "$ROOT" && git ls-files -z -co --exclude-standard |
		tar --null --ignore-failed-read -T - -c) |
		tar -x -C "$root/heapsnap" || return
	# Tests of the packages take their files from a repository.
	(
		cd "$root/heapsnap" && git init -q && git add -A &&
			git -c user.name=test -c user.email=test@test.invalid \
				commit -q -m source
	) || return
	inside "$1" make -C /heapsnap core-deps
}

[ "$(id -u)" = 0 ] || die 'takes root'
command -v debootstrap >/dev/null || die 'takes debootstrap'
mkdir -p "$DISTROS"
