#!/bin/bash
# The static program is one file, small, that needs no other: from a folder with
# nothing else in it, it says of a process outside what the usual program says.
. "${0%/*}/../lib.sh"

static=${HEAPSNAP_STATIC:-$ROOT/heapsnap-static}
[ -e "$static" ] || skip_all 'there is none: make static'

between "$(stat -c %s "$static")" 1000000 4194304 'at most 4 MiB'
is "$(readelf -Wl "$static" | grep -cE 'INTERP|DYNAMIC')" 0 \
	'no dynamic linker, no library'
is "$("$static" --version)" "$(heapsnap --version)" 'the version'
like "$("$static" --version -v)" 'debuginfod: left out .*
user names: /etc/passwd only' 'and what is left out'
run env DEBUGINFOD_URLS=http://127.0.0.1:9 "$static" report --debuginfod \
	"$ROOT/tests/data/foreign/freebsd-procfs-map.heap"
is "$status" 2 '--debuginfod: exit status'
like "$err" '^heapsnap: --debuginfod: this is the static program.*
heapsnap: hint: .*--debug-dir' '--debuginfod: what to do instead'

# growth JSON: what grew in a report, without what differs from run to run.
growth() {
	jq -c '[.stacks[] | [.objects, [.frames[].function]]]' <<<"$1"
}

V_HEARTBEAT=yes MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
tell leak 100 1000
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save -f json
usual=$out
run "$static" -p "$V_PID" -n 1 --no-save -f json
is "$status" 0 'a snapshot by it: exit status' || diag "$err"
is "$(growth "$out")" "$(growth "$usual")" 'the same stacks, the same names'
run "$static" list
like "$out" "(^|
) *$V_PID  *$(id -un) " 'list: the user by name'

if [ "$(id -u)" = 0 ]; then
	mkdir -p "$TMP/root/proc"
	cp "$static" "$TMP/root/heapsnap"
	cat >"$TMP/in-root" <<'EOF'
mount -t proc proc "$1/proc" && exec chroot "$@"
EOF
	run unshare -m sh "$TMP/in-root" "$TMP/root" /heapsnap \
		-p "$V_PID" -n 1 --no-save -f json
	is "$status" 0 'alone in its root: exit status' || diag "$err"
	is "$(growth "$out")" "$(growth "$usual")" \
		'alone in its root: the names are of the files of the process'
else
	pass 'alone in its root # SKIP takes root'
fi
assert_undisturbed "$V_PID"
stop_victim
done_testing
