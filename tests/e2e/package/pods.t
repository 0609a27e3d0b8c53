#!/bin/bash
# The pod of docs/CONTAINERS.md: its debug container, as it stands there, waits for the
# limit of the service beside it, which is in a control group of its own that only the
# service sees: not for its own limit, nor for none. It has what leaked in its report.
. "${0%/*}/../lib.sh"
. "${0%/*}/../namespaces.sh"
. "${0%/*}/../groups.sh"
. "${0%/*}/../watch.sh"
. "${0%/*}/containers.sh"

MIB=$((1 << 20))
DOCUMENT=$ROOT/docs/CONTAINERS.md

# Two groups as runtimes mount them, each for its container; of version 2 each is in a
# namespace, in which it is the top.
V_PID=
memory_group 64 || skip_all 'there is no memory controller'
its_group=$group
memory_group 512
own_group=$group
mounted=/sys/fs/cgroup
limit_file=$its_group/memory.max
group_namespace=yes
if [ "$version" = 1 ]; then
	mounted+=/memory
	limit_file=$its_group/memory.limit_in_bytes
	group_namespace=
fi
over=
export mounted limit_file over
mkdir -p "$root$mounted" "$image$mounted"

# pod: process 1 is the pod's own, the service another. What is $over the file of its
# group that has the limit is not the kernel's.
pod() {
	# shellcheck disable=SC2016 # for the shells inside
	inside sh -ec 'echo $$ >"$1/cgroup.procs"
		shift
		exec "$@"' sh "$its_group" \
		unshare --mount --pid --fork ${group_namespace:+--cgroup} \
		sh -c '[ -z "$over" ] || mount --bind "$over" "$limit_file" || exit
			sh -e "$@"
			exit $?' sh "$TMP/enter" \
		"$TMP/heartbeats" "$root" "$its_group" 0 "/$name"
}

# --- what stands in the document ----------------------------------------------------

mapfile -t command < <(sed -n 's/^ *command: //p' "$DOCUMENT" | jq -r '.[]')
is "${command[0]}" "$entry" 'the pod starts what is in the image'
name=${command[2]}
cp "$root/leaker" "$root/$name"
capabilities=$DOCKER$(sed -n 's/^ *add: //p' "$DOCUMENT" | jq -r '.[]' |
	sed 's/.*/,+\L&/' | tr -d '\n')
is "$capabilities" "$DOCKER,+sys_ptrace" 'and leaves it the capability'

# begin: what the pod's command does, up to its wait or its end.
begin() {
	: >"$TMP/watch.err"
	contained "$capabilities" "${command[@]:1}" \
		>"$TMP/watch.out" 2>"$TMP/watch.err" </dev/null &
	watcher=$!
	started $watcher
	poll_until is_watched
}

pod
is "$(cat "/proc/$V_PID/comm")" "$name" 'the service has the name'
begin
like "$(cat "$TMP/watch.err")" ' is watched, for limit:80%: .* of 64\.0 MiB' \
	'it waits for the limit of the service'
container "$capabilities" list
like "$out" "  $name " 'list has it'
tell leak 56 $MIB
watched
is "$status" 0 'a report is made' || diag "$err"
like "$err" 'has reached limit:80%: ' 'of the limit'
like "$(cat "$image/tmp/leak.html")" 'leak_site' 'and has what leaked, by name'
leave 'the service of the pod'

# --- what a service puts in the place of its group's files --------------------------

mkfifo "$TMP/fifo"
echo 1000000 >"$TMP/lie"
for over in "$TMP/fifo" "$TMP/lie"; do
	pod
	begin
	watched
	is "$status" 2 "${over##*/}: is not waited for"
	like "$err" "--when limit:80%: process [0-9]+ \\('$name'\\) is in no control \
group with a limit of memory
heapsnap: hint: say at which size instead: --when rss:SIZE\$" \
		"${over##*/}: there is no such limit"
	leave "${over##*/}"
done
done_testing
