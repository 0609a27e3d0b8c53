#!/bin/bash
# In a folder where everybody can write, no name that another user has taken
# leads a report elsewhere.
. "${0%/*}/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all 'another user takes root'

cd "$TMP" || exit 1
chmod 755 .
mkdir shared
chmod 1777 shared
printf '%s\n' 'heap_v2/1' '  t*: 1: 64 [0: 0]' '@ 0x1000' '  t*: 1: 64 [0: 0]' \
	'' 'MAPPED_LIBRARIES:' >one.heap

other() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

refused() { # NAME WHAT
	run timeout 20 "$HEAPSNAP" report one.heap -f text -o "shared/$1"
	is "$status" 6 "$2 is not written to"
	is "$err" "heapsnap: cannot write 'shared/$1': it belongs to another user
heapsnap: hint: use a name in a folder of your own" 'and it is said why'
}

# A reader of its own, so that to open the FIFO would not wait.
other mkfifo -m 666 shared/fifo
exec 5<>shared/fifo
refused fifo 'a FIFO of another user'
is "$(timeout 1 cat <&5)" '' 'nothing went into it'
exec 5>&-
other ln -s /dev/full shared/device
refused device 'a link of another user to a device'

other ln -s "$TMP/one.heap" shared/link
sum=$(sha256sum <one.heap)
run "$HEAPSNAP" report one.heap -f text -o shared/link
is "$status" 6 'nor a link of another user to a file'
is "$(sha256sum <one.heap)" "$sum" 'that file stays as it is'

# What is our own, or was given to us, is.
mkfifo own
exec 5<>own
run timeout 20 "$HEAPSNAP" report one.heap -f text -o own
is "$status" 0 'a FIFO of our own is written to'
exec 5>&-
run "$HEAPSNAP" report one.heap -f text -o /dev/null
is "$status" 0 'and a device'
is "$("$HEAPSNAP" report one.heap -f text -o /dev/stdout | grep -c .)" \
	"$("$HEAPSNAP" report one.heap | grep -c .)" 'and a pipe without a name'

# The hidden name of a new file is not one that can be taken before.
echo old >shared/report
# A sanitized heapsnap cannot look for leaks while it is traced.
ASAN_OPTIONS=detect_leaks=0 strace -qq -f -e trace=linkat,rename,unlink -o trace \
	"$HEAPSNAP" report one.heap -f text -o shared/report
unlike "$(cat trace)" 'unlink.*\.heapsnap' 'no file of an old run is removed'
like "$(cat trace)" 'linkat.*"shared/\.heapsnap-[0-9a-f]{16}"' \
	'the hidden name is drawn'
is "$(find shared -name '.heapsnap-*')" '' 'and is gone'
done_testing
