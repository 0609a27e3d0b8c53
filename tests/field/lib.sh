# shellcheck shell=bash
#
# What the services share. A file in services/ has
#
#	PACKAGES='...'		Debian packages it needs
#	HOW='...'		how it runs, for the table
#	ARGS='...'		more arguments for heapsnap (optional)
#	start			starts it; sets PID, the process to look at, by
#				`serve', or later by `find_pid'
#	load			starts what keeps it busy, by `generate'
#	errors			prints how many errors the clients saw
#
# and may use $DIR, a folder of its own, and $PORT, $PORT2, which are free.

JEMALLOC=libjemalloc.so.2
STARTED=()

# serve COMMAND...: in the background, with jemalloc and its profiler.
serve() {
	LD_PRELOAD=$JEMALLOC serve_own "$@"
}

# serve_own COMMAND...: one that links jemalloc itself. PROFILE=SETTINGS before it
# where it cannot have the usual ones.
serve_own() {
	MALLOC_CONF=${PROFILE:-prof:true,lg_prof_sample:17} "$@" \
		>"$DIR/service.out" 2>&1 </dev/null &
	PID=$!
	STARTED+=("$PID")
}

# generate COMMAND...: the load, until the service is stopped.
generate() {
	timeout 600 "$@" >"$DIR/load.out" 2>&1 </dev/null &
	LOAD=$!
	STARTED+=("$LOAD")
}

# beside COMMAND...: another program that the service or its load needs.
beside() {
	"$@" >>"$DIR/beside.out" 2>&1 </dev/null &
	STARTED+=("$!")
}

# wait_for COMMAND...: until it succeeds.
wait_for() {
	local end=$((SECONDS + 60))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || {
			echo "$NAME: not ready: $*" >&2
			tail -5 "$DIR/service.out" >&2
			return 1
		}
		sleep 0.1
	done
}

# listens PORT: TCP, on loopback.
listens() {
	(: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# child_of PID: its first child that maps jemalloc.
child_of() {
	local pid
	for pid in $(cat /proc/"$1"/task/*/children | xargs); do
		grep -q jemalloc "/proc/$pid/maps" && echo "$pid" && return
	done
	return 1
}

# use_child PID: the process to look at is a child of this one.
use_child() {
	wait_for child_of "$1" && PID=$(child_of "$1")
}

# generate_http [ARGUMENT...] URL: of wrk.
generate_http() {
	generate wrk -t 1 -c 16 -d 600s "$@"
}

# What wrk says when it is told to stop; it counts answers that are no 2xx, too.
http_errors() {
	awk '/Socket errors:/ { gsub(",", ""); n += $4 + $6 + $8 }
		/Non-2xx/ { n += $NF } END { print n + 0 }' "$DIR/load.out"
}

# names N: writes queries for dnsperf and prints a zone's lines for them.
dns_queries() {
	local i
	for ((i = 0; i < $1; i++)); do
		echo "host$i.example. A"
	done >"$DIR/queries"
}

generate_dns() {
	generate dnsperf -s 127.0.0.1 -p "$PORT" -d "$DIR/queries" -l 600 \
		-c 8 -Q 20000
}

dns_errors() {
	awk '/Queries lost/ { n += $3 } /Response codes/ { ok = /NOERROR/ }
		END { print n + (ok ? 0 : 1) }' "$DIR/load.out"
}

# stop_all: what was started, the load first.
stop_all() {
	local i pid
	for ((i = ${#STARTED[@]} - 1; i >= 0; i--)); do
		pid=${STARTED[i]}
		kill -INT "$pid" 2>/dev/null || continue
		timeout 10 tail --pid="$pid" -f /dev/null || kill -KILL "$pid"
		wait "$pid" 2>/dev/null
	done
	STARTED=()
}
