#!/bin/bash
# Where openat2(2) is not there (before Linux 5.6) or a container's filter refuses
# it, files in another root are found all the same, and nothing outside of it is
# touched: by heapsnap for a process with its own root, by the report below
# --sysroot.
. "${0%/*}/../lib.sh"
. "${0%/*}/../namespaces.sh"

program=$HEAPSNAP
HEAPSNAP=$TMP/older

# on KERNEL...: what heapsnap does from now on it does there.
on() {
	printf '#!/bin/sh\nexec "%s" %s "%s" "$@"\n' "$real/without" "$*" \
		"$program" >"$HEAPSNAP"
	chmod 755 "$HEAPSNAP"
}

on openat2=38 ptrace-rseq=5
root=$TMP/root
make_root "$root"
mkdir "$root/bin"
mv "$root/leaker" "$root/bin/"
ln -s ../bin/leaker "$root/leaker"

# Without the right to map_files, the program is found by its path alone.
no_map_files() {
	setpriv --bounding-set -all,+sys_ptrace,+dac_override "$@"
}

# Of a sanitized program leaks cannot be looked for while it is traced. strace(1) stops
# it at every call, which takes the usual time of a snapshot on a slow machine.
into "$root"
ASAN_OPTIONS=detect_leaks=0 no_map_files strace -f -qq -o "$TMP/trace" \
	-e trace=openat2 "$HEAPSNAP" -p "$V_PID" -n 1 --no-save -f json \
	--timeout 60s >"$TMP/out" 2>"$TMP/err"
is $? 0 'its own root: a snapshot is taken' || diag "$(cat "$TMP/err")"
is "$(jq -r '[.stacks[0].frames[0:3][].function] | join(" ")' "$TMP/out")" \
	'leak_site parse_body handle_request' 'its own root: names are there'
ok 'the call was asked for' grep -q 'openat2(.*ENOSYS' "$TMP/trace"
is "$(grep -c 'openat2(.*= [0-9]' "$TMP/trace")" 0 'and never there'
leave 'its own root'

# Some filters do not know the call, and say EPERM.
on openat2=1 ptrace-rseq=5
links_lead_nowhere "$root"

# --- reports ----------------------------------------------------------------

on openat2=38 ptrace-rseq=5
sys=$TMP/sys
mkdir -p "$sys/real" "$sys$real" "$TMP/gone"
cp "$real/leaker" "$TMP/gone/leaker"
cp "$real/leaker" "$sys/real/leaker"
VICTIMS=$TMP/gone
MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
VICTIMS=$real
tell leak 100 1000
run heapsnap -p "$V_PID" -n 1 --no-save -o "$TMP/named.heap"
is "$status" 0 'a snapshot is taken' || diag "$err"
grep -av '^# heapsnap name ' "$TMP/named.heap" >"$TMP/a.heap"
stop_victim
rm -r "$TMP/gone"

# found NAME WANTED: the function that leaks, by files below --sysroot.
found() {
	run heapsnap report "$TMP/a.heap" --sysroot "$sys" -f json
	is "$(jq -r '.stacks[0].frames[0].function' <<<"$out")" "$2" "$1" ||
		diag "$err"
}

mkdir -p "$sys$TMP/gone"
ln -s ../../../../../../../../../real/leaker "$sys$TMP/gone/leaker"
found '--sysroot: by a link that goes up to its root' leak_site
ln -sfn /real/leaker "$sys$TMP/gone/leaker"
found '--sysroot: by an absolute one' leak_site
ln -sfn "$real/leaker" "$sys$TMP/gone/leaker"
found '--sysroot: one that leads out leads nowhere' null
done_testing
