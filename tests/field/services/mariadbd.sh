# shellcheck shell=bash disable=SC2034
PACKAGES='mariadb-server mariadb-client sysbench'
HOW='sysbench oltp_read_write, 4 threads'
start() {
	chown mysql "$DIR"
	mariadb-install-db --no-defaults --user=mysql --datadir="$DIR/data" \
		--skip-test-db >"$DIR/install.out" 2>&1 || return
	serve mariadbd --no-defaults --user=mysql --datadir="$DIR/data" \
		--socket="$DIR/socket" --port="$PORT" \
		--bind-address=127.0.0.1 --innodb-buffer-pool-size=64M
	wait_for mariadb -S "$DIR/socket" -e 'create database sbtest' || return
	mariadb -S "$DIR/socket" -e "create user sb@localhost;
		grant all on *.* to sb@localhost"
	oltp prepare >"$DIR/prepare.out" 2>&1
}
oltp() {
	sysbench oltp_read_write --mysql-socket="$DIR/socket" \
		--mysql-user=sb --tables=4 --table-size=10000 "$@"
}
load() {
	generate sysbench oltp_read_write --mysql-socket="$DIR/socket" \
		--mysql-user=sb --tables=4 --table-size=10000 --threads=4 \
		--time=600 --report-interval=1 run
}
# Those of the server, not the transactions that lost a lock to another one.
errors() {
	grep -c FATAL "$DIR/load.out"
}
