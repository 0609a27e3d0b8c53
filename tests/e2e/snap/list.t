#!/bin/bash
# Among two hundred processes 'list' finds those that use jemalloc, in whichever
# of five ways, all of them and no other, with what is known of each, without
# any of them being attached to; what is not known it does not guess.
. "${0%/*}/../lib.sh"

declare -A want
declare -a pids

# begin WANT COMMAND...: starts a victim; WANT is what list has to say of it.
begin() {
	local pid
	"${@:2}" --input no >"$TMP/ready" 2>&1 &
	pid=$!
	started $pid
	poll_until grep -q "^ready $pid" "$TMP/ready" || diag "$(cat "$TMP/ready")"
	want[$pid]=$1
	pids+=("$pid")
	: >"$TMP/ready"
}

unset MALLOC_CONF
lib=libjemalloc.so.2
for _ in 1 2 3; do
	begin "shared $lib  off" "$VICTIMS/leaker"
	begin "preloaded $lib  off" env LD_PRELOAD=$lib "$VICTIMS/plain"
	begin "static static-leaker  off" "$VICTIMS/static-leaker"
	begin "static embedded-leaker-je_ je_ off" \
		"$VICTIMS/embedded-leaker-je_"
done
begin "shared $lib  on" env MALLOC_CONF=prof:true "$VICTIMS/leaker"
begin "shared $lib  inactive" \
	env MALLOC_CONF=prof:true,prof_active:false "$VICTIMS/leaker"
begin "shared $lib  off" env _RJEM_MALLOC_CONF=prof:true "$VICTIMS/leaker"
begin "preloaded $lib  on" \
	env LD_PRELOAD=$lib MALLOC_CONF=prof:false,prof:true "$VICTIMS/plain"
# These have the functions of a prefix, but the variable of none (see
# victims.mk): their memory says it, not what they were started with.
begin "static embedded-leaker-_rjem_ _rjem_ on" \
	env MALLOC_CONF=prof:true "$VICTIMS/embedded-leaker-_rjem_"
begin "static embedded-leaker-_rjem_ _rjem_ off" \
	env _RJEM_MALLOC_CONF=prof:true "$VICTIMS/embedded-leaker-_rjem_"
begin "static static-leaker-_rjem_ _rjem_ off" \
	"$VICTIMS/static-leaker-_rjem_"
begin "static embedded-leaker-je_ je_ inactive" \
	env MALLOC_CONF=prof:true,prof_active:false \
	"$VICTIMS/embedded-leaker-je_"
is ${#pids[@]} 20 'twenty processes use jemalloc'

# As many others as make two hundred; their stdin keeps them.
mkfifo "$TMP/others"
# shellcheck disable=SC2034
exec {others}<>"$TMP/others"
for ((i = 0; i < 180; i++)); do
	cat <"$TMP/others" >"$TMP/sink" 2>&1 &
	started $!
done

run heapsnap list -o "$TMP/list.json"
is "$status" 0 'a list is made' || diag "$err"
is "$(jq -r '.schema, .kind' "$TMP/list.json")" 'heapsnap/1
list' 'it says what it is'

# Processes that are none of this test's may be there too.
jq -r '.processes[] | [.pid, .user, .command, .jemalloc.linkage,
	(.jemalloc.module | split("/")[-1]), .jemalloc.prefix, .profiling,
	.jemalloc.version, .rss] | join("|")' "$TMP/list.json" >"$TMP/rows"
for pid in "${pids[@]}"; do
	IFS='|' read -r _ user command linkage module prefix profiling version \
		rss <<<"$(grep "^$pid|" "$TMP/rows")"
	is "$linkage $module $prefix $profiling" "${want[$pid]}" \
		"${want[$pid]}: found"
	is "$user $command" "$(id -un) $(cat "/proc/$pid/comm")" 'its name'
	like "$version" '^5\.[0-9]+\.[0-9]+-' 'the version'
	between "$rss" 1000000 100000000 'its size'
done
is "$(cut -d'|' -f1 "$TMP/rows" | while read -r pid; do
	[ -n "${want[$pid]:-}" ] || [ "$(ps -o ppid= -p "$pid" | tr -d ' ')" != \
		$$ ] || echo "$pid"
done)" '' 'and none of the others'
is "$(jq -c '[.processes[].rss] | . == (sort | reverse)' "$TMP/list.json")" \
	true 'the largest first'

# Its title is over the variable that switched profiling on, and what is left
# could be an environment.
env -i MALLOC_CONF=prof:true LAST=1 "$VICTIMS/titled" --over 22 --input no \
	>"$TMP/ready" 2>&1 &
titled=$!
started $titled
env -i "$VICTIMS/leaker" --input no >"$TMP/ready-too" 2>&1 &
bare=$!
started $bare
poll_until grep -q "^ready $titled" "$TMP/ready" || diag "$(cat "$TMP/ready")"
poll_until grep -q "^ready $bare" "$TMP/ready-too"
like "$(tr '\0' ' ' <"/proc/$titled/environ")" '^[ =abestuy]{21} LAST=1 $' \
	'what it was started with is overwritten'
run heapsnap list
like "$out" "(^|"$'\n'") *$titled [^"$'\n'"]* \?          shared " \
	'whether it profiles is not known'
is "$(grep -F "($titled)" <<<"$err")" "heapsnap: titled ($titled) wrote over the \
environment that it was started with, so whether it profiles cannot be seen from \
outside: 'heapsnap stats -p $titled' asks jemalloc" 'and why'
like "$out" "(^|"$'\n'") *$bare [^"$'\n'"]* off        shared " \
	'without any variables it does not'

# What of others an unprivileged user does not see is said, user by user.
if [ "$(id -u)" = 0 ]; then
	chmod a+rx "$TMP"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$HEAPSNAP" list -f json
	is "$(jq -c --argjson pid "${pids[0]}" \
		'.not_looked_at[] | select(.pid == $pid) | [.command, .user, .why]' \
		<<<"$out")" \
		"[\"$(cat "/proc/${pids[0]}/comm")\",\"root\",\"another user's: root can\"]" \
		'who could not be looked at, and why'
	like "$err" "heapsnap: not looked at, of root: .*[0-9] more: another user's: root can" \
		'and for people in a line'
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$HEAPSNAP" list -v
	like "$err" "of root: .*$(cat "/proc/${pids[0]}/comm") \(${pids[0]}\)" \
		'all of them with -v'
fi

# Containers are told by their control groups.
. "${0%/*}/../groups.sh"
id=$(printf '%064x' $$ | tr 0 b)
if [ "$(id -u)" = 0 ] && mkdir "$V2/docker-$id.scope"; then
	groups+=("$V2/docker-$id.scope")
	echo "$bare" >"$V2/docker-$id.scope/cgroup.procs"
	run heapsnap list
	like "$out" "version +container +command" 'a column for containers'
	like "$out" "(^|"$'\n'") *$bare .* ${id:0:12}  leaker" 'with its id'
	run heapsnap list -f json
	is "$(jq -r --argjson pid "$bare" \
		'.processes[] | select(.pid == $pid) | .container' <<<"$out")" \
		"${id:0:12}" 'in the JSON, too'
	run heapsnap check -p "${id:0:12}"
	like "$out$err" "$bare" '-p takes it'
fi

run strace -f -e trace=ptrace,process_vm_readv -o "$TMP/trace" \
	"$HEAPSNAP" list
is "$(grep -c 'ptrace(' "$TMP/trace")" 0 'nothing is attached to'
like "$out" '^ *pid  user +resident  profiling  jemalloc   version' \
	'a table for people'
like "$out" "(^|"$'\n'") *${pids[0]}  $(id -un) +[0-9.]+ [KM]iB  off        shared     5\.[0-9.]+ +leaker +/.*/$lib" \
	'with a line each'
run heapsnap list bogus
is "$err" "heapsnap: unexpected argument 'bogus'
heapsnap: hint: try 'heapsnap list --help'" 'it takes no operand'
run heapsnap list -f folded
is "$err" "heapsnap: invalid --format 'folded': want text or json
heapsnap: hint: try 'heapsnap list --help'" 'nor a format for stacks'
done_testing
