#!/bin/bash
# What docs/CONTAINERS.md says: the image of the Dockerfile, as a root that has what
# its steps put there, looks at a service in another container whose process numbers
# it shares, with the capabilities that each command line leaves it. What can be had
# with fewer is refused or taken as the document says.
. "${0%/*}/../lib.sh"
. "${0%/*}/../namespaces.sh"

static=${HEAPSNAP_STATIC:-$ROOT/heapsnap-static}
[ -e "$static" ] || skip_all 'there is none: make static'

# --- the image: FROM scratch, COPY, WORKDIR and ENTRYPOINT ---------------------

image=$TMP/image
entry=
mkdir -p "$image/proc"
while read -r step words; do
	case $step in
	'' | '#'*) ;;
	FROM) is "$words" scratch 'the image begins empty' ;;
	COPY)
		is "${words% *}" heapsnap-static 'it gets the static program'
		cp "$static" "$image${words#* }"
		;;
	WORKDIR) mkdir -p "$image$words" ;;
	ENTRYPOINT) entry=$(jq -r '.[0]' <<<"$words") ;;
	*) fail "the Dockerfile has a step that is not known here: $step" ;;
	esac
done <"$ROOT/docs/Dockerfile"
ok 'what is started is there' test -x "$image$entry"

# --- containers -------------------------------------------------------------

# Docker's and Podman's own (moby, oci/caps/defaults.go).
DOCKER=+chown,+dac_override,+fsetid,+fowner,+mknod,+net_raw,+setgid,+setuid
DOCKER+=,+setfcap,+setpcap,+net_bind_service,+sys_chroot,+kill,+audit_write

# container CAPABILITIES ARGUMENT...: the image with the process numbers of the
# service and the host's network, files and users of its own.
container() {
	local capabilities=$1
	shift
	# shellcheck disable=SC2016 # for the shell inside
	run nsenter --target "$V_PID" --pid unshare --mount sh -ec '
		image=$1 capabilities=$2 read_only=$3
		shift 3
		mount --bind "$image" "$image"
		mount -t proc proc "$image/proc"
		[ -z "$read_only" ] || mount -o remount,bind,ro "$image"
		exec setpriv --bounding-set="-all,$capabilities" \
			--inh-caps=-all --no-new-privs \
			chroot "$image" "$@"' sh "$image" "$capabilities" \
		"${read_only:-}" "$entry" "$@"
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
cd "$2"
user=$3
shift 3
pivot_root . old
exec /setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
EOF
service() {
	local user=$1
	shift
	[ $# -gt 0 ] || set -- /leaker
	inside unshare --mount --pid --fork sh -e "$TMP/enter" \
		"$TMP/heartbeats" "$root" "$user" "$@"
}

# leak_of NAME: what the last run says that leaks.
leak_of() {
	is "$status" 0 "$1" || diag "$err"
	is "$(jq -r '.stacks[0] | [.objects, .frames[0:2][].function] |
		join(" ")' <<<"$out")" '100 leak_site parse_body' \
		"$1: what leaks, by name"
}

# words_of LINE: of a command line of the document, up to the image's name the
# capabilities, into $capabilities, and what follows it, into $words.
words_of() {
	local -a line
	local i
	read -ra line <<<"$1"
	capabilities=$DOCKER
	[[ $1 != kubectl* ]] || capabilities+=,+sys_ptrace
	for ((i = 0; i < ${#line[@]}; i++)); do
		case ${line[i]} in
		--cap-drop) capabilities=+sys_chroot ;;
		--cap-add) capabilities+=,+${line[i + 1],,} ;;
		--read-only) read_only=yes ;;
		heapsnap | /heapsnap) break ;;
		esac
	done
	words=("${line[@]:i+1}")
}

# Each of its lines that starts the image, as it stands there, but that one snapshot
# is enough. The service's user is root, or one that has no other process.
mapfile -t lines < <(sed -n -E 's/^    ((docker|podman) run .*|kubectl .*)/\1/p' \
	"$ROOT/docs/CONTAINERS.md")
between "${#lines[@]}" 6 20 'the document has command lines'
for user in 0 "$OWN_USER"; do
	service "$user"
	for line in "${lines[@]}"; do
		read_only=
		words_of "$line"
		case ${words[0]} in
		-p)
			[ -n "$read_only" ] || words+=(--no-save)
			container "$capabilities" "${words[@]}" -n 1 -f json
			leak_of "user $user: $line"
			[ -z "$read_only" ] || like "$err" \
				'no snapshots are kept: .*Read-only file system' \
				"user $user: and says what it does not keep"
			;;
		check)
			container "$capabilities" "${words[@]}"
			is "$status" 0 "user $user: $line" || diag "$out" "$err"
			;;
		list)
			container "$capabilities" list
			like "$out" $'\n *1 .* leaker ' "user $user: $line"
			;;
		*) fail "a line that is not known here: $line" ;;
		esac
	done
	container "$DOCKER,+sys_ptrace" -p leaker -n 1 --no-save -f json
	leak_of "user $user: by name, in a pod"
	container "$DOCKER" -p 1 -n 1 --no-save
	is "$status" 4 "user $user: without the capability it is refused"
	like "$err" '--cap-add SYS_PTRACE' "user $user: and says which"
	leave "a service of user $user"
done

# Root without a right to other users' memory.
service 0
container +sys_chroot,+sys_ptrace -p 1 -n 1 --no-save -f json
leak_of "root's service, with SYS_PTRACE alone"
leave "root's service"
service "$OWN_USER"
for command in -p 'check -p'; do
	# shellcheck disable=SC2086 # words
	container +sys_chroot,+sys_ptrace $command 1
	is "$status" 4 "a user's, with SYS_PTRACE alone, $command: is refused"
	like "$out$err" \
		"CAP_DAC_OVERRIDE, too \(of a container: --cap-add DAC_OVERRIDE\)" \
		"a user's, with SYS_PTRACE alone, $command: what it takes"
done
leave "a user's service"

# A service in a root of its own inside of its container: where its files are in
# there, nothing more is needed; where it went there after it had started, its
# libraries are outside of all that can be opened by a path.
service 0 /chroot /inner /leaker
container "$DOCKER,+sys_ptrace" -p 1 -n 1 --no-save -f json
leak_of 'a service in a chroot'
leave 'a service in a chroot'
service 0 /corner --jail /inner
container "$DOCKER,+sys_ptrace" -p 1 -n 1 --no-save
is "$status" 4 'a service that has called chroot(2) is refused'
like "$err" "'/.*libc\.so\.6' is not the file that process 1 has mapped
heapsnap: hint: .* CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE\$" 'and says what it takes'
container "$DOCKER,+sys_ptrace,+checkpoint_restore" -p 1 -n 1 --no-save -f json
is "$status" 0 'a service that has called chroot(2), with the capability' ||
	diag "$err"
leave 'a service that has called chroot(2)'
done_testing
