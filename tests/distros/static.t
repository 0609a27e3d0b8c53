#!/bin/bash
# The static program, started in the root of another release of Debian
# ($DISTRO_ROOT, where heapsnap's tests are built in /heapsnap) and here, says of
# processes here and there what leaked.
. "${0%/*}/../e2e/lib.sh"

static=${HEAPSNAP_STATIC:-$ROOT/heapsnap-static}
root=$DISTRO_ROOT
there=heapsnap/build/victims

# In a mount namespace of its own: its /proc is that of all processes.
cat >"$TMP/in-root" <<'EOF'
mount -t proc proc "$1/proc" && exec chroot "$@"
EOF
cp "$static" "$root/heapsnap-static"

# knows NAME COMMAND...: a leak of the current victim, looked at by the command.
knows() {
	local name=$1
	shift
	run "$@" -p "$V_PID" -n 1 --no-save -f json
	is "$status" 0 "$name: exit status" || diag "$err"
	is "$(jq -c '[.stacks[] | select(any(.frames[]; .function == "leak_site")) |
		.objects] | add' <<<"$out")" 100 "$name: what leaked, by name"
}

look() {
	tell leak 100 1000
	undisturbed_before "$V_PID"
	knows "$1, from here" "$static"
	knows "$1, from its root" unshare -m sh "$TMP/in-root" "$root" /heapsnap-static
	assert_undisturbed "$V_PID" "$1: undisturbed"
	stop_victim
}

export MALLOC_CONF=prof:true,lg_prof_sample:0
V_HEARTBEAT=no start_victim leaker
look 'a process here'

mkdir "$TMP/there"
printf '#!/bin/sh\nexec chroot %s /%s/leaker "$@"\n' "$root" "$there" >"$TMP/there/leaker"
chmod +x "$TMP/there/leaker"
VICTIMS=$TMP/there
V_HEARTBEAT=no start_victim leaker
look 'a process there'
done_testing
