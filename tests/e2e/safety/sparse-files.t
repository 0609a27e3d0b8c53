#!/bin/bash
# Twenty libraries of some kilobytes whose symbol tables are holes of half a
# gigabyte each: the search for jemalloc ends when the time is over, or when the
# user wants to stop.
. "${0%/*}/../lib.sh"

echo 'int tiny(void) { return 1; }' >"$TMP/tiny.c"
gcc -shared -fPIC -o "$TMP/tiny.so" "$TMP/tiny.c"
python3 - "$TMP" <<'END'
import os
import struct
import sys

SHT_SYMTAB = 2
HOLE = 511 << 20
folder = sys.argv[1]
with open(folder + "/tiny.so", "rb") as f:
    elf = bytearray(f.read())
at = len(elf) + 4095 & ~4095
(headers,) = struct.unpack_from("<Q", elf, 0x28)  # e_shoff
(n,) = struct.unpack_from("<H", elf, 0x3C)  # e_shnum
for i in range(n):
    header = headers + 64 * i
    if struct.unpack_from("<I", elf, header + 4)[0] == SHT_SYMTAB:
        struct.pack_into("<QQ", elf, header + 24, at, HOLE // 24 * 24)
for i in range(20):
    with open("%s/sparse%d.so" % (folder, i), "wb") as f:
        f.write(elf)
        os.truncate(f.fileno(), at + HOLE)
END
LD_PRELOAD=$(printf '%s ' "$TMP"/sparse*.so) MALLOC_CONF=prof:true \
	start_victim leaker
undisturbed_before "$V_PID"
is "$(grep -c 'r-xp.*sparse' "/proc/$V_PID/maps")" 20 'all are mapped'
HS_TIMEOUT=30 run heapsnap -p "$V_PID" -n 1 --no-save --timeout 1
is "$status" 5 'it ends when its time is over'
is "$err" "heapsnap: cannot snapshot process $V_PID ('leaker'): the search of its \
files for jemalloc: time is up
heapsnap: hint: a longer --timeout gives it more time" 'the error says at what'

"$HEAPSNAP" -p "$V_PID" -n 1 --no-save --timeout 1h >"$TMP/out" 2>"$TMP/err" &
hs=$!
started $hs
searches() {
	grep -q sparse "/proc/$hs/maps"
}
poll_until searches
result $? 'another one is at it'
kill -TERM $hs
poll_until ended $hs
result $? 'SIGTERM ends it' || kill -KILL $hs
wait $hs
is $? 143 'its exit code' || diag "$(cat "$TMP/err")"
forget $hs

# What others may write to is copied, but no hole of it.
chmod 666 "$TMP"/sparse*.so
run python3 -c 'import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print("KIB", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)' "$HEAPSNAP" -p "$V_PID" -n 1 --no-save
is "$status" 2 'others may write to them: they are refused' || diag "$err"
like "$err" "'$TMP/sparse[0-9]*.so' is damaged: cannot read its symbol table" \
	'the error says why'
between "${out##*KIB }" 1 400000 'KiB of memory that it took'
assert_undisturbed "$V_PID"
stop_victim
done_testing
