# shellcheck shell=bash disable=SC2034
PACKAGES='memcached libmemcached-tools'
HOW='4 threads, memcaslap'
start() {
	serve memcached -u memcache -l 127.0.0.1 -p "$PORT" -U 0 -m 256
	wait_for listens "$PORT"
}
load() {
	generate memcaslap -s "127.0.0.1:$PORT" -t 600s -T 1 -c 16
}
errors() {
	grep -ciE 'error|failed' "$DIR/load.out"
}
