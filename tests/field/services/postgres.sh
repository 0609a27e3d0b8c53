# shellcheck shell=bash disable=SC2034
PACKAGES='postgresql'
HOW='pgbench, 4 clients; --children'
ARGS=--children
start() {
	PG=$(echo /usr/lib/postgresql/*/bin)
	chown postgres "$DIR"
	setpriv --reuid=postgres --regid=postgres --init-groups \
		"$PG/initdb" -D "$DIR/data" -A trust >"$DIR/initdb.out" 2>&1 ||
		return
	serve setpriv --reuid=postgres --regid=postgres --init-groups \
		"$PG/postgres" -D "$DIR/data" -p "$PORT" -k "$DIR" \
		-c listen_addresses=
	wait_for psql -h "$DIR" -p "$PORT" -U postgres -c 'select 1' || return
	"$PG/pgbench" -h "$DIR" -p "$PORT" -U postgres -i -s 5 postgres \
		>"$DIR/prepare.out" 2>&1
}
load() {
	generate "$PG/pgbench" -h "$DIR" -p "$PORT" -U postgres -c 4 -T 600 -P 1 \
		postgres
}
errors() {
	grep -cE 'error|abort|FATAL' "$DIR/load.out"
}
