#!/bin/bash
# A file that takes over the program that reads it gets nothing by that: no other
# file, no process, no program, no network, whether root reads it or a user. The
# heapsnap of this test does what such a file would do (tests/takeover/takeover.c)
# when it comes to a dump, or to a program that a dump names.
# Plain: with sanitizers no right is given up (tests/sanitize/confine.c).
. "${0%/*}/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all 'to be root and a user takes root'

ATTEMPTS=35
cd "$TMP" || exit 1
chmod 755 .
cp "${HEAPSNAP_FAULT%-fault}-takeover" taken-over
cat >one.heap <<-END
	heap_v2/1
	  t*: 1: 64 [0: 0]
	@ 0x401000
	  t*: 1: 64 [0: 0]

	MAPPED_LIBRARIES:
	00400000-00500000 r-xp 00000000 00:00 0 $(realpath /bin/true)
END
chmod 644 one.heap
mkdir -m 777 reports

# Who is to be harmed, and who listens.
mkfifo end
python3 -c 'import socket, sys, time
tcp = socket.create_server(("127.0.0.1", 0))
unix = socket.socket(socket.AF_UNIX)
unix.bind(sys.argv[1])
unix.listen()
print(tcp.getsockname()[1], flush=True)
sys.stdin.read()
for listener in tcp, unix:
    listener.setblocking(False)
    try:
        listener.accept()
        print("connected", flush=True)
    except BlockingIOError:
        pass' "$TMP/socket" <end >listener 2>&1 &
other=$!
started $other
exec 5>end
listens() {
	[ -s listener ] && port=$(cat listener)
}
ok 'another process' poll_until listens
chmod 777 socket

# Without Landlock, which a kernel may lack, paths are not limited.
has_landlock=$(python3 -c 'import ctypes
print("yes" if ctypes.CDLL(None).syscall(444, 0, 0, 1) > 0 else "no")')
diag "Landlock: $has_landlock"

# Where it tries to change a file and to make one.
folder=$TMP/reports

# try USER AT PATHS ARGUMENT...: $done: what was possible.
try() {
	local who=$1 at=$2 paths=$3 as=()
	shift 3
	[ "$who" = root ] ||
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	rm -f "$folder/new"
	echo kept >"$folder/file"
	chmod 666 "$folder/file"
	run "${as[@]}" env HS_TAKEOVER="$at" HS_TAKEOVER_PATHS="$paths" \
		HS_TAKEOVER_FILE="$folder/file" \
		HS_TAKEOVER_NEW="$folder/new" \
		HS_TAKEOVER_HIDDEN=/etc/passwd HS_TAKEOVER_PID=$other \
		HS_TAKEOVER_PORT="$port" HS_TAKEOVER_SOCKET="$TMP/socket" \
		./taken-over report one.heap "$@"
	is "$(grep -cE '^[a-z_-]+ (done|E[0-9]+)$' <<<"$err")" $ATTEMPTS \
		"$who, by ${at/elf/a program}: all was tried"
	done=$(sed -n 's/ done$//p' <<<"$err" | paste -sd ' ')
}

not_harmed() {
	local what=$1
	is "$(cat "$folder/file")" kept "$what: the file is as it was"
	ok "$what: there is no new one" test ! -e "$folder/new"
	is "$(awk '/^State/ { print $2 } /^TracerPid/ { print $2 }' \
		/proc/$other/status | paste -sd ' ')" 'S 0' \
		"$what: so is the process"
}

for who in root user; do
	for at in dump elf; do
		if [ "$has_landlock" = yes ]; then
			try $who $at yes
			is "$done" '' 'nothing was possible'
			is "$status" 0 'the report is written'
			not_harmed "$who, $at"
		fi
		try $who $at no
		open='read-hidden'
		[ $who = user ] || open='read-shadow read-hidden'
		is "$done" "$open" 'without Landlock: what may be read'
		not_harmed "$who, $at, without Landlock"
	done
done

# The files of the command line are opened before: root reads those of others.
mkdir -m 700 private
cp one.heap private/
chmod 600 private/one.heap
chown -R 65534 private
run heapsnap report private/one.heap
is "$status" 0 'root reads the file of another user' || diag "$err"
run heapsnap diff private/one.heap one.heap
is "$status" 0 'also beside one of its own' || diag "$err"

# Only the folder of a report that is written can be written to.
if [ "$has_landlock" = yes ]; then
	mkdir written
	try root elf yes -o written/report.txt
	is "$done" '' '-o: nothing elsewhere'
	not_harmed '-o'
	ok 'the report is there' test -s written/report.txt
fi

# Later runs believe the names that are kept for them.
XDG_CACHE_HOME=$TMP/cache
mkdir -m 700 cache cache/heapsnap
folder=$TMP/cache/heapsnap
if [ "$has_landlock" = yes ]; then
	try root elf yes
	is "$done" '' 'nothing where names are kept'
	not_harmed 'names of later runs'
fi

exec 5>&-
wait $other
forget $other
is "$(tail -n +2 listener)" '' 'nobody has connected'

# With --debuginfod the network is what is asked for, and local sockets are not. The
# names that heapsnap keeps for later runs are beside what its client keeps.
DEBUGINFOD_URLS=http://127.0.0.1:1/ try root elf "$has_landlock" --debuginfod
unlike "$done" 'unix|read-|kill|exec|trace' '--debuginfod: nothing else'
if [ "$has_landlock" = yes ]; then
	unlike "$done" 'make|write|link|rename' 'no file is changed'
	is "$(cat "$folder/file") $(ls "$folder")" 'kept file' \
		'nor are the names of later runs'
	ok 'what it fetches can be kept' test -d cache/debuginfod_client
fi
done_testing
