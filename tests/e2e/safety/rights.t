#!/bin/bash
# Who may not attach is told which rule forbids it, by its name, and what to do:
# a capability that root lacks, Yama, SELinux, AppArmor, /proc that hides
# processes. The rules of modules that this kernel has not are files of the test,
# in a mount namespace of its own, and what they would forbid fails by strace.
. "${0%/*}/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all 'namespaces take root'

MALLOC_CONF=prof:true start_victim leaker
undisturbed_before "$V_PID"

# hint_of COMMAND...: what is to be done, of its report.
hint_of() {
	run "$@"
	is "$status" 4 "$1 ...: refused" || diag "$out" "$err"
	hint=$(sed -n '/^ *do: /{s///p;q}' <<<"$out")
}

# denied COMMAND: a check in a mount namespace in which COMMAND was run; the
# kernel says no to the first thing that it asks for. (What looks for leaks cannot
# under strace.)
denied() {
	local -x ASAN_OPTIONS=detect_leaks=0
	hint_of unshare -m --propagation private sh -c "$1; exec strace -qq \
-o '$TMP/trace' -P /proc/$V_PID/task/$V_PID/mem -e trace=openat \
-e inject=openat:error=EACCES '$HEAPSNAP' check -p $V_PID"
}

# --- capabilities ------------------------------------------------------------

# A process that changed its user is not dumpable: it takes CAP_SYS_PTRACE.
MALLOC_CONF=prof:true start_victim corner --place region
hint_of setpriv --bounding-set -sys_ptrace "$HEAPSNAP" check -p "$V_PID"
is "$hint" "root has no CAP_SYS_PTRACE here: grant it (of a container: --cap-add \
SYS_PTRACE), or run as root outside of the container" 'root without CAP_SYS_PTRACE'
stop_victim
V_PID=${STARTED[0]}

# --- Yama --------------------------------------------------------------------

yama='mount -t tmpfs none /proc/sys/kernel && mkdir /proc/sys/kernel/yama'
denied "$yama && echo 3 >/proc/sys/kernel/yama/ptrace_scope"
is "$hint" "kernel.yama.ptrace_scope is 3: nobody may attach to a process until \
the machine is started with another value" 'Yama 3'

# --- SELinux -----------------------------------------------------------------

denied 'mount -t tmpfs none /sys/fs && mkdir -p /sys/fs/selinux/booleans &&
	echo "1 1" >/sys/fs/selinux/booleans/deny_ptrace'
is "$hint" "SELinux's boolean deny_ptrace is on: 'setsebool deny_ptrace off' for \
the time of a snapshot" 'deny_ptrace'

# --- AppArmor ----------------------------------------------------------------

echo 'docker-default (enforce)' >"$TMP/label"
denied "mount --bind '$TMP/label' /proc/$V_PID/attr/current"
like "$hint" "^a security module forbids it: the process has the profile \
'docker-default \(enforce\)', heapsnap 'unknown'; run heapsnap unconfined" \
	'a profile of AppArmor'
denied true
is "$hint" 'a security module forbids it' 'no module that is known'

# --- /proc that hides --------------------------------------------------------

run unshare -m --propagation private sh -c "mount -t proc -o hidepid=2 proc /proc &&
	exec setpriv --reuid $OWN_USER --regid $OWN_USER --clear-groups '$HEAPSNAP' check -p $V_PID"
is "$status" 4 'hidepid=2: refused'
is "$err" "heapsnap: process $V_PID is there, but /proc hides it
heapsnap: hint: where /proc is mounted with hidepid=, run as root, as the user of \
the process or in the group of its option gid=" 'hidepid=2: said'

# --- the system's log --------------------------------------------------------

# A socket in the place of /dev/log, in a mount namespace of the test's own.
# logged WAY COMMAND...: the lines that it gets, in $log; WAY "full": nobody reads
# it, and it has no room for another line.
logged() {
	cat >"$TMP/log.py" <<'EOF'
import socket, subprocess, sys
way, log = sys.argv[1:3]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
if way == "full":
    c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    c.setblocking(False)
    try:
        while True:
            c.sendto(b"x", "/dev/log")
    except BlockingIOError:
        pass
rc = subprocess.call(sys.argv[3:])
s.setblocking(False)
with open(log, "wb") as f:
    try:
        while True:
            f.write(s.recv(65536) + b"\n")
    except BlockingIOError:
        pass
sys.exit(rc)
EOF
	run unshare -m --propagation private sh -c '
		mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 &&
			exec python3 "$@"' - "$TMP/log.py" "$1" \
		"$TMP/log" "${@:2}"
	log=$(cat "$TMP/log")
}

logged kept env SUDO_UID=4711 "$HEAPSNAP" -p "$V_PID" -n 1 --no-save
is "$status" 0 'a snapshot with a log' || diag "$err"
like "$log" "^<85>[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} heapsnap\[[0-9]+\]: user 0, \
(login [0-9]+, )?sudo 4711 attached to process $V_PID \('leaker'\) for [0-9]+\.[0-9] \
ms: put back$" 'one line says who, to what, how long, and how it ended'
logged kept "$HEAPSNAP" check -p "$V_PID" --no-syslog
is "$status$log" 0 '--no-syslog: none'

# A series of a process that ends while the helper thread rests.
leaker=$V_PID
MALLOC_CONF=prof:true V_HEARTBEAT=no start_victim changer
# shellcheck disable=SC2016 # for that shell
logged kept bash -c '
	"$HEAPSNAP" -p "$1" -i 1h --no-save &
	until grep -qsx heapsnap-rests "/proc/$1"/task/*/comm; do sleep 0.05; done
	kill -USR2 "$1"
	wait $!' - "$V_PID"
is "$status" 4 'a process that ends between two snapshots'
like "$log" "^<85>.* attached to process $V_PID \\('changer'\\) for [0-9.]+ ms: " \
	'leaves its line, too'
wait "$V_PID"
forget "$V_PID"
exec {V_IN}>&- {V_OUT}>&-
V_PID=$leaker
logged full "$HEAPSNAP" check -p "$V_PID" --timeout 5s
is "$status" 0 'a log that is full holds nothing up' || diag "$err"
assert_undisturbed "$V_PID"
done_testing
