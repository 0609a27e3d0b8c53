# shellcheck shell=bash
# shellcheck disable=SC2154
# The image of docs/Dockerfile, and services beside it, in containers as runc makes
# them. As root; after lib.sh and namespaces.sh.

static=${HEAPSNAP_STATIC:-$ROOT/heapsnap-static}
[ -e "$static" ] || skip_all 'there is none: make static'

# --- the image: FROM scratch, COPY, WORKDIR and ENTRYPOINT ---------------------

image=$TMP/image
entry=
folder=/
mkdir -p "$image/proc"
while read -r step words; do
	case $step in
	'' | '#'*) ;;
	FROM) is "$words" scratch 'the image begins empty' ;;
	COPY)
		is "${words% *}" heapsnap-static 'it gets the static program'
		cp "$static" "$image${words#* }"
		;;
	WORKDIR)
		folder=$words
		mkdir -p "$image$folder"
		;;
	ENTRYPOINT) entry=$(jq -r '.[0]' <<<"$words") ;;
	*) fail "the Dockerfile has a step that is not known here: $step" ;;
	esac
done <"$ROOT/docs/Dockerfile"
ok 'what is started is there' test -x "$image$entry"

# --- containers -------------------------------------------------------------

# Docker's and Podman's own (moby, oci/caps/defaults.go).
DOCKER=+chown,+dac_override,+fsetid,+fowner,+mknod,+net_raw,+setgid,+setuid
DOCKER+=,+setfcap,+setpcap,+net_bind_service,+sys_chroot,+kill,+audit_write

# contained CAPABILITIES ARGUMENT...: the image with the process numbers of the
# service and the host's network, files and users of its own. It is in the control
# group $own_group, if that is set, and sees it as $mounted. $read_only: its files are
# that; $volume: a folder that is its /tmp; $run_as: the number of its user.
contained() {
	local capabilities=$1
	shift
	# shellcheck disable=SC2016 # for the shells inside
	sh -ec '[ -z "$1" ] || echo $$ >"$1/cgroup.procs"
		shift
		exec "$@"' sh "${own_group:-}" \
		nsenter --target "$V_PID" --pid \
		unshare --mount ${group_namespace:+--cgroup} sh -ec '
		image=$1 capabilities=$2 read_only=$3 group=$4 volume=$5
		run_as=$6 folder=$7
		shift 7
		mount --bind "$image" "$image"
		mount -t proc proc "$image/proc"
		[ -z "$read_only" ] || mount -o remount,bind,ro "$image"
		[ -z "$group" ] || mount --bind "$group" "$image$mounted"
		[ -z "$volume" ] || mount --bind "$volume" "$image/tmp"
		exec setpriv --bounding-set="-all,$capabilities" \
			--inh-caps=-all --no-new-privs \
			unshare ${run_as:+--setgid=$run_as --setuid=$run_as} \
			--root="$image" --wd="$folder" "$@"' sh \
		"$image" "$capabilities" "${read_only:-}" "${own_group:-}" \
		"${volume:-}" "${run_as:-}" "$folder" "$entry" "$@"
}

# container CAPABILITIES ARGUMENT...: run(), contained.
container() {
	run contained "$@"
}

# service USER [COMMAND...]: a leaker, or what the command runs, alone in a container
# of its own, number 1 there. Its root is that of all it sees, as runc makes it
# (pivot_root(2)); /inner has the same once more.
root=$TMP/root
make_root "$root"
make_root "$root/inner"
mkdir "$root/proc" "$root/old"
put "$(command -v setpriv)" "$root"
put "$(command -v chroot)" "$root"
put "$real/corner" "$root"
cat >"$TMP/enter" <<'EOF'
mount --bind "$2" "$2"
mount --bind "$1" "$2$1"
mount --bind "$1" "$2/inner$1"
mount -t proc proc "$2/proc"
[ -z "$3" ] || mount --rbind "$3" "$2$mounted"
cd "$2"
user=$4
shift 4
pivot_root . old
exec /setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
EOF
service() {
	local user=$1
	shift
	[ $# -gt 0 ] || set -- /leaker
	inside unshare --mount --pid --fork sh -e "$TMP/enter" \
		"$TMP/heartbeats" "$root" '' "$user" "$@"
}

# leak_of NAME: what the last run says that leaks.
leak_of() {
	is "$status" 0 "$1" || diag "$err"
	is "$(jq -r '.stacks[0] | [.objects, .frames[0:2][].function] |
		join(" ")' <<<"$out")" '100 leak_site parse_body' \
		"$1: what leaks, by name"
}
