# shellcheck shell=bash
#
# What the storms share: snapshots in a row of a process that never rests. What
# a snapshot must not do is counted by the process itself; what it may not leave
# behind is looked for while the process rests. Sourced after lib.sh.
#
# STORM_SNAPSHOTS is how many for each load; `make check-storm' takes 2,000.
# shellcheck disable=SC2034,SC2153,SC2154

COUNT=${STORM_SNAPSHOTS:-10}
# The first ones leave a stack and an arena (see memory_kept), and the allocator
# and the load come to their own size.
WARM=$((COUNT / 10 < 3 ? 3 : COUNT / 10))
RSS_SLACK_KIB=4096
# The long run shows how often the usual time-out is too short. The short one
# has to pass on a busy machine, too.
PATIENCE=()
if [ -n "${STORM_SNAPSHOTS:-}" ]; then
	LIFE=100000
else
	PATIENCE=(--timeout 60s)
fi

# sizes: of the current victim, at rest: KiB, descriptors, threads, mappings.
sizes() {
	local -a fds=("/proc/$V_PID/fd"/*) tasks=("/proc/$V_PID/task"/*)
	echo "$(awk '/^VmRSS/ { print $2 }' "/proc/$V_PID/status")" \
		"${#fds[@]} ${#tasks[@]} $(wc -l <"/proc/$V_PID/maps")"
}

# word NAME: of what snapshots.py said.
word() {
	[[ " $said " =~ \ $1=([^ ]*)\  ]] && echo "${BASH_REMATCH[1]}"
}

# signals_are_exact: each that was due came, once.
signals_are_exact() {
	local name
	for name in period alarm profile queue; do
		between "$(field $name due)" 10 1000000000000000 \
			"timers: $name was due"
		is "$(field $name came)" "$(field $name due)" \
			"timers: and came as often"
	done
}

rows=()

# add_row VERDICT NAME BEFORE AFTER
add_row() {
	local row="| $2" i word
	local -a before after
	for word in made refused each_ms median_us p99_us; do
		row+=" | $(word $word)"
	done
	read -ra before <<<"$3"
	read -ra after <<<"$4"
	for i in "${!before[@]}"; do
		row+=" | ${before[i]} → ${after[i]}"
	done
	rows+=("$row | $1 |")
	diag "${rows[-1]}"
}

# storm LOAD LG THREADS
storm() {
	local load=$1 name before after failed=$FAILED verdict=unharmed
	local -a args=(--load "$1" --beat no)
	name="$load, lg_prof_sample $2"
	[ "$3" = - ] || args+=(--threads "$3")
	[ "$3" = - ] || name="$3 × $name"
	MALLOC_CONF=prof:true,lg_prof_sample:$2 start_victim storm/storm \
		"${args[@]}"
	run "$ROOT/tests/storm/snapshots.py" "$HEAPSNAP" "$V_PID" $WARM \
		"${PATIENCE[@]}"
	tell rest
	undisturbed_before "$V_PID"
	: >"$TMP/visited.$V_PID"
	before=$(sizes)
	tell go
	read_report
	run "$ROOT/tests/storm/snapshots.py" "$HEAPSNAP" "$V_PID" "$COUNT" \
		"${PATIENCE[@]}"
	said=$out
	is "$(word failed)" 0 "$name: no snapshot fails" || diag "$err"
	between "$(word made)" $((COUNT * 9 / 10)) "$COUNT" \
		"$name: nearly all are made" || diag "$err"
	read_report
	between "$(field "$load" least)" 1 1000000000000 \
		"$name: each thread got on"
	[ "$load" != timers ] || signals_are_exact
	[ "$load" != fork ] || diag "${line_of[children]}"
	tell rest
	is "$answer" resting "$name: it comes to rest"
	UNDISTURBED_SLACK=8 assert_undisturbed "$V_PID" "$name: undisturbed"
	after=$(sizes)
	between $((${after%% *} - ${before%% *})) -1000000 $RSS_SLACK_KIB \
		"$name: no memory is left behind, $before, $after"
	tell go
	stop_victim
	[ "$FAILED" = "$failed" ] || verdict=harmed
	add_row $verdict "$name" "$before" "$after"
}

# storms LOAD...: each is a load, its lg_prof_sample and its threads (-: as many
# as it has). A table of all is added to $STORM_TABLE.
storms() {
	local row
	for row; do
		# shellcheck disable=SC2086
		storm $row
	done
	[ -n "${STORM_TABLE:-}" ] || return
	[ -s "$STORM_TABLE" ] || {
		echo '| load | made | refused | ms each | stop, µs: median | 99% |' \
			'RSS, KiB | descriptors | threads | mappings | the process |'
		echo '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|'
	} >"$STORM_TABLE"
	printf '%s\n' "${rows[@]}" >>"$STORM_TABLE"
}
