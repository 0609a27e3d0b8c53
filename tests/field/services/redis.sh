# shellcheck shell=bash disable=SC2034
PACKAGES='redis-server redis-tools'
HOW='redis-benchmark, 16 clients'
start() {
	serve_own redis-server --port "$PORT" --bind 127.0.0.1 --save '' \
		--dir "$DIR"
	wait_for redis-cli -p "$PORT" ping
}
load() {
	generate redis-benchmark -p "$PORT" -c 16 -n 100000000 -r 100000 -q \
		-t set,get,lpush,hset
}
errors() {
	tr '\r' '\n' <"$DIR/load.out" | grep -ci error
}
