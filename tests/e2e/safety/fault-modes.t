#!/bin/bash
# As safety/faults.t, in every way in which a dump can be made: by a helper
# thread or in a borrowed thread, through a memfd or through a file; and each
# time with the thread that is used in each kind of wait, or, for a helper
# thread, running. `make check-faults` ends heapsnap after every ptrace request
# of all of these; here it is every 37th, another one of them for each wait.
#
# First: it takes minutes.
. "${0%/*}/../lib.sh"
. "${0%/*}/faults.sh"

[ "$(id -u)" = 0 ] || skip_all 'another root and another user take root'
stride=${FAULT_STRIDE:-$((37 * ${FAULT_SPACING:-1}))}
LIFE=$((10 * LIFE)) # for every ptrace request
turn=0

# The waits, and how many EINTRs a SIGKILL may show of them: one, of a call that
# goes on by restart_syscall(2), or that never restarts, signal(7); none of the
# others.
kinds='read:0 accept:0 select:0 select-timed:0 futex:0 cond:0 cond-timed:0
	clock-nanosleep:0 futex-timed:1 sem-timed:1 nanosleep:1 poll:1
	poll-timed:1 epoll:1 epoll-timed:1'

real=$VICTIMS
uid=$OWN_USER
chmod 777 "$TMP"
mkdir "$TMP/none" "$TMP/other"
for name in waiter registers; do
	cp "$real/$name" "$TMP/$name"
	# Without /proc there is no path to a memfd.
	cat >"$TMP/none/$name" <<-END
	#!/bin/sh
	exec unshare -m sh -c 'umount -l /proc && exec "\$@"' sh \
		"$TMP/other/$name" "\$@"
	END
	cat >"$TMP/other/$name" <<-END
	#!/bin/sh
	exec \${AS_OTHER:-} "$TMP/$name" "\$@"
	END
	chmod 755 "$TMP/none/$name" "$TMP/other/$name"
done

left_files() {
	find /tmp /var/tmp /dev/shm -maxdepth 1 \
		-name ".heapsnap-dump.$V_PID.*"
}

# storms MODE ROUTE KIND:EINTRS...: SIGKILL on the current victim's threads.
storms() {
	local mode=$1 route=$2 row kind last
	read_report
	for row in "${@:3}"; do
		kind=${row%:*}
		borrowed=$(field "$kind" tid)
		learn
		last=$borrowed_points
		# On the rest of a helper thread's run no thread depends: once
		# is enough.
		[ "$mode" = guest ] && [ "$kind" != read ] || last=$n_points
		turn=$((turn + 1))
		offset=$((turn * 11 % stride))
		storm KILL 137 "${row#*:}:${row#*:}" "$last" \
			"$mode, $route, $kind: SIGKILL"
	done
	settle "$mode, $route" but_stacks
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	is "$(jq -r .snapshot.capture.mode <<<"$out")" "$mode" \
		"$mode, $route: it was that mode"
	is "$(left_files)" '' "$mode, $route: no file is left"
}

# modes VICTIM KIND:EINTRS...: storms in each mode.
modes() {
	local route
	for route in memfd file; do
		VICTIMS=$TMP/other
		[ $route = memfd ] || VICTIMS=$TMP/none
		MALLOC_CONF=prof:true start_victim "${victim[@]}"
		look_before
		storms guest $route "$@"
		stop_victim

		[ "${victim[0]}" = waiter ] || continue
		export AS_OTHER="setpriv --reuid=$uid --regid=$uid --clear-groups"
		MALLOC_CONF=prof:true start_victim "${victim[@]}"
		$AS_OTHER prlimit --pid "$V_PID" --nproc=1
		unset AS_OTHER
		look_before
		storms borrowed $route "$@"
		stop_victim
	done
}

victim=(waiter --wait all)
# shellcheck disable=SC2086
modes $kinds
victim=(registers)
modes spin:0 read:0
done_testing
