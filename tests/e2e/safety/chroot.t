#!/bin/bash
# A process in a chroot without /proc, in which it can write nowhere, can name
# neither a memfd nor a file: jemalloc gets a memfd in place of the file that it
# creates. Nothing is made in the chroot, nothing of the outside handed in, and
# heapsnap, killed at any step of it, leaves the process as it was. As haproxy
# and unbound of Debian's, in their own chroots, show, also where no thread can
# be made.
. "${0%/*}/../lib.sh"
. "${0%/*}/faults.sh"

[ "$(id -u)" = 0 ] || skip_all 'another root takes root'

chmod 711 "$TMP"
real=$VICTIMS
root=$TMP/root
mkdir -p "$TMP/victims" "$root$TMP" "$root/tmp"

# jailed NAME ARGUMENT...: starts that victim in the chroot, as a user who can
# write nowhere in it.
jailed() {
	local lib beat=$TMP/heartbeat.${#STARTED[@]}
	cp "$real/$1" "$root/$1"
	while read -r lib; do
		mkdir -p "$root${lib%/*}"
		cp -L "$lib" "$root$lib"
	done < <(ldd "$real/$1" | grep -o '/[^ ]*')
	: >"$beat"
	chown "$OWN_USER" "$beat"
	ln "$beat" "$root$beat"
	printf '#!/bin/sh\nexec chroot --userspec=%s:%s "%s" "/%s" "$@"\n' \
		"$OWN_USER" "$OWN_USER" "$root" "$1" >"$TMP/victims/$1"
	chmod 755 "$TMP/victims/$1"
	VICTIMS=$TMP/victims
	MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim "$@"
	VICTIMS=$real
	root_now >"$TMP/files"
	undisturbed_before "$V_PID"
}

# root_now: its files, and when something was made or removed in its folders.
root_now() {
	find "$root" ! -name 'heartbeat.*' -printf '%p %T@\n' | sort
}

# leave NAME: no file came, no descriptor, and it is as it was.
leave() {
	is "$(root_now)" "$(cat "$TMP/files")" \
		"$1: nothing was made in its root"
	assert_undisturbed "$V_PID" "$1: the process is undisturbed"
	stop_victim
}

# --- how it is done ---------------------------------------------------------

jailed leaker
not_ok 'it can write nowhere' setpriv --reuid="$OWN_USER" \
	--regid="$OWN_USER" --clear-groups sh -c \
	"find \"$root\" -type d -writable | grep ."
tell leak 100 1000
undisturbed_before "$V_PID"
for i in 1 2 3; do
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	is "$status" 0 "a snapshot is taken ($i)" || diag "$err"
	is "$(jq -r '[.stacks[0].frames[0:3][].function] | join(" ")' \
		<<<"$out")" 'leak_site parse_body handle_request' \
		"and frames have their names ($i)"
	is "$(jq .stacks[0].objects <<<"$out")" 100 "with what is live ($i)"
done
is "$(jq -r .snapshot.capture.mode <<<"$out")" guest 'by a helper thread'
leave 'a helper thread'

# Without a thread, in one of its own.
jailed sandbox --filter no-clone
run heapsnap -p "$V_PID" -n 1 --no-save -f json
is "$status" 0 'a snapshot is taken in a borrowed thread' || diag "$err"
is "$(jq -r .snapshot.capture.mode <<<"$out")" borrowed 'it was one'
between "$(jq '[.stacks[].objects] | add' <<<"$out")" 64 70 \
	'with what is live'
leave 'a borrowed thread'

# However large the dump is, its memory is taken away as it is written.
jailed recurser --paths 20000
run heapsnap -p "$V_PID" -n 1 --no-save --top 1 -f json
is "$status" 0 'a large dump' || diag "$err"
between "$(jq .snapshot.capture.dump_bytes <<<"$out")" 4000000 500000000 \
	'is large'
between "$(jq .snapshot.objects <<<"$out")" 20000 20100 \
	'and has an object for each stack'
leave 'a large dump'

# --- where it cannot be done ------------------------------------------------

for filter in no-memfd no-fcntl; do
	jailed sandbox --filter "$filter"
	run heapsnap -p "$V_PID" -n 1 --no-save
	is "$status" 6 "$filter: there is no snapshot"
	like "$err" "^heapsnap: cannot snapshot process $V_PID \('sandbox'\): \
there is no folder it could dump to: '/tmp': .*
heapsnap: hint: a dump that can go to no memfd needs a file: give it a folder \
that it can write to \(mkdir -m 1777 '$root/tmp'\)$" \
		"$filter: and what to do is said"
	leave "$filter"
	jailed sandbox --filter "$filter"
	chmod 1777 "$root/tmp"
	run heapsnap -p "$V_PID" -n 1 --no-save
	is "$status" 0 "$filter: which helps" || diag "$err"
	is "$(find "$root" -name '.heapsnap-dump.*')" '' \
		"$filter: and no file is left there"
	chmod 755 "$root/tmp"
	assert_undisturbed "$V_PID" "$filter: the process is undisturbed"
	stop_victim
done

# --- heapsnap is killed -----------------------------------------------------

jailed leaker --busy 1
look_before
stride=${FAULT_STRIDE:-$((5 * ${FAULT_SPACING:-1}))}
offset=$borrowed_points
storm KILL 137 0:0 'SIGKILL at steps of the helper thread'
settle 'a helper thread, killed' but_stacks
stop_victim
jailed leaker --busy 1
setpriv --reuid="$OWN_USER" --regid="$OWN_USER" --clear-groups \
	prlimit --pid "$V_PID" --nproc=1
borrowed=$V_PID # it reads, and no wait of it may end with EINTR
look_before
offset=$call_points
storm KILL 137 0:0 'SIGKILL at steps of a borrowed thread'
settle 'a borrowed thread, killed' but_stacks
stop_victim

# --- services ---------------------------------------------------------------

jemalloc=$(ldconfig -p | awk '/libjemalloc\.so\.2 / { print $NF; exit }')

# serve ROOT COMMAND...: a service that goes to that root.
serve() {
	MALLOC_CONF=prof:true,lg_prof_sample:12 LD_PRELOAD=$jemalloc \
		"${@:2}" >"$TMP/log" 2>&1 </dev/null &
	V_PID=$!
	started "$V_PID"
	: >"$TMP/heartbeat-of.$V_PID"
	poll_until in_root "$1" || fail "a service: $(cat "$TMP/log")"
}

in_root() {
	[ "$(readlink "/proc/$V_PID/root")" = "$1" ] &&
		all_threads_run "$V_PID" && grep -q '^State:.S' \
		"/proc/$V_PID/status"
}

# snapshots NAME: 5 of the current service.
snapshots() {
	local i
	undisturbed_before "$V_PID"
	for i in 1 2 3 4 5; do
		run heapsnap -p "$V_PID" -n 1 --no-save -f json
		is "$status" 0 "$1: snapshot $i" || diag "$err"
		between "$(jq .snapshot.objects <<<"$out")" 100 10000000 \
			"$1: of what it has ($i)"
	done
	run heapsnap check -p "$V_PID"
	is "$status" 0 "$1: as check says" || diag "$out" "$err"
	assert_undisturbed "$V_PID" "$1: the process is undisturbed"
	kill "$V_PID"
	poll_until ended "$V_PID"
}

cat >"$TMP/haproxy.cfg" <<END
global
	nbthread 2
	user haproxy
	group haproxy
	chroot /var/lib/haproxy
defaults
	mode http
	timeout connect 5s
	timeout client 30s
	timeout server 30s
frontend f
	bind unix@$TMP/haproxy.sock
	http-request return status 200 content-type text/plain string "hello"
END
serve /var/lib/haproxy haproxy -db -f "$TMP/haproxy.cfg"
like "$(grep 'Max processes' "/proc/$V_PID/limits")" ' 0  *0 ' \
	'haproxy: it forbids itself threads'
snapshots haproxy

mkdir -m 755 "$TMP/unbound"
cat >"$TMP/unbound/unbound.conf" <<END
server:
	interface: 127.0.0.1@$((20000 + OWN_USER % 10000))
	chroot: "$TMP/unbound"
	directory: "$TMP/unbound"
	username: unbound
	pidfile: ""
	num-threads: 2
	do-daemonize: no
	use-syslog: no
	auto-trust-anchor-file: ""
remote-control:
	control-enable: no
END
serve "$TMP/unbound" unbound -d -c "$TMP/unbound/unbound.conf"
snapshots unbound
done_testing
