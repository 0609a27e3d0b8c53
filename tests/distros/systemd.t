#!/bin/bash
# What docs/CONTAINERS.md says of systemd: a service is looked at whatever its unit
# forbids it, by root outside and by heapsnap in a unit as narrow as the one there; what
# hides services from heapsnap's unit does so. On a machine with systemd.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../e2e/namespaces.sh"

[ -d /run/systemd/system ] || skip_all 'systemd does not run here'

# Numbers of processes are the same in a unit.
victim_pid() {
	echo "${1#ready }"
}

# service PROGRAM PROPERTY...: a leaker in a unit that has them.
service() {
	inside systemd-run --quiet --pipe --wait --collect \
		--property=Environment=MALLOC_CONF=prof:true,lg_prof_sample:0 \
		--property="BindPaths=$TMP/heartbeats" \
		"${@/#/--property=}" "$program"
}

# unit PROPERTY... -- ARGUMENT...: heapsnap, in a unit that has them.
unit() {
	local -a properties=()
	while [ "$1" != -- ]; do
		properties+=("--property=$1")
		shift
	done
	shift
	run systemd-run --quiet --pipe --wait --collect "${properties[@]}" \
		"$HEAPSNAP" "$@"
}

# leak_of NAME: what the last run says that leaks.
leak_of() {
	is "$status" 0 "$1: a snapshot is taken" || diag "$err"
	is "$(jq -r '.stacks[0] | [.objects, .frames[0:2][].function] |
		join(" ")' <<<"$out")" '100 leak_site parse_body' \
		"$1: what leaks, by name"
}

mapfile -t narrow < <(sed -n '/^    \[Service\]/,/^$/s/^    \([A-Z].*=.*\)/\1/p' \
	"$ROOT/docs/CONTAINERS.md")
between "${#narrow[@]}" 5 9 'the document has a unit'

# --- services that may do little ------------------------------------------------

root=$TMP/root
make_root "$root"
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run"
for property in ProtectSystem=strict PrivateTmp=yes "RootDirectory=$root" \
	NoNewPrivileges=yes MemoryDenyWriteExecute=yes \
	SystemCallFilter=@system-service; do
	program=$real/leaker
	[[ $property != RootDirectory* ]] || program=/leaker
	service "$property"
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	leak_of "$property, from outside"
	unit "${narrow[@]}" -- -p "$V_PID" -n 1 -f json
	leak_of "$property, from the unit"
	leave "$property"
done

# --- what hides a service from a unit --------------------------------------------

program=$real/leaker
service NoNewPrivileges=yes
unit "${narrow[@]}" PrivateUsers=yes -- -p "$V_PID" -n 1 --no-save
is "$status" 4 'PrivateUsers=: is refused'
like "$err" 'hint: the process is in another user namespace' \
	'PrivateUsers=: and says why'
unit "${narrow[@]}" ProtectProc=invisible -- -p "$V_PID" -n 1 --no-save -f json
leak_of 'ProtectProc=invisible, of heapsnap'
leave 'what hides'

done_testing
