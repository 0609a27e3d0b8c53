#!/bin/bash
# What docs/CONTAINERS.md says: the image of the Dockerfile, as a root that has what
# its steps put there, looks at a service in another container whose process numbers
# it shares, with the capabilities that each command line leaves it. What can be had
# with fewer is refused or taken as the document says. Pods: pods.t.
. "${0%/*}/../lib.sh"
. "${0%/*}/../namespaces.sh"
. "${0%/*}/containers.sh"

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

# The option that keeps snapshots, as it stands there: a first one, and one to compare.
# shellcheck disable=SC2016 # as it stands there
volume_option=$(sed -n 's/.*`-v "\$PWD:\(.*\)"`.*/\1/p' "$ROOT/docs/CONTAINERS.md")
is "$volume_option" /tmp 'the document has an option for a folder'
service 0
volume=$TMP/volume
mkdir "$volume"
container "$DOCKER,+sys_ptrace" -p 1 -n 1 -f json
leak_of 'with a folder of the host'
is "$(find "$volume" -name '*.heap' | wc -l)" 1 'the snapshot is kept there'
container "$DOCKER,+sys_ptrace" -p 1 --base last -f json
is "$status $(jq -r .kind <<<"$out")" '0 diff' 'and found by the next container' ||
	diag "$err"
volume=
leave "a service that snapshots are kept of"

# A user's container has no capabilities, and looks at what is that user's.
scope=$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null)
service "$OWN_USER"
run_as=$OWN_USER
container "$DOCKER,+sys_ptrace" -p 1 -n 1 --no-save -f json
if [ "${scope:-0}" = 0 ]; then
	leak_of "a user's container, its own service"
else
	is "$status" 4 "a user's container: refused by yama"
fi
run_as=$((OWN_USER + 1))
container "$DOCKER,+sys_ptrace" -p 1 -n 1 --no-save
is "$status" 4 "a user's container, another's service: is refused" || diag "$err"
run_as=
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
