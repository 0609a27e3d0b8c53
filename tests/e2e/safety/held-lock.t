#!/bin/bash
# A user who may not attach to a process keeps nobody's heapsnap from it either,
# whatever file of it he locks.
. "${0%/*}/../lib.sh"

# hold USER: that user locks all that he can open of the process.
hold() {
	rm -f "$TMP/held"
	python3 -c 'import fcntl, os, sys
os.setgroups([])
os.setresgid(*[int(sys.argv[1])] * 3)
os.setresuid(*[int(sys.argv[1])] * 3)
pid = int(sys.argv[2])
held = []
for open_it in (lambda: os.pidfd_open(pid),
                lambda: os.open("/proc/%d" % pid, os.O_RDONLY),
                lambda: os.open("/proc/%d/mem" % pid, os.O_RDONLY),
                lambda: os.open("/run/heapsnap", os.O_RDONLY)):
    try:
        fd = open_it()
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held.append(fd)
    except OSError:
        pass
print("holds", len(held), flush=True)
sys.stdin.read()' "$1" "$V_PID" <>"$TMP/in.0" >"$TMP/held" 2>&1 &
	holder=$!
	started $holder
	holds() {
		[ -s "$TMP/held" ]
	}
	poll_until holds
	like "$(cat "$TMP/held")" '^holds [1-9]' "user $1 holds something"
}

let_go() {
	kill -KILL $holder
	wait $holder 2>/dev/null
	forget $holder
}

MALLOC_CONF=prof:true start_victim leaker
undisturbed_before "$V_PID"
hold 4711
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 0 'a stranger keeps not root from it' || diag "$err"
let_go
[ -z "$(find /run/heapsnap /dev/shm/heapsnap -name "$V_PID-*" 2>/dev/null)" ]
result $? 'nothing is left of the lock'
assert_undisturbed "$V_PID"
stop_victim

# The process of another user.
chmod 777 "$TMP"
mkdir "$TMP/others"
cp "$VICTIMS/leaker" "$TMP/others/program"
cat >"$TMP/others/leaker" <<END
#!/bin/sh
exec setpriv --reuid=$OWN_USER --regid=$OWN_USER --clear-groups \
	$TMP/others/program "\$@"
END
chmod 755 "$TMP/others/leaker"
MALLOC_CONF=prof:true VICTIMS=$TMP/others start_victim leaker
undisturbed_before "$V_PID"
hold 4711
cp "$HEAPSNAP" "$TMP/others/heapsnap"
run timeout 60 setpriv --reuid="$OWN_USER" --regid="$OWN_USER" --clear-groups \
	"$TMP/others/heapsnap" -p "$V_PID" -n 1 --no-save
is "$status" 0 'nor the user whose process it is' || diag "$err"
let_go
hold "$OWN_USER"
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 0 'nor does that user keep root from it' || diag "$err"
let_go
assert_undisturbed "$V_PID"
stop_victim
done_testing
